"""What happens to a record or case besides its status: who has it, what was noted, who keeps away."""

from django.db import models

from bawaslu_cases.accounts.models import User
from complaints.models.case import Case
from complaints.models.complaint import Complaint

ONE_SUBJECT = models.Q(complaint__isnull=True, case__isnull=False) | models.Q(
    complaint__isnull=False, case__isnull=True
)
"""A row of work belongs to one record or to one case."""


class WorkAction(models.TextChoices):
    """What is done beside the state tables."""

    ASSIGN = "assign", "Tugaskan"
    RELEASE = "release", "Lepas tugas"
    HAND_OVER = "hand_over", "Serahkan tugas"
    TAG = "tag", "Beri label"
    UNTAG = "untag", "Lepas label"
    SNOOZE = "snooze", "Tunda"
    WAKE = "wake", "Akhiri tunda"
    RETITLE = "retitle", "Ubah judul"
    MOVE = "move", "Pindah kantor"
    NOTE = "note", "Catatan internal"
    TICK = "tick", "Periksa syarat"
    RECUSE = "recuse", "Mundur dari penanganan"
    DOCUMENT = "document", "Dokumen"
    LINK = "link", "Kaitkan"
    UNLINK = "unlink", "Lepas kaitan"


class WorkEvent(models.Model):
    """One thing somebody did beside the state tables: assigned, tagged, put off, renamed, moved.

    ``detail`` holds codes, numbers and ids only, never words of anybody. Never changed.
    """

    append_only = True

    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, null=True, related_name="work_events"
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="work_events")
    action = models.CharField(max_length=20, choices=WorkAction.choices)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="work_event_has_one_subject", condition=ONE_SUBJECT),
            models.CheckConstraint(
                name="work_event_action_known",
                condition=models.Q(action__in=WorkAction.values),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d}"


class Recusal(models.Model):
    """One person who must not see or touch one record or case (conflict of interest).

    Rows are made by rule or by declaration and are what ``visible_to`` leaves out, so a recused person
    meets 404 on every door. ``reason`` is a code: the row names no kin.
    """

    class Reason(models.TextChoices):
        RELATIVE = "relative", "Hubungan keluarga"
        FORMER_UNIT = "former_unit", "Pernah bekerja di unit terlapor"
        HOME_AGENCY = "home_agency", "Instansi asal sama dengan terlapor"
        ACCUSED = "accused", "Menjadi terlapor"
        DECLARED = "declared", "Menyatakan benturan kepentingan"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    complaint = models.ForeignKey(
        Complaint, on_delete=models.CASCADE, null=True, related_name="recusals"
    )
    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, related_name="recusals")
    reason = models.CharField(max_length=12, choices=Reason.choices)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="recusal_has_one_subject", condition=ONE_SUBJECT),
            models.UniqueConstraint(
                fields=["user", "complaint"],
                condition=models.Q(complaint__isnull=False),
                name="recused_once_from_complaint",
            ),
            models.UniqueConstraint(
                fields=["user", "case"],
                condition=models.Q(case__isnull=False),
                name="recused_once_from_case",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.reason}"
