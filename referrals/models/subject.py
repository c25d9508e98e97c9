"""Requests of data subjects (UU 27/2022 ps 5-13) and whole case files on their way out (ADR 0044)."""

import uuid

from django.db import models

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.events import TransitionEvent
from complaints.models import Case, Official
from referrals.states import (
    IdentityProof,
    SubjectAction,
    SubjectCapacity,
    SubjectGround,
    SubjectKind,
    SubjectStatus,
)


class SubjectRequestQuerySet(models.QuerySet["SubjectRequest"]):
    """Filters of one table."""

    def visible_to(self, user: User) -> "SubjectRequestQuerySet":
        """Keep what the person's office and those below it received."""
        ids = user.scope_office_ids
        return self if ids is None else self.filter(office_id__in=ids)


class SubjectRequest(models.Model):
    """Somebody asks for a copy of their data, or for its correction.

    ``officials`` are the rows an officer found to be this person, in decided cases alone. ``content`` is
    what the answer says, canonical JSON sealed under the server's keyring when it is laid down; the second
    person approves exactly this. ``withheld`` counts texts that told of somebody else and are left out.
    ``proof`` is what kind of paper was looked at: no number, no copy. ``storage_name`` is the answer, sealed.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=SubjectKind.choices)
    capacity = models.CharField(max_length=10, choices=SubjectCapacity.choices)
    name = models.CharField(max_length=200)
    nip = models.CharField(max_length=18, blank=True)
    asked = models.TextField(blank=True)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=SubjectStatus.choices)
    status_at = models.DateTimeField()
    proof = models.CharField(max_length=10, choices=IdentityProof.choices, blank=True)
    ground = models.CharField(max_length=12, choices=SubjectGround.choices, blank=True)
    officials = models.ManyToManyField(Official, related_name="+")
    content = models.BinaryField(null=True)
    withheld = models.PositiveSmallIntegerField(default=0)
    storage_name = models.CharField(max_length=80, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

    objects = SubjectRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="subject_request_status_known",
                condition=models.Q(status__in=SubjectStatus.values),
            ),
            # A refusal names its ground, an answer has none (check K20).
            models.CheckConstraint(
                name="subject_refusal_names_its_ground",
                condition=~models.Q(status=SubjectStatus.REFUSED)
                | models.Q(ground__in=SubjectGround.values),
            ),
            models.CheckConstraint(
                name="subject_answer_follows_proof",
                condition=~models.Q(status=SubjectStatus.ANSWERED)
                | (models.Q(proof__in=IdentityProof.values) & models.Q(ground="")),
            ),
        ]

    def __str__(self) -> str:
        return f"request {self.public_id}"


class SubjectRequestEvent(TransitionEvent):
    """History of a request."""

    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT, related_name="events")

    class Meta(TransitionEvent.Meta):
        constraints = [
            models.CheckConstraint(
                name="subject_event_action_known",
                condition=models.Q(action__in=["create", *SubjectAction.values]),
            ),
        ]


class CaseExport(models.Model):
    """A whole case file that an officer asked for, until it is fetched once or its time is over.

    ``age_key`` is the officer's own public key (``age1…``): then the file is closed for it. ``stage`` is
    no state of the case. ``failure`` is a code of ``rules/export_words``.
    """

    class Stage(models.TextChoices):
        WAITING = "waiting"
        READY = "ready"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    officer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=200)
    age_key = models.CharField(max_length=80, blank=True)
    stage = models.CharField(max_length=7, choices=Stage.choices, default=Stage.WAITING)
    failure = models.CharField(max_length=20, blank=True)
    masked = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    storage_name = models.CharField(max_length=80, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                name="case_export_holds_what_is_ready",
                condition=(
                    models.Q(stage="ready") & ~models.Q(storage_name="") & ~models.Q(sha256="")
                )
                | models.Q(stage__in=["waiting", "failed"], storage_name=""),
            ),
        ]

    def __str__(self) -> str:
        return f"export {self.pk}"
