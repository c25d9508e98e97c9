"""The only writer of holidays."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.freshness import mark_changed
from bawaslu_cases.registry.models import CalendarVersion, Holiday, HolidayCategory, Region
from bawaslu_cases.shared.errors import ConflictError, DomainError, ReasonNeededError

# Two changes at once would both take the next number; a table lock would also stop readers' vacuum.
_CALENDAR_LOCK = 0x63616C31


@dataclass(frozen=True, slots=True)
class DayOffDraft:
    """A day off to be added. ``region`` empty: the whole country."""

    date: dt.date
    category: HolidayCategory
    name: str
    region: Region | None = None
    is_estimated: bool = False
    source: str = ""


@transaction.atomic
def change_calendar(
    *,
    add: Iterable[DayOffDraft] = (),
    remove: Iterable[Holiday] = (),
    reason: str,
    actor_id: int | None = None,
    at: dt.datetime,
) -> CalendarVersion:
    """Change the holidays and write down the change as one new version.

    Open deadlines are reckoned again by whoever holds them; passed ones keep their version.
    Raises ReasonNeededError without a reason, DomainError for an empty change or a day that is
    already there, ConflictError for a day somebody else removed first; nothing is changed then.
    Takes the calendar's advisory lock until the transaction ends.
    """
    if not reason.strip():
        raise ReasonNeededError(_("Tulis alasan perubahan kalender"), field="reason")
    drafts, dropped = list(add), list(remove)
    if not drafts and not dropped:
        raise DomainError(_("Tidak ada hari yang ditambah atau dihapus"), code="empty_change")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CALENDAR_LOCK])
    removed = [_told(day) for day in dropped]
    deleted, _per_model = Holiday.objects.filter(pk__in=[day.pk for day in dropped]).delete()
    if deleted != len(dropped):
        raise ConflictError(_("Hari libur itu sudah dihapus orang lain"))
    added = _added(drafts)
    last = CalendarVersion.objects.values_list("number", flat=True).first() or 0
    transaction.on_commit(mark_changed)
    return CalendarVersion.objects.create(
        number=last + 1,
        created_at=at,
        reason=reason.strip(),
        actor_id=actor_id,
        added=[_told(day) for day in added],
        removed=removed,
    )


def _added(drafts: Iterable[DayOffDraft]) -> list[Holiday]:
    days = [
        Holiday(
            date=draft.date,
            category=draft.category,
            name=draft.name,
            region=draft.region,
            is_estimated=draft.is_estimated,
            source=draft.source,
        )
        for draft in drafts
    ]
    try:
        with transaction.atomic():
            return Holiday.objects.bulk_create(days)
    except IntegrityError as error:
        if "holiday_once" not in str(error):
            raise
        raise DomainError(_("Hari libur itu sudah ada"), code="day_known") from error


def _told(day: Holiday) -> dict[str, Any]:
    return {
        "date": day.date.isoformat(),
        "category": str(day.category),
        "name": day.name,
        "region": day.region.code if day.region else None,
    }
