"""Who has a record in hand, until when it sleeps, and what officers noted for each other."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import models

from bawaslu_cases.accounts.models import Absence, User
from complaints.models import Case, Complaint, InternalNote
from complaints.selectors.stand_ins import away_until
from complaints.states import OFFICERS


@dataclass(frozen=True)
class Handling:
    """How a record is being worked on. ``assignee`` is a name, "" for nobody.

    ``away`` is the absence of whoever has it, of today, None while they are there; ``deputy`` the name of
    who stands in, "" for nobody who still can.
    """

    assignee: str
    away: Absence | None
    deputy: str
    snoozed_until: date | None
    notes: tuple[InternalNote, ...]


def handling_of(complaint: Complaint, *, at: datetime) -> Handling:
    """Return who has the record (read with its file), who stands in, and what was noted, newest first.

    One query, two where somebody has it, and three more while they are away.
    """
    away, deputy = _away(complaint, at)
    return Handling(
        complaint.assignee.name if complaint.assignee else "",
        away,
        deputy,
        complaint.snoozed_until,
        tuple(notes_of(complaint)),
    )


def _away(complaint: Complaint, at: datetime) -> tuple[Absence | None, str]:
    """Return today's absence of whoever has the record, and who stands in.

    A deputy who may not see the record does not have it either, and is not named.
    """
    if complaint.assignee_id is None:
        return None, ""
    today = at.astimezone(ZoneInfo(complaint.office.time_zone)).date()
    rows = Absence.objects.on(today).filter(user=complaint.assignee_id)
    away = rows.first()
    if away is None or not rows.held().filter(pk=away.pk).exists():
        return away, ""
    deputy = User.objects.select_related("office").get(pk=away.deputy_id)
    sees = Complaint.objects.visible_to(deputy).filter(pk=complaint.pk).exists()
    return away, deputy.name if sees else ""


def notes_of(subject: Complaint | Case) -> models.QuerySet[InternalNote]:
    """Return the internal notes of a record or case, the newest first. One query when read."""
    return subject.notes.select_related("author").order_by("-pk")


def officers_for(complaint: Complaint, *, at: datetime) -> list[User]:
    """Return who can have the record: active officers of its office who may see it. One query and one each.

    Recused ones are left out without a word; ``away_until`` is the last day of who is away today.
    """
    today = at.astimezone(ZoneInfo(complaint.office.time_zone)).date()
    rows = (
        User.objects.filter(
            office=complaint.office_id, is_active=True, role_grants__role__in=OFFICERS
        )
        .annotate(away_until=away_until(today))
        .distinct()
        .order_by("name", "pk")
    )
    return [
        row for row in rows if Complaint.objects.visible_to(row).filter(pk=complaint.pk).exists()
    ]


def visible_record(user: User, public_id: UUID) -> Complaint | None:
    """Return a record this person may see, None for any other. One query."""
    return Complaint.objects.visible_to(user).filter(public_id=public_id).first()


def names_of(people: Collection[UUID]) -> list[str]:
    """Return the names of active people by their public ids. One query, none for nobody."""
    if not people:
        return []
    rows = User.objects.filter(public_id__in=people, is_active=True).order_by("name")
    return list(rows.values_list("name", flat=True))
