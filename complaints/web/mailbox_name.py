"""Giving a name later, from the opened return page: first to whom, then the name, sealed at once."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_variables

from bawaslu_cases.shared.errors import DomainError
from complaints.errors import KeysMissingError
from complaints.models import Complaint
from complaints.selectors.intake import recipient_short_name
from complaints.services.deadlines import local_day
from complaints.services.lanes import higher_lanes, raise_lane
from complaints.services.names import seal_name, take_sealed_name
from complaints.services.vault import SealingKeys, sealing_keys
from complaints.states import Lane
from complaints.web.forms_intake_name import IdentityForm, lane_cards
from complaints.web.intake_identity import read_sealed
from complaints.web.intake_keys import published


def lane_page(request: HttpRequest, complaint: Complaint, *, at: datetime) -> HttpResponse:
    """Ask who may know the name."""
    higher = {lane.value for lane in higher_lanes(complaint)}
    cards = [
        card for card in lane_cards(recipient_short_name(on=at.date())) if card["value"] in higher
    ]
    return render(request, "complaints/mailbox/lane.html", {"cards": cards})


def name_page(
    request: HttpRequest,
    complaint: Complaint,
    lane: Lane,
    *,
    at: datetime,
    form: IdentityForm | None = None,
    refusal: str = "",
) -> HttpResponse:
    """Ask for the name; without keys say that none can be sealed now."""
    try:
        keys = _keys(complaint, at=at)
    except KeysMissingError as error:
        keys, refusal = None, str(error.message)
    context = {
        "form": form or IdentityForm(),
        "keys": published(keys) if keys else None,
        "report": complaint.public_id.hex,
        "lane": lane,
        "refusal": refusal,
    }
    return render(request, "complaints/mailbox/name.html", context)


@sensitive_variables()
def take_name(
    request: HttpRequest, complaint: Complaint, lane: Lane, *, at: datetime
) -> HttpResponse | None:
    """Raise the lane with a sealed name, or return the page that says what is wrong with it."""
    form, sealed = IdentityForm(request.POST), request.POST.get("sealed", "")
    try:
        keys = _keys(complaint, at=at)
        if sealed:
            name = take_sealed_name(
                sealed=read_sealed(sealed),
                report=complaint.public_id.hex,
                lane=lane,
                keys=keys,
                card_key=request.POST.get("card_key", ""),
            )
        elif form.is_valid():
            name = seal_name(
                identity=form.to_seal, report=complaint.public_id.hex, lane=lane, keys=keys
            )
        else:
            return name_page(request, complaint, lane, at=at, form=form)
        raise_lane(complaint=complaint, lane=lane, name=name, at=at)
    except DomainError as error:
        shown = IdentityForm() if sealed else form
        return name_page(request, complaint, lane, at=at, form=shown, refusal=str(error.message))
    return None


def _keys(complaint: Complaint, *, at: datetime) -> SealingKeys:
    return sealing_keys(office=complaint.office, on=local_day(at, complaint.office))
