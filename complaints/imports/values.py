"""One row of a legacy register: what it says, or what is wrong with which of its cells. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.nip import LENGTH, normal_nip
from bawaslu_cases.shared.paper_dates import MONTHS
from complaints.imports.columns import BY_NAME, folded

PROBLEMS: Mapping[str, str | Promise] = {
    "missing": _("harus diisi"),
    "nobody": _("tulis nama atau jabatan terlapor"),
    "no_day": _("tulis tanggal kejadian atau tanggal register"),
    "day": _("bukan tanggal yang dikenal; tulis misalnya 5-10-2019"),
    "future": _("tanggalnya setelah hari ini"),
    "old": _("tanggalnya sebelum tahun 1999"),
    "act": _("perbuatan ini tidak dikenal; pakai kata dari daftar perbuatan"),
    "region": _("wilayah ini tidak dikenal atau di luar wilayah kantor"),
    "nip": _("NIP harus 18 angka"),
    "rounded": _("angkanya sudah dibulatkan lembar kerja; ubah sel menjadi teks dan isi lagi"),
    "standing": _("status ini tidak dikenal; pakai misalnya selesai, diteruskan, masih berjalan"),
    "long": _("terlalu panjang"),
    "broken": _("sel ini berisi galat rumus"),
}
"""What may be wrong with a cell, by code. The cell's own words are never repeated."""

STANDINGS: Mapping[str, str] = {
    word: standing
    for standing, words in {
        "running": "masih berjalan,berjalan,proses,dalam proses,diproses,ditangani,dikaji,register",
        "referred": "diteruskan,diteruskan ke kasn,diteruskan ke bkn,direkomendasikan,rekomendasi,"
        "dilimpahkan,diteruskan ke instansi",
        "sanctioned": "dijatuhi sanksi,sanksi,disanksi,terbukti,hukuman disiplin",
        "stopped": "dihentikan,tidak terbukti,bukan pelanggaran,tidak memenuhi unsur,"
        "tidak diregistrasi,dicabut,kadaluarsa,kedaluwarsa",
        "closed": "selesai,tuntas,ditutup,closed",
    }.items()
    for word in words.split(",")
}
"""Words of a status column → how a legacy case stands."""

FIRST_YEAR = 1999
"""Of the first election under Bawaslu's forerunner; an earlier day is a slip of the pen."""
_LAST_OF_TWO = 70
_CENTURY = 100

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?")
_NUMBERS = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4}|\d{2})")
_WORDS = re.compile(r"(?:[^\W\d_]+\W+)?(\d{1,2})[\s\-/.]+([^\W\d_]+)\.?[\s\-/.,]+(\d{4}|\d{2})")
_ROUNDED = re.compile(r"\d([.,]\d+)?[eE]\+?\d+")
_BROKEN = frozenset({"#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#N/A", "#NULL!", "#NUM!"})
_MONTHS: Mapping[str, int] = {
    word: number
    for number, name in enumerate(MONTHS, start=1)
    for word in (name.casefold(), name[:3].casefold())
} | {"agt": 8, "ags": 8, "sept": 9, "nop": 11, "nopember": 11, "pebruari": 2}


@dataclass(frozen=True)
class Words:
    """What the registry knows, folded, for one office and day: word → code, and the office's own region."""

    acts: Mapping[str, str]
    regions: Mapping[str, str]
    agencies: Mapping[str, str]
    own_region: str
    office: str
    today: date


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell: the column it belongs to and a code of :data:`PROBLEMS`."""

    column: str
    code: str


@dataclass(frozen=True)
class Row:
    """What a row says, in our codes. ``key`` is the same for the same row of the same office."""

    key: str
    register_number: str
    registered_on: date | None
    event_on: date | None
    name: str
    nip: str
    position: str
    unit: str
    agency: str
    agency_text: str
    act: str
    region: str
    place: str
    standing: str
    outcome: str
    description: str


@dataclass(frozen=True)
class Read:
    """A row that was read: what it says, or everything that is wrong with it."""

    row: Row | None
    problems: tuple[Problem, ...] = field(default=())


def read_row(cells: Mapping[str, str], words: Words) -> Read:
    """Return what the cells of one row say, by column name; an empty cell says nothing."""
    found = _Reader(cells, words)
    row = found.row()
    problems = tuple(found.problems)
    return Read(None if problems else row, problems)


def read_day(text: str) -> date | None:
    """Return a day as people write it in Indonesia; None for anything else."""
    text = text.strip()
    if hit := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in hit.groups())
    elif hit := _NUMBERS.fullmatch(text):
        day, month, year = (int(part) for part in hit.groups())
    elif hit := _WORDS.fullmatch(text):
        named = _MONTHS.get(hit[2].casefold())
        if named is None:
            return None
        day, month, year = int(hit[1]), named, int(hit[3])
    else:
        return None
    if year < _CENTURY:
        year += 2000 if year < _LAST_OF_TWO else 1900
    try:
        return date(year, month, day)
    except ValueError:
        return None


class _Reader:
    """Collects what is wrong while reading, so that a person sees all of a row at once."""

    def __init__(self, cells: Mapping[str, str], words: Words) -> None:
        self.problems: list[Problem] = []
        self._words = words
        self._cells = {name: " ".join(text.split()) for name, text in cells.items()}
        self._cells["description"] = cells.get("description", "").strip()
        for name, text in self._cells.items():
            if text.upper() in _BROKEN:
                self._refuse(name, "broken")
                self._cells[name] = ""

    def row(self) -> Row:
        texts = {name: self._text(name) for name in BY_NAME}
        if not (texts["name"] or texts["position"]):
            self._refuse("name", "nobody")
        registered_on, event_on = self._day("registered_on"), self._day("event_on")
        if registered_on is None and event_on is None and not self._is_refused(*_DAYS):
            self._refuse("event_on", "no_day")
        agency = self._words.agencies.get(folded(texts["agency"]), "")
        values = {
            name: texts[name]
            for name in ("register_number", "name", "position", "unit", "place", "outcome")
        } | {
            "nip": self._nip(texts["nip"]),
            "agency": agency,
            "agency_text": "" if agency else texts["agency"],
            "act": self._code("act", self._words.acts, ""),
            "region": self._code("region", self._words.regions, self._words.own_region),
            "standing": self._code("standing", STANDINGS, "unknown"),
            "description": texts["description"],
        }
        return Row(
            key=self._key(values, registered_on, event_on),
            registered_on=registered_on,
            event_on=event_on,
            **values,
        )

    def _key(self, values: Mapping[str, str], *days: date | None) -> str:
        told = {name: folded(text) for name, text in values.items()}
        told["days"] = " ".join(day.isoformat() if day else "-" for day in days)
        line = json.dumps([self._words.office, sorted(told.items())], separators=(",", ":"))
        return hashlib.sha256(line.encode()).hexdigest()

    def _refuse(self, name: str, code: str) -> None:
        self.problems.append(Problem(name, code))

    def _is_refused(self, *names: str) -> bool:
        return any(problem.column in names for problem in self.problems)

    def _text(self, name: str) -> str:
        text = self._cells.get(name, "")
        if len(text) > BY_NAME[name].longest:
            self._refuse(name, "long")
        return text

    def _day(self, name: str) -> date | None:
        text = self._cells.get(name, "")
        if not text or self._is_refused(name):
            return None
        day = read_day(text)
        if day is None:
            self._refuse(name, "day")
        elif day > self._words.today:
            self._refuse(name, "future")
        elif day.year < FIRST_YEAR:
            self._refuse(name, "old")
        return day

    def _nip(self, text: str) -> str:
        if _ROUNDED.fullmatch(text):
            self._refuse("nip", "rounded")
            return ""
        nip = normal_nip(text.lstrip("'`’"))
        if nip in {"", "-", "–"}:
            return ""
        if len(nip) != LENGTH or not (nip.isascii() and nip.isdigit()):
            self._refuse("nip", "nip")
        return nip

    def _code(self, name: str, known: Mapping[str, str], default: str) -> str:
        word = folded(self._cells.get(name, ""))
        if not word:
            if not default and not self._is_refused(name):
                self._refuse(name, "missing")
            return default
        if word not in known:
            self._refuse(name, name)
        return known.get(word, "")


_DAYS = ("registered_on", "event_on")
