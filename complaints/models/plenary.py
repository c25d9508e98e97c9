"""What the plenary (rapat pleno) decided. Officers only propose."""

from django.db import models

from bawaslu_cases.accounts.models import User
from complaints.models.case import Case
from complaints.models.complaint import Complaint


class PlenaryDecision(models.Model):
    """One decision on one record or case, with the minutes it stands in and who was present."""

    append_only = True

    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, null=True, related_name="plenary_decisions"
    )
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, related_name="plenary_decisions"
    )
    outcome = models.CharField(max_length=40)
    minutes_number = models.CharField(max_length=60)
    decided_on = models.DateField()
    members_present = models.PositiveSmallIntegerField()
    note = models.TextField(blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="plenary_decision_has_one_subject",
                condition=(
                    models.Q(complaint__isnull=True, case__isnull=False)
                    | models.Q(complaint__isnull=False, case__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="plenary_decision_had_members",
                condition=models.Q(members_present__gte=2),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.decided_on}"
