"""Where a client wants to be told that something changed, and what it was told (ADR 0048)."""

import datetime as dt
import json
import uuid
from dataclasses import asdict, dataclass
from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from bawaslu_cases.accounts.models.api_client import ApiClient
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.registry.models.dated import known_choice
from bawaslu_cases.shared.envelope import Context, seal, unseal


class WebhookEvent(models.TextChoices):
    """What a message may be about. The words are the API's own."""

    COMPLAINT_CHANGED = "complaint.changed"
    CASE_CHANGED = "case.changed"
    DEADLINE_CHANGED = "deadline.changed"
    DEADLINE_DUE_SOON = "deadline.due_soon"
    DEADLINE_OVERDUE = "deadline.overdue"
    REFERRAL_CHANGED = "referral.changed"
    REFERRAL_DELIVERED = "referral.delivered"
    FOLLOW_UP_CHANGED = "follow_up.changed"
    FOLLOW_UP_ANSWERED = "follow_up.answered"
    CHANGES_RESTARTED = "changes.restarted"
    PING = "ping"


SCOPE_OF_EVENT: Final = {
    WebhookEvent.COMPLAINT_CHANGED: Scope.COMPLAINTS_READ,
    WebhookEvent.CASE_CHANGED: Scope.CASES_READ,
    WebhookEvent.DEADLINE_CHANGED: Scope.CASES_READ,
    WebhookEvent.DEADLINE_DUE_SOON: Scope.CASES_READ,
    WebhookEvent.DEADLINE_OVERDUE: Scope.CASES_READ,
    WebhookEvent.REFERRAL_CHANGED: Scope.REFERRALS_READ,
    WebhookEvent.REFERRAL_DELIVERED: Scope.REFERRALS_READ,
    WebhookEvent.FOLLOW_UP_CHANGED: Scope.REFERRALS_READ,
    WebhookEvent.FOLLOW_UP_ANSWERED: Scope.REFERRALS_READ,
}
"""What may be asked for, and the scope with which the same can be read. The two others come unasked."""


class MessageState(models.TextChoices):
    """Where a message stands."""

    WAITING = "waiting"
    TAKEN = "taken"
    GIVEN_UP = "given_up"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """Where to, and what signs: kept sealed, since an address may carry a password of its own."""

    url: str
    secret: str
    previous: str = ""


class WebhookSubscription(models.Model):
    """One address that a client wants told. Off while ``disabled_at`` is set.

    ``began`` is the transaction from which on changes are told, ``place`` how far they were (a place of
    the change feed; nobody outside reads it). ``failures`` counts since the last message that was taken.
    """

    MOST: Final = 5

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="webhooks")
    # Of the address the host alone stands open: for the pages of people.
    host = models.CharField(max_length=255)
    target = models.BinaryField()
    previous_until = models.DateTimeField(null=True, blank=True)
    events = ArrayField(models.CharField(max_length=20))
    made_at = models.DateTimeField()
    began = models.BigIntegerField()
    place = models.JSONField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="webhook_events_known",
                condition=Q(events__contained_by=sorted(SCOPE_OF_EVENT)) & Q(events__len__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id}"

    @property
    def _context(self) -> Context:
        return ("webhook target", self.public_id.hex)

    def opened(self) -> WebhookTarget:
        """Return the address and the secrets. Raises UnsealError."""
        return WebhookTarget(**json.loads(unseal(bytes(self.target), context=self._context)))

    def close(self, target: WebhookTarget) -> None:
        """Set the address and the secrets; not saved yet."""
        self.target = seal(json.dumps(asdict(target)).encode(), context=self._context)

    def secrets_at(self, at: dt.datetime) -> list[str]:
        """Return what signs now: the secret, and the one before it while both are good."""
        target = self.opened()
        overlaps = bool(target.previous) and self.previous_until is not None
        if overlaps and self.previous_until is not None and at < self.previous_until:
            return [target.secret, target.previous]
        return [target.secret]


class WebhookMessage(models.Model):
    """One message of one subscription: that something changed, never what. Also its line in the log.

    ``mark`` tells what may be told once alone (a deadline's day, a status's moment). No body is kept:
    it is made of these columns, the same at every attempt.
    """

    State = MessageState

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subscription = models.ForeignKey(
        WebhookSubscription, on_delete=models.CASCADE, related_name="messages"
    )
    event = models.CharField(max_length=20, choices=WebhookEvent.choices)
    kind = models.CharField(max_length=10, blank=True)
    record = models.UUIDField(null=True, blank=True)
    change = models.CharField(max_length=7, blank=True)
    cursor = models.CharField(max_length=400, blank=True)
    mark = models.CharField(max_length=40, blank=True)
    made_at = models.DateTimeField()
    state = models.CharField(
        max_length=8, choices=MessageState.choices, default=MessageState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    # Since it was made or asked for again.
    tries = models.PositiveSmallIntegerField(default=0)
    last_at = models.DateTimeField(null=True, blank=True)
    # What the other side answered; NULL where nobody did.
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    last_problem = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            known_choice("event", WebhookEvent, "webhook_message_event_known"),
            known_choice("state", MessageState, "webhook_message_state_known"),
            models.UniqueConstraint(
                fields=["subscription", "event", "record", "mark"],
                name="webhook_told_once",
                condition=~Q(mark=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["subscription", "id"],
                name="webhook_message_waiting",
                condition=Q(state="waiting"),
            ),
            models.Index(fields=["subscription", "-id"], name="webhook_message_log"),
            models.Index(fields=["made_at"], name="webhook_message_made"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.public_id}"

    @staticmethod
    def told_as(public_id: uuid.UUID) -> str:
        """Return an id as ``webhook-id`` says it."""
        return f"msg_{public_id.hex}"

    @property
    def told_id(self) -> str:
        """The same at every attempt."""
        return self.told_as(self.public_id)

    def body(self) -> bytes:
        """Return what is sent."""
        told: dict[str, str] = {}
        if self.record is not None:
            told = {"kind": self.kind, "id": str(self.record), "change": self.change}
        if self.cursor:
            told["cursor"] = self.cursor
        packed = {"type": self.event, "data": told}
        return json.dumps(packed, separators=(",", ":")).encode()
