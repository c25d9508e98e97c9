"""The page of a proposal: what the rules say line by line, the gate, and the officer's word."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import BAWASLU_ROLES, Role
from bawaslu_cases.registry.models import RecipientKind
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.models import Case
from complaints.services.cases import is_recommended
from complaints.services.deadlines import local_day
from referrals import access
from referrals.errors import DepartureError, NoRuleError
from referrals.rules.completeness import GateLine, Place
from referrals.selectors import desk as reads
from referrals.selectors.proposals import (
    Recommendation,
    open_candidacies,
    recommendation_for,
)
from referrals.services import recommend
from referrals.services.closing import may_close
from referrals.states import PROPOSERS, ReferralStatus
from referrals.web.departures import (
    FORM_ID,
    CandidacyForm,
    DepartureForm,
    departure_forms,
    departures_in,
)

READERS = (*sorted(BAWASLU_ROLES), Role.AUDITOR)
RAIL = {"section": "referrals"}
FIELDS = {"class": "sanction_class", "types": "types", "bases": "bases", "reason": "reason"}


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def case_recommendation(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show what the rules propose for a case, line by line; POST takes the step named ``action``."""
    case = access.readable_case(user=request.user, public_id=public_id)
    if request.method == "POST" and not request.user.has_role(*PROPOSERS):
        raise PermissionDenied
    on = local_day(timezone.now(), case.office)
    try:
        proposal, no_rule = recommendation_for(case=case, on=on), ""
    except NoRuleError as error:
        proposal, no_rule = None, str(error.message)
    action = request.POST.get("action", "propose") if request.method == "POST" else ""
    departing = departure_forms(request, proposal.items if proposal else ())
    candidacy = CandidacyForm(
        request.POST if action == "note_candidacy" else None, proposal=proposal, on=on
    )
    if action:
        answer = _taken(request, case, action, departing, candidacy)
        if answer is not None:
            return answer
    context = {
        "rail": RAIL,
        "case": case,
        "proposal": proposal,
        "no_rule": no_rule,
        "form_id": FORM_ID,
        "candidacy": candidacy,
        **_shown(request, case, proposal, departing),
    }
    return render(request, "referrals/case.html", context)


def _shown(
    request: OfficerRequest,
    case: Case,
    proposal: Recommendation | None,
    departing: Sequence[DepartureForm],
) -> Mapping[str, Any]:
    referrals = reads.referrals_of(case)
    live = {each.recipient.kind for each in referrals if each.status != ReferralStatus.WITHDRAWN}
    is_officer = request.user.has_role(*PROPOSERS)
    is_decided = case.status in {"decided", "referred"}
    may_propose = is_officer and is_decided and proposal is not None
    may_complete = is_officer and recommend.may_be_completed(case=case)
    first = next((form for form in departing if form.errors), None)
    return {
        "lines": list(zip(proposal.items if proposal else (), departing, strict=True)),
        "form": first,
        "groups": gate_groups(case, proposal, may_complete=may_complete),
        "referrals": referrals,
        "candidacies": open_candidacies(case),
        "may_note": is_officer and case.contest_id is not None,
        "may_propose": may_propose
        and RecipientKind.CIVIL_SERVICE not in live
        and is_recommended(case),
        "may_ask_crime": may_propose and RecipientKind.CRIME_CHECK not in live,
        "is_decided": is_decided,
        "may_close": may_close(case, user=request.user, at=timezone.now()),
    }


def _taken(
    request: OfficerRequest,
    case: Case,
    action: str,
    departing: Sequence[DepartureForm],
    candidacy: CandidacyForm,
) -> HttpResponse | None:
    """Take the step; None when the page has to be shown again with what is wrong."""
    here = redirect("referrals:case", public_id=case.public_id)
    try:
        if action in {"note_candidacy", "end_candidacy"}:
            if not _candidacy_kept(request, case, action, candidacy):
                return None
            messages.success(request, _("Tersimpan."))
            return here
        return _proposed(request, case, action, departing)
    except DepartureError as error:
        for form in departing:
            problem = error.problems.get(form.item.allegation.pk)
            if problem is not None:
                form.add_error(FIELDS[problem.field], problem.text)
        return None
    except DomainError as error:
        messages.error(request, str(error.message))
        return here


def _proposed(
    request: OfficerRequest, case: Case, action: str, departing: Sequence[DepartureForm]
) -> HttpResponse | None:
    is_crime = action == "propose_crime"
    departures = {} if is_crime else departures_in(departing)
    if departures is None:
        return None
    referral = recommend.propose_referral(
        case=case,
        officer=request.user,
        at=timezone.now(),
        departures=departures,
        kind=RecipientKind.CRIME_CHECK if is_crime else RecipientKind.CIVIL_SERVICE,
    )
    messages.success(request, _("Rujukan diusulkan. Orang kedua harus menyetujuinya."))
    return redirect("referrals:detail", public_id=referral.public_id)


def _candidacy_kept(request: OfficerRequest, case: Case, action: str, form: CandidacyForm) -> bool:
    at = timezone.now()
    if action == "end_candidacy":
        noted = access.noted_candidacy(case=case, number=request.POST.get("candidacy", ""))
        recommend.end_candidacy(candidacy=noted, officer=request.user, at=at)
        return True
    if not form.is_valid() or case.contest is None:
        return False
    recommend.note_candidacy(
        agency=form.cleaned_data["agency"],
        contest=case.contest,
        source=form.cleaned_data["source"],
        officer=request.user,
        at=at,
    )
    return True


def gate_groups(
    case: Case, proposal: Recommendation | None, *, may_complete: bool
) -> list[dict[str, Any]]:
    """Return the gate a group per official and one for the case, each line with where to fill it in."""
    groups: dict[str, dict[str, Any]] = {}
    for line in proposal.gate if proposal else ():
        key = str(line.allegation or "")
        group = groups.setdefault(key, {"title": line.who, "lines": [], "href": ""})
        group["lines"].append({"line": line, "href": _where(case, line, may_complete=may_complete)})
        if line.allegation and may_complete:
            group["href"] = reverse("referrals:complete", args=[case.public_id, line.allegation])
    return list(groups.values())


def _where(case: Case, line: GateLine, *, may_complete: bool) -> str:
    if line.place is Place.DETAILS and line.allegation:
        if not may_complete:
            return ""
        return reverse("referrals:complete", args=[case.public_id, line.allegation])
    return reverse("desk:case", args=[case.public_id])
