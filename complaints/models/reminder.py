"""That somebody was reminded: once per person, day and kind, however many workers run."""

from django.db import models

from bawaslu_cases.accounts.models import User


class Reminder(models.Model):
    """One notice to one person. Holds no number, name or reference: the notice has no content."""

    class Kind(models.TextChoices):
        MORNING = "morning", "Tenggat hari ini atau lewat"
        ESCALATION = "escalation", "Tenggat lewat jauh di unit"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    on = models.DateField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "on", "kind"], name="reminded_once_a_day"),
            models.CheckConstraint(
                name="reminder_kind_known", condition=models.Q(kind__in=["morning", "escalation"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind} {self.on}"
