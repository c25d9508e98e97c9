"""A PPK's office without an account: one link and one code for one recommendation."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from referrals.models.follow_up import FollowUp, FollowUpAnswer


class PpkPass(models.Model):
    """One link with its code. Neither is stored: the link is derived, of the code a keyed digest is kept.

    ``failures`` counts wrong codes; at the fifth the pass is over. ``ended_at`` is also set when the next
    one is given out: of a recommendation one pass at most is open.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="passes")
    code_mac = models.CharField(max_length=64)
    failures = models.PositiveSmallIntegerField(default=0)
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["follow_up"],
                condition=models.Q(ended_at__isnull=True),
                name="one_open_pass_per_follow_up",
            ),
            models.CheckConstraint(
                name="pass_expires_after_issue",
                condition=models.Q(expires_at__gt=models.F("issued_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.follow_up_id}: {self.issued_at:%Y-%m-%d}"


class PpkPassUse(models.Model):
    """What was done with a pass. The first opening is the day from which the PPK knew (PP 94/2021 ps 26)."""

    append_only = True

    class Kind(models.TextChoices):
        """What happened."""

        ISSUED = "issued", _("Akses dibuat")
        OPENED = "opened", _("Dibuka oleh kantor PPK")
        WRONG_CODE = "wrong_code", _("Kode salah")
        ANSWERED = "answered", _("Dijawab")
        ENDED = "ended", _("Akses diakhiri")

    ppk_pass = models.ForeignKey(PpkPass, on_delete=models.PROTECT, related_name="uses")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    answer = models.OneToOneField(
        FollowUpAnswer, on_delete=models.PROTECT, null=True, related_name="by_pass"
    )
    name = models.CharField(max_length=120, blank=True)
    position = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="pass_use_kind_known",
                condition=models.Q(
                    kind__in=["issued", "opened", "wrong_code", "answered", "ended"]
                ),
            ),
            models.CheckConstraint(
                name="pass_answer_says_who",
                condition=~models.Q(kind="answered")
                | (~models.Q(name="") & ~models.Q(position="") & models.Q(answer__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ppk_pass_id}: {self.kind}"
