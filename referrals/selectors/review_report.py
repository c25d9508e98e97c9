"""The periodic report of a recipient body: what came, what it did with it, how long that took.

Counted from what happened before the body's own eyes: what is being prepared in the sending house
changes no number.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from statistics import median
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from bawaslu_cases.accounts.models import User
from complaints.models import Recusal
from referrals.models import ReferralEvent
from referrals.states import ReferralAction

ZONE = ZoneInfo("Asia/Jakarta")
"""The bodies sit in Jakarta; their months end there."""

MONTHS = 12
_A = ReferralAction
_COUNTED = {
    _A.DELIVER: "received",
    _A.RETURN: "returned",
    _A.RETURN_BY_LINE: "returned",
    _A.RECOMMEND: "recommended",
    _A.FIND_NOT_PROVEN: "not_proven",
}
_ENDS_WAITING = frozenset({*_COUNTED, _A.CORRECT}) - {_A.DELIVER}


class Grain(StrEnum):
    """How long a row of the report is."""

    MONTH = "bulan"
    QUARTER = "triwulan"

    @property
    def months(self) -> int:
        """Months in one row."""
        return 1 if self is Grain.MONTH else 3


@dataclass(frozen=True)
class Stay:
    """One version at the body: when it came, when its waiting ended and by what; open without an end."""

    came: datetime
    ended: datetime | None = None
    action: str = ""


@dataclass
class ReportRow:
    """One month or quarter. ``waiting``: at its end, or now while it lasts. ``days``: median, or None."""

    first: date
    received: int = 0
    returned: int = 0
    recommended: int = 0
    not_proven: int = 0
    waiting: int = 0
    lasting: list[int] = field(default_factory=list)

    @property
    def decided(self) -> int:
        """Recommended or found not proven."""
        return self.recommended + self.not_proven

    @property
    def days(self) -> float | None:
        """Median of calendar days from arrival to decision or return."""
        return median(self.lasting) if self.lasting else None


@dataclass(frozen=True)
class ReviewReport:
    """A year of a body, row by row, and the year as a whole."""

    year: int
    grain: Grain
    rows: Sequence[ReportRow]
    total: ReportRow
    years: Sequence[int]


def review_report(user: User, *, year: int | None, grain: Grain, at: datetime) -> ReviewReport:
    """Return the report of the person's body; what they are recused from is left out. One query.

    A year nothing came in is answered with the newest one.
    """
    stays = list(_stays(_events(user)))
    today = at.astimezone(ZONE).date()
    came_first = min((stay.came.astimezone(ZONE).year for stay in stays), default=today.year)
    years = range(today.year, min(came_first, today.year) - 1, -1)
    shown = year if year is not None and year in years else today.year
    rows = _rows(shown, grain, today)
    total = ReportRow(date(shown, 1, 1))
    for stay in stays:
        _count(stay, rows, total, shown)
    for row in rows:
        end = _after(row.first, grain.months)
        row.waiting = sum(_waits(stay, end) for stay in stays)
    total.waiting = rows[-1].waiting
    return ReviewReport(shown, grain, rows, total, list(years))


def _events(user: User) -> Iterable[tuple[int, str, datetime]]:
    if user.recipient_body_id is None:
        return ()
    recused = Recusal.objects.filter(user=user, case=OuterRef("referral__case"))
    return (
        ReferralEvent.objects.filter(
            ~Exists(recused),
            referral__recipient_id=user.recipient_body_id,
            action__in=[*_COUNTED, _A.CORRECT, _A.REROUTE],
        )
        .order_by("referral_id", "pk")
        .values_list("referral_id", "action", "at")
    )


def _stays(events: Iterable[tuple[int, str, datetime]]) -> Iterable[Stay]:
    for _referral, told in groupby(events, key=lambda event: event[0]):
        stays: list[Stay] = []
        for _pk, action, at in told:
            if action == _A.REROUTE:
                stays = []  # what was before went to another body
            elif action == _A.DELIVER:
                stays.append(Stay(at))
            elif action in _ENDS_WAITING and stays and stays[-1].ended is None:
                stays[-1] = Stay(stays[-1].came, at, action)
        yield from stays


def _rows(year: int, grain: Grain, today: date) -> list[ReportRow]:
    firsts = (date(year, month, 1) for month in range(1, MONTHS + 1, grain.months))
    return [ReportRow(first) for first in firsts if first <= today]


def _count(stay: Stay, rows: Sequence[ReportRow], total: ReportRow, year: int) -> None:
    came = stay.came.astimezone(ZONE).date()
    if came.year == year:
        for row in (_row_of(came, rows), total):
            row.received += 1
    name = _COUNTED.get(_A(stay.action)) if stay.action else None
    if stay.ended is None or name is None:
        return
    ended = stay.ended.astimezone(ZONE).date()
    if ended.year == year:
        for row in (_row_of(ended, rows), total):
            setattr(row, name, getattr(row, name) + 1)
            row.lasting.append((ended - came).days)


def _row_of(day: date, rows: Sequence[ReportRow]) -> ReportRow:
    return next(row for row in reversed(rows) if row.first <= day)


def _after(first: date, months: int) -> date:
    month = first.month - 1 + months
    return date(first.year + month // MONTHS, month % MONTHS + 1, 1)


def _waits(stay: Stay, end: date) -> bool:
    """Say whether a stay was open when the day ``end`` began."""
    came = stay.came.astimezone(ZONE).date() < end
    return came and (stay.ended is None or stay.ended.astimezone(ZONE).date() >= end)
