"""Days off and time limits."""

import datetime as dt

from django.db.models import Q

from bawaslu_cases.registry.models import CalendarVersion, Holiday, Office, TimeLimit
from bawaslu_cases.registry.remembered import remembered
from bawaslu_cases.shared.working_days import DayOff, DayOffKind, WorkingCalendar


def working_calendar(*, office: Office) -> WorkingCalendar:
    """Return the days off at the office: the nation's, its province's and its own. Three queries at most.

    Version 0 means that no holiday was ever loaded. Where two reasons fall on one day, the
    nation's comes before the region's.
    """
    version = CalendarVersion.objects.values_list("number", flat=True).first() or 0
    places = Q(region__isnull=True)
    if office.region_id is not None:
        # 00.33.08 → 33 and 33.08: the path spells the region and the province above it
        own = office.path.removeprefix("00.")
        places |= Q(region__code__in=[own[:2], own])
    rows = (
        Holiday.objects.filter(places)
        .order_by("region__code", "category")
        .values_list("date", "name", "category", "region__code")
    )
    days_off: dict[dt.date, DayOff] = {}
    for date, name, category, _region in sorted(rows, key=lambda row: row[3] or ""):
        days_off.setdefault(date, DayOff(name, DayOffKind(category)))
    return WorkingCalendar(version=version, days_off=days_off)


@remembered
def calendar_at_hand(*, office: Office) -> WorkingCalendar:
    """Return the office's calendar, a minute old at most; for clocks that start, not for reckoning again.

    No query when remembered.
    """
    return working_calendar(office=office)


@remembered
def time_limit(*, code: str, regime: str, on: dt.date) -> TimeLimit:
    """Return the limit in force on the day for the regime, or the one that holds for any. One query.

    Raises TimeLimit.DoesNotExist when there is none.
    """
    limit = (
        TimeLimit.objects.in_force(on)
        .filter(code=code, regime__in=["", regime])
        .order_by("-regime")
        .first()
    )
    if limit is None:
        raise TimeLimit.DoesNotExist(f"no time limit {code} for {regime or 'any regime'} on {on}")
    return limit
