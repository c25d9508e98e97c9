"""One record: its page, its checklist, the steps officers take of it, and taking the last one back."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.shared.errors import ConflictError, DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import editable_complaint, readable_complaint
from complaints.errors import RequirementsOpenError
from complaints.models import Case, Complaint, StepProposal
from complaints.rules.refusals import AS_TIP
from complaints.selectors.choices import offices_below
from complaints.selectors.handling import visible_record
from complaints.selectors.proposals import waiting_proposal
from complaints.selectors.queue import tidy_query
from complaints.selectors.refusals import review_of
from complaints.services.cases import register_finding
from complaints.services.checklist import ANSWERS, tick_requirement
from complaints.services.proposals import take_proposal
from complaints.services.reports import propose_report
from complaints.services.triage import close_without_case, propose
from complaints.services.undo import undo_last
from complaints.states import (
    LIFECYCLES,
    OFFICERS,
    ComplaintAction,
    ComplaintStatus,
    Lane,
    Requirement,
)
from complaints.web.decisions import KEEP_AS_TIP, STEP_KEY, opened_record
from complaints.web.desk import check_seen, desk_context, place_error, uuid_of
from complaints.web.evidence import draws_copies
from complaints.web.forms_steps import StepForm, step_form

Text = str | Promise
Action = ComplaintAction

DONE: dict[Action, Text] = {
    Action.PROPOSE_TRACING: gettext_lazy("Penelusuran diusulkan ke pleno."),
    Action.PROPOSE_ARCHIVE: gettext_lazy("Diusulkan ke pleno untuk tidak ditelusuri."),
    Action.END_TRACING: gettext_lazy("Penelusuran diakhiri."),
    Action.CANCEL: gettext_lazy("Temuan dibatalkan."),
    Action.REGISTER: gettext_lazy("Temuan diregistrasi. Perkara dibuka."),
    Action.PROPOSE_REGISTER: gettext_lazy("Registrasi diusulkan ke pleno."),
    Action.PROPOSE_REFUSAL: gettext_lazy("Diusulkan ke pleno untuk tidak diregistrasi."),
    Action.PROPOSE_FORWARD: gettext_lazy("Penerusan diusulkan ke pleno."),
    Action.PROPOSE_DELEGATION: gettext_lazy("Pelimpahan diusulkan ke pleno."),
    Action.PROPOSE_TAKEOVER: gettext_lazy("Pengambilalihan diusulkan ke pleno."),
}
"""What the next page says after an action; these are the ones the record page itself takes."""

TIP_ACTIONS = frozenset({Action.PROPOSE_TRACING, Action.PROPOSE_ARCHIVE})


@role_required(*BAWASLU_ROLES)
@require_GET
@draws_copies
def record(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show one record on a page of its own."""
    complaint = readable_complaint(public_id=public_id, user=request.user)
    context = desk_context(request.user, search_action=reverse("desk:queue"))
    context |= opened_record(request, complaint, at=timezone.now())
    return render(request, "complaints/desk/record.html", context)


@role_required(*OFFICERS)
@require_POST
def tick(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Record one requirement, or all that were suggested as met."""
    complaint = editable_complaint(public_id=public_id, user=request.user)
    at = timezone.now()
    name, met = "", False
    try:
        for value in request.POST.getlist("tick"):
            for answer in value.split(","):
                name, met, seen = _answer(answer)
                tick_requirement(
                    complaint=complaint,
                    requirement=Requirement(name),
                    is_met=met,
                    officer=request.user,
                    at=at,
                    seen=seen,
                )
    except ConflictError as error:
        # Both values: what was pressed, and what the page shows of it now.
        asked = _("terpenuhi") if met else _("tidak terpenuhi")
        messages.warning(
            request,
            _("%(message)s Isian Anda: %(label)s, %(asked)s.")
            % {
                "message": error.message,
                "label": Requirement(name).label,
                "asked": asked,
            },
        )
        return _shown_again(request, public_id)
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect(
        f"{place_url(request.POST, complaint)}#{f'syarat-{name}' if name else 'syarat'}"
    )


def _answer(text: str) -> tuple[str, bool, str]:
    """Return requirement, answer and how it stood on the page ("" when the form did not say)."""
    name, met, seen = [*text.split(":", 2), "", ""][:3]
    if name not in Requirement.values or met not in {"0", "1"}:
        raise Http404
    if seen and seen not in ANSWERS.values():
        raise Http404
    return name, met == "1", seen


def _shown_again(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Return the record as it is now, as the answer to a form that came too late."""
    complaint = readable_complaint(public_id=public_id, user=request.user)
    context = desk_context(request.user, search_action=reverse("desk:queue"))
    context |= opened_record(request, complaint, at=timezone.now())
    return render(request, "complaints/desk/record.html", context, status=409)


def place_url(params: QueryDict, complaint: Complaint, *, then: str = "") -> str:
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
@draws_copies
def act(request: OfficerRequest, public_id: UUID, action: str) -> HttpResponse:
    """Ask for what the step needs, then take one step of the record."""
    if action not in DONE:
        raise Http404
    user, at = request.user, timezone.now()
    complaint = readable_complaint(public_id=public_id, user=user)
    chosen = Action(action)
    row = LIFECYCLES[Lane(complaint.lane)].table.get(chosen)
    if row is None:
        raise Http404
    if not user.has_role(*row.roles):
        raise PermissionDenied
    params = request.POST if request.method == "POST" else request.GET
    proposal = _proposal(complaint, chosen, params.get("proposal", ""))
    as_tip = chosen is Action.PROPOSE_REFUSAL and params.get("as") == "tip"
    form = step_form(
        chosen,
        request.POST if request.method == "POST" else None,
        needs_reason=row.needs_reason,
        seen=complaint.status,
        offices=offices_below(complaint.office) if chosen is Action.PROPOSE_DELEGATION else (),
        as_tip=as_tip,
        review=partial(review_of, complaint),
    )
    if proposal:
        form.initial["reason"] = proposal.reason
    missing = ""
    if request.method == "POST" and form.is_valid():
        try:
            check_seen(complaint, form.cleaned_data["seen"])
            step = partial(_take, complaint, chosen, user, at, form, as_tip=as_tip)
            case = _followed(proposal, step, user, at)
        except RequirementsOpenError as error:
            place_error(form, error)
            missing = error.codes[0]
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, _told(request, chosen, user))
            remember_step(request, complaint)
            if case is not None:
                return redirect("desk:case", public_id=case.public_id)
            return redirect(place_url(request.POST, complaint, then=request.POST.get("then", "")))
    conflict = form.is_bound and form.has_error("seen")
    complaint = _shown_to(user, complaint, stale=conflict)
    context = opened_record(request, complaint, at=at, back=params.get("back", ""))
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
                "action": KEEP_AS_TIP if as_tip else chosen.label,
                "article": row.article,
                "is_plain": not form.visible_fields(),
                "as_tip": as_tip,
                "taken_proposal": proposal,
                "missing_url": f"{place_url(params, complaint)}#syarat-{missing}"
                if missing
                else "",
                "seen_status": _status_label(form["seen"].value()) if conflict else "",
                "now_status": ComplaintStatus(complaint.status).label,
                "cancel_url": place_url(params, complaint),
                "search_action": reverse("desk:queue"),
            },
        ),
        status=409 if conflict else 200,
    )


def _shown_to(user: User, complaint: Complaint, *, stale: bool) -> Complaint:
    """Return the record as it is now: ``stale`` says that somebody moved it since it was read."""
    if not stale:
        return complaint
    return readable_complaint(public_id=complaint.public_id, user=user)


def _proposal(complaint: Complaint, action: Action, text: str) -> StepProposal | None:
    """Return the system's proposal that this step follows, where one is named and waits. One query."""
    proposal_id = uuid_of(text) if text else None
    if proposal_id is None:
        return None
    found = waiting_proposal(complaint=complaint, proposal_id=proposal_id)
    return found if found is not None and found.action == action else None


def _followed(
    proposal: StepProposal | None, step: Callable[[], Case | None], officer: User, at: datetime
) -> Case | None:
    """Take the step, and mark the system's proposal that it follows, if it follows one."""
    if proposal is None:
        return step()
    return take_proposal(proposal=proposal, step=step, officer=officer, at=at)


def _status_label(value: Any) -> str:
    return str(ComplaintStatus(value).label) if value in ComplaintStatus.values else ""


def _told(request: OfficerRequest, action: Action, user: User) -> str:
    """Return what was done and, beside a list, which record comes next: it is read out. One query."""
    done = str(DONE[action])
    following = uuid_of(request.POST.get("then", ""))
    if not request.POST.get("back") or following is None:
        return done
    row = visible_record(user, following)
    return _("%(done)s Berikutnya: %(title)s") % {"done": done, "title": row.title} if row else done


def _take(
    complaint: Complaint,
    action: Action,
    officer: User,
    at: datetime,
    form: StepForm,
    *,
    as_tip: bool,
) -> Case | None:
    reason = form.reason_text()
    if action in TIP_ACTIONS:
        propose(complaint=complaint, action=action, officer=officer, at=at, reason=reason)
    elif action is Action.REGISTER:
        return register_finding(complaint=complaint, officer=officer, at=at)
    elif action in {Action.END_TRACING, Action.CANCEL}:
        close_without_case(complaint=complaint, officer=officer, at=at, reason=reason)
    else:
        propose_report(
            complaint=complaint,
            action=action,
            officer=officer,
            at=at,
            reason=reason,
            target=form.target(),
            ground=AS_TIP if as_tip else form.cleaned_data.get("ground", ""),
        )
    return None


def remember_step(request: OfficerRequest, complaint: Complaint) -> None:
    """Let the next page offer to take this step back."""
    request.session[STEP_KEY] = complaint.public_id.hex


@role_required(*OFFICERS)
@require_POST
def undo(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Take back one's own last step of a record, and show that record again."""
    complaint = editable_complaint(public_id=public_id, user=request.user)
    text = request.POST.get("seen", "")
    if not (text.isascii() and text.isdigit() and len(text) < 20):  # noqa: PLR2004 -- digits of a key
        raise Http404
    request.session.pop(STEP_KEY, None)
    try:
        step = undo_last(
            complaint=complaint, officer=request.user, at=timezone.now(), seen=int(text)
        )
    except ConflictError as error:
        messages.warning(request, str(error.message))
        return _shown_again(request, public_id)
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Dibatalkan: %(step)s.") % {"step": step.label})
    return redirect(place_url(request.POST, complaint))
