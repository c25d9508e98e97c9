"""What must not be in a packet, and where it stands in it. Pure: no database, no framework but words.

A finding that blocks stops the approval; one that warns must be acknowledged by whoever approves. Both
point into the officer's own text and quote nothing else: what a reporter wrote is compared and never
shown.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.paper_dates import MONTHS

SHARED_WORDS = 6
"""So many words in a row that a reporter also wrote are a copy, not chance."""
SHORTEST_NAME = 4
"""Letters; shorter parts of a name are words of the language too often."""
AROUND = 28
"""Characters of the officer's text shown before and after."""

BLOCKING: Mapping[str, str | Promise] = {
    "number": _("angka 16 atau 18 digit yang bukan NIP terlapor"),
    "phone": _("nomor telepon"),
    "email": _("alamat email"),
    "shared_link": _("tautan yang menyebut siapa membagikannya"),
    "pseudonym": _("kode pelapor"),
    "protected_name": _("nama orang yang dilindungi"),
    "officer_name": _("nama petugas"),
    "copied": _("kata-kata yang sama dengan pernyataan pelapor"),
    "report_day": _("tanggal laporan"),
    "metadata": _("lampiran membawa keterangan tentang pembuatnya"),
}
"""What stops an approval, in words."""

WARNING: Mapping[str, str | Promise] = {
    "source": _("kata yang menunjuk sumber laporan"),
    "same_field": _("isian yang sama dengan isian pelapor"),
    "sealed_statement": _(
        "pernyataan pelapor tersegel: hanya verifikator dapat membandingkannya dengan ringkasan"
    ),
    "reporter_file": _("lampiran dari pelapor: periksa nama, bilah layar, dan pantulan"),
}
"""What whoever approves must take note of, in words."""


_PLACES: Mapping[str, str | Promise] = {
    "summary": _("ringkasan"),
    "assessment": _("kajian"),
    "evidence": _("lampiran"),
    "people": _("lembar data"),
    "answer": _("jawaban"),
    "name": _("nama, orang"),
    "position": _("jabatan, orang"),
    "grade": _("golongan, orang"),
    "unit": _("unit kerja, orang"),
    "place": _("tempat kejadian, orang"),
    "departure": _("alasan menyimpang, orang"),
}


@dataclass(frozen=True)
class LeakSources:
    """What a packet is compared with. The repr hides it; it is made for one look and kept nowhere.

    ``numbers`` are the NIP of reported people, digits alone; ``names`` theirs. ``protected`` are names
    that nobody outside may read, ``officers`` those of staff. ``copied`` are digests of every
    :data:`SHARED_WORDS` words in a row of what reporters wrote; ``fields`` whole short answers of theirs.
    ``days`` are days on which somebody told something. ``sealed`` counts statements only a desk can open.
    """

    numbers: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    officers: tuple[str, ...] = ()
    pseudonyms: tuple[str, ...] = ()
    copied: frozenset[bytes] = frozenset()
    fields: frozenset[str] = frozenset()
    days: frozenset[date] = frozenset()
    sealed: int = 0

    def __repr__(self) -> str:
        return "LeakSources(…)"


@dataclass(frozen=True)
class Finding:
    """One place: what it is, which text it is in, from where to where, the words and a little around."""

    code: str
    path: str
    start: int = 0
    end: int = 0
    words: str = ""
    before: str = ""
    after: str = ""
    blocks: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", self.code in BLOCKING)

    @property
    def name(self) -> str | Promise:
        """What it is, in words."""
        return (BLOCKING if self.blocks else WARNING)[self.code]

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        numbers = [part for part in self.path.split(".") if part.isdigit()]
        name = _PLACES.get(self.path.rpartition(".")[2], _PLACES[self.path.partition(".")[0]])
        return f"{name} {numbers[0]}" if numbers else str(name)

    @property
    def key(self) -> str:
        """What an acknowledgement names: the code and a short digest of the place, never its words."""
        told = f"{self.path}\0{' '.join(self.words.split()).casefold()}"
        return f"{self.code}:{hashlib.sha256(told.encode()).hexdigest()[:12]}"


def leaks_in(texts: Mapping[str, str], sources: LeakSources) -> list[Finding]:
    """Return what must not leave, text by text, in the order of each.

    Where two kinds meet in the same words the one named first in :data:`BLOCKING` stands.
    """
    found: list[Finding] = []
    for path, text in texts.items():
        taken: list[tuple[int, int]] = []
        here: list[Finding] = []
        for code, start, end in _places(text, sources):
            # a number inside copied words stops nothing of the copy from being shown
            if any(start < stop and begin < end for begin, stop in taken) and code != "copied":
                continue
            taken.append((start, end))
            if code:
                here.append(_finding(code, path, text, start, end))
        found += sorted(here, key=lambda each: each.start)
        if _folded(text) in sources.fields:
            found.append(_finding("same_field", path, text, 0, len(text)))
    if sources.sealed:
        found.append(Finding("sealed_statement", "summary"))
    return found


def free_texts(draft: Mapping[str, Any], *, summary: str, assessment: str) -> dict[str, str]:
    """Return every text of a record that a person typed, by where it stands; long ones as typed."""
    texts = {"summary": summary, "assessment": assessment if "assessment" in draft else ""}
    for number, person in enumerate(draft["people"], start=1):
        for name in ("name", "position", "grade", "unit"):
            texts[f"people.{number}.{name}"] = person.get(name, "")
        for place, alleged in enumerate(person["allegations"], start=1):
            for name in ("place", "departure"):
                texts[f"people.{number}.allegations.{place}.{name}"] = alleged.get(name, "")
    return {path: text for path, text in texts.items() if text}


def word_runs(text: str) -> frozenset[bytes]:
    """Return digests of every :data:`SHARED_WORDS` words in a row of a text."""
    words = [word for word, _start, _end in _words(text)]
    return frozenset(_run(words[at : at + SHARED_WORDS]) for at in range(_runs(len(words))))


def folded_field(text: str) -> str:
    """Return a short answer as it is compared."""
    return _folded(text)


_GAP = r"[\s.\-/]{0,2}"
_NUMBER = re.compile(rf"(?<!\d)(?:\d{_GAP}){{15}}\d(?:(?:{_GAP}\d){{2}})?(?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:\+?\s?62|0)[\s.\-()]{0,2}8\d(?:[\s.\-()]{0,2}\d){6,10}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)\(?0[2-9]\d{1,2}\)?[\s.\-]{1,2}\d{3,4}[\s.\-]?\d{3,4}(?!\d)")
_EMAIL = re.compile(r"[\w.+\-]+\s?(?:@|\(at\)|\[at\])\s?[\w\-]+(?:\.[\w\-]+)+", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_SHARER = re.compile(
    r"[?&#](?:fbclid|igsh(?:id)?|mibextid|sfnsn|share_id|shareid|sharer|sender|ref(?:src|_src|_url)?|"
    r"si|s|t|feature|_t|_r|u_code|user_id|sec_uid|share_app_id|share_link_id|sender_device|"
    r"utm_\w+|invite|token|__cft__\S*|__tn__)=|//(?:vt|vm)\.tiktok\.|/share/|//t\.co/|//bit\.ly/|"
    r"//chat\.whatsapp\.|//wa\.me/|//t\.me/\+",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"\b(?:pelapor\w*|pengadu\w*|informan\w*|pembocor\w*|whistle\s?blower\w*|saksi pelapor"
    r"|(?:rekan|teman|kawan|kolega|bawahan|atasan|staf|pegawai|anak buah)"
    r" (?:kerja |sekantor |seruangan |satu kantor )?(?:dari )?(?:terlapor|yang bersangkutan)"
    r"|(?:menurut|kata|keterangan|informasi|laporan|pengakuan|aduan|pesan|kiriman|cerita) (?:dari )?"
    r"(?:seorang |salah satu |salah seorang )?"
    r"(?:staf|pegawai|rekan|teman|bawahan|warga|masyarakat|orang dalam|ASN lain)\w*"
    r"|dilaporkan oleh|diadukan oleh|disampaikan oleh|orang dalam|sumber internal|grup internal"
    r"|grup WhatsApp (?:kantor|pegawai|dinas|internal))\b",
    re.IGNORECASE,
)
_DAY = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:\s+({'|'.join(MONTHS)}|{'|'.join(sorted({m[:3] for m in MONTHS}))}|Agt|Sept)"
    r"\.?\s+|[/.\-](\d{1,2})[/.\-])(\d{4}|\d{2})(?!\d)|(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)",
    re.IGNORECASE,
)
_SHORT_MONTHS = {name[:3].casefold(): at for at, name in enumerate(MONTHS, start=1)} | {"agt": 8}


def _places(text: str, sources: LeakSources) -> Iterator[tuple[str, int, int]]:
    """Yield code, start and end of everything, strongest first; a code of "" is what may stand there."""
    hits: Iterable[tuple[str, Iterable[re.Match[str]]]] = (
        ("", (hit for hit in _NUMBER.finditer(text) if _digits(hit[0]) in sources.numbers)),
        ("number", _NUMBER.finditer(text)),
        ("phone", _PHONE.finditer(text)),
        ("phone", _LANDLINE.finditer(text)),
        ("email", _EMAIL.finditer(text)),
        ("shared_link", (hit for hit in _LINK.finditer(text) if _SHARER.search(hit[0]))),
        ("pseudonym", _codes(text, sources.pseudonyms)),
        ("report_day", (hit for hit in _DAY.finditer(text) if _day(hit) in sources.days)),
    )
    for code, found in hits:
        yield from ((code, hit.start(), hit.end()) for hit in found)
    yield from _named(text, sources)
    yield from (("copied", start, end) for start, end in _copied(text, sources.copied))
    yield from (("source", hit.start(), hit.end()) for hit in _SOURCE.finditer(text))


def _codes(text: str, codes: Iterable[str]) -> Iterator[re.Match[str]]:
    for code in codes:
        yield from re.finditer(rf"\b{re.escape(code)}\b", text, re.IGNORECASE)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _named(text: str, sources: LeakSources) -> Iterator[tuple[str, int, int]]:
    """Find every part of a protected name, and whole names of officers; never a reported person's."""
    known = {word for name in sources.names for word, _start, _end in _words(name)}
    words = list(_words(text))
    parts = {
        word
        for name in sources.protected
        for word, _start, _end in _words(name)
        if len(word) >= SHORTEST_NAME and word not in _TITLES
    } - known
    for word, start, end in words:
        if word in parts:
            yield "protected_name", start, end
    for name in sources.officers:
        whole = [word for word, _start, _end in _words(name)]
        # one word alone is a word of the language or a village as often as a person
        if len(whole) == 1 or known.issuperset(whole):
            continue
        for at in range(len(words) - len(whole) + 1):
            if [word for word, _start, _end in words[at : at + len(whole)]] == whole:
                yield "officer_name", words[at][1], words[at + len(whole) - 1][2]


_TITLES = frozenset({"bapak", "pak", "saudara", "saudari", "mbak", "kakak", "haji", "hajjah"})


def _copied(text: str, runs: frozenset[bytes]) -> Iterator[tuple[int, int]]:
    words = list(_words(text))
    start: int | None = None
    stop = 0
    for at in range(_runs(len(words))):
        if _run([word for word, _s, _e in words[at : at + SHARED_WORDS]]) not in runs:
            continue
        if start is not None and words[at][1] >= stop:
            yield start, stop
            start = None
        if start is None:
            start = words[at][1]
        stop = words[at + SHARED_WORDS - 1][2]
    if start is not None:
        yield start, stop


def _day(hit: re.Match[str]) -> date | None:
    day, month_name, month, year, iso_year, iso_month, iso_day = hit.groups()
    try:
        if iso_year:
            return date(int(iso_year), int(iso_month), int(iso_day))
        number = _SHORT_MONTHS[month_name[:3].casefold()] if month_name else int(month)
        return date(int(year) + (2000 if len(year) == 2 else 0), number, int(day))  # noqa: PLR2004 -- two-digit year
    except ValueError:
        return None


def _finding(code: str, path: str, text: str, start: int, end: int) -> Finding:
    before, after = text[max(start - AROUND, 0) : start], text[end : end + AROUND]
    if start > AROUND:  # whole words only
        before = f"… {before.partition(' ')[2]}"
    if end + AROUND < len(text):
        after = f"{after.rpartition(' ')[0]} …"
    return Finding(code, path, start, end, text[start:end], before, after)


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    for hit in re.finditer(r"[^\W_]+", text):
        yield _plain(hit[0]), hit.start(), hit.end()


def _plain(word: str) -> str:
    spelled = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in spelled if not unicodedata.combining(letter))


def _folded(text: str) -> str:
    return " ".join(word for word, _start, _end in _words(text))


def _run(words: Iterable[str]) -> bytes:
    return hashlib.sha256(" ".join(words).encode()).digest()[:12]


def _runs(count: int) -> int:
    return max(count - SHARED_WORDS + 1, 0)
