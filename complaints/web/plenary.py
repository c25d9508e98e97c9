"""The plenary (rapat pleno): what lies before it, and the record of what it decided."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import readable_case, readable_complaint
from complaints.models import Complaint, OfficeChange
from complaints.selectors import desk as lists
from complaints.selectors.case_file import EVENT_WORDS
from complaints.selectors.clocks import short_time_left
from complaints.selectors.plenary import seats_of
from complaints.selectors.record_page import day_text, record_page
from complaints.services.cases import CASE_OUTCOMES, decide_on_case
from complaints.services.reports import REPORT_OUTCOMES, decide_on_report
from complaints.services.triage import PLENARY_OUTCOMES, decide_on_tip
from complaints.states import (
    CASE_DECISIONS,
    CASE_LIFECYCLE,
    LIFECYCLES,
    PLENARY,
    REPORT_LANES,
    CaseAction,
    CaseStatus,
    ComplaintAction,
    ComplaintStatus,
    Lane,
    requirements_of,
)
from complaints.web.desk import check_seen, desk_context, place_error
from complaints.web.forms_desk import PlenaryForm


@role_required(*PLENARY)
@require_GET
def plenary(request: OfficerRequest) -> HttpResponse:
    """Show the agenda: proposals about tips and assessments of cases, the nearest deadline first."""
    at = timezone.now()
    agenda = lists.plenary_agenda(request.user)
    return render(
        request,
        "complaints/desk/plenary.html",
        desk_context(
            request.user,
            proposals=[_proposal(row, at) for row in agenda.proposals],
            assessments=[_assessment(row, at) for row in agenda.assessments],
            more=agenda.more,
            search_action=reverse("desk:queue"),
        ),
    )


def _proposal(row: Any, at: Any) -> dict[str, Any]:
    text, tone, percent = short_time_left(
        due_at=row.due_at, time_zone=row.office.time_zone, explanation=row.told, at=at
    )
    brief = _(
        "%(what)s oleh %(who)s. Kejadian %(day)s di %(place)s; syarat terpenuhi %(met)d dari %(all)d."
    ) % {
        "what": EVENT_WORDS.get(row.proposed_action, ""),
        "who": row.proposed_by,
        "day": day_text(row.event_on, row.event_precision),
        "place": row.region.short_name,
        "met": row.met,
        "all": len(requirements_of(row.lane)),
    }
    return {
        "reference": row.reference,
        "title": row.title,
        "brief": brief,
        "reason": row.proposed_reason,
        "href": reverse("desk:decide_complaint", args=[row.public_id]),
        "read_href": reverse("desk:record", args=[row.public_id]),
        "due_text": text,
        "due_tone": tone,
        "due_percent": percent,
    }


def _assessment(row: Any, at: Any) -> dict[str, Any]:
    text, tone, percent = short_time_left(
        due_at=row.due_at, time_zone=row.office.time_zone, explanation=row.told, at=at
    )
    return {
        "reference": row.reference,
        "title": row.title,
        "brief": row.summary,
        "reason": "",
        "href": reverse("desk:decide_case", args=[row.public_id]),
        "read_href": reverse("desk:case", args=[row.public_id]),
        "due_text": text,
        "due_tone": tone,
        "due_percent": percent,
    }


@role_required(*PLENARY)
@require_http_methods(["GET", "POST"])
def decide_complaint(request: OfficerRequest, public_id: UUID, action: str = "") -> HttpResponse:
    """Record the decision on a proposal about a tip or a report."""
    complaint = readable_complaint(public_id=public_id, user=request.user)
    machine = LIFECYCLES[Lane(complaint.lane)]
    decide, table = (
        (decide_on_report, REPORT_OUTCOMES)
        if complaint.lane in REPORT_LANES
        else (decide_on_tip, PLENARY_OUTCOMES)
    )
    outcomes = _possible(complaint, table)
    if action and action not in {each.value for each in outcomes}:
        raise Http404
    form = _form(request, outcomes, action, status=complaint.status, office=complaint.office)
    if request.method == "POST" and form.is_valid():
        try:
            check_seen(complaint, form.cleaned_data["seen"])
            decide(
                complaint=complaint,
                action=ComplaintAction(form.cleaned_data["outcome"]),
                member=request.user,
                at=timezone.now(),
                **_minutes(form),
                **({"ground": form.cleaned_data["ground"]} if "ground" in form.fields else {}),
            )
        except DomainError as error:
            place_error(form, error)
        else:
            return _decided(request)
    page = record_page(complaint, viewer=request.user, at=timezone.now())
    return _page(
        request,
        form,
        title=complaint.title,
        reference=complaint.reference,
        page=page,
        read_href=reverse("desk:record", args=[complaint.public_id]),
        waiting=complaint.status == ComplaintStatus.PROPOSED,
        articles=[machine.table[each].article for each in outcomes],
    )


@role_required(*PLENARY)
@require_http_methods(["GET", "POST"])
def decide_case(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Record the decision on an assessment."""
    case = readable_case(public_id=public_id, user=request.user)
    kinds = [each for each in CASE_DECISIONS if each != CaseAction.DECIDE_STOP]
    form = _form(
        request,
        CASE_OUTCOMES,
        "",
        status=case.status,
        office=case.office,
        also=[(each.value, each.label) for each in kinds],
    )
    if request.method == "POST" and form.is_valid():
        try:
            check_seen(case, form.cleaned_data["seen"])
            decide_on_case(
                case=case,
                action=CaseAction(form.cleaned_data["outcome"]),
                member=request.user,
                at=timezone.now(),
                also=[CaseAction(each) for each in form.cleaned_data["also"]],
                **_minutes(form),
            )
        except DomainError as error:
            place_error(form, error)
        else:
            return _decided(request)
    return _page(
        request,
        form,
        title=case.title,
        reference=case.reference,
        case=case,
        read_href=reverse("desk:case", args=[case.public_id]),
        waiting=case.status == CaseStatus.ASSESSED,
        articles=[CASE_LIFECYCLE.table[each].article for each in CASE_OUTCOMES],
    )


def _possible(complaint: Complaint, table: Iterable[ComplaintAction]) -> list[ComplaintAction]:
    """Keep the outcomes that answer what was proposed: nobody delegates what no officer proposed."""
    change = complaint.office_changes.filter(ended_on=None).first()
    handed = {
        ComplaintAction.APPROVE_DELEGATION: OfficeChange.Direction.DOWN,
        ComplaintAction.ASK_TAKEOVER: OfficeChange.Direction.UP,
    }
    return [
        each
        for each in table
        if each not in handed or (change is not None and change.direction == handed[each])
    ]


def _form(
    request: OfficerRequest,
    outcomes: Iterable[Any],
    action: str,
    *,
    status: str,
    office: Office,
    also: Sequence[tuple[str, Any]] = (),
) -> PlenaryForm:
    members = list(seats_of(office))
    return PlenaryForm(
        request.POST if request.method == "POST" else None,
        outcomes=[(each.value, each.label) for each in outcomes],
        members=members,
        quorum=office.quorum,
        also=also,
        initial={
            "seen": status,
            "outcome": action,
            "decided_on": _today(request.user),
            "present": [str(member.public_id) for member in members],
        },
    )


def _today(user: User) -> date:
    zone = ZoneInfo(user.office.time_zone if user.office else "Asia/Jakarta")
    return timezone.now().astimezone(zone).date()


def _minutes(form: PlenaryForm) -> dict[str, Any]:
    names = ("minutes_number", "decided_on", "reason")
    return {"votes": form.votes(), **{name: form.cleaned_data[name] for name in names}}


def _decided(request: OfficerRequest) -> HttpResponse:
    day = dateformat.format(_today(request.user), "j M Y")
    messages.success(request, _("Putusan pleno dicatat, %(day)s.") % {"day": day})
    return redirect("desk:plenary")


def _page(request: OfficerRequest, form: PlenaryForm, **more: Any) -> HttpResponse:
    conflict = bool(form.is_bound and form.errors.get("seen"))
    context = {"form": form, "search_action": reverse("desk:queue"), **more}
    return render(
        request,
        "complaints/desk/decide.html",
        desk_context(request.user, **context),
        status=409 if conflict else 200,
    )
