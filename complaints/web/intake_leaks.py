"""Words in a story that may give its writer away. A question to the writer, never an obstacle."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The longest form first: a NIP contains sixteen digits too.
_SEPARATED = r"[\s.\-]?"
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
            r"\b(?:saya (?:bagian|staf|pegawai|guru|bekerja|bertugas|satu kantor)"
            r"|bagian saya|kantor saya|ruangan saya|dinas saya|sekolah saya)\b",
            re.IGNORECASE,
        ),
        _("kata tentang tempat Anda bekerja"),
    ),
    (
        "own_people",
        re.compile(
            r"\b(?:rekan|teman kantor|atasan|bawahan|istri|suami|ayah|ibu|anak|adik|kakak) saya\b",
            re.IGNORECASE,
        ),
        _("kata tentang orang dekat Anda"),
    ),
)


def leak_kinds(story: str) -> list[str]:
    """Return which kinds of traces the story holds, in a fixed order."""
    found = {kind for kind, pattern, _name in _PATTERNS if pattern.search(story)}
    if "nip" in found:
        found.discard("nik")  # the same digits
    return [kind for kind, _pattern, _name in _PATTERNS if kind in found]


def leak_names(kinds: list[str]) -> list[str | Promise]:
    """Return the kinds in words."""
    return [name for kind, _pattern, name in _PATTERNS if kind in kinds]
