"""Giving a PPK's office its link and code: shown once, passed on by two different ways."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from referrals import access
from referrals.selectors.ppk import has_open_pass, pass_history
from referrals.services.ppk_passes import Given, end_pass, give_pass
from referrals.states import FOLLOW_UP_OFFICERS

RAIL = {"section": "followup"}


@require_http_methods(["GET", "POST"])
@role_required(*FOLLOW_UP_OFFICERS)
@never_cache
def ppk_access(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show what was done with earlier links; POST gives a new one out, or ends the open one."""
    follow_up = access.readable_follow_up(user=request.user, public_id=public_id)
    at = timezone.now()
    given: Given | None = None
    problem = ""
    if request.method == "POST" and request.POST.get("do") == "end":
        end_pass(follow_up=follow_up, officer=request.user, at=at)
        messages.success(request, _("Akses diakhiri."))
        return redirect("followup:access", public_id=public_id)
    if request.method == "POST":
        try:
            given = give_pass(follow_up=follow_up, officer=request.user, at=at)
        except DomainError as error:
            problem = str(error.message)
    link = ""
    if given is not None:
        path = reverse("ppk_pass:page", args=[given.ppk_pass.public_id, given.token])
        link = f"{settings.DESK_ORIGIN or request.build_absolute_uri('/').rstrip('/')}{path}"
    context = {
        "rail": RAIL,
        "follow_up": follow_up,
        "given": given,
        "code": f"{given.code[:4]} {given.code[4:]}" if given else "",
        "link": link,
        "problem": problem,
        "history": pass_history(follow_up),
        "has_open": has_open_pass(follow_up, at=at),
        "body": request.user.recipient_body,
    }
    return render(request, "referrals/ppk_access.html", context)
