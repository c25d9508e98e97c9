"""Words in a story that may give its writer away. A question to the writer, never an obstacle."""

import re
import unicodedata
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The longest form first: a NIP contains sixteen digits too.
_SEPARATED = r"[\s.\-]?"
_PLACE = (
    r"(?:kantor|ruang(?:an)?|meja|dinas|badan|bagian|bidang|seksi|subbag(?:ian)?|sub bagian|unit|"
    r"upt|tim|divisi|sekretariat|instansi|lembaga|sekolah|kelas|puskesmas|rumah sakit|kecamatan|"
    r"kelurahan|desa|kampus|fakultas|satker|korwil|gugus)"
)
_ROLE = (
    r"(?:bagian|staf|pegawai|guru|dosen|bidan|perawat|dokter|kepala|sekretaris|bendahara|operator|"
    r"honorer|ajudan|sopir|satpam|penyuluh|pendamping|admin|notulis|panitia|anggota|ketua)"
)
_PERSON = (
    r"(?:rekan|teman|kawan|kolega|atasan|bawahan|pimpinan|kepala|bos|staf|murid|siswa|istri|suami|"
    r"ayah|bapak|ibu|anak|adik|kakak|keponakan|paman|bibi|mertua|ipar|sepupu|tetangga|saudara)"
)
_ME = r"(?:saya|aku|kami)"
_PATTERNS: tuple[tuple[str, re.Pattern[str], str | Promise], ...] = (
    ("nip", re.compile(rf"(?<!\d)(?:\d{_SEPARATED}){{17}}\d(?!\d)"), _("NIP (18 angka)")),
    ("nik", re.compile(rf"(?<!\d)(?:\d{_SEPARATED}){{15}}\d(?!\d)"), _("NIK (16 angka)")),
    (
        "phone",
        re.compile(r"(?<!\d)(?:\+?62|0)[\s.\-]?8\d(?:[\s.\-]?\d){7,10}(?!\d)"),
        _("nomor HP"),
    ),
    ("email", re.compile(r"[\w.+\-]+@[\w\-]+\.[\w.\-]+"), _("alamat email")),
    (
        "own_place",
        re.compile(
            rf"\b(?:{_PLACE}(?: kerja)?(?: tempat)? {_ME}"
            rf"|tempat {_ME} (?:bekerja|kerja|bertugas|mengajar|dinas)"
            rf"|{_ME} (?:(?:adalah|sebagai|sendiri) )?{_ROLE}"
            rf"|{_ME} (?:bekerja|bertugas|mengajar|dinas|ditempatkan|satu kantor|sekantor|seruangan))\b",
            re.IGNORECASE,
        ),
        _("kata tentang tempat Anda bekerja"),
    ),
    (
        "own_people",
        re.compile(
            rf"\b{_PERSON}(?: (?:kantor|kerja|kandung|langsung|satu (?:kantor|ruangan)))? {_ME}\b",
            re.IGNORECASE,
        ),
        _("kata tentang orang dekat Anda"),
    ),
    (
        "only_me",
        re.compile(
            rf"\b(?:(?:hanya|cuma) {_ME}(?: (?:berdua|bertiga|sendiri))?"
            rf"|{_ME} (?:berdua|bertiga|berempat|satu-satunya)"
            rf"|{_ME} (?:yang|sendiri yang) (?:mengetik|membuat|menyimpan|memotret|merekam|mencatat"
            rf"|menyusun|mengirim|menerima|memegang|disuruh|diminta|diperintah))\b",
            re.IGNORECASE,
        ),
        _("hal yang hanya sedikit orang tahu"),
    ),
)
_NAMES = {kind: name for kind, _pattern, name in _PATTERNS}

AROUND = 24
"""Characters of the story shown before and after the words in question."""

SHORTEST_NAME_PART = 3


@dataclass(frozen=True)
class Trace:
    """One place in the story: what kind of thing it is, the words, and a little around them."""

    kind: str
    words: str
    before: str
    after: str

    @property
    def name(self) -> str | Promise:
        """The kind in words."""
        return _NAMES[self.kind]

    @property
    def key(self) -> str:
        """What tells this trace from another when the story is changed around it."""
        return f"{self.kind}:{' '.join(self.words.split()).casefold()}"


def traces_in(story: str) -> list[Trace]:
    """Return what may give the writer away, in the order of the story, each wording once."""
    found: list[tuple[int, int, Trace]] = []
    for kind, pattern, _name in _PATTERNS:
        for hit in pattern.finditer(story):
            overlaps = any(hit.start() < end and start < hit.end() for start, end, _t in found)
            if not overlaps:  # the digits of a NIP are no NIK, and neither a phone number
                found.append((hit.start(), hit.end(), _trace(story, kind, hit)))
    traces = [trace for _start, _end, trace in sorted(found, key=lambda each: each[0])]
    return list({trace.key: trace for trace in traces}.values())


def _trace(story: str, kind: str, hit: re.Match[str]) -> Trace:
    before = story[max(hit.start() - AROUND, 0) : hit.start()]
    after = story[hit.end() : hit.end() + AROUND]
    if hit.start() > AROUND:  # whole words only
        before = f"… {before.partition(' ')[2]}"
    if hit.end() + AROUND < len(story):
        after = f"{after.rpartition(' ')[0]} …"
    return Trace(kind, hit[0], before, after)


def name_parts_in(story: str, name: str) -> list[str]:
    """Return the words of a name, three letters or more, that the story holds; as the name has them.

    Whole words, whatever their capitals and accents, so that "Ani" is not found in "berani".
    """
    told = {_plain(word) for word in _words(story)}
    parts = dict.fromkeys(word for word in _words(name) if len(word) >= SHORTEST_NAME_PART)
    return [part for part in parts if _plain(part) in told]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", unicodedata.normalize("NFKC", text))


def _plain(word: str) -> str:
    spelled = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in spelled if not unicodedata.combining(letter))
