"""An officer's own capture of what a link shows, and the minutes of it (berita acara)."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from complaints.models.evidence import Derivative, Evidence, EvidenceLink


class LinkCapture(models.Model):
    """What an officer saw at a link, when, and the file that shows it. A new look is a new row.

    Days and hours are those of the record's office. A post often tells its day only, or neither. Nothing of
    it changes, but ``account`` and the post's time go when the record's evidence does (a trigger lets
    nothing else through).
    """

    class Act(models.TextChoices):
        LIKE = "like", _("Menyukai unggahan")
        COMMENT = "comment", _("Berkomentar")
        SHARE = "share", _("Membagikan ulang")
        POST = "post", _("Mengunggah sendiri")
        JOIN = "join", _("Mengikuti atau bergabung")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    link = models.ForeignKey(EvidenceLink, on_delete=models.PROTECT, related_name="captures")
    evidence = models.OneToOneField(Evidence, on_delete=models.PROTECT, related_name="capture")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    act = models.CharField(max_length=10, choices=Act.choices)
    account = models.CharField(max_length=120)
    posted_on = models.DateField(null=True)
    posted_time = models.TimeField(null=True)
    captured_on = models.DateField()
    captured_time = models.TimeField()

    class Meta:
        ordering = ["-recorded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="capture_act_known",
                condition=models.Q(act__in=["like", "comment", "share", "post", "join"]),
            ),
            models.CheckConstraint(
                name="capture_hour_of_a_known_day",
                condition=models.Q(posted_time__isnull=True) | models.Q(posted_on__isnull=False),
            ),
            models.CheckConstraint(
                name="capture_not_before_the_post",
                condition=models.Q(posted_on__isnull=True)
                | models.Q(posted_on__lte=models.F("captured_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"capture of {self.link_id}"


class CaptureMinutes(models.Model):
    """The minutes of a capture as a sealed PDF, once its safe copy stands; made once.

    ``storage_name`` is "" once they were erased, the only change that a trigger lets through.
    """

    capture = models.OneToOneField(
        LinkCapture, on_delete=models.PROTECT, primary_key=True, related_name="minutes"
    )
    copy = models.ForeignKey(Derivative, on_delete=models.PROTECT, related_name="+")
    template = models.CharField(max_length=20)
    storage_name = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    rendered_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"minutes of {self.capture_id}"
