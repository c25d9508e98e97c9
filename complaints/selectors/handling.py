"""Who has a record in hand, until when it sleeps, and what officers noted for each other."""

from dataclasses import dataclass
from datetime import date

from django.db import models

from bawaslu_cases.accounts.models import User
from complaints.models import Case, Complaint, InternalNote
from complaints.states import OFFICERS


@dataclass(frozen=True)
class Handling:
    """How a record is being worked on. ``assignee`` is a name, "" for nobody."""

    assignee: str
    snoozed_until: date | None
    notes: tuple[InternalNote, ...]


def handling_of(complaint: Complaint) -> Handling:
    """Return who has the record and what was noted, the newest first. Two queries at most."""
    return Handling(
        complaint.assignee.name if complaint.assignee else "",
        complaint.snoozed_until,
        tuple(notes_of(complaint)),
    )


def notes_of(subject: Complaint | Case) -> models.QuerySet[InternalNote]:
    """Return the internal notes of a record or case, the newest first. One query when read."""
    return subject.notes.select_related("author").order_by("-pk")


def officers_for(complaint: Complaint) -> list[User]:
    """Return who can have the record: active officers of its office who may see it. One query and one each.

    Recused ones are left out without a word.
    """
    rows = (
        User.objects.filter(
            office=complaint.office_id, is_active=True, role_grants__role__in=OFFICERS
        )
        .distinct()
        .order_by("name", "pk")
    )
    return [
        row for row in rows if Complaint.objects.visible_to(row).filter(pk=complaint.pk).exists()
    ]
