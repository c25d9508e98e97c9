"""What bodies counted from 2015 to 2024, as each of them told it. Never added up, never reconciled.

``referrals/data/history.csv`` holds one number a row with who counted it, when, of what, and where it was
read. Numbers that do not fit together stand side by side (``CONFLICTS``).
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from referrals.selectors.figure_pages import Bar, number

FILE = Path(__file__).resolve().parents[1] / "data" / "history.csv"

NOT_LINKED = frozenset({"harusidmpo.shop", "www.wbialogorze.info", "wbialogorze.info"})
"""Copies of press texts on hosts that serve anything; named as the source, not linked."""

METRICS = {
    "alleged": (gettext_lazy("Dugaan pelanggaran"), gettext_lazy("dugaan")),
    "asn_involved": (gettext_lazy("ASN yang terlibat"), gettext_lazy("orang")),
    "asn_reported": (gettext_lazy("ASN yang dilaporkan"), gettext_lazy("orang")),
    "campaign": (gettext_lazy("Ikut kampanye atau memperkenalkan calon"), gettext_lazy("perkara")),
    "cancelled": (gettext_lazy("Dibatalkan"), gettext_lazy("orang")),
    "cases": (gettext_lazy("Perkara netralitas ASN"), gettext_lazy("perkara")),
    "cases_about": (gettext_lazy("Perkara netralitas ASN (kira-kira)"), gettext_lazy("perkara")),
    "data_blocked": (gettext_lazy("Data kepegawaian diblokir"), gettext_lazy("orang")),
    "data_unblocked": (gettext_lazy("Blokir data dibuka lagi"), gettext_lazy("orang")),
    "discipline": (gettext_lazy("Menyangkut disiplin"), gettext_lazy("laporan")),
    "ethics": (gettext_lazy("Menyangkut kode etik"), gettext_lazy("laporan")),
    "findings": (gettext_lazy("Temuan pengawas"), gettext_lazy("temuan")),
    "followed_up": (gettext_lazy("Ditindaklanjuti PPK"), gettext_lazy("orang")),
    "forwarded": (gettext_lazy("Diteruskan"), gettext_lazy("dugaan")),
    "from_supervision": (gettext_lazy("Dari pengawasan"), gettext_lazy("perkara")),
    "gakkumdu": (gettext_lazy("Ke Sentra Gakkumdu"), gettext_lazy("perkara")),
    "in_process": (gettext_lazy("Masih diproses"), gettext_lazy("perkara")),
    "incomplete": (gettext_lazy("Gagal karena berkas tidak lengkap"), gettext_lazy("orang")),
    "left_service": (gettext_lazy("Sudah berhenti atau pensiun"), gettext_lazy("orang")),
    "no_followup": (gettext_lazy("Tidak ditindaklanjuti"), gettext_lazy("orang")),
    "not_proven": (gettext_lazy("Tidak terbukti"), gettext_lazy("orang")),
    "not_registered": (gettext_lazy("Tidak diregistrasi"), gettext_lazy("laporan")),
    "not_violation": (gettext_lazy("Bukan pelanggaran"), gettext_lazy("perkara")),
    "pending": (gettext_lazy("Belum diputus registrasinya"), gettext_lazy("laporan")),
    "proven": (gettext_lazy("Terbukti"), gettext_lazy("orang")),
    "proven_2023": (gettext_lazy("Terbukti, dari laporan 2023"), gettext_lazy("orang")),
    "proven_or_followed_2024": (
        gettext_lazy("Terbukti atau ditindaklanjuti, dari laporan 2024"),
        gettext_lazy("orang"),
    ),
    "public_reports": (gettext_lazy("Laporan masyarakat"), gettext_lazy("laporan")),
    "recommendations": (gettext_lazy("Rekomendasi Bawaslu"), gettext_lazy("surat")),
    "recommended": (gettext_lazy("Direkomendasikan untuk sanksi"), gettext_lazy("orang")),
    "recommended_pct": (gettext_lazy("Bagian yang direkomendasikan"), gettext_lazy("persen")),
    "regional_heads": (gettext_lazy("Kepala daerah yang menjalankannya"), gettext_lazy("orang")),
    "registered": (gettext_lazy("Diregistrasi"), gettext_lazy("laporan")),
    "rejected": (gettext_lazy("Ditolak"), gettext_lazy("orang")),
    "reports": (gettext_lazy("Laporan"), gettext_lazy("laporan")),
    "resolved": (gettext_lazy("Selesai setelah surat Menteri"), gettext_lazy("rekomendasi")),
    "sanctioned": (gettext_lazy("Dijatuhi sanksi"), gettext_lazy("orang")),
    "siding": (gettext_lazy("Menunjukkan keberpihakan"), gettext_lazy("perkara")),
    "social_media": (gettext_lazy("Lewat media sosial"), gettext_lazy("perkara")),
    "stopped": (gettext_lazy("Dihentikan"), gettext_lazy("perkara")),
    "unresolved": (gettext_lazy("Rekomendasi belum dijalankan"), gettext_lazy("rekomendasi")),
    "violation": (gettext_lazy("Diputus melanggar"), gettext_lazy("perkara")),
    "waiting_bkn": (gettext_lazy("Menunggu verifikasi BKN"), gettext_lazy("orang")),
    "waiting_ppk": (gettext_lazy("Menunggu PPK"), gettext_lazy("orang")),
}
"""What each number is of, and its unit."""

CONFLICTS = (
    (
        gettext_lazy("Pilkada 2018: 491 atau 721?"),
        gettext_lazy(
            "Lembaga masyarakat sipil SPD menghitung 491 perkara di 171 daerah, Bawaslu 721. Cara "
            "menghitungnya tidak diketahui."
        ),
        (("Pilkada 2018", "cases"),),
    ),
    (
        gettext_lazy("Pemilu 2019: 999 atau 914?"),
        gettext_lazy(
            "Dua keterangan Bawaslu untuk pemilu yang sama. Keduanya cocok hanya bila 999 mencakup laporan "
            "dan temuan, sedangkan 914 temuan saja. Itu tidak disebutkan."
        ),
        (("Pemilu 2019", "999"), ("Pemilu 2019", "914")),
    ),
    (
        gettext_lazy("Pilkada 2020, akhir Juni: dua kali 369"),
        gettext_lazy(
            "KASN menyebut 369 orang, Bawaslu 369 dugaan, empat hari kemudian. Mungkin satu angka, dikutip "
            "untuk dua lembaga. Bagian-bagian dari Bawaslu berjumlah 368."
        ),
        (("Pilkada 2020", "369"),),
    ),
    (
        gettext_lazy("Pilkada 2024, awal Desember: 433, 878, atau 1.158?"),
        gettext_lazy(
            "Dalam tiga hari tiga angka: 433 perkara kepada DPD, 878 “perkara” kepada DPR, dan 1.158 ASN "
            "pemerintah daerah dari Kemendagri dan BKN. Satuannya berbeda; 878 tidak dijelaskan."
        ),
        (("Pilkada 2024", "cases"), ("Pilkada 2024", "1158")),
    ),
    (
        gettext_lazy("Pemilu 2024: 67 orang, terbukti atau ditindaklanjuti?"),
        gettext_lazy(
            "Media berbeda menuliskannya. Disebut pula 43 persen dari 202; itu 87, bukan 67."
        ),
        (("Pemilu 2024", "proven_or_followed_2024"),),
    ),
)
"""Title, what does not fit, and the rows: election with a metric or a value."""


@dataclass(frozen=True)
class Number:
    """One number as one body told it on one day."""

    election: str
    as_of: str
    body_id: str
    body_en: str
    scope_id: str
    scope_en: str
    metric: str
    value: int
    sources: int
    """2: read in two places or more; 1: in one; 0: in one of low quality."""
    source: str

    @property
    def body(self) -> str:
        """Who counted."""
        return self.body_en if get_language() == "en" else self.body_id

    @property
    def scope(self) -> str:
        """What it covers beside the whole nation; may be empty."""
        return self.scope_en if get_language() == "en" else self.scope_id

    @property
    def label(self) -> str:
        """What it is of."""
        return str(METRICS[self.metric][0])

    @property
    def unit(self) -> str:
        """What was counted."""
        return str(METRICS[self.metric][1])

    @property
    def shown(self) -> str:
        """The number as a page writes it."""
        return number(self.value)

    @property
    def day(self) -> str:
        """The day it stood so, as exactly as is known."""
        try:
            return date_format(date.fromisoformat(self.as_of), "j F Y")
        except ValueError:
            pass
        if self.as_of == "final":
            return _("akhir")
        if self.as_of.startswith("undated"):
            return _("Desember 2024, tanpa tanggal")
        year, _dash, month = self.as_of.partition("-")
        if not month:
            return year
        shown = date_format(date(int(year), int(month[:2]), 1), "F Y")
        return _("sekitar %(month)s") % {"month": shown} if "about" in month else shown

    @property
    def told_in(self) -> str:
        """The source in a few words: its host, or what it was called."""
        plain = {"pers": _("pers"), "pers, Juni 2020": _("pers, Juni 2020")}
        return urlsplit(self.source).hostname or plain.get(self.source, self.source)

    @property
    def link(self) -> str:
        """The source's address; empty where there is none to follow."""
        host = urlsplit(self.source).hostname
        return self.source if host and host not in NOT_LINKED else ""


@dataclass(frozen=True)
class Telling:
    """What one body told on one day: several numbers."""

    numbers: Sequence[Number]

    @property
    def head(self) -> Number:
        """Any of its numbers: day, body and source are those of all."""
        return self.numbers[0]


@dataclass(frozen=True)
class Conflict:
    """Numbers that do not fit together."""

    title: str
    text: str
    numbers: Sequence[Number]


@dataclass(frozen=True)
class History:
    """All of it, by election; the share that was followed up; what does not fit."""

    elections: Sequence[tuple[str, Sequence[Telling]]]
    followed_up: Sequence[Bar]
    conflicts: Sequence[Conflict]


@lru_cache(maxsize=1)
def numbers() -> tuple[Number, ...]:
    """Return every number of the file. No query."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Number(**{**row, "value": int(row["value"]), "sources": int(row["sources"])})  # type: ignore[arg-type]
            for row in csv.DictReader(file)
        )


def history() -> History:
    """Return the history in the language of the page. No query."""
    return History(_elections(), _followed_up(), _conflicts())


def _elections() -> list[tuple[str, Sequence[Telling]]]:
    found: dict[str, dict[tuple[str, str], list[Number]]] = {}
    for each in numbers():
        found.setdefault(each.election, {}).setdefault((each.as_of, each.body_id), []).append(each)
    return [(name, [Telling(rows) for rows in told.values()]) for name, told in found.items()]


def _followed_up() -> list[Bar]:
    """Return how much of what was recommended in the Pilkada of 2020 was followed up, day by day.

    Each share is of two numbers that one body told at once; nothing is mixed.
    """
    found = []
    for election, tellings in _elections():
        for telling in tellings:
            told = {each.metric: each for each in telling.numbers}
            asked = told.get("recommended") or told.get("proven")
            done = told.get("followed_up") or told.get("sanctioned")
            if election == "Pilkada 2020" and asked and done:
                share = round(100 * done.value / asked.value)
                note = _("%(done)s dari %(asked)s orang, %(body)s") % {
                    "done": done.shown,
                    "asked": asked.shown,
                    "body": done.body,
                }
                found.append(Bar(done.day, f"{share} %", share, note))
    return found


def _conflicts() -> list[Conflict]:
    return [
        Conflict(
            str(title),
            str(text),
            [
                each
                for each in numbers()
                for election, what in wanted
                if each.election == election and what in {each.metric, str(each.value)}
            ],
        )
        for title, text, wanted in CONFLICTS
    ]
