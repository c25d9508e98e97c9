"""What leaves the house with a letter: the approval it rests on, its record, its digest and signature."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from bawaslu_cases.accounts.models import User
from complaints.models import Derivative
from referrals.models.referral import Referral


class ReferralAttachment(models.Model):
    """One safe copy that goes with a referral, chosen by an officer. Only while it is a proposal.

    ``is_checked``: whoever chose it looked for what no cleaner removes (names of chats, bars of a
    telephone, reflections; security/protection.md C).
    """

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="attachments")
    copy = models.ForeignKey(Derivative, on_delete=models.PROTECT, related_name="+")
    is_checked = models.BooleanField(default=False)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["referral", "copy"], name="copy_attached_once"),
        ]

    def __str__(self) -> str:
        return f"{self.referral_id}: {self.copy_id}"


class PacketApproval(models.Model):
    """What a second person approved: the digest of the whole draft, and what they acknowledged.

    The latest of a version counts. ``draft_sha256`` covers every word and every attachment but the
    number and the day. What does not have this digest is not issued (check K07).
    """

    append_only = True

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="approvals")
    version = models.PositiveSmallIntegerField()
    draft_sha256 = models.CharField(max_length=64)
    acknowledged = ArrayField(models.CharField(max_length=40), default=list)
    approver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.referral_id} v{self.version}"


class Packet(models.Model):
    """One version's packet as it was made: the sealed record, the manifest and its signature.

    ``record`` is canonical JSON sealed under the data key; ``manifest`` names every file with its
    digest; ``sha256`` is the manifest's, hex; ``signature`` is Ed25519 over the manifest by the key
    whose public half is ``signed_by``.
    """

    append_only = True

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="packets")
    version = models.PositiveSmallIntegerField()
    record = models.BinaryField()
    manifest = models.TextField()
    sha256 = models.CharField(max_length=64)
    signature = models.BinaryField()
    signed_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["referral", "version"], name="one_packet_per_version"),
        ]

    def __str__(self) -> str:
        return f"{self.referral_id} v{self.version}"
