"""Lists of the API: which query they take, and the page they answer with. By key, never by offset."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from bawaslu_cases.shared.api_cursors import Holder

SIZE, LARGEST = 50, 200
LONGEST_CURSOR = 2000
"""Of the field alone: a longer one is told as such; what opens is much shorter."""


class QueryIn(serializers.Serializer[dict[str, object]]):
    """Base of every query: a name that is not listed is refused, not ignored."""

    default_error_messages = {"unknown": _("Bidang ini tidak dikenal.")}

    def to_internal_value(self, data: Any) -> Any:
        """Refuse names that are no field, each under its own name."""
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            told = [self.error_messages["unknown"]]
            raise serializers.ValidationError(dict.fromkeys(unknown, told), code="unknown")
        return super().to_internal_value(data)


class PageQueryIn(QueryIn):
    """The query of a list."""

    limit = serializers.IntegerField(
        required=False, default=SIZE, min_value=1, max_value=LARGEST, help_text="Items a page."
    )
    cursor = serializers.CharField(
        required=False,
        default="",
        max_length=LONGEST_CURSOR,
        help_text="`next` of the page before, with the same filters.",
    )

    @property
    def filters(self) -> dict[str, Any]:
        """What narrows the list."""
        asked: dict[str, Any] = self.validated_data
        return {name: value for name, value in asked.items() if name not in {"limit", "cursor"}}


class PageOut(serializers.Serializer[dict[str, object]]):
    """What every page holds besides ``items``."""

    next = serializers.CharField(
        allow_null=True, help_text="Cursor of the next page; null on the last."
    )
    server_time = serializers.DateTimeField()


def key_page(
    rows: "QuerySet[Any, Any] | Sequence[QuerySet[Any, Any]]",
    *,
    dressed: "Callable[[QuerySet[Any, Any]], QuerySet[Any, Any]]",
    holder: Holder,
    cursor: str,
    limit: int,
    keys: Sequence[str] = ("-id",),
) -> tuple[list[dict[str, Any]], str | None]:
    """Return one page of rows and the cursor of the next. One query for each of ``rows``.

    Several are read as one list; no row may be in two of them. ``dressed`` makes of rows the ``values()``
    that leave. ``keys`` are the order, the last of them unique: one key, or two that both run up. They
    must be among those values. Raises CursorInvalidError.
    """
    branches = [rows] if isinstance(rows, QuerySet) else rows
    if cursor:
        beyond = _beyond(keys, holder.open(cursor)["at"])
        branches = [branch.filter(beyond) for branch in branches]
    found = [row for branch in branches for row in _page_of(branch, dressed, keys, limit + 1)]
    if len(branches) > 1:
        names = [key.lstrip("-") for key in keys]
        found.sort(key=lambda row: [row[name] for name in names], reverse=keys[0].startswith("-"))
        found = found[: limit + 1]
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], holder.seal({"at": [_plain(last[key.lstrip("-")]) for key in keys]})


def _page_of(
    rows: "QuerySet[Any, Any]",
    dressed: "Callable[[QuerySet[Any, Any]], QuerySet[Any, Any]]",
    keys: Sequence[str],
    limit: int,
) -> "QuerySet[Any, Any]":
    """Return the first rows, dressed. No query.

    Which rows they are is asked in a query of their keys alone: it can be answered from an index that
    holds what the scope asks, and no row of another page is read for it.
    """
    first = rows.order_by(*keys).values("pk")[:limit]
    return dressed(rows.model._base_manager.filter(pk__in=first)).order_by(*keys)  # noqa: SLF001 -- documented


def as_page(items: Sequence[Any], following: str | None) -> dict[str, Any]:
    """Return the body of a page."""
    return {"items": items, "next": following, "server_time": timezone.now()}


def _beyond(keys: Sequence[str], at: Sequence[Any]) -> Q:
    """Return what comes after a row, in the shape from which an index can begin there."""
    names = [key.lstrip("-") for key in keys]
    if len(keys) == 1:
        return Q(**{f"{names[0]}__{'lt' if keys[0].startswith('-') else 'gt'}": at[0]})
    first, last = names
    # The first comparison is the index's starting point, the second settles equal values.
    return Q(**{f"{first}__gte": at[0]}) & (
        Q(**{f"{first}__gt": at[0]}) | Q(**{f"{last}__gt": at[1]})
    )


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | str) else value.isoformat()
