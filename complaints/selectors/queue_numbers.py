"""The numbers of the queue: beside the rail, the views and the open record. Built for a million records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, Subquery
from django.db.models.expressions import Combinable
from django.http import QueryDict

from complaints.models import Complaint, SavedView
from complaints.selectors.desk import (
    COUNT_CAP,
    asked,
    by_deadline,
    capped,
    rail_counters,
    rail_numbers,
)
from complaints.selectors.filters import Asker
from complaints.selectors.keyset import Order, beside
from complaints.selectors.news import news_beyond_mark, news_for
from complaints.selectors.numbers import Numbers, remembered
from complaints.selectors.queue import (
    NEWEST_FIRST,
    QueueQuery,
    View,
    in_view,
    queue_rows,
    read_query,
)

WINDOW = 2000
"""Open records that the number beside a saved view looks through, those due soonest first."""
VIEW_CAP = 99
"""Numbers beside views stop here and read "99+": what lies beyond changes nobody's day."""
COUNTED = (
    View.REVIEW,
    View.OVERDUE,
    View.TODAY,
    View.WAITING,
    View.LETTERS,
    View.MINE,
    View.UNASSIGNED,
    View.FINDING,
    View.PLENARY,
    View.TRACING,
)
"""Views with a number beside them."""


@dataclass(frozen=True)
class Neighbours:
    """What stands beside a record inside a filtered list; ids are None at either end.

    ``position`` and ``total`` are None where counting might read every record (a search through all, a
    filter on the country's closed ones) or the record is not in the list any more; both stop at COUNT_CAP.
    """

    previous: UUID | None
    following: UUID | None
    position: int | None = None
    total: int | None = None


def neighbours(*, query: QueueQuery, asker: Asker, row: Complaint) -> Neighbours:
    """Return a record's neighbours inside a query. Three to five queries, each ends at its first row."""
    rows = queue_rows(query, asker)
    before, after = beside(rows, order=query.order, row=row)
    found = asked(asker, **_place(query, asker, row=row.pk, due=row.due_at))
    return _as_neighbours(
        before.public_id if before else None, after.public_id if after else None, found
    )


def _as_neighbours(
    previous: UUID | None, following: UUID | None, found: Mapping[str, int]
) -> Neighbours:
    if not found.get("here"):
        return Neighbours(previous, following)
    return Neighbours(previous, following, found["before"] + 1, found["total"])


def _place(
    query: QueueQuery, asker: Asker, *, row: int, due: datetime | None
) -> dict[str, Combinable]:
    """Return the counts that say where a record stands in a list; none where they might read every row.

    ``row`` and ``due`` are the record's key and deadline.
    """
    filtered_country = query.is_filtered and asker.user.scope_office_ids is None
    if query.order is Order.SEARCHED or (query.order is Order.NEWEST_FIRST and filtered_country):
        return {}
    rows = queue_rows(query, asker)
    order = by_deadline(asker.user)
    if query.order is Order.NEWEST_FIRST:
        order, ahead = ("-id",), Q(id__gt=row)
    elif due is None:
        ahead = Q(due_at__isnull=False) | Q(id__lt=row)
    else:
        # The first of the two says where the index may be left; without it the rest of the list is read.
        ahead = Q(due_at__lte=due) & (Q(due_at__lt=due) | Q(id__lt=row))
    return {
        "here": capped(rows.filter(pk=row), 1, order),
        "before": capped(rows.filter(ahead), COUNT_CAP, order),
        "total": capped(rows, COUNT_CAP, order),
    }


@dataclass(frozen=True)
class QueueNumbers:
    """Every number of a queue page, read at once. Views' numbers stop at VIEW_CAP + 1."""

    rail: dict[str, int]
    views: dict[str, int]
    saved: dict[UUID, str]
    place: dict[str, int]
    news: int = 0
    unseen: int = 0


def queue_numbers(
    *, asker: Asker, saved: Sequence[SavedView], query: QueueQuery, row: Complaint | None
) -> QueueNumbers:
    """Return the numbers beside the rail, the views and the open record. One to four queries.

    One for what everybody has, one for the record's, one for saved views (with the record's place inside a
    filter), one for where the views' window ends.
    A saved view's number looks through the WINDOW open records due soonest: exact for a kabupaten and
    for most provinces; beyond the window a "+" says that there may be more.
    """
    user = asker.user
    numbers = [remembered("queue", _system_counters, asker)]
    counts: dict[str, Combinable] = {}
    everything = Complaint.objects.visible_to(user)
    # By the deadline where the window ends, not by its keys: a count stops at its cap either way, and
    # the window is read once instead of once a view.
    ends = (
        list(everything.open().order_by("due_at", "id").values_list("due_at")[WINDOW : WINDOW + 1])
        if saved
        else []
    )
    edge = ends[0][0] if ends else None
    for number, kept in enumerate(saved):
        read = read_query(QueryDict(kept.query), asker)
        rows = queue_rows(read, asker)
        if read.view in NEWEST_FIRST:
            rows = rows.open()
        if edge is not None:
            rows = rows.filter(due_at__lt=edge)
        counts[f"saved_{number}"] = capped(rows, VIEW_CAP, by_deadline(user))
    if row is not None:
        numbers.append(_record_numbers(query, asker, row))
        if query.is_filtered:
            counts |= _place(query, asker, row=row.pk, due=row.due_at)
    found = asked(asker, *numbers, **counts)
    return QueueNumbers(
        rail=rail_numbers(found),
        views={view.value: found[f"view_{view.value}"] for view in COUNTED},
        saved={
            kept.public_id: _number(found[f"saved_{number}"], full=edge is not None)
            for number, kept in enumerate(saved)
        },
        place={name: found[name] for name in ("here", "before", "total") if name in found},
        news=found.get("news", 0),
        unseen=found.get("unseen", 0),
    )


def _record_numbers(query: QueueQuery, asker: Asker, row: Complaint) -> Numbers:
    """Return the numbers of an open record, with its place where no filter makes a list of its own."""
    view = QueueQuery(query.view)

    def build(asker: Asker, *, row: int, due: datetime | None = None) -> dict[str, Combinable]:
        own = Complaint.objects.filter(pk=row)
        of_place = {} if query.is_filtered else _place(view, asker, row=row, due=due)
        return of_place | {
            "news": Subquery(own.annotate(news=news_for(asker.user)).values("news")),
            "unseen": Subquery(own.annotate(news=news_beyond_mark(asker.user)).values("news")),
        }

    if query.is_filtered:
        return remembered("record", build, asker, row=row.pk)
    if query.order is not Order.BY_DEADLINE or row.due_at is None:
        return remembered(f"record in {view.view.value}", build, asker, row=row.pk)
    return remembered(
        f"dated record in {view.view.value}", build, asker, row=row.pk, due=row.due_at
    )


def _system_counters(asker: Asker) -> dict[str, Combinable]:
    """Return the numbers of the rail and of the system views."""
    everything = Complaint.objects.visible_to(asker.user)
    order = by_deadline(asker.user)
    return rail_counters(asker) | {
        f"view_{view.value}": capped(in_view(everything, view, asker), VIEW_CAP, order)
        for view in COUNTED
    }


def number_text(number: int) -> str:
    """Return a view's number in words: "99+" beyond the cap."""
    return f"{VIEW_CAP}+" if number > VIEW_CAP else str(number)


def _number(number: int, *, full: bool) -> str:
    text = number_text(number)
    return f"{text}+" if full and not text.endswith("+") else text
