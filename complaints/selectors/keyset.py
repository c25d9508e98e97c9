"""Pages of a long list without counting it: the cursor is the last row seen, never an offset.

Works on any queryset whose rows have ``due_at`` (may be empty) and ``id``. The order is the deadline,
then the id, rows without a deadline last; or, where deadlines say nothing any more, the newest first.
A record's id is drawn within its day (ADR 0021), so records of one day stand in no order of arrival.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Generic, TypeVar

from django.db import models
from django.db.models import F, Q

from bawaslu_cases.shared.row_scopes import beyond

M = TypeVar("M", bound=models.Model)
_LONGEST_CURSOR = 200


class Order(Enum):
    """How a list runs."""

    BY_DEADLINE = "deadline"
    NEWEST_FIRST = "newest"
    SEARCHED = "searched"
    """Newest first, where nobody knows how many rows match: see :func:`_searched`."""


@dataclass(frozen=True)
class Cursor:
    """A place in a list: the row it stands at, and whether to read on or back from it."""

    due_at: datetime | None
    row_id: int
    back: bool = False

    def encode(self) -> str:
        """Return the text for a URL. Opaque: no meaning outside this module, nothing personal."""
        due = self.due_at.isoformat() if self.due_at else ""
        packed = json.dumps([due, self.row_id, int(self.back)], separators=(",", ":"))
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def decode_cursor(text: str) -> Cursor | None:
    """Return the cursor of a URL, or None for anything that is not one."""
    if not text or len(text) > _LONGEST_CURSOR:
        return None
    try:
        due, row_id, back = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        due_at = datetime.fromisoformat(due) if due else None
        if due_at is not None:
            if due_at.tzinfo is None:
                return None
            # PostgreSQL knows fewer offsets than Python; a day before year 1 overflows here
            due_at = due_at.astimezone(UTC)
        return Cursor(due_at, int(row_id), bool(back))
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
        return None


@dataclass(frozen=True)
class Page(Generic[M]):
    """Some rows and the cursors to the neighbouring pages; None where there is no neighbour."""

    rows: Sequence[M]
    previous: Cursor | None
    following: Cursor | None


def keyset_page(
    queryset: "models.QuerySet[M, Any]", *, order: Order, cursor: Cursor | None, size: int
) -> Page[M]:
    """Return one page. One query; two on later pages that end among rows without a deadline."""
    rows = _rows(queryset, order=order, cursor=cursor, limit=size + 1)
    if not rows and cursor is not None:
        # Whoever pages back past the first row, or on past the last, lands on the first page.
        return keyset_page(queryset, order=order, cursor=None, size=size)
    return as_page(rows, cursor=cursor, size=size)


def as_page(rows: list[M], *, cursor: Cursor | None, size: int) -> Page[M]:
    """Return up to ``size`` + 1 rows that were read from the cursor on as a page. No query."""
    if not rows:
        return Page((), None, None)
    back = cursor is not None and cursor.back
    more = len(rows) > size
    rows = rows[:size]
    if back:
        rows.reverse()
    has_previous = more if back else cursor is not None
    has_following = True if back else more
    return Page(
        rows,
        _at(rows[0], back=True) if has_previous else None,
        _at(rows[-1], back=False) if has_following else None,
    )


def beside(
    queryset: "models.QuerySet[M, Any]", *, order: Order, row: Any
) -> tuple[M | None, M | None]:
    """Return what comes right before and right after ``row``, itself in the list or not.

    Two to four queries, each for one row; up to six for a search.
    """
    before = _rows(queryset, order=order, cursor=_at(row, back=True), limit=1)
    after = _rows(queryset, order=order, cursor=_at(row, back=False), limit=1)
    return (before[0] if before else None), (after[0] if after else None)


def _at(row: Any, *, back: bool) -> Cursor:
    return Cursor(row.due_at, row.pk, back)


def _rows(
    queryset: "models.QuerySet[M, Any]", *, order: Order, cursor: Cursor | None, limit: int
) -> list[M]:
    if order is Order.SEARCHED:
        return _searched(queryset, cursor=cursor, limit=limit)
    if order is Order.NEWEST_FIRST:
        return _by_id(queryset, cursor=cursor, limit=limit)
    if cursor is None:
        # PostgreSQL puts rows without a deadline last by itself.
        return list(queryset.order_by("due_at", "id")[:limit])
    back = cursor.back
    # Rows with and without a deadline are read apart: one condition for both would be an OR, and an
    # OR keeps PostgreSQL from starting in the middle of the (due_at, id) index.
    dated = queryset.filter(due_at__isnull=False)
    undated = queryset.filter(due_at__isnull=True)
    parts = [_dated, _undated]
    if back:
        parts.reverse()
    rows: list[M] = []
    for part in parts:
        if len(rows) < limit:
            source = dated if part is _dated else undated
            rows += part(source, cursor=cursor, limit=limit - len(rows))
    return rows


def _dated(queryset: "models.QuerySet[M, Any]", *, cursor: Cursor, limit: int) -> list[M]:
    if cursor.back:
        if cursor.due_at is not None:
            # The first comparison is the index's starting point, the second settles equal times.
            queryset = queryset.filter(
                Q(due_at__lt=cursor.due_at) | Q(id__lt=cursor.row_id), due_at__lte=cursor.due_at
            )
        return list(queryset.order_by("-due_at", "-id")[:limit])
    if cursor.due_at is None:
        return []
    queryset = queryset.filter(
        Q(due_at__gt=cursor.due_at) | Q(id__gt=cursor.row_id), due_at__gte=cursor.due_at
    )
    return list(queryset.order_by("due_at", "id")[:limit])


def _undated(queryset: "models.QuerySet[M, Any]", *, cursor: Cursor, limit: int) -> list[M]:
    if cursor.back:
        if cursor.due_at is not None:
            return []
        return list(queryset.filter(id__lt=cursor.row_id).order_by("-id")[:limit])
    if cursor.due_at is None:
        queryset = queryset.filter(id__gt=cursor.row_id)
    return list(queryset.order_by("id")[:limit])


def _by_id(queryset: "models.QuerySet[M, Any]", *, cursor: Cursor | None, limit: int) -> list[M]:
    if cursor is None:
        return list(queryset.order_by("-id")[:limit])
    if cursor.back:
        return list(queryset.filter(id__gt=cursor.row_id).order_by("id")[:limit])
    return list(queryset.filter(id__lt=cursor.row_id).order_by("-id")[:limit])


WINDOW = 4000
"""Rows looked through one by one before the full-text index is asked for every match."""


def _searched(queryset: "models.QuerySet[M, Any]", *, cursor: Cursor | None, limit: int) -> list[M]:
    """Return matching rows, newest first, in bounded time for a common and for a rare word.

    PostgreSQL cannot know how rare a word is that its statistics do not hold, and guessing wrong
    costs a walk over the whole table. So the newest rows are looked through first: a common word
    fills the page there. What does not is rare, and ``id + 0`` keeps the walk out of the plan: every
    match comes from the full-text index. Three queries at most.
    """
    if cursor is None:
        return searched_from_the_newest(
            queryset.model,
            near=lambda edge: list(near_rows(queryset, edge=edge, limit=limit)),
            far=lambda: list(far_rows(queryset, limit=limit)),
            limit=limit,
        )
    back = cursor.back
    order, past, within = ("id", "id__gt", "id__lte") if back else ("-id", "id__lt", "id__gte")
    after = {past: cursor.row_id}
    edge = _edge(queryset.model._default_manager.filter(**after).order_by(order))
    near = queryset.filter(**after)
    if edge is not None:
        near = near.filter(**{within: edge})
    rows = list(near.order_by(order)[:limit])
    if len(rows) == limit or edge is None:
        return rows
    walked = F("id") + 0
    far = queryset.filter(**after).order_by(walked if back else walked.desc())
    return list(far[:limit])


def searched_from_the_newest(
    model: type[M], *, near: Callable[[int], list[M]], far: Callable[[], list[M]], limit: int
) -> list[M]:
    """Return the first ``limit`` matching rows, newest first; how either part is read is the caller's.

    ``near`` reads the matches from a key on, ``far`` every match. Three queries at most.
    """
    edge = _edge(model._default_manager.order_by("-id"))
    rows = near(edge or 0)
    return rows if len(rows) == limit or edge is None else far()


def near_rows(
    queryset: "models.QuerySet[M, Any]", *, edge: int, limit: int
) -> "models.QuerySet[M, Any]":
    """Return the matches from a key on, newest first. A filter, no query."""
    return queryset.filter(id__gte=edge).order_by("-id")[:limit]


def far_rows(queryset: "models.QuerySet[M, Any]", *, limit: int) -> "models.QuerySet[M, Any]":
    """Return every match, newest first, however rare: not by a walk over the table. No query."""
    return queryset.order_by((F("id") + 0).desc())[:limit]


def _edge(every: "models.QuerySet[Any, Any]") -> int | None:
    with beyond("where the newest rows end is a key of the country's and tells nothing of a row"):
        found: int | None = every.values_list("id", flat=True)[WINDOW - 1 : WINDOW].first()
    return found
