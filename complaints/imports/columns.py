"""Which columns a legacy register may have and by which words its head is recognised. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Column:
    """One thing a row may say. ``words`` are folded heads; the longest that fits decides."""

    name: str
    label: str | Promise
    words: tuple[str, ...]
    longest: int


COLUMNS: tuple[Column, ...] = (
    Column(
        "register_number",
        _("Nomor register lama"),
        (
            "nomor register",
            "no register",
            "nomor registrasi",
            "no registrasi",
            "no reg",
            "nomor temuan",
            "no temuan",
            "nomor perkara",
            "no perkara",
            "nomor laporan",
            "no laporan",
        ),
        80,
    ),
    Column(
        "registered_on",
        _("Tanggal register"),
        (
            "tanggal register",
            "tgl register",
            "tanggal registrasi",
            "tgl registrasi",
            "tgl reg",
            "tanggal temuan",
            "tgl temuan",
            "tanggal dicatat",
        ),
        40,
    ),
    Column(
        "event_on",
        _("Tanggal kejadian"),
        (
            "tanggal kejadian",
            "tgl kejadian",
            "tanggal peristiwa",
            "tgl peristiwa",
            "hari tanggal kejadian",
            "waktu kejadian",
            "waktu peristiwa",
            "tanggal",
            "tgl",
        ),
        40,
    ),
    Column(
        "name",
        _("Nama terlapor"),
        ("nama terlapor", "terlapor", "nama asn", "nama pelaku", "nama pegawai", "nama"),
        200,
    ),
    Column("nip", _("NIP"), ("nip", "nip nrp", "nomor induk pegawai", "nip terlapor"), 30),
    Column("position", _("Jabatan"), ("jabatan", "jabatan terlapor", "pangkat jabatan"), 120),
    Column(
        "unit",
        _("Unit kerja"),
        ("unit kerja", "satuan kerja", "satker", "tempat tugas", "unit", "opd", "dinas"),
        160,
    ),
    Column(
        "agency",
        _("Instansi"),
        ("instansi", "asal instansi", "nama instansi", "pemerintah daerah", "lembaga"),
        200,
    ),
    Column(
        "act",
        _("Perbuatan"),
        (
            "perbuatan",
            "jenis perbuatan",
            "bentuk perbuatan",
            "bentuk pelanggaran",
            "jenis pelanggaran",
            "dugaan pelanggaran",
            "pelanggaran",
        ),
        200,
    ),
    Column(
        "region",
        _("Kabupaten atau kota"),
        (
            "kabupaten kota",
            "kab kota",
            "kabupaten",
            "kota",
            "wilayah",
            "wilayah kejadian",
            "kode wilayah",
        ),
        80,
    ),
    Column(
        "place",
        _("Tempat kejadian"),
        ("tempat kejadian", "lokasi kejadian", "tempat", "lokasi", "tkp", "alamat kejadian"),
        200,
    ),
    Column(
        "standing",
        _("Status"),
        ("status", "status penanganan", "tahap", "tahapan penanganan", "keterangan status"),
        80,
    ),
    Column(
        "outcome",
        _("Hasil"),
        ("hasil", "hasil penanganan", "tindak lanjut", "putusan", "sanksi", "rekomendasi"),
        400,
    ),
    Column(
        "description",
        _("Uraian petugas"),
        ("uraian", "uraian singkat", "uraian temuan", "ringkasan", "kronologi", "keterangan"),
        4000,
    ),
)
"""Every column that is taken, in the order of the page."""

BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}

_KEPT_OUT = re.compile(
    r"\b(?:pelapor|pengadu|informan|saksi|whistleblower|nik|ktp|telepon|telp|hp|whatsapp|email)\b"
)
"""Heads of columns that may name a reporter or witness: never taken, whatever the officer chooses."""


def folded(text: str) -> str:
    """Return a head or a word as it is compared: small letters, no accents, no signs."""
    spelled = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(sign for sign in spelled if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[a-z0-9]+", plain))


def is_kept_out(head: str) -> bool:
    """Say whether a column may hold who reported or witnessed, by its head."""
    return _KEPT_OUT.search(folded(head)) is not None


def guessed(heads: Sequence[str], known: Mapping[str, str] | None = None) -> list[str]:
    """Return for each head the column it is, or "": each column once.

    ``known`` is what this office chose before, by folded head; it goes before any guess.
    """
    found = [""] * len(heads)
    taken: set[str] = set()
    for at, head in enumerate(heads):
        chosen = (known or {}).get(folded(head), "")
        if chosen in BY_NAME and chosen not in taken and not is_kept_out(head):
            found[at] = chosen
            taken.add(chosen)
    ranked = sorted(
        (
            (score, -at, column.name)
            for at, head in enumerate(heads)
            if not found[at] and folded(head) not in (known or {}) and not is_kept_out(head)
            for column in COLUMNS
            if (score := _likeness(folded(head), column))
        ),
        reverse=True,
    )
    for _score, minus_at, name in ranked:
        if not found[-minus_at] and name not in taken:
            found[-minus_at] = name
            taken.add(name)
    return found


def _likeness(head: str, column: Column) -> int:
    """Return how much of the head the column's words say; 0 for nothing."""
    padded = f" {head} "
    return max(
        (
            1000 + len(word) if word == head else len(word)
            for word in column.words
            if f" {word} " in padded
        ),
        default=0,
    )
