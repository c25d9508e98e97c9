"""The wraps of one report's key, and the ledger of their erasure."""

from uuid import uuid4

from django.contrib.postgres.functions import RandomUUID
from django.db import models


class ReportWraps(models.Model):
    """Both shares and the recovery wrap of one report's key. Deleting the row erases the identity.

    ``report`` is ``Complaint.public_id``; group and epoch say whose wraps they are after a re-wrap,
    the binding inside stays that of the sealing. ``put_id`` is drawn anew whenever wraps are put here, so
    that whoever looked at a row once tells it from the one that took its place.
    """

    report = models.UUIDField(primary_key=True)
    wrap_a = models.BinaryField()
    group_a = models.CharField(max_length=40)
    epoch_a = models.PositiveIntegerField()
    wrap_b = models.BinaryField()
    group_b = models.CharField(max_length=40)
    epoch_b = models.PositiveIntegerField()
    wrap_r = models.BinaryField()
    recovery = models.CharField(max_length=40)
    put_id = models.UUIDField(default=uuid4, db_default=RandomUUID())

    class Meta:
        indexes = [
            models.Index(fields=["group_a", "epoch_a"], name="wraps_of_desk_epoch"),
            models.Index(fields=["group_b", "epoch_b"], name="wraps_of_custodian_epoch"),
        ]

    def __str__(self) -> str:
        return f"wraps of {self.report}"


class Erasure(models.Model):
    """When wraps were deleted and from which day no backup holds them any more."""

    class Why(models.TextChoices):
        """What made the identity go."""

        WITHDRAWN = "withdrawn"
        KEPT_AS_TIP = "kept_as_tip"
        RETENTION = "retention"
        REPLACED = "replaced"
        EPOCH = "epoch"

    report = models.UUIDField(null=True)
    group = models.CharField(max_length=40, blank=True)
    epoch = models.PositiveIntegerField(null=True)
    why = models.CharField(max_length=12, choices=Why.choices)
    erased_on = models.DateField()
    complete_on = models.DateField()

    def __str__(self) -> str:
        return f"{self.why} {self.erased_on}"


class WrapsRound(models.Model):
    """The one row that says how many rounds the sweep of orphaned wraps made, and why it makes none.

    The records hold the same number (``complaints.models.WrapsSweep``), written first: where theirs is
    lower, they were brought back to an earlier day than the keyring.
    """

    class Halted(models.TextChoices):
        """Why nothing is removed until a person says otherwise."""

        NO = ""
        BEHIND = "behind"
        MANY = "many"
        BY_HAND = "by_hand"

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField()
    halted = models.CharField(max_length=7, choices=Halted.choices, blank=True)

    def __str__(self) -> str:
        return f"round {self.number} {self.halted}"
