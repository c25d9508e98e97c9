"""The published figures as files for machines: CSV, JSON with its dictionary, a feed of publications."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from bawaslu_cases.shared.spreadsheets import csv_download
from referrals.rules.publication import DAYS_TO_ANSWER, DELAY_DAYS, LEAST_STRETCH, LEAST_TIMED
from referrals.rules.suppression import K
from referrals.selectors.figure_pages import LABELS, STEPS, Figures, stretch
from referrals.selectors.figures import LICENCE, LICENCE_URL, Publication, Row

DICTIONARY = (
    (
        "table",
        gettext_lazy(
            "Nama tabel: series (jumlah berjalan nasional), acts (menurut perbuatan pertama yang disebut), "
            "provinces dan regencies (laporan menurut tempat kejadian), agency_provinces dan agencies "
            "(rekomendasi menurut instansi orangnya), answers (dijawab dalam 90 hari), days (lama langkah)."
        ),
    ),
    (
        "first_month",
        gettext_lazy("Bulan pertama yang dihitung (TTTT-BB). Bulan menurut waktu Jakarta."),
    ),
    ("last_month", gettext_lazy("Bulan terakhir yang dihitung (TTTT-BB), sampai hari terakhirnya.")),
    ("key", gettext_lazy("Kode sel: nama jumlah, perbuatan, wilayah (kode Kemendagri), atau instansi.")),
    ("label", gettext_lazy("Kode itu dengan kata.")),
    (
        "value",
        gettext_lazy(
            "Bilangan bulat. Kosong bila disembunyikan. Pada days: hari. Pada series: jumlah sejak awal."
        ),
    ),
    ("hidden", gettext_lazy("1 jika disembunyikan atau belum cukup bertambah; 0 jika tidak.")),
    ("published_on", gettext_lazy("Hari diumumkan. Yang sudah diumumkan tidak diubah.")),
)  # fmt: skip


def as_csv(figures: Figures) -> HttpResponse:
    """Return every published cell as a row."""
    head = [name for name, _meaning in DICTIONARY]
    rows = (
        [
            row.name,
            f"{row.first:%Y-%m}",
            f"{row.last:%Y-%m}",
            key,
            label,
            "" if value is None else value,
            int(value is None),
            f"{row.published_on}",
        ]
        for row, key, label, value in _cells(figures)
    )
    return csv_download(stem="angka", head=head, rows=rows)


def as_json(figures: Figures) -> HttpResponse:
    """Return every table with its cells, and what one needs to read them."""
    told = figures.told
    body = {
        "licence": {"name": LICENCE, "url": LICENCE_URL},
        "language": get_language(),
        "published_on": f"{told.published_on}" if told.published_on else None,
        "through": f"{told.through:%Y-%m}" if told.through else None,
        "is_current": told.is_current,
        "rules": {
            "hidden_below": K,
            "delay_days": DELAY_DAYS,
            "least_in_a_stretch": LEAST_STRETCH,
            "least_for_quartiles": LEAST_TIMED,
            "days_to_answer": DAYS_TO_ANSWER,
        },
        "dictionary": {name: str(meaning) for name, meaning in DICTIONARY},
        "labels": {
            "series": {name: str(label) for name, label in LABELS.items()},
            "acts": {code: both[_english()] for code, both in told.names.acts.items()},
            "provinces": dict(told.names.provinces),
            "days": {step: str(label) for step, label in STEPS.items()},
        },
        "tables": [
            {
                "table": row.name,
                "first_month": f"{row.first:%Y-%m}",
                "last_month": f"{row.last:%Y-%m}",
                "total": row.total,
                "cells": dict(row.cells),
                "published_on": f"{row.published_on}",
            }
            for row in told.rows
        ],
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(text, content_type="application/json; charset=utf-8")


def as_feed(told: Publication, absolute: Callable[[str], str]) -> HttpResponse:
    """Return an Atom feed with one entry a published month, the newest first."""
    page, own = absolute(reverse("figures:data")), absolute(reverse("figures:feed"))
    series = told.tables("series")[:-25:-1]
    updated = _moment(series[0]) if series else "1970-01-01T00:00:00+00:00"
    entries = "".join(_entry(told, row, page) for row in series)
    return HttpResponse(
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{get_language()}">'
        f"<id>{escape(page)}</id><title>{escape(_('Data terbuka: netralitas ASN'))}</title>"
        f"<updated>{updated}</updated><author><name>Bawaslu Cases</name></author>"
        f'<link rel="self" href="{escape(own)}"/><link href="{escape(page)}"/>'
        f"<rights>{LICENCE}</rights>{entries}</feed>\n",
        content_type="application/atom+xml; charset=utf-8",
    )


def _entry(told: Publication, row: Row, page: str) -> str:
    month = stretch(row.last, row.last)
    lines = [
        f"{LABELS[name]}: {value}" for name, value in row.cells.items() if value is not None
    ] or [_("Tidak ada jumlah yang bertambah lima atau lebih.")]
    others = {table.name.partition(":")[0] for table in told.rows if table.last == row.last}
    if "provinces" in others or "agency_provinces" in others:
        lines.append(_("Tabel menurut wilayah ditambah."))
    title = _("Angka sampai %(month)s") % {"month": month}
    return (
        f"<entry><id>{escape(page)}#{row.last:%Y-%m}</id><title>{escape(title)}</title>"
        f'<updated>{_moment(row)}</updated><link href="{escape(page)}"/>'
        f"<content>{escape('; '.join(lines))}</content></entry>"
    )


def _moment(row: Row) -> str:
    day = row.published_on
    return datetime(day.year, day.month, day.day, tzinfo=UTC).isoformat()


def _cells(figures: Figures) -> Iterator[tuple[Row, str, str, int | None]]:
    names = figures.told.names
    places = {**names.provinces, **names.regencies, "00": _("Instansi pusat")}
    labels: dict[str, dict[str, str]] = {
        "series": {name: str(label) for name, label in LABELS.items()},
        "acts": {code: both[_english()] for code, both in names.acts.items()},
        "agencies": dict(names.agencies),
        "days": {
            f"{step}_{part}": f"{label} ({word})"
            for step, label in STEPS.items()
            for part, word in (("q1", _("kuartil 1")), ("median", _("median")), ("q3", _("kuartil 3")))
        },
    }  # fmt: skip
    for row in figures.told.rows:
        words = labels.get(row.name.partition(":")[0], places)
        for key, value in row.cells.items():
            yield row, key, words.get(key, key), value


def _english() -> bool:
    return get_language() == "en"
