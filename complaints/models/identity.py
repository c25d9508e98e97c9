"""The sealed identity of a reporter and the ledger of who asked to open it.

protection.md B. No column here takes free words: what somebody wrote is sealed bytes (check V01).
The wraps of the key lie in another database (``bawaslu_cases.keyring``), so that erasing them there
erases the identity.
"""

import uuid

from django.db import models

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.events import TransitionEvent
from complaints.models.complaint import Complaint
from complaints.states import REPORT_LANES, UnsealAction, UnsealPurpose, UnsealStatus

EPK_BYTES = 32
OPEN_REQUESTS = [UnsealStatus.PENDING.value, UnsealStatus.RELEASED.value]


class SealedIdentity(models.Model):
    """Ciphertext of one reporter's identity and what it is bound to. Nobody reads it alone."""

    class Mode(models.TextChoices):
        """Where it was sealed."""

        BROWSER = "browser"
        SERVER = "server"

    complaint = models.OneToOneField(
        Complaint, on_delete=models.CASCADE, primary_key=True, related_name="identity"
    )
    algorithm = models.CharField(max_length=40)
    lane = models.CharField(max_length=10)
    group_a = models.CharField(max_length=40)
    epoch_a = models.PositiveIntegerField()
    group_b = models.CharField(max_length=40)
    epoch_b = models.PositiveIntegerField()
    recovery = models.CharField(max_length=40)
    ciphertext = models.BinaryField()
    kcv = models.BinaryField()
    mode = models.CharField(max_length=10, choices=Mode.choices)
    sealed_on = models.DateField()
    # What an identity card is sealed to, under the server's keyring. NULL: sealed before there was one.
    card_key = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="identity_only_in_report_lanes",
                condition=models.Q(lane__in=sorted(lane.value for lane in REPORT_LANES)),
            ),
        ]

    def __str__(self) -> str:
        return f"identity of {self.complaint_id}"


class VisitCode(models.Model):
    """What remains of the one code (*kode temu*) with which a reporter shows their card at any office.

    ``digest`` is keyed outside the database, so that who has the table cannot try codes. The row goes
    when the code is used; ``serial`` makes the next one another.
    """

    complaint = models.OneToOneField(
        Complaint, on_delete=models.CASCADE, primary_key=True, related_name="visit_code"
    )
    serial = models.PositiveIntegerField()
    digest = models.BinaryField(unique=True)
    expires_on = models.DateField()

    def __str__(self) -> str:
        return f"visit code of {self.complaint_id}"


class IdentityCard(models.Model):
    """Where the sealed card of a reporter lies. Who scanned it where and when is under the seal.

    It opens with the identity and with nothing else, and is deleted with it.
    """

    complaint = models.OneToOneField(
        Complaint, on_delete=models.CASCADE, primary_key=True, related_name="identity_card"
    )
    object_name = models.CharField(max_length=80)
    sealed_bytes = models.BigIntegerField()
    received_on = models.DateField()

    def __str__(self) -> str:
        return f"card of {self.complaint_id}"


class VerificationTurn(models.Model):
    """Which verifier of a desk has a record in hand: nobody else of the desk reads its words or asks.

    Dealt by turn (``services/verification_turns.py``), never chosen. The key is random and ``since`` the day
    the record came or was passed on, so that neither tells an hour (ADR 0053). The web reads it and cannot
    write it. ``logged_on`` is when the audit log was told.
    """

    worker_writes = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No index of its own: the constraint's begins with it.
    complaint = models.ForeignKey(
        Complaint, on_delete=models.CASCADE, related_name="verification_turns", db_index=False
    )
    group = models.CharField(max_length=40)
    verifier = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    logged_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["complaint", "group"], name="one_verifier_at_a_desk"),
        ]
        indexes = [
            models.Index(
                fields=["since"],
                name="turn_not_logged",
                condition=models.Q(logged_on__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"turn at {self.group}"


class ParkedWraps(models.Model):
    """Wraps that the keyring could not take when a report came in; a task moves them there.

    Sealed under the server's keyring, which lies outside every database.
    """

    report = models.UUIDField(primary_key=True)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"parked wraps of {self.report}"


class OrphanedWraps(models.Model):
    """Wraps in the keyring whose report has no identity, as a sweep saw them: named first, removed later.

    ``put_id`` is of the row that was seen, ``running`` are the transactions that ran then: the identity might
    have been part of one of them.
    """

    report = models.UUIDField(primary_key=True)
    put_id = models.UUIDField()
    named_on = models.DateField()
    running = models.JSONField()

    def __str__(self) -> str:
        return f"orphaned wraps of {self.report}, named {self.named_on}"


class WrapsSweep(models.Model):
    """The one row that says how many rounds the sweep of orphaned wraps made, as the keyring says too."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"round {self.number}"


class SeenRevocations(models.Model):
    """Serials of the root's revocation lists that this server has taken in.

    In another database than the lists, and only added to: a list that is taken out of the keyring
    leaves its serial here, and older ones are refused from then on.
    """

    append_only = True

    serial = models.PositiveIntegerField(primary_key=True)
    seen_on = models.DateField()

    def __str__(self) -> str:
        return f"revocations {self.serial} seen {self.seen_on}"


class UnsealRequest(models.Model):
    """One signed request to open one identity: who, what for, until when.

    ``epk`` receives the custodian's share; its private half travels only sealed to the verifier's
    own key (``sealed_esk``). ``reason`` and ``legal_basis`` are sealed under the server's keyring.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="unseal_requests"
    )
    purpose = models.CharField(max_length=24, choices=UnsealPurpose.choices)
    status = models.CharField(max_length=10, choices=UnsealStatus.choices)
    status_at = models.DateTimeField()
    reason = models.BinaryField()
    legal_basis = models.BinaryField(null=True)
    verifier = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    custodian = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    epk = models.BinaryField()
    sealed_esk = models.BinaryField()
    signature = models.BinaryField()
    ciphertext_sha256 = models.BinaryField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="unseal_purpose_known", condition=models.Q(purpose__in=UnsealPurpose.values)
            ),
            models.CheckConstraint(
                name="unseal_status_known", condition=models.Q(status__in=UnsealStatus.values)
            ),
            models.CheckConstraint(
                name="unseal_needs_two_people",
                condition=models.Q(custodian__isnull=True)
                | ~models.Q(custodian=models.F("verifier")),
            ),
            models.CheckConstraint(
                name="unseal_court_order_names_its_basis",
                condition=~models.Q(purpose="court_order") | models.Q(legal_basis__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["complaint", "verifier", "purpose"],
                condition=models.Q(status__in=OPEN_REQUESTS),
                name="one_open_unseal_request",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                name="unseal_open",
                condition=models.Q(status__in=OPEN_REQUESTS),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.status}"


class UnsealEvent(TransitionEvent):
    """History of a request. A denial's reason is chosen from a list, not written."""

    request = models.ForeignKey(UnsealRequest, on_delete=models.PROTECT, related_name="events")

    class Meta(TransitionEvent.Meta):
        constraints = [
            models.CheckConstraint(
                name="unseal_event_action_known",
                condition=models.Q(action__in=["create", *UnsealAction.values]),
            ),
        ]


class ShareRelease(models.Model):
    """The custodian's share, sealed to the request's own key. Deleted when it is served, or at expiry."""

    request = models.OneToOneField(
        UnsealRequest, on_delete=models.CASCADE, primary_key=True, related_name="release"
    )
    blob = models.BinaryField()

    def __str__(self) -> str:
        return f"release for {self.request_id}"


class Attestation(models.Model):
    """What left the verifier's client instead of the identity: signed answers, never the answers' why.

    ``statement`` is the canonical JSON that ``signature`` covers (docs/vault-format.md).
    """

    append_only = True

    request = models.OneToOneField(
        UnsealRequest, on_delete=models.PROTECT, primary_key=True, related_name="attestation"
    )
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="attestations")
    statement = models.BinaryField()
    signature = models.BinaryField()
    is_complete = models.BooleanField()
    attested_on = models.DateField()

    def __str__(self) -> str:
        return f"attestation for {self.request_id}"
