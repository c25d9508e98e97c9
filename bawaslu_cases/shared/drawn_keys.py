"""Primary keys that tell the day of a row and nothing of its place within the day (ADR 0021).

The upper bits are the day, the lower 48 are drawn. So rows of one day lie together in the index, lists
by key run by day, and two records of one day stand in an order that chance chose.
"""

import secrets
from datetime import date

from django.utils import timezone

_FIRST_DAY = date(2000, 1, 1)
_DRAWN_BITS = 48
_STEP_BITS = 36


def draw_key(on: date, *, after: int | None = None) -> int:
    """Return a key for a row of that day; above ``after`` when given, by a drawn distance.

    ``after`` is the newest key of the same record, whose own rows are to stay in their order. Good
    until 2089; the table refuses the double that 10,000 rows a day meet once in ten thousand years.
    """
    start = (on - _FIRST_DAY).days << _DRAWN_BITS
    if after is not None and after >= start:
        return after + 1 + secrets.randbits(_STEP_BITS)
    return start + secrets.randbits(_DRAWN_BITS)


def draw_key_today() -> int:
    """Return a key for a row of today, for callers that know no other day."""
    return draw_key(timezone.localdate())
