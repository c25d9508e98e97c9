"""Public figures as kept rows; the page outlives a missing row, a slow count and a lost database."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from referrals.models import PublicFigure

THRESHOLD = 5
"""Smaller numbers are not shown: a district with one case names a person (ux/experience.md 1.6)."""

CACHE_KEY = "public-figures"
CACHE_SECONDS = 7 * 24 * 60 * 60

NAMES = {
    "received": gettext_lazy("Laporan dan temuan diterima"),
    "cases": gettext_lazy("Menjadi perkara"),
    "referred": gettext_lazy("Diteruskan ke lembaga penerima"),
    "waiting": gettext_lazy("Menunggu jawaban instansi"),
    "sanctioned": gettext_lazy("Sanksi terbukti dijatuhkan"),
}
"""The funnel in its order. All but the first count cases; the first counts what came in."""


@dataclass(frozen=True)
class Figure:
    """One number as the public may see it; ``value`` is None where it is hidden or not counted."""

    name: str
    label: str
    value: int | None
    shown: str


@dataclass(frozen=True)
class Figures:
    """The funnel and the moment its oldest number was counted."""

    rows: tuple[Figure, ...]
    counted_at: datetime | None
    is_current: bool

    @property
    def funnel(self) -> list[dict[str, Any]]:
        """Rows for the bar table: the share of the largest number, none for a hidden one."""
        largest = max((row.value or 0 for row in self.rows), default=0)
        return [
            {
                "label": row.label,
                "value": row.shown,
                "percent": round(100 * (row.value or 0) / largest) if largest else 0,
            }
            for row in self.rows
        ]


# The last good answer of this process, for when database and cache are both gone.
_last: dict[str, Any] = {}


def public_figures() -> Figures:
    """Return the figures to publish. One query; none of its failures reaches the reader.

    With the database down the last good rows are shown with their own date.
    """
    try:
        rows = {
            row.name: {"value": row.value, "at": row.counted_at.isoformat()}
            for row in PublicFigure.objects.all()
        }
    except DatabaseError:
        return _told(_remembered(), is_current=False)
    if rows and rows != _last:
        _remember(rows)
    return _told(rows, is_current=True)


def _remember(rows: Mapping[str, Any]) -> None:
    _last.clear()
    _last.update(rows)
    # the cache is the second memory only; without it the page still has the rows
    with suppress(Exception):
        cache.set(CACHE_KEY, json.dumps(rows), CACHE_SECONDS)


def _remembered() -> dict[str, Any]:
    with suppress(Exception):
        kept = cache.get(CACHE_KEY)
        if kept:
            loaded: dict[str, Any] = json.loads(kept)
            return loaded
    return dict(_last)


def _told(rows: Mapping[str, Any], *, is_current: bool) -> Figures:
    moments = [datetime.fromisoformat(row["at"]) for row in rows.values()]
    return Figures(
        rows=tuple(_figure(name, rows.get(name)) for name in NAMES),
        counted_at=min(moments, default=None),
        is_current=is_current,
    )


def _figure(name: str, row: Mapping[str, Any] | None) -> Figure:
    label = str(NAMES[name])
    if row is None:
        return Figure(name, label, None, _("belum dihitung"))
    if row["value"] < THRESHOLD:
        return Figure(name, label, None, _("< %(threshold)d") % {"threshold": THRESHOLD})
    return Figure(name, label, row["value"], f"{row['value']:,}".replace(",", "."))
