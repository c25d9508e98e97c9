"""Which days the figures of a unit are of, and which days before they are compared with.

Days, months and quarters are those of the unit's own office: what happens at 23.30 in Jayapura on the
last day of a month belongs to that month there, whatever day it is in Jakarta.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ONE_DAY = timedelta(days=1)
EARLIEST = date(2000, 1, 1)
LONGEST_DAYS = 5 * 366
SERIES_MONTHS = 12
"""Months of the course, the last one being that of the period's last day."""


class Stretch(TextChoices):
    """What may be chosen; ``RANGE`` comes with two days of its own."""

    MONTH = "month", _("Bulan ini")
    LAST_MONTH = "last_month", _("Bulan lalu")
    QUARTER = "quarter", _("Triwulan ini")
    YEAR = "year", _("Tahun ini")
    RANGE = "range", _("Rentang sendiri")


_MONTHS_OF = {Stretch.MONTH: 1, Stretch.LAST_MONTH: 1, Stretch.QUARTER: 3, Stretch.YEAR: 12}


@dataclass(frozen=True)
class Span:
    """Days from ``first`` to ``last``, both included, by the clock of ``zone``."""

    first: date
    last: date
    zone: str

    @property
    def days(self) -> int:
        """How many days there are."""
        return (self.last - self.first).days + 1

    @property
    def starts_at(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time(), ZoneInfo(self.zone))

    @property
    def ends_at(self) -> datetime:
        """The first moment afterwards."""
        return datetime.combine(self.last + ONE_DAY, time(), ZoneInfo(self.zone))


@dataclass(frozen=True)
class Period:
    """The days asked for and those before; ``problem`` says why another period is shown instead."""

    stretch: Stretch
    span: Span
    before: Span
    problem: str | Promise = ""

    @property
    def series(self) -> Span:
        """The whole months of the course."""
        last = first_of_month(self.span.last, 1) - ONE_DAY
        return Span(first_of_month(last, 1 - SERIES_MONTHS), last, self.span.zone)

    @property
    def months(self) -> list[date]:
        """The first days of the course's months, in their order."""
        return [first_of_month(self.series.first, ahead) for ahead in range(SERIES_MONTHS)]


def first_of_month(day: date, ahead: int = 0) -> date:
    """Return the first day of a day's month, or of the month so many months further on."""
    months = day.year * 12 + day.month - 1 + ahead
    return date(months // 12, months % 12 + 1, 1)


def read_period(*, stretch: str, first: str, last: str, today: date, zone: str) -> Period:
    """Return the period that a URL names; what does not hold gives this month, and says why."""
    chosen = Stretch(stretch) if stretch in Stretch.values else Stretch.MONTH
    if chosen is not Stretch.RANGE:
        return _running(chosen, today, zone)
    days = _day(first), _day(last)
    problem = _wrong(*days)
    if problem or days[0] is None or days[1] is None:
        month = _running(Stretch.MONTH, today, zone)
        return Period(month.stretch, month.span, month.before, problem)
    span = Span(days[0], days[1], zone)
    before = Span(span.first - timedelta(days=span.days), span.first - ONE_DAY, zone)
    return Period(chosen, span, before)


def _running(stretch: Stretch, today: date, zone: str) -> Period:
    """Return a period that may be running still; then just as much of the former one counts.

    Twenty-one days of a month against a whole one would always be a fall.
    """
    months = _MONTHS_OF[stretch]
    start = first_of_month(today, -1 if stretch is Stretch.LAST_MONTH else 0)
    start = first_of_month(start, -((start.month - 1) % months))
    whole = first_of_month(start, months) - ONE_DAY
    last = min(today, whole)
    former = first_of_month(start, -months)
    former_whole = start - ONE_DAY
    former_last = former_whole if last == whole else _months_back(last, months)
    return Period(stretch, Span(start, last, zone), Span(former, former_last, zone))


def _months_back(day: date, months: int) -> date:
    """Return the same day so many months earlier, or that month's last day where it is shorter."""
    there = first_of_month(day, -months)
    end = first_of_month(there, 1) - ONE_DAY
    return there.replace(day=min(day.day, end.day))


def _wrong(first: date | None, last: date | None) -> str | Promise:
    if first is None or last is None:
        return _("Rentang sendiri memerlukan tanggal awal dan akhir. Yang tampil: bulan ini.")
    if last < first:
        return _("Tanggal akhir mendahului tanggal awal. Yang tampil: bulan ini.")
    if first < EARLIEST or last.year > 2200 or (last - first).days >= LONGEST_DAYS:  # noqa: PLR2004
        return _("Rentang paling lama lima tahun. Yang tampil: bulan ini.")
    return ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
