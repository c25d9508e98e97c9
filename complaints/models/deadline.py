"""A statutory deadline is a row: what it rests on, when it ends, and why on that day."""

from django.contrib.postgres.functions import RandomUUID
from django.db import models

from bawaslu_cases.registry.models import Office, TimeLimit
from complaints.models.case import Case
from complaints.models.complaint import Complaint


class StatutoryDeadline(models.Model):
    """Base of every deadline table.

    ``explanation`` lists each day counted or skipped with its reason, as it was reckoned with
    ``calendar_version``. A passed deadline is never reckoned again; an open one is when the calendar
    changes, and ``history`` then keeps the former day and the reason.
    """

    class Status(models.TextChoices):
        OPEN = "open", "Berjalan"
        MET = "met", "Dipenuhi"
        CANCELLED = "cancelled", "Tidak berlaku lagi"
        LAPSED = "lapsed", "Habis"

    kind = models.CharField(max_length=40)
    time_limit = models.ForeignKey(TimeLimit, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    time_zone = models.CharField(max_length=40)
    starts_on = models.DateField()
    due_on = models.DateField()
    due_at = models.DateTimeField()
    ended_on = models.DateField(null=True)
    calendar_version = models.PositiveIntegerField()
    pauses = models.JSONField(default=list)
    explanation = models.JSONField(default=list)
    history = models.JSONField(default=list)

    class Meta:
        abstract = True

    def office(self) -> Office:
        """Return the office whose calendar and zone count; concrete tables say which."""
        raise NotImplementedError


class Deadline(StatutoryDeadline):
    """A clock of a complaint or a case."""

    # Drawn by the database: rows also come by COPY.
    public_id = models.UUIDField(db_default=RandomUUID(), unique=True, editable=False)
    complaint = models.ForeignKey(
        Complaint, on_delete=models.CASCADE, null=True, related_name="deadlines"
    )
    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, related_name="deadlines")

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="deadline_has_one_subject",
                condition=(
                    models.Q(complaint__isnull=True, case__isnull=False)
                    | models.Q(complaint__isnull=False, case__isnull=True)
                ),
            ),
            # With what a list of running deadlines runs by, so that it reads these and no other rows.
            models.UniqueConstraint(
                fields=["complaint", "kind"],
                condition=models.Q(status="open"),
                include=["due_at", "id"],
                name="one_open_deadline_per_complaint_and_kind",
            ),
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=models.Q(status="open"),
                include=["due_at", "id"],
                name="one_open_deadline_per_case_and_kind",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="deadline_open", condition=models.Q(status="open")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.due_on}"

    def office(self) -> Office:
        """Return the office of the record or case. No query when loaded with it."""
        subject = self.complaint or self.case
        assert subject is not None  # noqa: S101 -- a constraint of the table
        return subject.office
