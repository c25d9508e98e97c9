"""Hearing people in a case (klarifikasi): invitations, the record and its signature."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.forms import HouseForm
from bawaslu_cases.shared.http import OfficerRequest
from bawaslu_cases.shared.kept_words import kept_words
from complaints.access import editable_case, hearing_in_case, official_in_case
from complaints.models import Hearing
from complaints.selectors.people import official_choices
from complaints.services.deadlines import local_day
from complaints.services.hearings import (
    cancel,
    first_session_day,
    hear,
    invite,
    invite_again,
    note_absence,
    note_delivered,
)
from complaints.states import HEARING_LIFECYCLE, OFFICERS, CaseStatus, HearingStatus
from complaints.web.case_steps import step_page
from complaints.web.desk import desk_context, place_error
from complaints.web.forms_case import (
    DeliveryForm,
    InvitationForm,
    NothingForm,
    PlainReasonForm,
    RecordForm,
    SecondInvitationForm,
)

DELIVER = "deliver"
"""Noting the day an invitation arrived moves no status: it is no action of the table."""


@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
def hearing_new(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Invite somebody for the first time (B.9)."""
    case = editable_case(public_id=public_id, user=request.user)
    at = timezone.now()
    form = InvitationForm(
        request.POST if request.method == "POST" else None,
        zone=ZoneInfo(case.office.time_zone),
        officials=official_choices(case),
        initial={"official": request.GET.get("official", "")},
    )
    if request.method == "POST" and form.is_valid():
        typed = dict(form.cleaned_data)
        chosen = typed.pop("official")
        official = official_in_case(public_id=UUID(chosen), case=case) if chosen else None
        try:
            made = invite(case=case, official=official, officer=request.user, at=at, **typed)
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, _("Undangan dicatat."))
            return redirect("desk:hearing", public_id=case.public_id, hearing_id=made.public_id)
    earliest = first_session_day(case=case, sent_on=local_day(at, case.office))
    return step_page(
        request,
        case,
        form,
        heading=_("Undang klarifikasi"),
        button=_("Catat undangan"),
        article="PB7 ps 28 sampai ps 33, B.9",
        note=_("Undangan harus sampai sehari sebelumnya: paling awal %(day)s.")
        % {"day": earliest.strftime("%d-%m-%Y")},
        back=reverse("desk:case", args=[case.public_id]) + "?t=orang",
    )


def _forms(hearing: Hearing, zone: ZoneInfo, *, may_work: bool) -> dict[str, HouseForm]:
    """Return the forms of what may be done now, by action, in the order of the table."""
    made: dict[str, type[HouseForm]] = {
        "hear": RecordForm,
        "invite_again": SecondInvitationForm,
        "note_absence": NothingForm,
        "cancel": PlainReasonForm,
    }
    if not may_work:
        return {}
    offered = {each.value for each in HEARING_LIFECYCLE.actions(HearingStatus(hearing.status))}
    last = list(hearing.invitations.all())[-1]
    forms: dict[str, HouseForm] = {
        name: form(prefix=name, **({"zone": zone} if name in {"hear", "invite_again"} else {}))
        for name, form in made.items()
        if name in offered
    }
    if last.delivered_on is None and forms:
        forms[DELIVER] = DeliveryForm(prefix=DELIVER)
    return forms


@role_required(*BAWASLU_ROLES)
@require_http_methods(["GET", "POST"])
def hearing(request: OfficerRequest, public_id: UUID, hearing_id: UUID) -> HttpResponse:
    """Show one hearing: its invitations, its record, and what may be done next."""
    case = editable_case(public_id=public_id, user=request.user)
    found = hearing_in_case(public_id=hearing_id, case=case)
    zone = ZoneInfo(case.office.time_zone)
    may_work = request.user.has_role(*OFFICERS) and case.status == CaseStatus.REGISTERED
    forms = _forms(found, zone, may_work=may_work)
    bound: HouseForm | None = None
    status, kept = 200, list[str]()
    if request.method == "POST":
        action = request.POST.get("action", "")
        if action in forms:
            extra = {"zone": zone} if action in {"hear", "invite_again"} else {}
            bound = forms[action] = type(forms[action])(request.POST, prefix=action, **extra)
            if bound.is_valid() and _taken(request, found, action, bound):
                messages.success(request, _("Dicatat."))
                return redirect(
                    "desk:hearing", public_id=case.public_id, hearing_id=found.public_id
                )
        else:
            bound = HouseForm({})
            bound.is_valid()
            bound.add_error(None, _("Tindakan ini tidak berlaku lagi karena status sudah berubah."))
            kept = kept_words(request.POST, prefix=action)
        status = 409 if action not in forms or getattr(bound, "conflict", None) else 200
    labels = {
        "hear": _("Catat klarifikasi"),
        "invite_again": _("Undang kedua kali"),
        "note_absence": _("Catat tidak hadir"),
        "cancel": _("Batalkan undangan"),
        DELIVER: _("Catat undangan diterima"),
    }
    return render(
        request,
        "complaints/desk/hearing.html",
        desk_context(
            request.user,
            case=case,
            hearing=found,
            zone=zone,
            form=bound,
            kept=kept,
            invitations=list(found.invitations.all()),
            steps=[
                {
                    "action": name,
                    "label": labels[name],
                    "form": each,
                    "open": each.is_bound or name == "hear",
                }
                for name, each in forms.items()
            ],
            search_action=reverse("desk:queue"),
        ),
        status=status,
    )


def _taken(request: OfficerRequest, found: Hearing, action: str, form: HouseForm) -> bool:
    """Carry one step out; say whether it was done. A refusal stands in the form."""
    typed: dict[str, Any] = dict(form.cleaned_data)
    who: dict[str, Any] = {"officer": request.user, "at": timezone.now()}
    try:
        if action == DELIVER:
            last = list(found.invitations.all())[-1]
            note_delivered(invitation=last, on=typed["delivered_on"], officer=request.user)
        elif action == "hear":
            typed["signed"] = typed["signed"] == "yes"
            hear(hearing=found, **typed, **who)
        elif action == "invite_again":
            invite_again(hearing=found, **typed, **who)
        elif action == "note_absence":
            note_absence(hearing=found, **who)
        else:
            cancel(hearing=found, reason=typed["reason"], **who)
    except DomainError as error:
        place_error(form, error)
        return False
    return True
