"""The queue: views, filters, a page of rows, and beside it the record that was chosen."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import readable_complaint
from complaints.models import Complaint, SavedView
from complaints.selectors.desk import capped_text
from complaints.selectors.filter_table import BY_NAME, FILTERS
from complaints.selectors.filters import Asker, Group, Kind
from complaints.selectors.keyset import Page, decode_cursor
from complaints.selectors.queue import (
    NEWEST_FIRST,
    QueueQuery,
    View,
    chips_of,
    queue_page,
    read_query,
    saved_views,
)
from complaints.selectors.queue_numbers import (
    COUNTED,
    Neighbours,
    QueueNumbers,
    neighbours,
    number_text,
    queue_numbers,
)
from complaints.services.bulk import BulkAction
from complaints.services.read_marks import mark_read
from complaints.web.decisions import opened_record
from complaints.web.desk import desk_context, line_context, uuid_of
from complaints.web.evidence import draws_copies

QUICK = frozenset({View.REVIEW, View.OVERDUE, View.TODAY, View.MINE, View.LETTERS})
"""Views that stand as chips above the list; all of them are in the menu."""


@role_required(*BAWASLU_ROLES)
@require_GET
@draws_copies
def queue(request: OfficerRequest) -> HttpResponse:
    """Show the queue, and beside it the record chosen with ``?c=``."""
    asker = Asker(request.user, timezone.now())
    user = request.user
    query = read_query(request.GET, asker)
    cursor = decode_cursor(request.GET.get("at", ""))
    page = queue_page(query=query, asker=asker, cursor=cursor)
    chosen = uuid_of(request.GET.get("c", ""))
    record = readable_complaint(public_id=chosen, user=user) if chosen else None
    saved = saved_views(user)
    numbers = queue_numbers(asker=asker, saved=saved, query=query, row=record)
    place = cursor.encode() if cursor else ""
    context = {
        "rail": {"counts": numbers.rail},
        **_list_context(page, query, asker, place=place, chosen=record),
        **_views_context(query, numbers, saved),
    }
    if record is None:
        return render(request, "complaints/desk/queue.html", context)
    beside = _beside(page, query, asker, record, numbers)
    if numbers.unseen > 0:
        mark_read(complaint=record, user=user, news=numbers.news)
    context |= _moves(beside, query) | opened_record(
        request,
        record,
        at=asker.at,
        back=query.encode(at=place),
        # after the last one comes the one before it: there is always a next while any is left
        following=str(beside.following or beside.previous or ""),
    )
    return render(request, "complaints/desk/queue.html", context)


def _list_context(
    page: Page[Complaint],
    query: QueueQuery,
    asker: Asker,
    *,
    place: str,
    chosen: Complaint | None,
) -> dict[str, Any]:
    # The chosen row stands last in an address, so all of them begin alike.
    place_text = query.encode(at=place)
    rows = []
    for line in page.rows:
        current = chosen is not None and line.pk == chosen.pk
        row = line_context(line, asker.at, href=f"?{place_text}&c={line.public_id}")
        row["current"] = current
        row["pick"] = line.public_id
        # Beside an open record its own row is read by now.
        row["unread"] = row["unread"] and not current
        rows.append(row)
    previous, following = page.previous, page.following
    return {
        "rows": rows,
        "query": query,
        "search_value": query.q,
        "view_name": query.name,
        "newest_first": query.view in NEWEST_FIRST,
        "filters": chips_of(query, asker),
        "previous_href": f"?{query.encode(at=previous.encode())}" if previous else "",
        "next_href": f"?{query.encode(at=following.encode())}" if following else "",
        "search_action": reverse("desk:queue"),
        "list_href": f"?{place_text}",
        "query_text": query.encode(),
        "bulk_actions": BulkAction.choices,
    }


def _views_context(
    query: QueueQuery, numbers: QueueNumbers, saved: list[SavedView]
) -> dict[str, Any]:
    """Return the chips of views, each with its number: those that everybody has, then saved ones."""
    system = [
        {
            "label": view.label,
            "href": f"?v={view.value}",
            "current": query.saved is None and view is query.view and not query.is_filtered,
            "count": number_text(numbers.views[view.value]) if view in COUNTED else None,
        }
        for view in View
    ]
    kept = [
        {
            "label": view.name,
            "href": f"?v={view.public_id}",
            "current": query.saved == view,
            "count": numbers.saved[view.public_id],
            "shared": view.office_id is not None,
        }
        for view in saved
    ]
    quick = [chip for chip, view in zip(system, View, strict=True) if view in QUICK]
    return {"views": system, "saved": kept, "quick_views": quick}


def _beside(
    page: Page[Complaint],
    query: QueueQuery,
    asker: Asker,
    record: Complaint,
    numbers: QueueNumbers,
) -> Neighbours:
    """Return the record's neighbours; asks again only where the page ends before the list does."""
    ids = [row.public_id for row in page.rows]
    if record.public_id not in ids:
        return neighbours(query=query, asker=asker, row=record)
    at = ids.index(record.public_id)
    ends = (at == 0 and page.previous is not None) or (
        at == len(ids) - 1 and page.following is not None
    )
    if ends:
        return neighbours(query=query, asker=asker, row=record)
    place = numbers.place
    return Neighbours(
        ids[at - 1] if at else None,
        ids[at + 1] if at + 1 < len(ids) else None,
        place["before"] + 1 if place.get("here") else None,
        place["total"] if place.get("here") else None,
    )


def _moves(beside: Neighbours, query: QueueQuery) -> dict[str, Any]:
    """Return the arrows of the record's head and "3 dari 23"."""

    def link(public_id: Any) -> str:
        return f"?{query.encode(c=str(public_id))}" if public_id else ""

    position = ""
    if beside.position is not None and beside.total is not None:
        position = _("%(number)s dari %(all)s") % {
            "number": capped_text(beside.position),
            "all": capped_text(beside.total),
        }
    return {
        "previous_row": link(beside.previous),
        "next_row": link(beside.following),
        "position": position,
        "has_moves": bool(beside.previous or beside.following or position),
    }


@role_required(*BAWASLU_ROLES)
@require_GET
def queue_filters(request: OfficerRequest) -> HttpResponse:
    """Show every filter on a page of its own; sent, it leads to the list they make."""
    asker = Asker(request.user, timezone.now())
    query = read_query(request.GET, asker)
    if "go" in request.GET:
        return redirect(f"{reverse('desk:queue')}?{query.encode()}")
    groups = []
    for group in Group:
        fields = [_field(row.name, query, asker) for row in FILTERS if row.group is group]
        groups.append({"label": group.value, "fields": [field for field in fields if field]})
    views = [{"value": view.value, "label": view.label} for view in View]
    context = {
        "groups": groups,
        "query": query,
        "views": views,
        "back_href": f"{reverse('desk:queue')}?{query.encode()}",
        "clear_href": f"{reverse('desk:queue_filters')}?v={query.view.value}",
        "search_action": reverse("desk:queue"),
        "search_value": query.q,
    }
    return render(request, "complaints/desk/filters.html", desk_context(request.user, **context))


FEW = 8
"""Up to so many choices stand as boxes; more are a list to pick from."""


def _field(name: str, query: QueueQuery, asker: Asker) -> dict[str, Any] | None:
    """Return a filter as a field of the page; None where there is nothing to choose."""
    row = BY_NAME[name]
    given = query.values.get(name, ())
    field: dict[str, Any] = {"name": name, "label": row.label, "hint": row.hint}
    if row.kind in {Kind.TEXT, Kind.DAY}:
        kind = "date" if row.kind is Kind.DAY else "search"
        return field | {"widget": "input", "type": kind, "value": given[0] if given else ""}
    offered = row.offered(asker)
    if not offered:
        return None
    options = [
        {"value": value, "label": label, "selected": value in given}
        for value, label in offered.items()
    ]
    if row.kind is Kind.ONE:
        return field | {"widget": "one", "options": options}
    return field | {"widget": "boxes" if len(options) <= FEW else "many", "options": options}


def query_of(text: str, asker: Asker) -> QueueQuery:
    """Return the query of a query string that a form carries."""
    return read_query(QueryDict(text[:4000]), asker)
