"""Statutory day arithmetic: pure, no Django, no clock.

Two units exist. Pemilu counts working days (*hari kerja*): UU 7/2017 ps 454, and Perbawaslu 7/2022
ps 1 angka 42 "Hari adalah hari kerja". Pilkada counts calendar days: UU 1/2015 as changed by UU
10/2016, ps 134. The day of the event or registration is day 0 in both.

Which unit a limit uses, and which days are off, is dated reference data of the registry; this
module only counts, and says for every day it looked at why it was counted or skipped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


def gettext_noop(message: str) -> str:
    """Mark an Indonesian text for the message catalogue; the page that shows it translates it."""
    return message


class Unit(StrEnum):
    """What one day of a limit is."""

    WORKING_DAY = "WORKING_DAY"
    CALENDAR_DAY = "CALENDAR_DAY"


class DayOffKind(StrEnum):
    """Why a weekday is not a working day."""

    NATIONAL = "NATIONAL"
    JOINT_LEAVE = "JOINT_LEAVE"
    ELECTION_DAY = "ELECTION_DAY"
    LOCAL = "LOCAL"


class DayReason(StrEnum):
    """Why a day was counted or skipped; :data:`EXPLANATIONS` puts each in words."""

    EVENT_DAY = "EVENT_DAY"
    WORKING_DAY = "WORKING_DAY"
    CALENDAR_DAY = "CALENDAR_DAY"
    PAUSED = "PAUSED"
    WEEKEND = "WEEKEND"
    NATIONAL = "NATIONAL"
    JOINT_LEAVE = "JOINT_LEAVE"
    ELECTION_DAY = "ELECTION_DAY"
    LOCAL = "LOCAL"


@dataclass(frozen=True, slots=True)
class DayOff:
    """One entry of the holiday table, for example ``DayOff("Hari Raya Nyepi", NATIONAL)``."""

    name: str
    kind: DayOffKind


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The days off as one version of the holiday table knew them, for one office."""

    version: int
    days_off: Mapping[date, DayOff]


@dataclass(frozen=True, slots=True)
class Pause:
    """Days that do not count, both ends included; ``ends_on=None`` while the pause lasts."""

    starts_on: date
    ends_on: date | None
    reason: str

    def __post_init__(self) -> None:
        """Refuse a pause that ends before it starts."""
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError("a pause cannot end before it starts")

    def covers(self, day: date) -> bool:
        """Say whether the day lies in the pause."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class CountedDay:
    """One day the count looked at. ``number`` is its place in the count, 0 for the event's day."""

    date: date
    counted: bool
    number: int | None
    reason: DayReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DayCount:
    """A count. ``due_on`` is None only while an open pause holds the clock."""

    due_on: date | None
    days: tuple[CountedDay, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A reason in words, and the article or decision it rests on (empty where none is needed)."""

    text: str
    article: str


_WORKING_DAYS_ARTICLE = "UU 7/2017 ps 454; Perbawaslu 7/2022 ps 1 angka 42"
_CALENDAR_DAYS_ARTICLE = "UU 1/2015 jo. UU 10/2016 ps 134"

EXPLANATIONS: Mapping[DayReason, Explanation] = {
    DayReason.EVENT_DAY: Explanation(
        gettext_noop("Hari kejadian atau pencatatan: hari ke-0, belum dihitung"),
        f"{_WORKING_DAYS_ARTICLE}; {_CALENDAR_DAYS_ARTICLE}",
    ),
    DayReason.WORKING_DAY: Explanation(gettext_noop("Hari kerja"), _WORKING_DAYS_ARTICLE),
    DayReason.CALENDAR_DAY: Explanation(gettext_noop("Hari kalender"), _CALENDAR_DAYS_ARTICLE),
    DayReason.PAUSED: Explanation(gettext_noop("Tenggat dijeda"), ""),
    DayReason.WEEKEND: Explanation(
        gettext_noop("Sabtu atau Minggu, bukan hari kerja"), _WORKING_DAYS_ARTICLE
    ),
    DayReason.NATIONAL: Explanation(
        gettext_noop("Hari libur nasional"), f"{_WORKING_DAYS_ARTICLE}; SKB 3 Menteri"
    ),
    # Joint leave binds ASN through a yearly Keppres; that it also stops Bawaslu's clock is practice
    # (no text says so), which is why it is data in the holiday table and not a rule here.
    DayReason.JOINT_LEAVE: Explanation(
        gettext_noop("Cuti bersama"), f"{_WORKING_DAYS_ARTICLE}; SKB 3 Menteri"
    ),
    DayReason.ELECTION_DAY: Explanation(
        gettext_noop("Hari pemungutan suara, diliburkan"),
        f"{_WORKING_DAYS_ARTICLE}; UU 7/2017 ps 167 ayat (3); Keppres hari pemungutan suara",
    ),
    DayReason.LOCAL: Explanation(gettext_noop("Hari libur daerah"), _WORKING_DAYS_ARTICLE),
}
"""Reason → its words and source. One row per :class:`DayReason` (a test checks it)."""


def count_days(
    *,
    start: date,
    days: int,
    unit: Unit,
    calendar: WorkingCalendar,
    pauses: Iterable[Pause] = (),
) -> DayCount:
    """Count ``days`` days from ``start`` (day 0) and list every day looked at, ``start`` included.

    Working days skip weekends and the calendar's days off; calendar days skip nothing, so a due
    date on a holiday stays there. A pause skips its days in either unit. An open pause that is
    reached before the last day ends the list on its first day and leaves ``due_on`` None.

    Raises ValueError for a negative number of days.
    """
    if days < 0:
        raise ValueError("a time limit cannot be negative")
    pauses = tuple(pauses)
    looked_at = [CountedDay(start, counted=False, number=0, reason=DayReason.EVENT_DAY)]
    day, number = start, 0
    while number < days:
        day += _ONE_DAY
        pause = next((pause for pause in pauses if pause.covers(day)), None)
        if pause is not None:
            looked_at.append(_skipped(day, DayReason.PAUSED, pause.reason))
            if any(each.ends_on is None and each.covers(day) for each in pauses):
                return DayCount(due_on=None, days=tuple(looked_at))
            continue
        skipped = _day_not_worked(day, calendar) if unit is Unit.WORKING_DAY else None
        if skipped is not None:
            looked_at.append(skipped)
            continue
        number += 1
        looked_at.append(CountedDay(day, counted=True, number=number, reason=DayReason(unit)))
    return DayCount(due_on=day, days=tuple(looked_at))


def due_at(due_on: date, time_zone: str) -> datetime:
    """Return the last second of the day in the office's zone (WIB, WITA, WIT) as aware UTC."""
    return datetime.combine(due_on, time(23, 59, 59), tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def _day_not_worked(day: date, calendar: WorkingCalendar) -> CountedDay | None:
    """Return the skipped day with its reason, or None for a working day."""
    day_off = calendar.days_off.get(day)
    if day.weekday() >= _SATURDAY:
        # The weekend is reason enough; a holiday that falls on it is named, not needed.
        return _skipped(day, DayReason.WEEKEND, day_off.name if day_off else "")
    if day_off is not None:
        return _skipped(day, DayReason(day_off.kind), day_off.name)
    return None


def _skipped(day: date, reason: DayReason, detail: str) -> CountedDay:
    return CountedDay(day, counted=False, number=None, reason=reason, detail=detail)
