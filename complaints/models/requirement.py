"""What an officer found when checking the requirements (PB7 ps 15)."""

from django.conf import settings
from django.db import models

from complaints.models.complaint import Complaint
from complaints.states import Requirement


class RequirementCheck(models.Model):
    """One requirement of one record: met or not, by whom. No row means nobody has looked yet."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="checks")
    requirement = models.CharField(max_length=20, choices=Requirement.choices)
    is_met = models.BooleanField()
    note = models.CharField(max_length=200, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "requirement"], name="requirement_checked_once"
            ),
            models.CheckConstraint(
                name="requirement_known",
                condition=models.Q(requirement__in=Requirement.values),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}: {self.requirement}"
