"""The queue: which records, in which order. Built for a million records; ``queue_numbers.py`` counts them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery, TextChoices
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from complaints.models import Complaint, SavedView
from complaints.models.complaint import ComplaintQuerySet
from complaints.selectors.desk import (
    listed,
    queued,
)
from complaints.selectors.filter_choices import end_of_day
from complaints.selectors.filter_table import BY_NAME, FILTERS, waiting_letters
from complaints.selectors.filters import Asker, cut, read_filters
from complaints.selectors.kept import kept_rows, kept_rows_planned_anew, key_among
from complaints.selectors.keyset import (
    Cursor,
    Order,
    Page,
    as_page,
    far_rows,
    keyset_page,
    near_rows,
    searched_from_the_newest,
)
from complaints.selectors.searching import in_words, is_words, matching
from complaints.selectors.stand_ins import in_hand_of
from complaints.states import ComplaintStatus

PAGE_SIZE = 25
LONGEST_SEARCH = 100
_S = ComplaintStatus


class View(TextChoices):
    """The system views of the queue; each is a URL (``?v=overdue``)."""

    OPEN = "open", _("Semua yang terbuka")
    REVIEW = "review", _("Kajian awal")
    OVERDUE = "overdue", _("Lewat tenggat")
    TODAY = "today", _("Jatuh tempo hari ini")
    WAITING = "waiting", _("Menunggu pelapor")
    LETTERS = "letters", _("Pesan baru")
    MINE = "mine", _("Milik saya")
    UNASSIGNED = "unassigned", _("Belum ditugaskan")
    FINDING = "finding", _("Temuan")
    PLENARY = "plenary", _("Pleno")
    TRACING = "tracing", _("Ditelusuri")
    CLOSED = "closed", _("Selesai")
    ALL = "all", _("Semua")


NEWEST_FIRST = frozenset({View.CLOSED, View.ALL})
_STATUS_OF = {
    View.REVIEW: _S.RECEIVED,
    View.WAITING: _S.AWAITING,
    View.FINDING: _S.RECORDED,
    View.PLENARY: _S.PROPOSED,
    View.TRACING: _S.TRACING,
}
_AWAKE = frozenset({View.REVIEW, View.MINE, View.UNASSIGNED, View.TRACING})
"""Views of what is next: what was put off stays out of them until its day, or its last day."""
_CLOSED = (_S.FOUND, _S.REGISTERED, _S.REFUSED, _S.FORWARDED, _S.ARCHIVED)


_WORK: dict[View, Callable[[Asker], Q]] = {
    View.OVERDUE: lambda asker: Q(due_at__lt=asker.at),
    View.TODAY: lambda asker: Q(due_at__gte=asker.at, due_at__lt=end_of_day(asker.user, asker.at)),
    # Few at any time: the list begins at the letters, not at the records.
    View.LETTERS: lambda _asker: Q(pk__in=waiting_letters().values("complaint")),
    View.MINE: lambda asker: in_hand_of(asker.user, on=asker.today),
    View.UNASSIGNED: lambda _asker: Q(assignee__isnull=True),
}


@dataclass(frozen=True)
class QueueQuery:
    """What a person asked the queue for. ``saved`` is the saved view that says so, if one does."""

    view: View = View.OPEN
    q: str = ""
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    saved: SavedView | None = None
    problems: tuple[str, ...] = ()

    @property
    def order(self) -> Order:
        """Return how the list runs: by deadline while deadlines say something."""
        if self.view not in NEWEST_FIRST:
            return Order.BY_DEADLINE
        return Order.SEARCHED if self.q or "act" in self.values else Order.NEWEST_FIRST

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the view narrows the list."""
        return bool(self.q or self.values)

    @property
    def name(self) -> str:
        """Return what stands above the list."""
        return self.saved.name if self.saved else str(self.view.label)

    def encode(self, **more: str) -> str:
        """Return the query string, the same for the same query; ``more`` are cursor and chosen row."""
        if self.saved is not None:
            return urlencode({"v": str(self.saved.public_id), **_held(more)})
        return urlencode({"v": self.view.value, **self._filters(), **_held(more)}, doseq=True)

    def _filters(self) -> dict[str, Any]:
        held: dict[str, Any] = {"q": self.q} if self.q else {}
        return held | {name: list(self.values[name]) for name in BY_NAME if name in self.values}

    def without(self, name: str) -> "QueueQuery":
        """Return the query less one filter (``q`` is the search); it is no saved view any more."""
        if name == "q":
            return replace(self, q="", saved=None)
        values = {key: value for key, value in self.values.items() if key != name}
        return replace(self, values=values, saved=None)

    def stored(self) -> str:
        """Return what a saved view keeps."""
        return replace(self, saved=None).encode()


def _held(more: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in more.items() if value}


def read_query(params: QueryDict, asker: Asker) -> QueueQuery:
    """Read a URL; what does not hold is left out and told.

    Queries: one for a saved view, one for each filter with choices of its own that is used.
    """
    asked = params.get("v", "")
    saved = None if asked in View.values else saved_view(asked, asker.user)
    problems: tuple[str, ...] = ()
    if asked and saved is None and asked not in View.values:
        problems = (_now("Tampilan itu tidak ada atau bukan milik kantor Anda."),)
    given = params
    if saved is not None:
        given = QueryDict(saved.query, mutable=True)
        own = [name for name in params if name in BY_NAME or name == "q"]
        for name in own:
            given.setlist(name, params.getlist(name))
        asked = given.get("v", "")
        # Narrowed further it is no longer the view that was saved.
        saved = None if own else saved
    chosen = read_filters(FILTERS, given, asker)
    q = given.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    return QueueQuery(
        view=View(asked) if asked in View.values else View.ALL if q else View.OPEN,
        q=q,
        values=chosen.values,
        saved=saved,
        problems=problems + chosen.problems,
    )


def tidy_query(text: str) -> str:
    """Return a query string with just what the queue knows by name, for a link back. No query."""
    given = QueryDict(text[:4000].replace("\x00", ""))
    names = ("v", "q", *BY_NAME, "at")
    held = {name: given.getlist(name) for name in names if given.get(name)}
    return urlencode(held, doseq=True)


def chips_of(query: QueueQuery, asker: Asker) -> list[dict[str, str]]:
    """Return one chip for each filter in use: its words and the URL without it."""
    chips = [
        {
            "label": BY_NAME[name].words(values, asker),
            "href": f"?{query.without(name).encode()}",
        }
        for name, values in query.values.items()
    ]
    if query.q:
        label = _now("Cari “%(q)s”") % {"q": query.q}
        chips.insert(0, {"label": label, "href": f"?{query.without('q').encode()}"})
    return chips


def queue_rows(query: QueueQuery, asker: Asker) -> ComplaintQuerySet:
    """Return the records of a query in the person's scope, in no order yet. A filter, no query."""
    rows = in_view(Complaint.objects.visible_to(asker.user), query.view, asker)
    rows = cut(rows, BY_NAME, query.values, asker)
    if query.order is Order.SEARCHED and "act" in query.values:
        rows = rows.filter(acts__overlap=list(query.values["act"]))
    return matching(rows, query.q) if query.q else rows


def in_view(rows: ComplaintQuerySet, view: View, asker: Asker) -> ComplaintQuerySet:
    """Keep what a view shows. A filter, no query."""
    if view is View.ALL:
        return rows
    if view is View.CLOSED:
        return rows.filter(status__in=_CLOSED)
    if view in _AWAKE:
        rows = _awake(rows, asker)
    if view in _STATUS_OF:
        # Not beside open(): one status implies it, so the partial indexes apply all the same, and
        # PostgreSQL would think that the two conditions together leave next to nothing.
        return rows.filter(status=_STATUS_OF[view])
    rows = rows.open()
    return rows.filter(_WORK[view](asker)) if view in _WORK else rows


def _awake(rows: ComplaintQuerySet, asker: Asker) -> ComplaintQuerySet:
    """Leave out what was put off to a later day, unless its deadline ends today or has passed."""
    return rows.filter(
        Q(snoozed_until__isnull=True)
        | Q(snoozed_until__lte=asker.today)
        | Q(due_at__lt=end_of_day(asker.user, asker.at))
    )


def queue_page(
    *, query: QueueQuery, asker: Asker, cursor: Cursor | None, size: int = PAGE_SIZE
) -> Page[Complaint]:
    """Return one page of the queue.

    One query where a view begins; two for any other page and up to four for a search (Order.SEARCHED):
    filters and words find keys, and the rows of these keys are read by a statement that is kept.
    """
    if cursor is None and not query.is_filtered:
        return as_page(_first_rows(query.view, asker, size + 1), cursor=None, size=size)
    if cursor is None and query.order is Order.SEARCHED and not query.values and is_words(query.q):
        found = as_page(_first_keys(query, asker, size + 1), cursor=None, size=size)
    else:
        keys = queue_rows(query, asker).only("id", "due_at")
        found = keyset_page(keys, order=query.order, cursor=cursor, size=size)
    return replace(found, rows=_rows_of([row.pk for row in found.rows], asker))


def _first_keys(query: QueueQuery, asker: Asker, limit: int) -> list[Complaint]:
    """Return where a search for words begins, keys and deadlines alone; both statements are kept."""

    def matches(asker: Asker, q: str) -> ComplaintQuerySet:
        return in_words(queue_rows(QueueQuery(query.view), asker), q).only("id", "due_at")

    def near(asker: Asker, *, q: str, edge: int) -> "QuerySet[Complaint]":
        return near_rows(matches(asker, q), edge=edge, limit=limit)

    def far(asker: Asker, *, q: str) -> "QuerySet[Complaint]":
        return far_rows(matches(asker, q), limit=limit)

    kind, q = f"{query.view.value} {limit}", query.q.strip()
    return searched_from_the_newest(
        Complaint,
        near=lambda edge: kept_rows_planned_anew(f"search {kind}", near, asker, q=q, edge=edge),
        far=lambda: kept_rows_planned_anew(f"search all {kind}", far, asker, q=q),
        limit=limit,
    )


def _rows_of(keys: list[int], asker: Asker) -> list[Complaint]:
    """Return queued records in the order of their keys. One query, none without keys.

    What left the person's sight since the keys were read is not there.
    """
    if not keys:
        return []

    def build(asker: Asker, *, keys: list[int]) -> ComplaintQuerySet:
        rows = Complaint.objects.visible_to(asker.user).filter(key_among(keys))
        return queued(rows, viewer=asker.user, on=asker.today)

    rows = {row.pk: row for row in kept_rows("queue rows", build, asker, keys=keys)}
    return [rows[key] for key in keys if key in rows]


def _first_rows(view: View, asker: Asker, limit: int) -> list[Complaint]:
    """Return where a view begins: what everybody opens most, so its statement is kept."""
    query = QueueQuery(view)
    order = ("due_at", "id") if query.order is Order.BY_DEADLINE else ("-id",)

    def build(asker: Asker) -> ComplaintQuerySet:
        rows = queued(queue_rows(query, asker), viewer=asker.user, on=asker.today)
        return rows.order_by(*order)[:limit]

    return kept_rows(f"queue {view.value} {limit}", build, asker)


def saved_views(user: User) -> list[SavedView]:
    """Return somebody's own views, then those of the office, each by name. One query."""

    def build(asker: Asker) -> "QuerySet[SavedView]":
        mine = Q(owner=asker.user.pk, office__isnull=True)
        if asker.user.office_id is None:
            return SavedView.objects.filter(mine)
        return SavedView.objects.filter(mine | Q(office_id=asker.user.office_id))

    rows = kept_rows("saved views", build, Asker(user, timezone.now()))
    return sorted(rows, key=lambda view: (view.office_id is not None, view.name.lower(), view.pk))


def saved_view(text: str, user: User) -> SavedView | None:
    """Return a view of somebody's own or of the office by the id of a URL. One query, or none."""
    try:
        public_id = UUID(text)
    except ValueError:
        return None
    return next((view for view in saved_views(user) if view.public_id == public_id), None)


EXPORT_CAP = 5000
"""Rows of one CSV file."""


def export_rows(*, query: QueueQuery, asker: Asker) -> list[Any]:
    """Return the first EXPORT_CAP rows of a query with what a file shows. One query."""
    rows = queue_rows(query, asker).select_related("region", "office")
    rows = rows.defer("search", "search_text", "summary").annotate(
        in_hands=Subquery(User.objects.filter(pk=OuterRef("assignee_id")).values("name")[:1])
    )
    order = ("due_at", "id") if query.order is Order.BY_DEADLINE else ("-id",)
    return list(rows.order_by(*order)[:EXPORT_CAP])


def picked_rows(
    *,
    asker: Asker,
    ids: Sequence[UUID] = (),
    query: QueueQuery | None = None,
    limit: int = 0,
) -> list[Complaint]:
    """Return listed rows by their ids, or the first ``limit`` of a query. One query.

    What lies outside the person's sight is not there.
    """
    if query is None:
        rows = Complaint.objects.visible_to(asker.user).filter(public_id__in=list(ids))
        return list(listed(rows).order_by("due_at", "id"))
    order = ("due_at", "id") if query.order is Order.BY_DEADLINE else ("-id",)
    return list(listed(queue_rows(query, asker)).order_by(*order)[:limit])
