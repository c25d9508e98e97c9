"""What a filter of the queue is and how a query string is read with the table of them.

A URL is the whole state of a list. What it says wrongly is left out and told, never refused.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from functools import cached_property
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils import dateformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bawaslu_cases.accounts.models import User
from complaints.models.complaint import ComplaintQuerySet

Text = str | Promise
LONGEST_TEXT = 100
MOST_VALUES = 30


@dataclass
class Asker:
    """Who asks, and when. ``today`` is the day where the person works."""

    user: User
    at: datetime
    remembered: dict[str, dict[str, Text]] = field(default_factory=dict)

    @cached_property
    def today(self) -> date:
        """Return the day by the clock of the person's office."""
        zone = ZoneInfo(self.user.office.time_zone if self.user.office else "Asia/Jakarta")
        return self.at.astimezone(zone).date()


class Kind(Enum):
    """How a filter is asked and read."""

    MANY = "many"
    ONE = "one"
    TEXT = "text"
    DAY = "day"


class Group(Enum):
    """Under which heading a filter stands on the page of filters."""

    RECORD = gettext_lazy("Laporan")
    WORK = gettext_lazy("Penanganan")
    CHECKS = gettext_lazy("Syarat dan surat")
    ACT = gettext_lazy("Perbuatan dan tahapan")
    PLACE = gettext_lazy("Tempat dan kantor")
    PERSON = gettext_lazy("Terlapor dan pelapor")
    PROOF = gettext_lazy("Bukti")
    DAYS = gettext_lazy("Tanggal")


Choices = Sequence[tuple[str, Text]]
Cut = Callable[[ComplaintQuerySet, Sequence[str], Asker], ComplaintQuerySet]

YES_NO: Choices = (("yes", gettext_lazy("Ya")), ("no", gettext_lazy("Tidak")))


@dataclass(frozen=True)
class Filter:
    """One row of the table: its name in a URL, its words, what may be chosen, how it cuts the list.

    ``choices`` that depend on who asks are a function; one query each, once a request.
    """

    name: str
    label: Text
    group: Group
    kind: Kind
    cut: Cut
    choices: Choices | Callable[[Asker], Choices] = ()
    hint: Text = ""

    def offered(self, asker: Asker) -> dict[str, Text]:
        """Return what may be chosen, by its code. No query, or one the first time in a request."""
        if self.name not in asker.remembered:
            found = self.choices(asker) if callable(self.choices) else self.choices
            asker.remembered[self.name] = dict(found)
        return asker.remembered[self.name]

    def read(self, given: Sequence[str], asker: Asker) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the values that hold and those that do not."""
        given = tuple(dict.fromkeys(value.strip() for value in given))[:MOST_VALUES]
        given = tuple(value for value in given if value)
        if self.kind is Kind.TEXT:
            texts = (value.replace("\x00", "")[:LONGEST_TEXT] for value in given[:1])
            return tuple(value for value in texts if value), ()
        if self.kind is Kind.DAY:
            good = tuple(value for value in given[:1] if _day(value) is not None)
        else:
            offered = self.offered(asker)
            good = tuple(value for value in given if value in offered)
            if self.kind is Kind.ONE:
                good = good[:1]
        return good, tuple(value for value in given if value not in good)

    def words(self, values: Sequence[str], asker: Asker) -> str:
        """Return the words of the chip: "Jalur: Informasi awal, Temuan"."""
        if self.kind is Kind.DAY:
            day = _day(values[0])
            shown = [dateformat.format(day, "j M Y")] if day else list(values)
        elif self.kind is Kind.TEXT:
            shown = [f"“{values[0]}”"]
        else:
            offered = self.offered(asker)
            shown = [str(offered.get(value, value)) for value in values]
        return f"{self.label}: {', '.join(shown)}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def day_of(values: Sequence[str]) -> date:
    """Return the day a filter of kind DAY was given; it was read before."""
    return date.fromisoformat(values[0])


@dataclass(frozen=True)
class Chosen:
    """The filters of one list: what holds, and what was told to be wrong."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def read_filters(table: Iterable[Filter], params: QueryDict, asker: Asker) -> Chosen:
    """Read the filters of a query string; what does not hold is left out and put into words."""
    values: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    for row in table:
        if row.name not in params:
            continue
        good, bad = row.read(params.getlist(row.name), asker)
        if good:
            values[row.name] = good
        problems += [
            _("Saringan %(name)s tidak mengenal “%(value)s”, jadi tidak dipakai.")
            % {"name": row.label, "value": value[:40].replace("\x00", "")}
            for value in bad[:3]
        ]
    return Chosen(values, tuple(problems))


def cut(
    rows: ComplaintQuerySet,
    table: Mapping[str, Filter],
    values: Mapping[str, tuple[str, ...]],
    asker: Asker,
) -> ComplaintQuerySet:
    """Return the rows that pass every chosen filter. No query of its own."""
    for name, given in values.items():
        rows = table[name].cut(rows, given, asker)
    return rows
