"""Reference data: what is in force, changes that wait, and the second person's word."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.registry.change_forms import FORMS
from bawaslu_cases.registry.models import ChangeTable, RegistryChange
from bawaslu_cases.registry.selectors.changes import (
    change_effects,
    change_rows,
    changes,
    initial_fields,
    row_digest,
    rows_to_change,
    waiting_changes,
)
from bawaslu_cases.registry.services.changes import (
    approve_change,
    propose_change,
    reject_change,
    withdraw_change,
)
from bawaslu_cases.registry.states import ChangeAction, ChangeStatus
from bawaslu_cases.shared.errors import ConflictError, DomainError
from bawaslu_cases.shared.forms import HouseForm
from bawaslu_cases.shared.http import OfficerRequest
from bawaslu_cases.shared.kept_words import kept_words
from complaints.web.desk import desk_context

LISTED_OPEN = 15
"""Longer lists of rows are folded."""
ACTIONS = {action.value: action for action in ChangeAction}


class WhyForm(HouseForm):
    """Why a change is proposed, and where the law or decree says so; ``seen`` is the row that was read."""

    reason = forms.CharField(label=gettext_lazy("Alasan"), max_length=250)
    source = forms.CharField(
        label=gettext_lazy("Sumber"),
        help_text=gettext_lazy("Peraturan, keputusan, atau surat, dengan nomornya."),
        max_length=200,
    )
    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


@role_required(Role.ADMINISTRATOR)
@require_GET
def registry(request: OfficerRequest) -> HttpResponse:
    """List what may be changed and the changes, those that wait first."""
    tables: list[dict[str, Any]] = [
        {"table": table, "rows": rows_to_change(table, on=timezone.localdate())}
        for table in ChangeTable
    ]
    for each in tables:
        each["is_new"] = each["table"] in (ChangeTable.HOLIDAY_ADDED, ChangeTable.PHASE_ADDED)
        each["is_long"] = len(each["rows"]) > LISTED_OPEN
    context = {"tables": tables, "waiting": waiting_changes(), "settled": changes()}
    return render(request, "complaints/desk/registry.html", desk_context(request.user, **context))


@role_required(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def registry_propose(request: OfficerRequest, table: str) -> HttpResponse:
    """Propose one change; nothing is in force before a second person approves it."""
    if table not in ChangeTable.values:
        raise Http404
    kind = ChangeTable(table)
    given = request.POST if request.method == "POST" else None
    held = _row_of(kind, request.GET.get("baris", ""), is_sent=given is not None)
    initial = initial_fields(kind, held[0]) if held and given is None else {}
    # From when is what a new version is about: never taken over from the one that stands.
    initial.pop("valid_from", None)
    fields = FORMS[kind](given, initial=initial)
    why = WhyForm(given, initial={"seen": row_digest(kind, held[0]) if held else ""})
    status = 200
    # both are looked at: what is wrong in the second shows beside what is wrong in the first
    if request.method == "POST" and all([fields.is_valid(), why.is_valid()]):
        try:
            change = propose_change(
                table=kind,
                row=held[0] if held else None,
                fields=request.POST,
                reason=why.cleaned_data["reason"],
                source=why.cleaned_data["source"],
                proposer=request.user,
                at=timezone.now(),
                seen=why.cleaned_data["seen"],
            )
        except DomainError as error:
            status = 409 if isinstance(error, ConflictError) else 200
            form = fields if error.field in fields.fields else why
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            messages.success(request, _("Usulan disimpan dan menunggu orang kedua."))
            return redirect("desk:registry_change", change.public_id)
    context = {"kind": kind, "held": held, "fields": fields, "why": why}
    return render(
        request,
        "complaints/desk/registry_propose.html",
        desk_context(request.user, **context),
        status=status,
    )


@role_required(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def registry_change(request: OfficerRequest, change_id: UUID) -> HttpResponse:
    """Show a change beside what it would replace; approve, refuse or take it back."""
    change = get_object_or_404(RegistryChange, public_id=change_id)
    problem, status = "", 200
    if request.method == "POST":
        action = ACTIONS.get(request.POST.get("do", ""))
        if action is None:
            raise Http404
        try:
            _settle(request, change, action)
        except DomainError as error:
            problem, status = str(error.message), 409 if error.code == "conflict" else 200
            change.refresh_from_db()
        else:
            messages.success(request, str(ChangeStatus(change.status).label))
            return redirect("desk:registry")
    proposed_by = change.events.filter(action="create").values_list("actor", flat=True).first()
    context: dict[str, Any] = {
        "change": change,
        "rows": change_rows(change),
        "effects": change_effects(change),
        "events": change.events.select_related("actor"),
        "mine": proposed_by == request.user.pk,
        "waits": change.status == ChangeStatus.PROPOSED,
        "problem": problem,
        "kept": [] if change.status == ChangeStatus.PROPOSED else kept_words(request.POST),
        "back_url": reverse("desk:registry"),
    }
    return render(
        request,
        "complaints/desk/registry_change.html",
        desk_context(request.user, **context),
        status=status,
    )


def _settle(request: OfficerRequest, change: RegistryChange, action: ChangeAction) -> None:
    at, user = timezone.now(), request.user
    if action is ChangeAction.APPROVE:
        approve_change(change=change, approver=user, at=at)
    elif action is ChangeAction.REJECT:
        reject_change(
            change=change, officer=user, reason=request.POST.get("reason", "")[:250], at=at
        )
    else:
        withdraw_change(change=change, officer=user, at=at)


def _row_of(kind: ChangeTable, text: str, *, is_sent: bool) -> tuple[int, str] | None:
    """Return the row a change is about with its words, None for a new one. Raises Http404.

    A form that was sent is read although its row went meanwhile: the service refuses it, with what was typed.
    """
    if kind in (ChangeTable.HOLIDAY_ADDED, ChangeTable.PHASE_ADDED):
        return None
    for key, words in rows_to_change(kind, on=timezone.localdate()):
        if str(key) == text:
            return key, words
    if is_sent and text.isascii() and text.isdigit() and len(text) < 18:  # noqa: PLR2004 -- a key's digits
        return int(text), ""
    raise Http404
