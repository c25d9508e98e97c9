"""The published figures as a reader meets them: sums, shares, what is stuck, and how sure each is.

Everything is reckoned from published numbers alone, so nothing here can tell more than they do.
No query: ``selectors.figures.publication`` asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from referrals.rules.publication import NATION
from referrals.selectors.figures import NATION_SLUG, Publication, Row

LABELS = {
    "received": gettext_lazy("Laporan dan temuan diterima"),
    "cases": gettext_lazy("Menjadi perkara"),
    "referred": gettext_lazy("Diteruskan ke lembaga penerima"),
    "recommended": gettext_lazy("Direkomendasikan ke instansi (PPK)"),
    "answered": gettext_lazy("Dijawab instansi"),
    "sanctioned": gettext_lazy("Sanksi terbukti dijatuhkan"),
}
UNITS = {
    "received": gettext_lazy("laporan"),
    "cases": gettext_lazy("perkara"),
    "referred": gettext_lazy("perkara"),
    "recommended": gettext_lazy("orang"),
    "answered": gettext_lazy("orang"),
    "sanctioned": gettext_lazy("orang"),
}
STEPS = {
    "decision": gettext_lazy("Perkara: dari registrasi sampai putusan pleno"),
    "review": gettext_lazy("Penerima: dari surat tiba sampai rekomendasi"),
    "answer": gettext_lazy("Instansi: dari rekomendasi sampai jawaban"),
}
MATTERS = ("received", "cases", "referred")
PEOPLE = ("recommended", "answered", "sanctioned")


@dataclass(frozen=True)
class Sum:
    """A sum of published cells. ``hidden`` of them were held back, so the truth is ``value`` or more."""

    value: int | None
    hidden: int = 0

    @property
    def shown(self) -> str:
        """The number as a page writes it; a dash where nothing was ever counted."""
        if self.value is None:
            return _("disembunyikan") if self.hidden else "–"
        return f"≥ {number(self.value)}" if self.hidden else number(self.value)


@dataclass(frozen=True)
class Bar:
    """A row of a bar table; the keys are those of components/bars.html."""

    label: str
    value: str
    percent: int
    note: str = ""
    href: str = ""
    """The place's slug, where it has a page."""


@dataclass(frozen=True)
class Shares:
    """A table as bars, and the names of what is hidden in it."""

    bars: Sequence[Bar]
    hidden: Sequence[str]


@dataclass(frozen=True)
class Step:
    """A running total with what of it did not go on."""

    name: str
    label: str
    unit: str
    told: tuple[int, date] | None
    percent: int

    @property
    def value(self) -> str:
        """The number as a page writes it."""
        return number(self.told[0]) if self.told else _("kurang dari 5")


@dataclass(frozen=True)
class Stuck:
    """What went into a stage and had not come out."""

    label: str
    value: int | None
    of: int | None
    note: str

    @property
    def shown(self) -> str:
        """The number as a page writes it."""
        return _("belum dapat dihitung") if self.value is None else number(self.value)

    @property
    def percent(self) -> int:
        """Its share of what went in, 0 to 100."""
        return round(100 * self.value / self.of) if self.value and self.of else 0


@dataclass(frozen=True)
class Month:
    """What came in one month, or in several that are told together."""

    first: date
    last: date
    value: int

    @property
    def label(self) -> str:
        """The months in words."""
        return stretch(self.first, self.last)

    @property
    def shown(self) -> str:
        """The number as a page writes it."""
        return number(self.value)


@dataclass(frozen=True)
class Timing:
    """Days a step took in one quarter: three in four took no longer than ``upper``."""

    step: str
    first: date
    last: date
    lower: int
    middle: int
    upper: int

    @property
    def label(self) -> str:
        """The quarter in words."""
        return stretch(self.first, self.last)


@dataclass(frozen=True)
class Place:
    """A province, or the national agencies together."""

    code: str
    name: str
    slug: str
    received: Sum
    recommended: Sum
    answered: int | None
    asked: int | None
    """Recommendations that ``answered`` is a part of."""

    @property
    def answered_shown(self) -> str:
        """How many were answered in time, as a page writes it."""
        return number(self.answered or 0)

    @property
    def asked_shown(self) -> str:
        """How many could have been, as a page writes it."""
        return number(self.asked or 0)

    @property
    def share(self) -> int | None:
        """Answered within 90 days, in percent; None where either part is hidden."""
        if self.answered is None or not self.asked:
            return None
        return round(100 * self.answered / self.asked)


class Figures:
    """One publication, read."""

    def __init__(self, told: Publication) -> None:
        self.told = told

    # --- the nation ---------------------------------------------------------------------------

    @cached_property
    def matters(self) -> list[Step]:
        """What came in and what became of it."""
        return self._steps(MATTERS)

    @cached_property
    def people(self) -> list[Step]:
        """Whom the recommendations were about and what came of them."""
        return self._steps(PEOPLE)

    @cached_property
    def stuck(self) -> list[Stuck]:
        """What waits, and where."""
        return [
            self._between(
                "received", "cases", _("Belum atau tidak menjadi perkara"),
                _("masih ditelaah, tidak memenuhi syarat, atau diarsipkan"),
            ),
            self._between(
                "cases", "referred", _("Perkara yang belum atau tidak diteruskan"),
                _("masih dikaji, menunggu pleno, atau dihentikan"),
            ),
            self._between(
                "recommended", "answered", _("Menunggu jawaban instansi"),
                _("rekomendasi sudah di meja PPK"),
            ),
            self._between(
                "answered", "sanctioned", _("Dijawab, tanpa sanksi yang terbukti"),
                _("bukti masih diperiksa, tidak terbukti, pensiun, atau pindah"),
            ),
        ]  # fmt: skip

    @cached_property
    def acts(self) -> Shares:
        """Reports by their first act, the most frequent first."""
        rows = self.told.tables("acts")
        english = get_language() == "en"
        return shares(
            (both[english], added(rows, code))
            for code, both in self.told.names.acts.items()
            if any(code in row.cells for row in rows)
        )

    @cached_property
    def months(self) -> list[Month]:
        """What was received in each of the last two years' months, months told together as one."""
        return self.steps_of("received")[-24:]

    def steps_of(self, name: str) -> list[Month]:
        """Return by how much a running total moved, and over which months."""
        found: list[Month] = []
        begun, before = None, 0
        for row in self.told.tables("series"):
            begun = begun or row.first
            value = row.cells.get(name)
            if value is not None:
                found.append(Month(begun, row.last, value - before))
                begun, before = None, value
        return found

    @cached_property
    def timings(self) -> list[tuple[str, list[Timing]]]:
        """Each step with its last four quarters, newest first; a step without one is left out."""
        found = []
        for step, label in STEPS.items():
            quarters = [
                Timing(step, row.first, row.last, *quartiles)
                for row in self.told.tables("days")
                if (quartiles := _quartiles(row, step)) is not None
            ]
            if quarters:
                found.append((str(label), quarters[:-5:-1]))
        return found

    @cached_property
    def places(self) -> list[Place]:
        """Every province by name, and the national agencies last."""
        names = sorted(self.told.names.provinces.items(), key=lambda pair: pair[1])
        return [
            self._place(code, name)
            for code, name in [*names, (NATION, _("Instansi pusat"))]
            if self.told.names.provinces
        ]

    @cached_property
    def answers(self) -> list[Bar]:
        """Places by the share of recommendations that were answered in time, the lowest first."""
        known = [(place, place.share) for place in self.places if place.share is not None]
        return [
            Bar(
                place.name,
                f"{share} %",
                share,
                _("%(answered)s dari %(asked)s")
                % {"answered": place.answered_shown, "asked": place.asked_shown},
                place.slug,
            )
            for place, share in sorted(known, key=lambda pair: (pair[1], pair[0].name))
        ]

    @cached_property
    def answered_share(self) -> tuple[str, str] | None:
        """Answered in time and asked, of all places that are told; None before the first."""
        known = [place for place in self.places if place.share is not None]
        asked = sum(place.asked or 0 for place in known)
        answered = sum(place.answered or 0 for place in known)
        return (number(answered), number(asked)) if asked else None

    # --- one place ----------------------------------------------------------------------------

    def place(self, slug: str) -> Place | None:
        """Return the place of a page; None when there is none."""
        return next((place for place in self.places if place.slug == slug), None)

    def place_stretches(self, code: str) -> list[Bar]:
        """Return what was received in a province in each stretch, the newest first."""
        rows = self.told.tables("provinces")[::-1]
        cells = [row.cells.get(code) for row in rows]
        largest = max((cell or 0 for cell in cells), default=0)
        return [
            Bar(stretch(row.first, row.last), Sum(cell).shown, percent(cell, largest))
            for row, cell in zip(rows, cells, strict=True)
        ]

    def regencies(self, code: str) -> Shares:
        """Return a province's regencies by what was received there."""
        known = {
            regency: name
            for regency, name in self.told.names.regencies.items()
            if regency[:2] == code
        } | {code: _("Tingkat provinsi")}
        rows = self.told.tables(f"regencies:{code}")
        return shares((name, added(rows, regency)) for regency, name in known.items() if rows)

    def agencies(self, code: str) -> Shares:
        """Return a place's agencies by the recommendations they were given."""
        rows = self.told.tables(f"agencies:{code}")
        keys = {key for row in rows for key in row.cells}
        named = [(self.told.names.agencies.get(key, key), added(rows, key)) for key in keys]
        return shares(named)

    # --- parts --------------------------------------------------------------------------------

    def _steps(self, names: Sequence[str]) -> list[Step]:
        totals = self.told.totals
        largest = max((told[0] for name in names if (told := totals[name])), default=0)
        return [
            Step(
                name,
                str(LABELS[name]),
                str(UNITS[name]),
                totals[name],
                percent(told[0] if (told := totals[name]) else None, largest),
            )
            for name in names
        ]

    def _between(self, above: str, below: str, label: str, note: str) -> Stuck:
        came, went = self.told.totals[above], self.told.totals[below]
        if came is None or went is None:
            return Stuck(label, None, None, note)
        return Stuck(label, came[0] - went[0], came[0], note)

    def _place(self, code: str, name: str) -> Place:
        asked, answered = 0, 0
        wholes = {row.last: row.cells.get(code) for row in self.told.tables("agency_provinces")}
        for row in self.told.tables("answers"):
            part, whole = row.cells.get(code), wholes.get(row.last)
            if part is not None and whole is not None:
                answered, asked = answered + part, asked + whole
        return Place(
            code=code,
            name=name,
            slug=NATION_SLUG if code == NATION else slugify(name),
            received=added(self.told.tables("provinces"), code),
            recommended=added(self.told.tables("agency_provinces"), code),
            answered=answered if asked else None,
            asked=asked or None,
        )


def added(rows: Iterable[Row], key: str) -> Sum:
    """Return the sum of a cell over tables."""
    cells = [row.cells.get(key) for row in rows]
    told = [cell for cell in cells if cell is not None]
    return Sum(sum(told) if told else None, hidden=len(cells) - len(told))


def shares(named: Iterable[tuple[str, Sum]]) -> Shares:
    """Return bars, the longest first, and by name what has no number."""
    rows = sorted(named, key=lambda pair: (-(pair[1].value or 0), pair[0]))
    largest = max((total.value or 0 for _name, total in rows), default=0)
    return Shares(
        bars=[
            Bar(name, total.shown, percent(total.value, largest))
            for name, total in rows
            if total.value is not None
        ],
        hidden=[name for name, total in rows if total.value is None],
    )


def percent(value: int | None, largest: int) -> int:
    """Return the length of a bar, 0 to 100."""
    return round(100 * (value or 0) / largest) if largest else 0


def number(value: int) -> str:
    """Return a whole number with the thousands mark of the page's language."""
    return f"{value:,}" if get_language() == "en" else f"{value:,}".replace(",", ".")


def stretch(first: date, last: date) -> str:
    """Return months in words: "Maret 2024", "Januari – Maret 2024", "November 2024 – Maret 2025"."""
    if first == last:
        return date_format(first, "F Y")
    begun = date_format(first, "F" if first.year == last.year else "F Y")
    return f"{begun} – {date_format(last, 'F Y')}"


def _quartiles(row: Row, step: str) -> tuple[int, int, int] | None:
    cells: Mapping[str, int | None] = row.cells
    lower, middle, upper = (cells.get(f"{step}_{part}") for part in ("q1", "median", "q3"))
    if lower is None or middle is None or upper is None:
        return None
    return lower, middle, upper
