"""What passes between a reporter and the desk, sealed. Days only; nobody's name."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.drawn_keys import draw_key_today
from complaints.models.complaint import Complaint
from complaints.states import Requirement


class Message(models.Model):
    """One sealed message.

    To the reporter: sealed to the key that their receipt derives (``mailbox``); the desk keeps no
    copy it could read. From the reporter: sealed to the verification desk (``desk``) in lane
    ``sealed``, else under the server's keyring (``envelope``). ``author`` is never shown to a
    reporter.
    """

    class Direction(models.TextChoices):
        TO_REPORTER = "to_reporter"
        FROM_REPORTER = "from_reporter"

    class Kind(models.TextChoices):
        MESSAGE = "message", _("Pesan")
        REPAIR_REQUEST = "repair_request", _("Permintaan melengkapi")
        REPAIR_ANSWER = "repair_answer", _("Jawaban pelengkap")
        CHECK_IN = "check_in", _("Kabar keselamatan")
        WITHDRAWAL = "withdrawal", _("Permintaan menarik")
        LPSK = "lpsk", _("Permohonan ke LPSK")

    class Scheme(models.TextChoices):
        MAILBOX = "mailbox"
        DESK = "desk"
        ENVELOPE = "envelope"
        LPSK = "lpsk"

    id = models.BigIntegerField(primary_key=True, default=draw_key_today, editable=False)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="messages")
    direction = models.CharField(max_length=14, choices=Direction.choices)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    scheme = models.CharField(max_length=10, choices=Scheme.choices)
    group = models.CharField(max_length=40, blank=True)
    epoch = models.PositiveIntegerField(null=True)
    sealed = models.BinaryField()
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    on = models.DateField()
    read_on = models.DateField(null=True)
    is_urgent = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="message_kind_known",
                condition=models.Q(
                    kind__in=[
                        "message",
                        "repair_request",
                        "repair_answer",
                        "check_in",
                        "withdrawal",
                        "lpsk",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="message_author_only_of_the_desk",
                condition=models.Q(direction="to_reporter", author__isnull=False)
                | models.Q(direction="from_reporter", author__isnull=True),
            ),
        ]
        indexes = [
            # Letters of reporters that nobody at the desk has opened yet: few at any time.
            models.Index(
                fields=["complaint"],
                name="message_waiting",
                condition=models.Q(direction="from_reporter", read_on__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.on}"


class RepairRequest(models.Model):
    """What the desk asked the reporter to complete (PB7 ps 24(1)), by code; words are a Message."""

    complaint = models.ForeignKey(
        Complaint, on_delete=models.CASCADE, related_name="repair_requests"
    )
    requirements = ArrayField(models.CharField(max_length=20, choices=Requirement.choices))
    message = models.OneToOneField(
        Message, on_delete=models.SET_NULL, null=True, related_name="repair_request"
    )
    asked_on = models.DateField()
    due_on = models.DateField()
    answered_on = models.DateField(null=True)
    lapsed_on = models.DateField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["complaint"],
                condition=models.Q(answered_on__isnull=True, lapsed_on__isnull=True),
                name="one_open_repair_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}: {self.asked_on}"


class HandoverConsent(models.Model):
    """A reporter's signed consent that their sealed identity goes to a partner such as LPSK.

    ``document`` is the canonical JSON of the consent; ``parcel`` what was handed over in the end,
    sealed to the partner's own key.
    """

    complaint = models.OneToOneField(
        Complaint, on_delete=models.CASCADE, primary_key=True, related_name="handover_consent"
    )
    partner = models.SlugField(max_length=40)
    document = models.BinaryField()
    given_on = models.DateField()
    parcel = models.BinaryField(null=True)

    def __str__(self) -> str:
        return f"consent of {self.complaint_id}"
