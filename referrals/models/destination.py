"""Where a recipient body is reached, and one version's way to each of those places."""

import json
import uuid
from typing import Any

from django.db import models

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import RecipientBody
from bawaslu_cases.shared import envelope
from bawaslu_cases.shared.events import TransitionEvent
from referrals.models.referral import Referral
from referrals.states import (
    Channel,
    DestinationAction,
    DestinationStatus,
    DispatchAction,
    DispatchStatus,
)


class Destination(models.Model):
    """One address of a recipient body. A second administrator confirms it: it decides where cases go.

    ``sealed`` holds the address and its secrets as JSON under the data key, bound to this row, so a
    dump names no server, account or password. ``age_key`` is the recipient's public key: what leaves
    the product is closed with it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    recipient = models.ForeignKey(RecipientBody, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    age_key = models.CharField(max_length=80, blank=True)
    sealed = models.BinaryField()
    status = models.CharField(max_length=8, choices=DestinationStatus.choices)
    status_at = models.DateTimeField()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="destination_channel_known",
                condition=models.Q(channel__in=Channel.values),
            ),
            models.CheckConstraint(
                name="destination_status_known",
                condition=models.Q(status__in=DestinationStatus.values),
            ),
            models.CheckConstraint(
                name="destination_that_leaves_has_a_key",
                condition=models.Q(channel__in=[Channel.INBOX, Channel.PRINT])
                | ~models.Q(age_key=""),
            ),
            # the word for the place inside the product, which needs no row
            models.CheckConstraint(
                name="destination_code_is_free", condition=~models.Q(code="inbox")
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def close(self, address: dict[str, Any]) -> None:
        """Seal an address into the row (not saved here)."""
        self.sealed = envelope.seal(
            json.dumps(address, sort_keys=True).encode(),
            context=("destination", self.public_id.hex),
        )

    def address(self) -> dict[str, Any]:
        """Open the address. Raises UnsealError when the row was altered or moved."""
        opened = envelope.unseal(bytes(self.sealed), context=("destination", self.public_id.hex))
        address: dict[str, Any] = json.loads(opened)
        return address


class DestinationEvent(TransitionEvent):
    """History of an address: who proposed, who confirmed, who ended it."""

    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="events")

    class Meta(TransitionEvent.Meta):
        constraints = [
            models.CheckConstraint(
                name="destination_event_action_known",
                condition=models.Q(action__in=["create", *DestinationAction.values]),
            ),
        ]


class Dispatch(models.Model):
    """One version of one referral on its way to one destination; the unique key makes it once.

    ``destination`` is the code, ``inbox`` for the place inside the product; ``receipt`` is what the
    other side called it; ``round`` counts how often somebody asked to send it;
    ``packet_sha256`` is the packet inside, before it was closed for the way.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="dispatches")
    version = models.PositiveSmallIntegerField()
    destination = models.SlugField(max_length=40)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    status = models.CharField(max_length=12, choices=DispatchStatus.choices)
    status_at = models.DateTimeField()
    created_at = models.DateTimeField()
    round = models.PositiveSmallIntegerField(default=1)
    receipt = models.CharField(max_length=120, blank=True)
    packet_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="dispatch_status_known",
                condition=models.Q(status__in=DispatchStatus.values),
            ),
            models.CheckConstraint(
                name="dispatch_channel_known",
                condition=models.Q(channel__in=Channel.values),
            ),
            models.UniqueConstraint(
                fields=["referral", "version", "destination"], name="dispatched_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["status_at"],
                name="dispatch_on_its_way",
                condition=models.Q(status__in=["pending", "to_hand_over", "sent"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral_id} v{self.version} → {self.destination}"


class DispatchEvent(TransitionEvent):
    """History of one version's way to one destination."""

    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="events")

    class Meta(TransitionEvent.Meta):
        constraints = [
            models.CheckConstraint(
                name="dispatch_event_action_known",
                condition=models.Q(action__in=["create", *DispatchAction.values]),
            ),
        ]


class HandOver(models.Model):
    """A printed referral given into somebody's hands: who took it, where, when, and the signed slip."""

    append_only = True

    dispatch = models.OneToOneField(Dispatch, on_delete=models.PROTECT, related_name="hand_over")
    received_by = models.CharField(max_length=120)
    position = models.CharField(max_length=120)
    place = models.CharField(max_length=120)
    handed_on = models.DateField()
    proof_name = models.CharField(max_length=80)
    proof_sha256 = models.CharField(max_length=64)
    proof_type = models.CharField(max_length=40)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.dispatch_id}"


class ReceivedAnswer(models.Model):
    """One signed answer of a recipient's system; the nonce is what makes a repeated one harmless."""

    append_only = True

    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="answers")
    nonce = models.CharField(max_length=64)
    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="answers")
    kind = models.CharField(max_length=12)
    is_applied = models.BooleanField()
    body_sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["destination", "nonce"], name="answered_once"),
        ]

    def __str__(self) -> str:
        return f"{self.dispatch_id}: {self.kind}"
