"""The wraps of one report's key, and the ledger of their erasure."""

from django.db import models


class ReportWraps(models.Model):
    """Both shares and the recovery wrap of one report's key. Deleting the row erases the identity.

    ``report`` is ``Complaint.public_id``; group and epoch say whose wraps they are after a re-wrap,
    the binding inside stays that of the sealing.
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
