"""What is wrong with a file of a record, until somebody has looked: days and codes alone."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from complaints.models.evidence import Evidence


class EvidenceAlarm(models.Model):
    """One thing that is wrong with one file, told once.

    ``part`` says whether of the sealed original or of a copy. ``seen_by`` is the officer who said that it
    was dealt with; ``ended_on`` the day on which a check found the file whole again. Either hides it.
    ``logged_on`` is the day of its entry in the audit log: the day after, for a reporter's file of today,
    so that no entry tells the hour at which a reporter was here.
    """

    class Why(models.TextChoices):
        VIRUS = "virus", _("Terdeteksi berbahaya, ditahan")
        DAMAGED = "damaged", _("Tidak utuh: isinya berubah")
        MISSING = "missing", _("Hilang dari penyimpanan")

    class Part(models.TextChoices):
        ORIGINAL = "original", _("berkas asli")
        COPY = "copy", _("salinan")

    public_id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="alarms")
    why = models.CharField(max_length=8, choices=Why.choices)
    part = models.CharField(max_length=8, choices=Part.choices)
    raised_on = models.DateField()
    logged_on = models.DateField(null=True)
    seen_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    seen_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["evidence", "why", "part"],
                condition=models.Q(ended_on__isnull=True),
                name="evidence_alarm_once",
            ),
            models.CheckConstraint(
                name="evidence_alarm_why_known",
                condition=models.Q(why__in=["virus", "damaged", "missing"])
                & models.Q(part__in=["original", "copy"]),
            ),
            models.CheckConstraint(
                name="evidence_alarm_seen_by_somebody",
                condition=models.Q(seen_by__isnull=True, seen_on__isnull=True)
                | models.Q(seen_by__isnull=False, seen_on__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["evidence"],
                name="evidence_alarm_open",
                condition=models.Q(seen_on__isnull=True, ended_on__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.why} of {self.evidence_id}"

    @property
    def advice(self) -> str:
        """Return what to do, in words."""
        return str(_ADVICE[self.Why(self.why)])


_ADVICE = {
    EvidenceAlarm.Why.VIRUS: _(
        "Salinan tidak dibuat dan aslinya tetap tersegel. Jangan minta pelapor mengirimnya lagi."
    ),
    EvidenceAlarm.Why.DAMAGED: _(
        "Yang tersimpan bukan lagi yang diterima. Minta pengelola membandingkan dengan cadangan."
    ),
    EvidenceAlarm.Why.MISSING: _(
        "Basis data mencatatnya, penyimpanan tidak. Minta pengelola memulihkannya dari cadangan."
    ),
}
