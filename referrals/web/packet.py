"""The copies that go with a proposal: chosen by an officer, approved with everything else."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from referrals import access
from referrals.models import Referral
from referrals.selectors.packets import attachable_copies
from referrals.services.packets import attach_copy, detach_copy
from referrals.states import PROPOSERS
from referrals.web.packet_forms import AttachForm

RAIL = {"section": "referrals"}


@require_http_methods(["GET", "POST"])
@role_required(*PROPOSERS)
def attachments(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show the safe copies of the case; POST puts one with the referral or leaves it out again."""
    referral = access.readable_referral(user=request.user, public_id=public_id)
    form = AttachForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _carry_out(request, referral, form)
        except DomainError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("Tersimpan."))
            return redirect("referrals:attachments", public_id=public_id)
    context = {
        "rail": RAIL,
        "referral": referral,
        "rows": attachable_copies(referral),
        "form": form,
        "may_change": referral.status in {"proposed", "returned"},
    }
    return render(request, "referrals/attachments.html", context)


def _carry_out(request: OfficerRequest, referral: Referral, form: AttachForm) -> None:
    copy = access.attachable_copy(referral=referral, public_id=form.cleaned_data["copy"])
    if request.POST.get("action") == "detach":
        detach_copy(referral=referral, copy=copy, officer=request.user)
        return
    attach_copy(
        referral=referral,
        copy=copy,
        officer=request.user,
        at=timezone.now(),
        is_checked=form.cleaned_data["is_checked"],
    )
