"""Many records at once: look at what would happen, say why, read what came of it."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.audit.reads import remark
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.models import Tag
from complaints.selectors.choices import offices_below
from complaints.selectors.desk import queue_row
from complaints.selectors.filter_choices import colleagues, office_tags
from complaints.selectors.filters import Asker
from complaints.selectors.queue import picked_rows, tidy_query
from complaints.services.bulk import AT_ONCE, BY_HAND, BulkAction, Order, Outcome, apply_to_many
from complaints.services.tags import make_tag
from complaints.web.desk import desk_context, place_error, uuid_of
from complaints.web.forms_queue import BulkForm, read_row
from complaints.web.queue import query_of


@role_required(*BAWASLU_ROLES)
@require_http_methods(["GET", "POST"])
def bulk(request: OfficerRequest) -> HttpResponse:
    """Preview one step for many records; on POST take it and list what was done and what was not."""
    given = request.POST if request.method == "POST" else request.GET
    asked = given.get("do") or BulkAction.ASSIGN.value
    if asked not in BulkAction.values:
        raise Http404
    action = BulkAction(asked)
    asker = Asker(request.user, timezone.now())
    form = _form(request, action)
    back = tidy_query(given.get("query", ""))
    context: dict[str, Any] = {
        "action": action,
        "form": form,
        "query_text": back,
        "cancel_href": f"{reverse('desk:queue')}?{back}",
        "search_action": reverse("desk:queue"),
    }
    if request.method == "POST" and form.is_valid():
        try:
            outcome = _apply(request, form, action, asker)
        except DomainError as error:
            place_error(form, error)
        else:
            remark(done=len(outcome.done), skipped=len(outcome.skipped), action=action.value)
            context |= {"outcome": outcome, "reasons": _reasons(outcome)}
            return render(
                request, "complaints/desk/bulk_result.html", desk_context(request.user, **context)
            )
    context |= _preview(request, asker, back)
    return render(
        request,
        "complaints/desk/bulk.html",
        desk_context(request.user, **context),
    )


def _form(request: OfficerRequest, action: BulkAction) -> BulkForm:
    user = request.user
    return BulkForm(
        request.POST if request.method == "POST" else None,
        action=action,
        people=colleagues(user) if action is BulkAction.ASSIGN else [],
        tags=office_tags(user) if action in {BulkAction.TAG, BulkAction.UNTAG} else [],
        offices=offices_below(user.office) if action is BulkAction.MOVE and user.office else [],
    )


def _apply(request: OfficerRequest, form: BulkForm, action: BulkAction, asker: Asker) -> Outcome:
    rows = [row for text in request.POST.getlist("seen") if (row := read_row(text)) is not None]
    order = Order(
        action=action,
        officer=asker.user,
        at=asker.at,
        reason=form.cleaned_data["reason"],
        to=form.person,
        tag=_tag(form, asker),
        target=form.office,
    )
    return apply_to_many(order=order, rows=rows)


def _tag(form: BulkForm, asker: Asker) -> Tag | None:
    named = form.cleaned_data.get("new_tag", "")
    if named:
        return make_tag(name=named, officer=asker.user)
    return form.tags.get(form.cleaned_data.get("tag", ""))


def _preview(request: OfficerRequest, asker: Asker, back: str) -> dict[str, Any]:
    """Return the rows a step would touch, as they are now."""
    note = ""
    if request.method == "POST":
        seen = [row for text in request.POST.getlist("seen") if (row := read_row(text))]
        rows = picked_rows(asker=asker, ids=[row.public_id for row in seen][:AT_ONCE])
    elif request.GET.get("scope") == "all":
        rows = picked_rows(asker=asker, query=query_of(back, asker), limit=AT_ONCE + 1)
        if len(rows) > AT_ONCE:
            note = _("Hanya 500 laporan pertama dari tampilan ini.")
        rows = rows[:AT_ONCE]
    else:
        ids: list[UUID] = [each for text in request.GET.getlist("row") if (each := uuid_of(text))]
        if len(ids) > BY_HAND:
            note = _("Hanya 50 laporan pertama yang dicentang.")
        rows = picked_rows(asker=asker, ids=ids[:BY_HAND])
    lines = []
    for found in rows:
        line = queue_row(found, at=asker.at)
        seen_text = f"{found.public_id}.{found.assignee_id or 0}.{found.status}"
        lines.append({"line": line, "seen": seen_text})
    return {"lines": lines, "note": note, "count": len(lines)}


def _reasons(outcome: Outcome) -> list[dict[str, Any]]:
    """Return why rows were skipped, each reason once with the references it holds for."""
    grouped: dict[str, list[str]] = {}
    for reference, why in outcome.skipped:
        grouped.setdefault(str(why), []).append(reference)
    return [
        {"why": why, "count": len(found), "references": [name for name in found if name]}
        for why, found in grouped.items()
    ]
