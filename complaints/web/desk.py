"""The officer's desk: the day, the queue, one record and what may be decided on it."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import BAWASLU_ROLES, PLENARY_ROLES, Role
from bawaslu_cases.shared.errors import ConflictError, DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import editable_complaint, readable_complaint
from complaints.models import Complaint
from complaints.selectors import desk as lists
from complaints.selectors.case_file import last_change
from complaints.selectors.evidence_alarms import alarms_for
from complaints.selectors.queue import tidy_query
from complaints.selectors.record_page import RecordPage, record_page
from complaints.services.cases import register_finding
from complaints.services.checklist import tick_requirement
from complaints.services.reports import REPORT_OUTCOMES, propose_report
from complaints.services.triage import (
    PLENARY_OUTCOMES,
    close_without_case,
    propose,
)
from complaints.states import (
    LIFECYCLES,
    OFFICERS,
    OPEN_COMPLAINT_STATUSES,
    ComplaintAction,
    ComplaintStatus,
    Lane,
    Requirement,
)
from complaints.web.forms_desk import ReasonForm
from complaints.web.likeness_panel import likeness_panel

KEYS = {
    ComplaintAction.PROPOSE_TRACING: "R",
    ComplaintAction.PROPOSE_ARCHIVE: "T",
    ComplaintAction.APPROVE_TRACING: "S",
    ComplaintAction.DECLINE: "T",
    ComplaintAction.RETURN_PROPOSAL: "B",
    ComplaintAction.CONFIRM: "D",
    ComplaintAction.END_TRACING: "T",
    ComplaintAction.REGISTER: "D",
    ComplaintAction.CANCEL: "T",
    ComplaintAction.ASK_REPAIR: "M",
    ComplaintAction.PROPOSE_REGISTER: "D",
    ComplaintAction.PROPOSE_REFUSAL: "T",
    ComplaintAction.APPROVE_REGISTER: "S",
    ComplaintAction.REFUSE: "T",
    ComplaintAction.KEEP_AS_TIP: "W",
}
"""The letter that presses each decision."""

DONE = {
    ComplaintAction.PROPOSE_TRACING: gettext_lazy("Penelusuran diusulkan ke pleno."),
    ComplaintAction.PROPOSE_ARCHIVE: gettext_lazy("Diusulkan ke pleno untuk tidak ditelusuri."),
    ComplaintAction.END_TRACING: gettext_lazy("Penelusuran diakhiri."),
    ComplaintAction.CANCEL: gettext_lazy("Temuan dibatalkan."),
    ComplaintAction.REGISTER: gettext_lazy("Temuan diregistrasi. Perkara dibuka."),
    ComplaintAction.PROPOSE_REGISTER: gettext_lazy("Registrasi diusulkan ke pleno."),
    ComplaintAction.PROPOSE_REFUSAL: gettext_lazy("Diusulkan ke pleno untuk tidak diregistrasi."),
}
"""What the next page says after an action; these are the ones the record page itself takes."""

PLENARY_ACTIONS = frozenset({*PLENARY_OUTCOMES, *REPORT_OUTCOMES})


def desk_context(user: User, **more: Any) -> dict[str, Any]:
    """Return what every desk page draws around its content. One query."""
    return {"rail": {"counts": lists.rail_counts(user)}, **more}


@role_required(*BAWASLU_ROLES, Role.ADMINISTRATOR, Role.AUDITOR, Role.VERIFIER, Role.CUSTODIAN)
@require_GET
def today(request: OfficerRequest) -> HttpResponse:
    """Show the start of the day."""
    user, at = request.user, timezone.now()
    if user.has_role(Role.VERIFIER, Role.CUSTODIAN):
        return redirect("vault:home")
    if not user.has_role(*BAWASLU_ROLES):
        return redirect("desk:parked" if user.has_role(Role.ADMINISTRATOR) else "desk:trail")
    counts = lists.desk_counts(user=user, at=at)
    return render(
        request,
        "complaints/desk/today.html",
        desk_context(
            user,
            alarms=alarms_for(user),
            tiles=_tiles(counts, user),
            soonest=[row_context(row, at) for row in lists.soonest(user=user)],
            newest=[row_context(row, at) for row in lists.newest(user=user)],
            search_action=reverse("desk:queue"),
        ),
    )


def _tiles(counts: dict[str, int], user: User) -> list[dict[str, Any]]:
    queue, cases, plenary = reverse("desk:queue"), reverse("desk:cases"), reverse("desk:plenary")
    tiles = [
        ("overdue", _("laporan lewat tenggat"), f"{queue}?v=overdue", "late"),
        ("today", _("jatuh tempo hari ini"), f"{queue}?v=today", "soon"),
        ("cases_overdue", _("perkara lewat tenggat"), f"{cases}?view=overdue", "late"),
    ]
    if user.has_role(*OFFICERS):
        tiles += [
            ("received", _("belum diperiksa"), f"{queue}?v=review", ""),
            ("tracing", _("sedang ditelusuri"), f"{queue}?v=tracing", ""),
            ("recorded", _("temuan belum diregistrasi"), f"{queue}?v=finding", ""),
            ("cases_open", _("perkara dikaji"), f"{cases}?view=registered", ""),
            ("cases_decided", _("perkara perlu rujukan"), f"{cases}?view=decided", ""),
        ]
    if user.has_role(*PLENARY_ROLES):
        tiles += [
            ("proposed", _("usulan menunggu pleno"), plenary, ""),
            ("cases_assessed", _("kajian menunggu pleno"), plenary, ""),
        ]
    return [
        {
            "number": lists.capped_text(counts[name]),
            "label": label,
            "href": href,
            "tone": tone if counts[name] else "",
        }
        for name, label, href, tone in tiles
    ]


def row_context(row: Any, at: Any) -> dict[str, Any]:
    """Return a listed record as a row of a list, leading to its page. No query."""
    line = lists.queue_row(row, at=at)
    return {
        **{name: getattr(line, name) for name in line.__dataclass_fields__},
        "href": reverse("desk:record", args=[line.public_id]),
        "current": False,
    }


def uuid_of(text: str) -> UUID | None:
    """Return the id a URL names, None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def record_context(
    page: RecordPage, user: User, *, back: str = "", following: str = ""
) -> dict[str, Any]:
    """Return what the record and its panel show; ``following`` is the id that comes after a decision."""
    complaint = page.complaint
    place = urlencode(
        {name: value for name, value in (("back", back), ("then", following)) if value}
    )
    return {
        "page": page,
        "record": complaint,
        "back": back,
        "then": following,
        "tick_url": reverse("desk:tick", args=[complaint.public_id]),
        "decision": _decision(page, user, place=place),
    }


def _decision(page: RecordPage, user: User, *, place: str) -> dict[str, Any]:
    """Return the buttons the state table gives this person for this record."""
    complaint = page.complaint
    machine = LIFECYCLES[Lane(complaint.lane)]
    status = ComplaintStatus(complaint.status)
    buttons = [
        {
            "label": action.label,
            "key": KEYS[action],
            "href": _action_url(complaint, action) + (f"?{place}" if place else ""),
        }
        for action in machine.actions(status)
        if user.has_role(*machine.step(status, action).roles)
    ]
    note = ""
    if page.may_tick and page.open_requirements and complaint.lane != Lane.FINDING:
        note = _("%(count)d syarat lagi sebelum diusulkan") % {"count": page.open_requirements}
    elif not buttons and status is ComplaintStatus.PROPOSED:
        note = _("Menunggu keputusan pleno")
    elif not buttons and status is ComplaintStatus.AWAITING:
        note = _("Menunggu pelapor melengkapi")
    return {"note": note, "main": buttons[0] if buttons else None, "others": buttons[1:]}


def _action_url(complaint: Complaint, action: ComplaintAction) -> str:
    if action in PLENARY_ACTIONS:
        return reverse("desk:decide_complaint", args=[complaint.public_id, action.value])
    if action is ComplaintAction.CONFIRM:
        return reverse("desk:confirm", args=[complaint.public_id])
    if action is ComplaintAction.ASK_REPAIR:
        return reverse("desk:repair", args=[complaint.public_id])
    return reverse("desk:act", args=[complaint.public_id, action.value])


@role_required(*BAWASLU_ROLES)
@require_GET
def record(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show one record on a page of its own."""
    complaint = readable_complaint(public_id=public_id, user=request.user)
    page = record_page(complaint, viewer=request.user, at=timezone.now())
    context = desk_context(request.user, search_action=reverse("desk:queue"))
    if request.user.has_role(*OFFICERS) and complaint.status in OPEN_COMPLAINT_STATUSES:
        context["likeness"] = likeness_panel(complaint, request.user)
    return render(
        request, "complaints/desk/record.html", context | record_context(page, request.user)
    )


@role_required(*OFFICERS)
@require_POST
def tick(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Record one requirement, or all that were suggested as met."""
    complaint = editable_complaint(public_id=public_id, user=request.user)
    at = timezone.now()
    try:
        for value in request.POST.getlist("tick"):
            for answer in value.split(","):
                name, _colon, met = answer.partition(":")
                if name not in Requirement.values or met not in {"0", "1"}:
                    raise Http404
                tick_requirement(
                    complaint=complaint,
                    requirement=Requirement(name),
                    is_met=met == "1",
                    officer=request.user,
                    at=at,
                )
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect(f"{_place_url(request.POST, complaint)}#syarat")


def _place_url(params: QueryDict, complaint: Complaint, *, then: str = "") -> str:
    """Return where a form came from: the queue with a record beside it, or the record's page."""
    back = params.get("back")
    if not back:
        return reverse("desk:record", args=[complaint.public_id])
    chosen = uuid_of(then) if then else complaint.public_id
    place = urlencode({"c": str(chosen)}) if chosen is not None else ""
    held = [part for part in (tidy_query(back), place) if part]
    return f"{reverse('desk:queue')}?{'&'.join(held)}"


@role_required(*BAWASLU_ROLES)
@require_http_methods(["GET", "POST"])
def act(request: OfficerRequest, public_id: UUID, action: str) -> HttpResponse:
    """Ask for the reason where the table demands one, then take one step of the record."""
    if action not in DONE:
        raise Http404
    user, at = request.user, timezone.now()
    complaint = readable_complaint(public_id=public_id, user=user)
    chosen = ComplaintAction(action)
    row = LIFECYCLES[Lane(complaint.lane)].table.get(chosen)
    if row is None:
        raise Http404
    if not user.has_role(*row.roles):
        raise PermissionDenied
    form = ReasonForm(
        request.POST or None, needs_reason=row.needs_reason, initial={"seen": complaint.status}
    )
    if request.method == "POST" and form.is_valid():
        try:
            check_seen(complaint, form.cleaned_data["seen"])
            case = _take(complaint, chosen, user, at, form.cleaned_data["reason"])
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, str(DONE[chosen]))
            if case is not None:
                return redirect("desk:case", public_id=case.public_id)
            return redirect(_place_url(request.POST, complaint, then=request.POST.get("then", "")))
    params = request.POST if request.method == "POST" else request.GET
    context = record_context(record_page(complaint, viewer=user, at=at), user)
    return render(
        request,
        "complaints/desk/record.html",
        desk_context(
            user,
            **context
            | {
                "back": params.get("back", ""),
                "then": params.get("then", ""),
                "form": form,
                "action": chosen,
                "step": row,
                "cancel_url": _place_url(params, complaint),
                "search_action": reverse("desk:queue"),
            },
        ),
        status=409 if form.errors and form.has_error("seen") else 200,
    )


def _take(
    complaint: Complaint, action: ComplaintAction, officer: User, at: Any, reason: str
) -> Any:
    if action in {ComplaintAction.PROPOSE_TRACING, ComplaintAction.PROPOSE_ARCHIVE}:
        propose(complaint=complaint, action=action, officer=officer, at=at, reason=reason)
    elif action in {ComplaintAction.PROPOSE_REGISTER, ComplaintAction.PROPOSE_REFUSAL}:
        propose_report(complaint=complaint, action=action, officer=officer, at=at, reason=reason)
    elif action is ComplaintAction.REGISTER:
        return register_finding(complaint=complaint, officer=officer, at=at)
    else:
        close_without_case(complaint=complaint, officer=officer, at=at, reason=reason)
    return None


def check_seen(row: Any, seen: str) -> None:
    """Refuse a form that was drawn for another state, and say who was faster.

    ``row`` is a record or case read with its file; raises ConflictError.
    """
    if seen != row.status:
        raise ConflictError(last_change(row))


def place_error(form: Any, error: DomainError) -> None:
    """Put a service's refusal at its field, or above the form."""
    if isinstance(error, ConflictError):
        form.add_error("seen", str(error.message))
        form.conflict = str(error.message)
    elif (
        error.field and error.field in form.fields and not form.fields[error.field].widget.is_hidden
    ):
        form.add_error(error.field, str(error.message))
    else:
        form.add_error(None, str(error.message))
