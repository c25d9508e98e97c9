"""A matter that goes to another level: down by delegation, up by takeover (PB7 ps 38-41; B.5, B.6)."""

from django.db import models

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from complaints.models.complaint import Complaint
from complaints.states import TakeoverGround


class OfficeChange(models.Model):
    """One proposal to hand a record to another office, and what came of it.

    ``ended_on`` is null while it waits; ``taken`` says whether the other office has it since.
    """

    class Direction(models.TextChoices):
        DOWN = "down", "Dilimpahkan ke bawah"
        UP = "up", "Diambil alih dari atas"

    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="office_changes"
    )
    direction = models.CharField(max_length=4, choices=Direction.choices)
    source = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    ground = models.CharField(max_length=20, choices=TakeoverGround.choices, blank=True)
    reason = models.TextField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_on = models.DateField()
    ended_on = models.DateField(null=True)
    taken = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="office_change_up_has_a_ground",
                condition=models.Q(direction="down", ground="")
                | (models.Q(direction="up", ground__in=TakeoverGround.values)),
            ),
            models.UniqueConstraint(
                fields=["complaint"],
                condition=models.Q(ended_on__isnull=True),
                name="one_open_office_change",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}: {self.direction}"
