"""Papers of the procedure, forms B.1 to B.21 of Perbawaslu 7/2022, as sealed files with a history."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.events import TransitionEvent
from complaints.models.case import Case
from complaints.models.complaint import Complaint
from complaints.models.correction import CorrectionRequest
from complaints.models.hearing import Hearing, Invitation
from complaints.models.office_change import OfficeChange
from complaints.models.work import ONE_SUBJECT
from complaints.states import OPEN_DOCUMENT_STATUSES, DocumentAction, DocumentStatus

OPEN = sorted(status.value for status in OPEN_DOCUMENT_STATUSES)
SUBJECT = ["complaint", "case", "code", "hearing", "invitation", "correction", "change"]
"""What two papers of one kind share: file, form, and the hearing, letter, correction or change of office."""


class SubmissionNumber(models.Model):
    """The official number of a report's submission, drawn when its first paper is made (ADR 0033).

    Not at arrival: the number counts, and a count of arrivals would tell when somebody reported.
    """

    append_only = True

    complaint = models.OneToOneField(
        Complaint, on_delete=models.PROTECT, primary_key=True, related_name="submission_number"
    )
    number = models.CharField(max_length=80, unique=True)
    drawn_on = models.DateField()

    def __str__(self) -> str:
        return self.number


class CaseDocument(models.Model):
    """One paper of a record or case.

    ``content`` is everything the paper says (an allow-list, canonical JSON) sealed under the server's
    keyring; a second person signs off exactly this. ``revision`` is what was asked for last and
    ``rendered`` what the file shows: while they differ a worker is at it. ``problem`` names (codes,
    space-separated) what lacked when the worker came. ``pages`` are sealed pictures for the preview.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, null=True, related_name="documents"
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="documents")
    hearing = models.ForeignKey(
        Hearing, on_delete=models.PROTECT, null=True, related_name="documents"
    )
    invitation = models.ForeignKey(
        Invitation, on_delete=models.PROTECT, null=True, related_name="documents"
    )
    correction = models.ForeignKey(
        CorrectionRequest, on_delete=models.PROTECT, null=True, related_name="documents"
    )
    change = models.ForeignKey(
        OfficeChange, on_delete=models.PROTECT, null=True, related_name="documents"
    )
    code = models.CharField(max_length=8)
    template = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField(default=1)
    number = models.CharField(max_length=80, blank=True)
    addressee = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=12, choices=DocumentStatus.choices)
    status_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_off_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    revision = models.PositiveIntegerField(default=1)
    rendered = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=250, blank=True)
    content = models.BinaryField(null=True)
    storage_name = models.CharField(max_length=80, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveIntegerField(default=0)
    pages = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    rendered_at = models.DateTimeField(null=True)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="replaced_by"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="document_has_one_subject", condition=ONE_SUBJECT),
            models.CheckConstraint(
                name="document_status_known",
                condition=models.Q(status__in=DocumentStatus.values),
            ),
            models.CheckConstraint(
                name="document_is_signed_off_by_another",
                condition=models.Q(status="draft", signed_off_by__isnull=True)
                | (
                    ~models.Q(status="draft")
                    & models.Q(signed_off_by__isnull=False)
                    & ~models.Q(signed_off_by=models.F("made_by"))
                ),
            ),
            models.CheckConstraint(
                name="document_final_has_a_file",
                condition=~models.Q(status__in=["final", "superseded"])
                | (~models.Q(storage_name="") & ~models.Q(sha256="")),
            ),
            models.UniqueConstraint(
                fields=SUBJECT,
                condition=models.Q(status__in=OPEN),
                nulls_distinct=False,
                name="one_open_document_of_a_kind",
            ),
            models.UniqueConstraint(
                fields=SUBJECT,
                condition=models.Q(status="final"),
                nulls_distinct=False,
                name="one_final_document_of_a_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class DocumentEvent(TransitionEvent):
    """History of a paper."""

    document = models.ForeignKey(CaseDocument, on_delete=models.PROTECT, related_name="events")

    class Meta(TransitionEvent.Meta):
        constraints = [
            models.CheckConstraint(
                name="document_event_action_known",
                condition=models.Q(action__in=["create", *DocumentAction.values]),
            ),
        ]
