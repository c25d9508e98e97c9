"""Who holds which key: custody groups, certified officers, monthly epochs (protection.md B.3)."""

from django.db import models


class KeyGroup(models.Model):
    """One side of a custody. ``unit`` is the code of the unit its members belong to.

    Side A are verification desks, side B custodians of another unit.
    """

    class Side(models.TextChoices):
        """Which share the group receives."""

        A = "a", "Verifikator"
        B = "b", "Kustodian"

    code = models.SlugField(max_length=40, primary_key=True)
    side = models.CharField(max_length=1, choices=Side.choices)
    unit = models.SlugField(max_length=40)
    office_code = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="key_group_side_known", condition=models.Q(side__in=["a", "b"])
            ),
            models.UniqueConstraint(
                fields=["office_code"],
                condition=models.Q(side="a"),
                name="one_desk_per_office",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class OfficerCertificate(models.Model):
    """What the offline root signed about one officer. ``officer`` is ``User.public_id``."""

    officer = models.UUIDField()
    group = models.ForeignKey(KeyGroup, on_delete=models.PROTECT, related_name="certificates")
    unit = models.SlugField(max_length=40)
    enc_pk = models.BinaryField()
    sig_pk = models.BinaryField()
    not_after = models.DateField()
    signature = models.BinaryField()
    revoked_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["officer"],
                condition=models.Q(revoked_on__isnull=True),
                name="one_valid_certificate_per_officer",
            ),
        ]

    def __str__(self) -> str:
        return f"certificate of {self.officer}"


class KeyBundle(models.Model):
    """An officer's private keys as their own client locked them: a body and key slots (JSON bytes)."""

    officer = models.UUIDField(primary_key=True)
    bundle = models.BinaryField()

    def __str__(self) -> str:
        return f"bundle of {self.officer}"


class GroupEpoch(models.Model):
    """The public key of a group for one epoch, signed by a certified member."""

    group = models.ForeignKey(KeyGroup, on_delete=models.PROTECT, related_name="epochs")
    epoch = models.PositiveIntegerField()
    pk_bytes = models.BinaryField()
    signed_by = models.UUIDField()
    not_after = models.DateField()
    signature = models.BinaryField()
    is_current = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "epoch"], name="epoch_once_per_group"),
            models.UniqueConstraint(
                fields=["group"],
                condition=models.Q(is_current=True),
                name="one_current_epoch_per_group",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.epoch}"


class MemberWrap(models.Model):
    """A group's private key of one epoch, sealed to one member."""

    group_epoch = models.ForeignKey(GroupEpoch, on_delete=models.CASCADE, related_name="wraps")
    officer = models.UUIDField(db_index=True)
    wrap = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group_epoch", "officer"], name="one_wrap_per_member_and_epoch"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_epoch_id}: {self.officer}"


class OutsideKey(models.Model):
    """A public key held outside: the offline recovery key of a year, or LPSK's. Signed by the root."""

    class Kind(models.TextChoices):
        """Whose it is."""

        RECOVERY = "recovery"
        LPSK = "lpsk"

    code = models.SlugField(max_length=40, primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    pk_bytes = models.BinaryField()
    not_after = models.DateField()
    signature = models.BinaryField()
    is_current = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(is_current=True),
                name="one_current_outside_key_per_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class RevocationList(models.Model):
    """What the root has revoked so far (canonical JSON with its signature). The highest serial counts."""

    serial = models.PositiveIntegerField(primary_key=True)
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"revocations {self.serial}"
