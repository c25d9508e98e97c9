"""Requests to correct what was recommended (B.19 to B.21): received here, examined by the plenary."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.shared.errors import ConflictError, DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import correction_in_case, editable_case, official_in_case
from complaints.selectors.people import official_choices
from complaints.services.corrections import (
    examine,
    examining_office,
    file_correction,
    is_late,
    withdraw_correction,
)
from complaints.services.deadlines import local_day
from complaints.states import (
    CORRECTION_LIFECYCLE,
    OFFICERS,
    PLENARY,
    CorrectionAction,
    CorrectionStatus,
)
from complaints.web.case_steps import carried, step_page
from complaints.web.desk import place_error
from complaints.web.forms_case import CorrectionForm
from complaints.web.plenary import decision_form, decision_page, minutes_of, saved


@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
def correction_new(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Receive a request for correction (B.19)."""
    case = editable_case(public_id=public_id, user=request.user)
    at = timezone.now()
    form = CorrectionForm(
        request.POST if request.method == "POST" else None,
        officials=official_choices(case),
        initial={"filed_on": local_day(at, case.office)},
    )
    if request.method == "POST" and form.is_valid():
        typed = dict(form.cleaned_data)
        chosen = typed.pop("official")
        official = official_in_case(public_id=UUID(chosen), case=case) if chosen else None
        try:
            file_correction(case=case, official=official, officer=request.user, at=at, **typed)
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, _("Permintaan koreksi dicatat."))
            return redirect("desk:case", public_id=case.public_id)
    return step_page(
        request,
        case,
        form,
        heading=_("Terima permintaan koreksi"),
        button=_("Catat permintaan"),
        article="PB7 ps 51 sampai ps 53, B.19",
        note=_("Yang lewat waktu pun diterima: pleno yang menyatakannya lewat waktu."),
    )


@role_required(*PLENARY)
@require_http_methods(["GET", "POST"])
def correction(request: OfficerRequest, public_id: UUID, correction_id: UUID) -> HttpResponse:
    """Record what the examining plenary decided (B.20)."""
    case = editable_case(public_id=public_id, user=request.user)
    found = correction_in_case(public_id=correction_id, case=case)
    late = is_late(found)
    outcomes = (
        [CorrectionAction.FIND_LATE] if late else [CorrectionAction.GRANT, CorrectionAction.REJECT]
    )
    office = examining_office(case)
    form = decision_form(request, outcomes, "", status=found.status, office=office)
    if request.method == "POST" and form.is_valid():
        try:
            examine(
                correction=found,
                action=CorrectionAction(form.cleaned_data["outcome"]),
                member=request.user,
                at=timezone.now(),
                **minutes_of(form),
            )
        except ConflictError as error:
            place_error(form, error)
            found = correction_in_case(public_id=correction_id, case=case)
        except DomainError as error:
            place_error(form, error)
        else:
            return saved(request)
    more: dict[str, Any] = {
        "title": _("Permintaan koreksi dari %(who)s")
        % {"who": found.official or found.get_requester_display()},
        "reference": case.reference,
        "correction": found,
        "is_late": late,
        "read_href": reverse("desk:case", args=[case.public_id]),
        "waiting": found.status == CorrectionStatus.FILED,
        "articles": {each.value: CORRECTION_LIFECYCLE.table[each].article for each in outcomes},
    }
    return decision_page(request, form, **more)


@role_required(*OFFICERS)
@require_POST
def correction_withdraw(
    request: OfficerRequest, public_id: UUID, correction_id: UUID
) -> HttpResponse:
    """Take note that whoever asked does not ask any more."""
    case = editable_case(public_id=public_id, user=request.user)
    found = correction_in_case(public_id=correction_id, case=case)
    return carried(
        request,
        case,
        lambda: withdraw_correction(correction=found, officer=request.user, at=timezone.now()),
        _("Permintaan koreksi dicatat dicabut."),
    )
