"""The intake record, its sealed statement, its history and what the reporter is told of it."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Contest, Office, Region
from bawaslu_cases.shared.drawn_keys import draw_key_today
from bawaslu_cases.shared.events import TransitionEvent
from complaints.models.kept_away import not_recused
from complaints.states import (
    OPEN_COMPLAINT_STATUSES,
    ComplaintAction,
    ComplaintStatus,
    Lane,
    Milestone,
)

OPEN = sorted(status.value for status in OPEN_COMPLAINT_STATUSES)


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    """Filters of one table; whatever joins meanings is a selector."""

    def visible_to(self, user: User) -> "ComplaintQuerySet":
        """Keep what lies in the person's own office and its children. The only scope there is.

        A unit that the reporter named as one that must not see the report does not, whatever its
        scope; neither does a person with a conflict of interest (Recusal).
        """
        ids = user.scope_office_ids
        rows = self if ids is None else self.filter(office_id__in=ids)
        if user.office_id is None:
            return rows
        return rows.exclude(excluded_offices__contains=[user.office_id]).filter(
            not_recused(self.model, user)
        )

    def open(self) -> "ComplaintQuerySet":
        """Keep what still waits for somebody."""
        return self.filter(status__in=OPEN)


class Complaint(models.Model):
    """One intake record. Structured facts only: the reporter's own words are in Statement, sealed.

    ``summary`` is a verifier's neutral account of words that only the desk may read.
    ``excluded_offices`` are the units that the reporter wants kept away from the report.
    ``title`` says what happened without naming anybody (lists are read over shoulders).
    ``id`` tells the day of ``received_on`` and no order within it: lists run by it (ADR 0021).
    ``due_at`` repeats the earliest open deadline so that the queue is one index scan.
    ``assignee`` has it in hand; ``snoozed_until`` hides it from "what is next", never from a deadline.
    """

    class ReporterKind(models.TextChoices):
        CITIZEN = "citizen", "Warga"
        ASN_SAME = "asn_same", "ASN, satu instansi"
        ASN_OTHER = "asn_other", "ASN, instansi lain"
        ASN = "asn", "ASN"
        OBSERVER = "observer", "Pengawas, pemantau, atau peserta pemilu"
        UNDISCLOSED = "undisclosed", "Tidak disebutkan"
        OFFICER = "officer", "Petugas Bawaslu"

    class DatePrecision(models.TextChoices):
        DAY = "day", "Tanggal"
        MONTH = "month", "Bulan"
        UNKNOWN = "unknown", "Tidak diketahui"

    id = models.BigIntegerField(primary_key=True, default=draw_key_today, editable=False)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(max_length=40, unique=True)
    lane = models.CharField(max_length=10, choices=Lane.choices)
    status = models.CharField(max_length=12, choices=ComplaintStatus.choices)
    status_at = models.DateTimeField()
    # Its indexes are below: each begins with the office.
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    contest = models.ForeignKey(
        Contest, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    title = models.CharField(max_length=160)
    acts = ArrayField(models.CharField(max_length=40))
    event_on = models.DateField(null=True)
    event_precision = models.CharField(max_length=8, choices=DatePrecision.choices)
    known_on = models.DateField(null=True)
    received_on = models.DateField()
    place = models.CharField(max_length=200, blank=True)
    platform = models.CharField(max_length=20, blank=True)
    reporter_kind = models.CharField(max_length=12, choices=ReporterKind.choices)
    witness_known = models.BooleanField(default=False)
    summary = models.TextField(blank=True)
    excluded_offices = ArrayField(models.BigIntegerField(), default=list, blank=True)
    traced_from = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="finding"
    )
    search_text = models.TextField(blank=True)
    search = models.GeneratedField(
        expression=SearchVector("search_text", config="indonesian"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    due_at = models.DateTimeField(null=True)
    assignee = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    snoozed_until = models.DateField(null=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="complaint_lane_known", condition=models.Q(lane__in=Lane.values)
            ),
            models.CheckConstraint(
                name="complaint_status_known",
                condition=models.Q(status__in=ComplaintStatus.values),
            ),
            models.CheckConstraint(
                name="complaint_known_after_event",
                condition=(
                    ~models.Q(event_precision="day")
                    | models.Q(known_on__isnull=True)
                    | models.Q(event_on__isnull=True)
                    | models.Q(known_on__gte=models.F("event_on"))
                ),
            ),
            models.CheckConstraint(
                name="complaint_only_findings_are_traced_from",
                condition=models.Q(traced_from__isnull=True) | models.Q(lane=Lane.FINDING),
            ),
        ]
        indexes = [
            # The queue of the whole country: open records by deadline. With what says who sees them, who
            # has them and until when they sleep: a number reads this index and no record.
            models.Index(
                fields=["due_at", "id"],
                name="complaint_queue_told",
                condition=models.Q(status__in=OPEN),
                include=["excluded_offices", "assignee", "snoozed_until"],
            ),
            # With what the table of units counts, so that it reads this index and no record.
            models.Index(
                fields=["office", "due_at", "id"],
                name="complaint_office_queue",
                condition=models.Q(status__in=OPEN),
                include=["assignee", "status_at", "excluded_offices"],
            ),
            models.Index(
                fields=["office", "status", "due_at", "id"], name="complaint_office_status"
            ),
            # One status of the whole country: the plenary's agenda, and the day's numbers from it alone.
            models.Index(
                fields=["status", "due_at", "id"],
                name="complaint_status_told",
                condition=models.Q(status__in=OPEN),
                include=["excluded_offices", "snoozed_until"],
            ),
            # What one person has in hand, and what nobody has.
            models.Index(
                fields=["assignee", "due_at", "id"],
                name="complaint_in_hand",
                condition=models.Q(status__in=OPEN, assignee__isnull=False),
            ),
            models.Index(
                fields=["office", "due_at", "id"],
                name="complaint_unassigned_told",
                condition=models.Q(status__in=OPEN, assignee__isnull=True),
                # With what says who sees them and when: a view's number reads this index and no record.
                include=["excluded_offices", "snoozed_until"],
            ),
            # Pages of the API and the deadlines of an office: which records they are, read from here alone.
            models.Index(
                fields=["office", "id"],
                name="complaint_office_told",
                condition=models.Q(lane__in=[Lane.OPEN, Lane.FINDING]),
                include=["excluded_offices", "due_at"],
            ),
            # The filters by place and by election, which is looked for place by place.
            models.Index(fields=["region", "contest"], name="complaint_place"),
            # Whatever somebody has or had in hand; what nobody has is not written here.
            models.Index(
                fields=["assignee"],
                name="complaint_had",
                condition=models.Q(assignee__isnull=False),
            ),
            # The filter by act; without it a rare act would be looked for in every row.
            GinIndex(fields=["acts"], name="complaint_acts"),
            GinIndex(fields=["search"], name="complaint_search"),
        ]

    def __str__(self) -> str:
        return self.reference


class Statement(models.Model):
    """The reporter's own words and links, sealed.

    ``envelope``: under the server's keyring outside the database. ``desk``: to the key of the
    verification desk ``group`` in ``epoch``, which the server cannot open.
    """

    class Scheme(models.TextChoices):
        ENVELOPE = "envelope"
        DESK = "desk"

    complaint = models.OneToOneField(
        Complaint, on_delete=models.CASCADE, primary_key=True, related_name="statement"
    )
    scheme = models.CharField(max_length=10, choices=Scheme.choices, default=Scheme.ENVELOPE)
    group = models.CharField(max_length=40, blank=True)
    epoch = models.PositiveIntegerField(null=True)
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="statement_names_the_desk_it_is_sealed_to",
                condition=(
                    models.Q(scheme="envelope", group="", epoch__isnull=True)
                    | (models.Q(scheme="desk", epoch__isnull=False) & ~models.Q(group=""))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"statement of {self.complaint_id}"


class ComplaintEvent(TransitionEvent):
    """History of an intake record. A reporter's own steps carry the day, never the hour."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="events")

    class Meta(TransitionEvent.Meta):
        constraints = [
            models.CheckConstraint(
                name="complaint_event_action_known",
                condition=models.Q(action__in=["create", *ComplaintAction.values]),
            ),
        ]


class ComplaintMilestone(models.Model):
    """What the reporter of this record is told, and since which day."""

    id = models.BigIntegerField(primary_key=True, default=draw_key_today, editable=False)
    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="milestones")
    kind = models.CharField(max_length=16, choices=Milestone.choices)
    on = models.DateField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "kind"], name="milestone_told_once"),
            models.CheckConstraint(
                name="milestone_kind_known", condition=models.Q(kind__in=Milestone.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}: {self.kind}"
