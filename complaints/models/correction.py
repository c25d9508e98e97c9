"""A request to correct what the plenary recommended (PB7 ps 51-57; B.19, B.20, B.21)."""

import uuid

from django.db import models

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.events import TransitionEvent
from complaints.models.case import Case
from complaints.models.official import Official
from complaints.states import CorrectionAction, CorrectionStatus


class CorrectionRequest(models.Model):
    """Who asks for what, against which decision. The reporter's name is never in it.

    ``requester`` says in which capacity; a reported official is named by ``official``. A reporter who
    asks is a pseudonym here as everywhere. ``points`` are the attacked points, ``asked`` what is wanted.
    """

    class Requester(models.TextChoices):
        REPORTER = "reporter", "Pelapor"
        OFFICIAL = "official", "Terlapor"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="corrections")
    requester = models.CharField(max_length=10, choices=Requester.choices)
    official = models.ForeignKey(Official, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=10, choices=CorrectionStatus.choices)
    status_at = models.DateTimeField()
    number = models.CharField(max_length=60, blank=True)
    points = models.TextField()
    asked = models.TextField()
    filed_on = models.DateField()
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="correction_status_known",
                condition=models.Q(status__in=CorrectionStatus.values),
            ),
            models.CheckConstraint(
                name="correction_names_the_official_who_asks",
                condition=models.Q(requester="reporter", official__isnull=True)
                | models.Q(requester="official", official__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["case", "requester"],
                condition=models.Q(status="filed", official__isnull=True),
                name="one_open_correction_of_the_reporter",
            ),
            models.UniqueConstraint(
                fields=["case", "official"],
                condition=models.Q(status="filed", official__isnull=False),
                name="one_open_correction_per_official",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.requester} {self.filed_on}"


class CorrectionEvent(TransitionEvent):
    """History of a request for correction."""

    correction = models.ForeignKey(
        CorrectionRequest, on_delete=models.PROTECT, related_name="events"
    )

    class Meta(TransitionEvent.Meta):
        constraints = [
            models.CheckConstraint(
                name="correction_event_action_known",
                condition=models.Q(action__in=["create", *CorrectionAction.values]),
            ),
        ]
