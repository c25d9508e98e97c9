"""What officers write for each other on a record or a case; no reporter ever sees it."""

import uuid

from django.db import models

from bawaslu_cases.accounts.models import User
from complaints.models.case import Case
from complaints.models.complaint import Complaint
from complaints.models.work import ONE_SUBJECT


class InternalNote(models.Model):
    """One note of an officer: kept as written, apart from messages, never changed."""

    append_only = True

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, null=True, related_name="notes"
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="notes")
    text = models.TextField()
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="internal_note_has_one_subject", condition=ONE_SUBJECT),
        ]

    def __str__(self) -> str:
        return f"note {self.at:%Y-%m-%d}"
