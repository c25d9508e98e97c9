"""The plenary (rapat pleno): what lies before it, and the record of what it decided."""

from collections.abc import Iterable, Mapping, Sequence
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
from bawaslu_cases.shared.errors import ConflictError, DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import readable_case, readable_complaint
from complaints.models import Case, Complaint, CorrectionRequest, OfficeChange
from complaints.selectors.agenda import plenary_agenda
from complaints.selectors.case_file import EVENT_WORDS
from complaints.selectors.clocks import short_time_left
from complaints.selectors.office_changes import request_from_below, taken_from_below
from complaints.selectors.plenary import joinable_cases, seats_of
from complaints.selectors.record_page import day_text, record_page
from complaints.services.cases import CASE_OUTCOMES, decide_on_case
from complaints.services.office_changes import TAKEOVER_OUTCOMES, answer_takeover
from complaints.services.office_changes import take_over as take_over_report
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
    TakeoverGround,
    requirements_of,
)
from complaints.web.desk import check_seen, desk_context, place_error
from complaints.web.forms_case import TakeOverForm
from complaints.web.forms_desk import PlenaryForm


@role_required(*PLENARY)
@require_GET
def plenary(request: OfficerRequest) -> HttpResponse:
    """Show the agenda: proposals about tips and assessments of cases, the nearest deadline first."""
    user, at = request.user, timezone.now()
    agenda = plenary_agenda(user)
    proposals = [_proposal(row, at, user) for row in agenda.proposals]
    assessments = [_assessment(row, at, user) for row in agenda.assessments]
    by_group = {name: [row for row in proposals if row["group"] == name] for name in _GROUPS}
    groups = [
        {"title": _("Laporan"), "items": by_group["report"]},
        {
            "title": _("Pindah kantor"),
            "items": by_group["move"] + [_takeover(row, at) for row in agenda.takeovers],
        },
        {"title": _("Informasi awal"), "items": by_group["tip"]},
        {"title": _("Kajian perkara"), "items": assessments},
        {
            "title": _("Permintaan koreksi"),
            "items": [_correction(row) for row in agenda.corrections],
        },
    ]
    return render(
        request,
        "complaints/desk/plenary.html",
        desk_context(
            user,
            proposals=proposals,
            assessments=assessments,
            groups=[group for group in groups if group["items"]],
            more=agenda.more,
            search_action=reverse("desk:queue"),
        ),
    )


_GROUPS = ("report", "move", "tip")
_MOVES = frozenset({ComplaintAction.PROPOSE_DELEGATION, ComplaintAction.PROPOSE_TAKEOVER})


def _group(row: Any) -> str:
    if row.proposed_action in _MOVES:
        return "move"
    return "report" if row.lane in REPORT_LANES else "tip"


def _elsewhere(row: Any, user: User) -> str:
    """Return the name of the office whose plenary decides, when it is not this person's own."""
    return "" if row.office_id == user.office_id else str(row.office.name)


def _proposal(row: Any, at: Any, user: User) -> dict[str, Any]:
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
        "group": _group(row),
        "elsewhere": _elsewhere(row, user),
        "take_href": reverse("desk:take_over", args=[row.public_id])
        if row.lane in REPORT_LANES and row.office.parent_id == user.office_id
        else "",
        "href": reverse("desk:decide_complaint", args=[row.public_id]),
        "read_href": reverse("desk:record", args=[row.public_id]),
        "due_text": text,
        "due_tone": tone,
        "due_percent": percent,
    }


def _assessment(row: Any, at: Any, user: User) -> dict[str, Any]:
    text, tone, percent = short_time_left(
        due_at=row.due_at, time_zone=row.office.time_zone, explanation=row.told, at=at
    )
    return {
        "reference": row.reference,
        "title": row.title,
        "brief": row.summary,
        "reason": "",
        "elsewhere": _elsewhere(row, user),
        "href": reverse("desk:decide_case", args=[row.public_id]),
        "read_href": reverse("desk:case", args=[row.public_id]),
        "due_text": text,
        "due_tone": tone,
        "due_percent": percent,
    }


def _takeover(row: Any, at: Any) -> dict[str, Any]:
    text, tone, percent = short_time_left(
        due_at=row.due_at, time_zone=row.office.time_zone, explanation=row.told, at=at
    )
    return {
        "reference": row.reference,
        "title": row.title,
        "brief": _("%(office)s meminta diambil alih: %(ground)s.")
        % {"office": row.office.name, "ground": TakeoverGround(row.ground).label.lower()},
        "reason": row.proposed_reason,
        "href": reverse("desk:decide_takeover", args=[row.public_id]),
        "read_href": reverse("desk:record", args=[row.public_id]),
        "due_text": text,
        "due_tone": tone,
        "due_percent": percent,
    }


def _correction(row: Any) -> dict[str, Any]:
    return {
        "reference": row.case.reference,
        "title": row.case.title,
        "brief": _("Koreksi diminta %(who)s pada %(day)s.")
        % {
            "who": CorrectionRequest.Requester(row.requester).label.lower(),
            "day": day_text(row.filed_on),
        },
        "reason": row.asked,
        "href": reverse("desk:correction", args=[row.case.public_id, row.public_id]),
        "read_href": reverse("desk:case", args=[row.case.public_id]),
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
    cases = (
        joinable_cases(complaint, viewer=request.user)
        if ComplaintAction.APPROVE_REGISTER in outcomes
        else []
    )
    form = decision_form(
        request,
        outcomes,
        action,
        status=complaint.status,
        office=complaint.office,
        cases=[(str(case.public_id), f"{case.reference} · {case.title}") for case in cases],
    )
    if request.method == "POST" and form.is_valid():
        try:
            check_seen(complaint, form.cleaned_data["seen"])
            decide(
                complaint=complaint,
                action=ComplaintAction(form.cleaned_data["outcome"]),
                member=request.user,
                at=timezone.now(),
                **minutes_of(form),
                **_of_reports(form, cases),
            )
        except ConflictError as error:
            place_error(form, error)
            # Read before somebody was faster: the page shows how it stands now.
            complaint = readable_complaint(public_id=public_id, user=request.user)
        except DomainError as error:
            place_error(form, error)
        else:
            return saved(request)
    page = record_page(complaint, viewer=request.user, at=timezone.now())
    return decision_page(
        request,
        form,
        title=complaint.title,
        reference=complaint.reference,
        page=page,
        read_href=reverse("desk:record", args=[complaint.public_id]),
        waiting=complaint.status == ComplaintStatus.PROPOSED,
        articles={each.value: machine.table[each].article for each in outcomes},
    )


@role_required(*PLENARY)
@require_http_methods(["GET", "POST"])
def decide_case(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Record the decision on an assessment."""
    case = readable_case(public_id=public_id, user=request.user)
    kinds = [each for each in CASE_DECISIONS if each != CaseAction.DECIDE_STOP]
    form = decision_form(
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
                **minutes_of(form),
            )
        except ConflictError as error:
            place_error(form, error)
            case = readable_case(public_id=public_id, user=request.user)
        except DomainError as error:
            place_error(form, error)
        else:
            return saved(request)
    return decision_page(
        request,
        form,
        title=case.title,
        reference=case.reference,
        case=case,
        read_href=reverse("desk:case", args=[case.public_id]),
        waiting=case.status == CaseStatus.ASSESSED,
        articles={each.value: CASE_LIFECYCLE.table[each].article for each in CASE_OUTCOMES},
    )


def _of_reports(form: PlenaryForm, cases: Sequence[Case]) -> dict[str, Any]:
    """Return what only a decision on a report has: why it is refused, which case it joins."""
    more: dict[str, Any] = {}
    if "ground" in form.fields:
        more["ground"] = form.cleaned_data["ground"]
    chosen = form.cleaned_data.get("into")
    if chosen and form.cleaned_data["outcome"] == ComplaintAction.APPROVE_REGISTER:
        more["into"] = next(case for case in cases if str(case.public_id) == chosen)
    return more


@role_required(*PLENARY)
@require_http_methods(["GET", "POST"])
def decide_takeover(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Answer, for the level above, a request to take a matter over (PB7 ps 41)."""
    complaint = readable_complaint(public_id=public_id, user=request.user)
    change = request_from_below(complaint)
    if change is None:
        raise Http404
    form = decision_form(
        request, TAKEOVER_OUTCOMES, "", status=complaint.status, office=change.target
    )
    if request.method == "POST" and form.is_valid():
        try:
            check_seen(complaint, form.cleaned_data["seen"])
            answer_takeover(
                complaint=complaint,
                action=ComplaintAction(form.cleaned_data["outcome"]),
                member=request.user,
                at=timezone.now(),
                **minutes_of(form),
            )
        except ConflictError as error:
            complaint = _now(request, complaint, form, error)
            change = request_from_below(complaint)
        except DomainError as error:
            place_error(form, error)
        else:
            return saved(request)
    return decision_page(
        request,
        form,
        title=complaint.title,
        reference=complaint.reference,
        change=change,
        read_href=reverse("desk:record", args=[complaint.public_id]),
        waiting=complaint.status == ComplaintStatus.TAKEOVER,
        articles={each.value: "PB7 ps 40, ps 41" for each in TAKEOVER_OUTCOMES},
    )


@role_required(*PLENARY)
@require_http_methods(["GET", "POST"])
def take_over(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Take a report over from the office right below without being asked (PB7 ps 40(3))."""
    complaint = readable_complaint(public_id=public_id, user=request.user)
    change = taken_from_below(complaint)
    parent = change.target if change else complaint.office.parent
    if parent is None or parent.pk != request.user.office_id or complaint.lane not in REPORT_LANES:
        raise Http404
    table = LIFECYCLES[Lane(complaint.lane)].table[ComplaintAction.TAKE_OVER]
    form = decision_form(
        request,
        [ComplaintAction.TAKE_OVER],
        ComplaintAction.TAKE_OVER,
        status=complaint.status,
        office=parent,
        form_class=TakeOverForm,
    )
    if request.method == "POST" and form.is_valid():
        try:
            # "received" before and after: its status alone does not tell.
            check_seen(complaint, "" if change else form.cleaned_data["seen"])
            take_over_report(
                complaint=complaint,
                member=request.user,
                at=timezone.now(),
                ground=form.cleaned_data["takeover_ground"],
                **minutes_of(form),
            )
        except ConflictError as error:
            complaint = _now(request, complaint, form, error)
            change = taken_from_below(complaint)
        except DomainError as error:
            place_error(form, error)
        else:
            return saved(request)
    return decision_page(
        request,
        form,
        title=complaint.title,
        reference=complaint.reference,
        change=change,
        read_href=reverse("desk:record", args=[complaint.public_id]),
        waiting=change is None and complaint.status in table.sources,
        articles={ComplaintAction.TAKE_OVER.value: table.article},
    )


def _now(
    request: OfficerRequest, complaint: Complaint, form: PlenaryForm, error: ConflictError
) -> Complaint:
    """Put the refusal above the form; return the record as whoever was faster left it."""
    place_error(form, error)
    return readable_complaint(public_id=complaint.public_id, user=request.user)


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


def decision_form(
    request: OfficerRequest,
    outcomes: Iterable[Any],
    action: str,
    *,
    status: str,
    office: Office,
    also: Sequence[tuple[str, Any]] = (),
    cases: Sequence[tuple[str, Any]] = (),
    form_class: type[PlenaryForm] = PlenaryForm,
) -> PlenaryForm:
    """Return the form of one decision of this office's plenary, for today. One query."""
    members = list(seats_of(office))
    return form_class(
        request.POST if request.method == "POST" else None,
        outcomes=[(each.value, each.label) for each in outcomes],
        members=members,
        quorum=office.quorum,
        also=also,
        cases=cases,
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


def minutes_of(form: PlenaryForm) -> dict[str, Any]:
    """Return what every service that records a decision asks for."""
    names = ("minutes_number", "decided_on", "reason")
    return {"votes": form.votes(), **{name: form.cleaned_data[name] for name in names}}


def saved(request: OfficerRequest) -> HttpResponse:
    """Tell that the decision stands and go back to the agenda."""
    day = dateformat.format(_today(request.user), "j M Y")
    messages.success(request, _("Putusan pleno dicatat, %(day)s.") % {"day": day})
    return redirect("desk:plenary")


def decision_page(
    request: OfficerRequest, form: PlenaryForm, *, articles: Mapping[str, str], **more: Any
) -> HttpResponse:
    """Draw the page on which a decision is recorded; 409 when somebody was faster."""
    conflict = bool(form.is_bound and form.errors.get("seen"))
    form.cite(articles)
    context = {"form": form, "search_action": reverse("desk:queue"), **more}
    return render(
        request,
        "complaints/desk/decide.html",
        desk_context(request.user, **context),
        status=409 if conflict else 200,
    )
