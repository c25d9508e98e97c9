"""A registered case, the complaints it rests on, its allegations and its history."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Contest, Office
from bawaslu_cases.shared.events import TransitionEvent
from complaints.models.complaint import Complaint
from complaints.models.kept_away import not_recused
from complaints.models.official import Official, content_digest
from complaints.states import OPEN_CASE_STATUSES, CaseAction, CaseStatus

OPEN = sorted(status.value for status in OPEN_CASE_STATUSES)


class CaseQuerySet(models.QuerySet["Case"]):
    """Filters of one table."""

    def visible_to(self, user: User) -> "CaseQuerySet":
        """Keep what lies in the person's own office and its children and is not kept from it.

        A person with a conflict of interest sees nothing of it (Recusal).
        """
        ids = user.scope_office_ids
        rows = self if ids is None else self.filter(office_id__in=ids)
        if user.office_id is None:
            return rows
        return rows.exclude(excluded_offices__contains=[user.office_id]).filter(
            not_recused(self.model, user)
        )

    def open(self) -> "CaseQuerySet":
        """Keep what still waits for somebody."""
        return self.filter(status__in=OPEN)


class Case(models.Model):
    """One case. ``summary`` is the officer's neutral account, never a reporter's words.

    ``register_number`` is null where the plenary sent a report straight on (PB7 ps 22: no register);
    ``reference`` is what people call the case by: the register number or the report's reference.
    ``decision`` repeats the plenary's latest kind of decision (a CaseAction).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    register_number = models.CharField(max_length=60, unique=True, null=True)  # noqa: DJ001 -- ps 22
    reference = models.CharField(max_length=60)
    status = models.CharField(max_length=12, choices=CaseStatus.choices)
    status_at = models.DateTimeField()
    # Its indexes are below: each begins with the office.
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", db_index=False)
    contest = models.ForeignKey(Contest, on_delete=models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=160)
    summary = models.TextField(blank=True)
    assessment = models.TextField(blank=True)
    registered_on = models.DateField()
    due_at = models.DateTimeField(null=True)
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decision = models.CharField(max_length=24, blank=True)
    excluded_offices = ArrayField(models.BigIntegerField(), default=list, blank=True)
    complaints = models.ManyToManyField(Complaint, through="CaseComplaint", related_name="cases")

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="case_status_known", condition=models.Q(status__in=CaseStatus.values)
            ),
            # Every case of an office, and whose it is, read from here alone; a referral's key of case and
            # office points at it.
            models.UniqueConstraint(
                fields=["office", "id"], name="case_office_key", include=["excluded_offices"]
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="case_queue_told",
                condition=models.Q(status__in=OPEN),
                # Who sees them: a number reads this index and no case.
                include=["excluded_offices"],
            ),
            models.Index(
                fields=["office", "due_at", "id"],
                name="case_office_queue",
                condition=models.Q(status__in=OPEN),
                # What the table of units counts, so that it reads this index and no case.
                include=["assignee", "status_at", "excluded_offices"],
            ),
            models.Index(
                fields=["status", "due_at", "id"],
                name="case_status_told",
                condition=models.Q(status__in=OPEN),
                include=["excluded_offices"],
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def source(self) -> str:
        """How official numbers call where it came from: TM (temuan) or LP (laporan)."""
        return "TM" if self.register_number and "/TM/" in self.register_number else "LP"

    @property
    def digest(self) -> str:
        """What two people could write at once, in short: a form carries it to notice a change."""
        return content_digest(self.status, self.summary, self.assessment)


class CaseComplaint(models.Model):
    """A case may carry several complaints; one complaint leads to one case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    complaint = models.OneToOneField(Complaint, on_delete=models.PROTECT, related_name="case_link")

    def __str__(self) -> str:
        return f"{self.case_id}: {self.complaint_id}"


class Allegation(models.Model):
    """What one official is said to have done on which day. The event date decides the rule."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="allegations")
    official = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="+")
    acts = ArrayField(models.CharField(max_length=40))
    event_on = models.DateField()
    place = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "official", "event_on"], name="allegation_once_per_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.official_id}"

    @property
    def digest(self) -> str:
        """What two people could write at once, in short."""
        acts = ",".join(sorted(self.acts))
        return content_digest(acts, f"{self.event_on}", self.place, self.description)


class CaseEvent(TransitionEvent):
    """History of a case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")

    class Meta(TransitionEvent.Meta):
        constraints = [
            models.CheckConstraint(
                name="case_event_action_known",
                condition=models.Q(action__in=["create", *CaseAction.values]),
            ),
        ]
