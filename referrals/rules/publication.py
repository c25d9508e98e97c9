"""What is published of the counts, month by month, and what of it is held back. Pure (ADR 0038).

Three shapes, each closed in itself, so that no table can be subtracted from another:

- **series**: running totals of the nation, one row a month. A total moves on only by ``K`` or more, so a
  month of two sanctions is told together with the next one.
- **tables**: a stretch of whole quarters, once, by act or by place; its total is a difference of two
  published running totals. A shown place has tables of its own (its regencies, its agencies). Shown
  and hidden cells are ``rules.suppression``'s; a hidden place has no further table.
- **answers**: of a stretch's recommendations, how many were answered within 90 days each. Days of each, not
  a common date: else the running total of answers would be the sum of this table.

What was published is never changed: later publications only add rows, and a row tells nothing of the
stretch of another. What came late is counted in the month in which it happened.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from referrals.rules.suppression import K, cells_to_show, may_release, split_to_show

DELAY_DAYS = 14
"""A month is published when this many days have passed since it ended."""

LEAST_STRETCH = 25
"""Fewer than this in a quarter: it is told together with the next (5 x K: most places would be hidden)."""

LEAST_TIMED = 20
"""Fewer than this in a quarter: no median and quartiles, which would each rest on fewer than K."""

DAYS_TO_ANSWER = 90
MONTHS_TO_ANSWER = 3
"""After so many months the 90 days of every recommendation of a quarter have passed."""

SERIES: Mapping[str, str | None] = {
    "received": None,
    "cases": "received",
    "referred": "cases",
    "recommended": None,
    "answered": "recommended",
    "sanctioned": "answered",
}
"""Each running total, upstream first, and the one that it is a part of."""

NATION = "00"
"""Ministries and bodies, among the provinces."""


@dataclass(frozen=True)
class Rules:
    """The numbers of the rules; tests attack smaller ones exhaustively."""

    k: int = K
    least_stretch: int = LEAST_STRETCH


@dataclass(frozen=True)
class Table:
    """One published table: which, of which months (first day each), its sum, its cells. None: hidden."""

    name: str
    first: date
    last: date
    cells: Mapping[str, int | None]
    total: int | None = None


Monthly = Mapping[date, Mapping[str, int]]
"""Counts by month (its first day) and key."""


@dataclass(frozen=True)
class Places:
    """The cells that tables have, whatever was counted: codes of acts, regencies and agencies."""

    acts: Sequence[str]
    regencies: Mapping[str, Sequence[str]]
    agencies: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Counts:
    """What happened, by month. Months that are published already may be left out."""

    series: Monthly
    acts: Monthly = field(default_factory=dict)
    regencies: Monthly = field(default_factory=dict)
    agencies: Monthly = field(default_factory=dict)
    answers: Monthly = field(default_factory=dict)
    """Recommendations answered within ``DAYS_TO_ANSWER``, by their month and the agency's province."""
    days: Mapping[date, Mapping[str, Sequence[int]]] = field(default_factory=dict)
    """By first month of a quarter and step: number, first quartile, median, third quartile (days)."""


def last_publishable(today: date) -> date:
    """Return the first day of the newest month that ended ``DELAY_DAYS`` ago or earlier."""
    return month_of(month_of(today - timedelta(days=DELAY_DAYS)) - timedelta(days=1))


def month_of(day: date) -> date:
    """Return the first day of its month."""
    return day.replace(day=1)


def months_on(month: date, by: int) -> date:
    """Return the month ``by`` months later (earlier when negative)."""
    number = month.year * 12 + month.month - 1 + by
    return date(number // 12, number % 12 + 1, 1)


def months(first: date, last: date) -> Iterator[date]:
    """Yield every month from the first to the last."""
    while first <= last:
        yield first
        first = months_on(first, 1)


def publish(
    counts: Counts,
    *,
    places: Places,
    through: date,
    before: Iterable[Table] = (),
    rules: Rules | None = None,
) -> list[Table]:
    """Return the tables that are new by the end of the month ``through``, in the order of their months."""
    press = _Press(counts, places, rules or Rules(), list(before))
    first = press.next_month(through)
    for month in months(first, through):
        press.print_month(month)
    return press.printed


class _Press:
    """The state of one run: what stands published, and what this run adds."""

    def __init__(self, counts: Counts, places: Places, rules: Rules, before: list[Table]) -> None:
        self._counts = counts
        self._places = places
        self._rules = rules
        self._before = sorted(before, key=lambda table: table.last)
        self.printed: list[Table] = []
        self._told: dict[str, int] = dict.fromkeys(SERIES, 0)
        self._told_on: dict[str, date] = {}
        for table in self._before:
            if table.name == "series":
                self._remember(table)

    def next_month(self, through: date) -> date:
        rows = [table.last for table in self._before if table.name == "series"]
        if rows:
            return months_on(rows[-1], 1)
        return min((month for month, by in self._counts.series.items() if by), default=through)

    def print_month(self, month: date) -> None:
        row: dict[str, int | None] = {}
        for name, above in SERIES.items():
            value = self._true(name, month)
            ceiling = None if above is None else self._told[above]
            released = may_release(value, last=self._told[name], above=ceiling, k=self._rules.k)
            row[name] = value if released else None
            if released:
                self._told[name] = value
                self._told_on[name] = month
        self.printed.append(Table("series", month, month, row))
        if month.month % 3 == 0:
            self._print_stretch("received", month, row)
            self._print_stretch("recommended", month, row)
            self._print_days(month)
        self._print_answers(month)

    # --- running totals -------------------------------------------------------------------------

    def _remember(self, row: Table) -> None:
        for name, value in row.cells.items():
            if value is not None:
                self._told[name] = value
                self._told_on[name] = row.last

    def _true(self, name: str, month: date) -> int:
        since = self._told_on.get(name, date.min)
        return self._told[name] + sum(
            by.get(name, 0) for at, by in self._counts.series.items() if since < at <= month
        )

    # --- tables of a stretch --------------------------------------------------------------------

    def _print_stretch(self, base: str, month: date, row: Mapping[str, int | None]) -> None:
        table = "provinces" if base == "received" else "agency_provinces"
        known = [old for old in (*self._before, *self.printed) if old.name == table]
        first = months_on(known[-1].last, 1) if known else self._first_month()
        total = row[base]
        if total is None or total - self._total_at(base, first) < self._rules.least_stretch:
            return
        if base == "received":
            self._print_table(
                "acts", _added(self._counts.acts, first, month, self._places.acts), first, month
            )
            leaves, nest, names = self._counts.regencies, self._places.regencies, "regencies"
        else:
            leaves, nest, names = self._counts.agencies, self._places.agencies, "agencies"
        inner = {province: _added(leaves, first, month, codes) for province, codes in nest.items()}
        outer = {province: sum(cells.values()) for province, cells in inner.items()}
        shown = self._print_table(table, outer, first, month)
        for province, value in shown.items():
            if value is not None:
                self._print_table(f"{names}:{province}", inner[province], first, month)

    def _print_table(
        self, name: str, cells: Mapping[str, int], first: date, last: date
    ) -> Mapping[str, int | None]:
        total = sum(cells.values())
        table = Table(
            name,
            first,
            last,
            cells_to_show(cells, salt=f"{name}:{last:%Y-%m}", k=self._rules.k),
            total if total >= self._rules.k else None,
        )
        self.printed.append(table)
        return table.cells

    def _first_month(self) -> date:
        return next(
            table.first for table in (*self._before, *self.printed) if table.name == "series"
        )

    def _total_at(self, base: str, first: date) -> int:
        """Return the running total with which the stretch before ended."""
        day_before = months_on(first, -1)
        for table in (*self._before, *self.printed):
            if table.name == "series" and table.last == day_before:
                return table.cells[base] or 0
        return 0

    # --- answers of a stretch, and times --------------------------------------------------------

    def _print_answers(self, month: date) -> None:
        tables = [*self._before, *self.printed]
        done = {table.last for table in tables if table.name == "answers"}
        for asked in tables:
            due = months_on(asked.last, MONTHS_TO_ANSWER)
            if asked.name == "agency_provinces" and asked.last not in done and due <= month:
                self.printed.append(self._answers(asked, due, tables))

    def _answers(self, asked: Table, due: date, tables: Sequence[Table]) -> Table:
        """Return who answered in time; nothing at all where the running total would bound what is hidden.

        The running total is at least the sum of all that was answered in time, so what it leaves beside
        the shown cells must have room for any small number.
        """
        wholes = {key: value for key, value in asked.cells.items() if value is not None}
        parts = _added(self._counts.answers, asked.first, asked.last, tuple(wholes))
        cells = {
            key: split_to_show(parts[key], whole, k=self._rules.k) for key, whole in wholes.items()
        }
        told = sum(
            value or 0
            for table in tables
            if table.name == "answers"
            for value in table.cells.values()
        )
        room = self._true("answered", due) - told - sum(value or 0 for value in cells.values())
        if None in cells.values() and room < self._rules.k - 1:
            cells = dict.fromkeys(cells)
        return Table("answers", asked.first, asked.last, cells)

    def _print_days(self, month: date) -> None:
        first = months_on(month, -2)
        cells: dict[str, int | None] = {}
        for step, (number, *quartiles) in self._counts.days.get(first, {}).items():
            if number >= LEAST_TIMED:
                lower, middle, upper = quartiles
                cells |= {f"{step}_q1": lower, f"{step}_median": middle, f"{step}_q3": upper}
        self.printed.append(Table("days", first, month, cells))


def _added(monthly: Monthly, first: date, last: date, keys: Sequence[str]) -> dict[str, int]:
    """Return the sum of the months for each key; what has no key is not in the table."""
    return {
        key: sum(by.get(key, 0) for month, by in monthly.items() if first <= month <= last)
        for key in keys
    }
