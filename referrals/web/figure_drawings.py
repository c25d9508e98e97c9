"""Charts as SVG without a script: only where things stand. Colours are the style sheet's.

Each stands beside a table with the same numbers; the drawings are hidden from screen readers, except the
map, whose tiles are links.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from referrals.selectors.figure_pages import Month, Place, Timing, number

# Where each province stands on the wide map, and what fits into its tile (columns from the west, rows
# from the north; our own arrangement).
TILES: dict[str, tuple[str, int, int]] = {
    "11": ("Aceh", 0, 0), "12": ("Sumut", 1, 1), "13": ("Sumbar", 1, 2), "14": ("Riau", 2, 2),
    "15": ("Jambi", 2, 3), "16": ("Sumsel", 3, 4), "17": ("Bkulu", 2, 4), "18": ("Lampg", 3, 5),
    "19": ("Babel", 4, 4), "21": ("Kepri", 3, 1), "31": ("DKI", 5, 5), "32": ("Jabar", 5, 6),
    "33": ("Jateng", 6, 6), "34": ("DIY", 6, 7), "35": ("Jatim", 7, 6), "36": ("Banten", 4, 6),
    "51": ("Bali", 8, 7), "52": ("NTB", 9, 7), "53": ("NTT", 10, 7), "61": ("Kalbar", 6, 2),
    "62": ("Kaltng", 6, 3), "63": ("Kalsel", 7, 3), "64": ("Kaltim", 7, 2), "65": ("Kalut", 7, 1),
    "71": ("Sulut", 11, 1), "72": ("Sultng", 9, 2), "73": ("Sulsel", 9, 4), "74": ("Sultra", 10, 4),
    "75": ("Gtalo", 10, 1), "76": ("Sulbar", 9, 3), "81": ("Maluku", 13, 4), "82": ("Malut", 12, 2),
    "91": ("Papua", 16, 2), "92": ("PaBar", 15, 2), "93": ("PaSel", 17, 4), "94": ("PaTeng", 16, 3),
    "95": ("PaPeg", 17, 3), "96": ("PBD", 14, 2),
}  # fmt: skip
SIDE, STEP = 56, 60
NARROW_COLUMNS = 5
SHADES = 5
COLUMN_WIDTH, COLUMN_STEP, COLUMN_HEIGHT = 22, 30, 120


@dataclass(frozen=True)
class Tile:
    """One province on the map. ``shade`` 1 to 5; 0 where the number is hidden."""

    x: int
    y: int
    label: str
    place: Place
    shade: int

    @property
    def value(self) -> str:
        """What is printed in it: "130+" for 130 or more."""
        received = self.place.received
        if received.value is None:
            return "–"
        return f"{number(received.value)}+" if received.hidden else number(received.value)


@dataclass(frozen=True)
class Map:
    """The provinces as equal squares."""

    width: int
    height: int
    tiles: Sequence[Tile]


def wide_map(places: Iterable[Place]) -> Map:
    """Return the map as it lies, 18 columns wide."""
    known = [place for place in places if place.code in TILES]
    shades = _shades(known)
    tiles = [
        Tile(TILES[p.code][1] * STEP, TILES[p.code][2] * STEP, TILES[p.code][0], p, shades[p.code])
        for p in sorted(known, key=lambda place: place.code)
    ]
    return Map(18 * STEP - 4, 8 * STEP - 4, tiles)


def narrow_map(places: Iterable[Place]) -> Map:
    """Return the same tiles from west to east in five columns, for a phone."""
    known = sorted((place for place in places if place.code in TILES), key=lambda p: p.code)
    shades = _shades(known)
    tiles = [
        Tile(
            index % NARROW_COLUMNS * STEP,
            index // NARROW_COLUMNS * STEP,
            TILES[place.code][0],
            place,
            shades[place.code],
        )
        for index, place in enumerate(known)
    ]
    rows = -(-len(known) // NARROW_COLUMNS)
    return Map(NARROW_COLUMNS * STEP - 4, max(rows, 1) * STEP - 4, tiles)


def _shades(places: Sequence[Place]) -> dict[str, int]:
    """Return the fifth of the shown provinces that each belongs to; 0 where hidden."""
    values = sorted(p.received.value for p in places if p.received.value is not None)
    return {
        place.code: 0
        if place.received.value is None
        else 1 + SHADES * values.index(place.received.value) // max(len(values), 1)
        for place in places
    }


@dataclass(frozen=True)
class Column:
    """One month's column."""

    x: int
    y: int
    height: int
    width: int
    month: Month


@dataclass(frozen=True)
class Columns:
    """Months side by side; several told together are one wide column with their average's height."""

    width: int
    columns: Sequence[Column]
    highest: Month | None


def columns(months: Sequence[Month]) -> Columns:
    """Return the columns: height is the number a month, so that a wide one is not taller by its width."""
    spans = [_span(month) for month in months]
    highest = max((m.value / s for m, s in zip(months, spans, strict=True)), default=1)
    drawn, x = [], 0
    for month, span in zip(months, spans, strict=True):
        height = max(round(COLUMN_HEIGHT * month.value / span / highest), 1)
        width = (span - 1) * COLUMN_STEP + COLUMN_WIDTH
        drawn.append(Column(x, COLUMN_HEIGHT - height, height, width, month))
        x += span * COLUMN_STEP
    most = max(drawn, key=lambda column: column.height, default=None)
    return Columns(max(x - COLUMN_STEP + COLUMN_WIDTH, 1), drawn, most.month if most else None)


def _span(month: Month) -> int:
    return (month.last.year - month.first.year) * 12 + month.last.month - month.first.month + 1


@dataclass(frozen=True)
class Range:
    """The middle half of one quarter's days, in percent of the axis, and its median; for SVG."""

    timing: Timing
    left: str
    width: str
    middle: str


def ranges(timings: Sequence[Timing], longest: int) -> list[Range]:
    """Return each quarter's line on an axis from 0 to ``longest`` days."""
    scale = 100 / max(longest, 1)
    return [
        Range(
            timing,
            left=f"{timing.lower * scale:.1f}",
            width=f"{max((timing.upper - timing.lower) * scale, 0.5):.1f}",
            middle=f"{timing.middle * scale:.1f}",
        )
        for timing in timings
    ]
