"""What was published, as kept rows; it outlives a slow count, a lost database and a lost process.

Everything here may be read by everybody: what must be hidden never reached these rows.
"""

import json
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.utils.text import slugify

from bawaslu_cases.registry.models import ActKind, Agency, Region, RegionKind
from referrals.models import PublishedTable
from referrals.rules.publication import NATION, SERIES

logger = logging.getLogger(__name__)

CACHE_KEY = "published-figures"
CACHE_SECONDS = 60 * 24 * 60 * 60
NATION_SLUG = "instansi-pusat"

LICENCE = "CC BY 4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True)
class Row:
    """One published table. ``first`` and ``last`` are first days of months; a hidden cell is None."""

    name: str
    first: date
    last: date
    total: int | None
    cells: Mapping[str, int | None]
    published_on: date


@dataclass(frozen=True)
class Names:
    """What codes are called, so that pages can be drawn without a database."""

    provinces: Mapping[str, str]
    regencies: Mapping[str, str]
    agencies: Mapping[str, str]
    acts: Mapping[str, tuple[str, str]]
    """Indonesian and English."""

    @cached_property
    def slugs(self) -> Mapping[str, str]:
        """Slug of each province and of the national agencies → code."""
        return {slugify(name): code for code, name in self.provinces.items()} | {
            NATION_SLUG: NATION
        }


@dataclass(frozen=True)
class Publication:
    """Everything published so far. ``version`` grows with each publication; 0 before the first."""

    version: int
    rows: tuple[Row, ...]
    names: Names
    is_current: bool = True

    def tables(self, name: str) -> list[Row]:
        """Return the tables of one name, oldest first."""
        return self._by_name.get(name, [])

    @cached_property
    def _by_name(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.name, []).append(row)
        return found

    @property
    def through(self) -> date | None:
        """The newest month that was published."""
        series = self.tables("series")
        return series[-1].last if series else None

    @property
    def published_on(self) -> date | None:
        """The day of the newest publication."""
        series = self.tables("series")
        return series[-1].published_on if series else None

    @cached_property
    def totals(self) -> Mapping[str, tuple[int, date] | None]:
        """Each running total as last told, with its month; None where it was never told."""
        told: dict[str, tuple[int, date] | None] = dict.fromkeys(SERIES)
        for row in self.tables("series"):
            told |= {
                name: (value, row.last) for name, value in row.cells.items() if value is not None
            }
        return told


NOTHING = Publication(0, (), Names({}, {}, {}, {}), is_current=False)

# The last good answer of this process: most requests need no more than the newest row's key.
_last: Publication = NOTHING


def publication() -> Publication:
    """Return what was published. One query; five more after a new publication; none of its failures shows.

    With the database out of reach the last good rows are told: this process's, the cache's or the
    file's, whichever is there.
    """
    global _last  # noqa: PLW0603 -- one kept answer per process, replaced whole
    try:
        version = PublishedTable.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        if version == _last.version and _last.is_current:
            return _last
        _last = _read(version)
    except DatabaseError:
        _last = _recalled()
    return _last


def keep_last_good() -> None:
    """Lay what is published where a process finds it without the database: in the cache, in a file."""
    text = json.dumps(_plain(publication()))
    # either may be out of reach; the other is enough
    with suppress(Exception):
        cache.set(CACHE_KEY, text, CACHE_SECONDS)
    try:
        path = _file()
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f".{os.getpid()}")
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError:
        logger.warning("the last good figures could not be written")


def forget() -> None:
    """Forget this process's last good answer, as a new process has none."""
    global _last  # noqa: PLW0603 -- see above
    _last = NOTHING


def _file() -> Path:
    return Path(settings.MEDIA_ROOT) / "figures" / "published.json"


def _read(version: int) -> Publication:
    rows = tuple(
        Row(row.name, row.first_month, row.last_month, row.total, row.cells, row.published_on)
        for row in PublishedTable.objects.filter(pk__lte=version).order_by("last_month", "pk")
    )
    regions = list(Region.objects.order_by("code").values_list("code", "name", "kind"))
    names = Names(
        provinces={code: name for code, name, kind in regions if kind == RegionKind.PROVINCE},
        regencies={code: name for code, name, kind in regions if kind != RegionKind.PROVINCE},
        agencies=dict(Agency.objects.order_by("code").values_list("code", "short_name")),
        acts={
            code: (indonesian, english)
            for code, indonesian, english in ActKind.objects.values_list(
                "code", "label_id", "label_en"
            )
        },
    )
    return Publication(version, rows, names)


def _recalled() -> Publication:
    if _last.version:
        return Publication(_last.version, _last.rows, _last.names, is_current=False)
    kept = None
    with suppress(Exception):
        kept = cache.get(CACHE_KEY)
    with suppress(OSError):
        kept = kept or _file().read_text(encoding="utf-8")
    return _parsed(json.loads(kept)) if kept else NOTHING


def _plain(told: Publication) -> dict[str, Any]:
    return {
        "version": told.version,
        "names": [
            dict(told.names.provinces),
            dict(told.names.regencies),
            dict(told.names.agencies),
            {code: list(both) for code, both in told.names.acts.items()},
        ],
        "rows": [
            [
                row.name,
                row.first.isoformat(),
                row.last.isoformat(),
                row.total,
                dict(row.cells),
                row.published_on.isoformat(),
            ]
            for row in told.rows
        ],
    }


def _parsed(kept: Mapping[str, Any]) -> Publication:
    provinces, regencies, agencies, acts = kept["names"]
    day = date.fromisoformat
    return Publication(
        version=kept["version"],
        rows=tuple(
            Row(name, day(first), day(last), total, cells, day(on))
            for name, first, last, total, cells, on in kept["rows"]
        ),
        names=Names(
            provinces=provinces,
            regencies=regencies,
            agencies=agencies,
            acts={code: (both[0], both[1]) for code, both in acts.items()},
        ),
        is_current=False,
    )
