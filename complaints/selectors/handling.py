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


def case_handling_of(case: Case, *, at: datetime) -> Handling:
    """Return who has a case (read with its assignee) and who stands in; its notes have a tab of their own.

    No query, one where somebody has it, and three more while they are away.
    """
    away, deputy = _away(case, at)
    return Handling(case.assignee.name if case.assignee else "", away, deputy, None, ())


def _away(subject: Complaint | Case, at: datetime) -> tuple[Absence | None, str]:
    """Return today's absence of whoever has the record or case, and who stands in.

    A deputy who may not see it does not have it either, and is not named.
    """
    if subject.assignee_id is None:
        return None, ""
    today = at.astimezone(ZoneInfo(subject.office.time_zone)).date()
    rows = Absence.objects.on(today).filter(user=subject.assignee_id)
    away = rows.first()
    if away is None or not rows.held().filter(pk=away.pk).exists():
        return away, ""
    deputy = User.objects.select_related("office").get(pk=away.deputy_id)
    return away, deputy.name if _is_seen_by(subject, deputy) else ""


def _is_seen_by(subject: Complaint | Case, person: User) -> bool:
    if isinstance(subject, Case):
        return Case.objects.visible_to(person).filter(pk=subject.pk).exists()
    return Complaint.objects.visible_to(person).filter(pk=subject.pk).exists()


def notes_of(subject: Complaint | Case) -> models.QuerySet[InternalNote]:
    """Return the internal notes of a record or case, the newest first. One query when read."""
    return subject.notes.select_related("author").order_by("-pk")


def officers_for(subject: Complaint | Case, *, at: datetime) -> list[User]:
    """Return who can have a record or case: active officers of its office who may see it.

    One query and one each.

    Recused ones are left out without a word; ``away_until`` is the last day of who is away today.
    """
    today = at.astimezone(ZoneInfo(subject.office.time_zone)).date()
    rows = (
        User.objects.filter(
            office=subject.office_id, is_active=True, role_grants__role__in=OFFICERS
        )
        .annotate(away_until=away_until(today))
        .distinct()
        .order_by("name", "pk")
    )
    return [row for row in rows if _is_seen_by(subject, row)]


def visible_record(user: User, public_id: UUID) -> Complaint | None:
    """Return a record this person may see, None for any other. One query."""
    return Complaint.objects.visible_to(user).filter(public_id=public_id).first()


def names_of(people: Collection[UUID]) -> list[str]:
    """Return the names of active people by their public ids. One query, none for nobody."""
    if not people:
        return []
    rows = User.objects.filter(public_id__in=people, is_active=True).order_by("name")
    return list(rows.values_list("name", flat=True))
