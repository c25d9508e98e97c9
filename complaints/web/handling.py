"""Beside the decision: who has a record, until when it sleeps, notes, and what is like it."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import readable_complaint
from complaints.models import Complaint
from complaints.selectors.handling import officers_for
from complaints.selectors.proposals import waiting_proposal
from complaints.services import assignment
from complaints.services import snooze as sleeping
from complaints.services.notes import write_note
from complaints.services.proposals import dismiss_proposal
from complaints.states import OFFICERS
from complaints.web.decisions import opened_record
from complaints.web.desk import desk_context, place_error
from complaints.web.evidence import draws_copies
from complaints.web.forms_desk import ReasonForm
from complaints.web.forms_steps import AssignForm, NoteForm, SnoozeForm
from complaints.web.likeness_panel import likeness_panel
from complaints.web.record import place_url, remember_step

READ_OR_WRITE = ["GET", "POST"]


@role_required(*OFFICERS)
@require_http_methods(READ_OR_WRITE)
@draws_copies
def assign(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Put the record into somebody's hands."""
    complaint = readable_complaint(public_id=public_id, user=request.user)
    seen = str(complaint.assignee_id or "")
    officers = officers_for(complaint, at=timezone.now())
    form = AssignForm(_posted(request), officers=officers, initial={"seen": seen})
    if request.method == "POST" and form.is_valid():
        to = form.chosen()
        try:
            assignment.assign(
                subject=complaint,
                to=to,
                officer=request.user,
                at=timezone.now(),
                seen=form.seen_holder(),
            )
        except DomainError as error:
            place_error(form, error)
        else:
            remember_step(request, complaint)
            messages.success(
                request,
                _("Ditugaskan kepada %(name)s.") % {"name": to.name}
                if to
                else _("Laporan ini sekarang tidak dipegang siapa pun."),
            )
            return redirect(place_url(request.POST, complaint))
    return _page(request, complaint, form, _("Tugaskan"))


@role_required(*OFFICERS)
@require_http_methods(READ_OR_WRITE)
@draws_copies
def snooze(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Put the record off until a day, or bring it back."""
    complaint = readable_complaint(public_id=public_id, user=request.user)
    held = complaint.snoozed_until
    form = SnoozeForm(
        _posted(request), initial={"seen": held.isoformat() if held else "", "until": held}
    )
    if request.method == "POST" and form.is_valid():
        until = form.cleaned_data["until"]
        try:
            sleeping.snooze(
                complaint=complaint,
                until=until,
                officer=request.user,
                at=timezone.now(),
                seen=_day(form.cleaned_data["seen"]),
            )
        except DomainError as error:
            place_error(form, error)
        else:
            remember_step(request, complaint)
            messages.success(
                request,
                _("Ditunda sampai %(day)s.") % {"day": dateformat.format(until, "l j F Y")}
                if until
                else _("Tidak ditunda lagi."),
            )
            return redirect(place_url(request.POST, complaint))
    return _page(request, complaint, form, _("Tunda"))


@role_required(*OFFICERS)
@require_http_methods(READ_OR_WRITE)
@draws_copies
def note(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Write a note that only officers read."""
    complaint = readable_complaint(public_id=public_id, user=request.user)
    form = NoteForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            write_note(
                subject=complaint,
                text=form.cleaned_data["text"],
                author=request.user,
                at=timezone.now(),
            )
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, _("Catatan disimpan. Hanya petugas yang membacanya."))
            return redirect(f"{place_url(request.POST, complaint)}#catatan")
    return _page(request, complaint, form, _("Catatan internal"))


@role_required(*OFFICERS)
@require_http_methods(READ_OR_WRITE)
@draws_copies
def proposal_dismiss(request: OfficerRequest, public_id: UUID, proposal_id: UUID) -> HttpResponse:
    """Ask why a system's proposal is not followed; its system reads the reason."""
    complaint = readable_complaint(public_id=public_id, user=request.user)
    proposal = waiting_proposal(complaint=complaint, proposal_id=proposal_id)
    if proposal is None:
        raise Http404
    form = ReasonForm(_posted(request), needs_reason=True)
    if request.method == "POST" and form.is_valid():
        try:
            dismiss_proposal(
                proposal=proposal,
                officer=request.user,
                at=timezone.now(),
                reason=form.cleaned_data["reason"],
            )
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, _("Usulan sistem tidak dipakai. Alasannya disimpan."))
            return redirect(place_url(request.POST, complaint))
    return _page(request, complaint, form, _("Jangan pakai usulan ini"))


@role_required(*OFFICERS)
@require_GET
def alike(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show what may tell of the same event; the first one has the focus, so Enter compares."""
    complaint = readable_complaint(public_id=public_id, user=request.user)
    return render(
        request,
        "complaints/desk/alike.html",
        desk_context(
            request.user,
            record=complaint,
            likeness=likeness_panel(complaint, request.user),
            search_action=reverse("desk:queue"),
        ),
    )


def _posted(request: OfficerRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _page(request: OfficerRequest, complaint: Complaint, form: Any, title: str) -> HttpResponse:
    """Return the record with the form in its panel; 409 where somebody was faster."""
    params = request.POST if request.method == "POST" else request.GET
    back = params.get("back", "")
    context = opened_record(request, complaint, at=timezone.now(), back=back)
    context |= {
        "back": back,
        "then": "",
        "form": form,
        "action": title,
        "cancel_url": place_url(params, complaint),
        "search_action": reverse("desk:queue"),
    }
    conflict = form.is_bound and "seen" in form.fields and form.has_error("seen")
    return render(
        request,
        "complaints/desk/record.html",
        desk_context(request.user, **context),
        status=409 if conflict else 200,
    )
