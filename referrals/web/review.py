"""Pages of the recipient body: the inbox by deadline, and one referral to judge."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.shared.downloads import sealed_download
from bawaslu_cases.shared.http import OfficerRequest
from complaints.selectors.keyset import decode_cursor
from referrals import access
from referrals.models import Referral
from referrals.selectors import desk as desk_reads
from referrals.selectors import review as reads
from referrals.services import review
from referrals.services.delivery import LETTER_PURPOSE
from referrals.states import REFERRAL_LIFECYCLE, ReferralAction, ReferralStatus
from referrals.web.forms import ConfirmForm, ReasonForm, RecommendForm, ReturnForm
from referrals.web.panels import Step, bound_panel, offered_steps

RAIL = {"section": "inbox"}


@require_GET
@role_required(Role.REVIEWER)
def inbox(request: OfficerRequest) -> HttpResponse:
    """List what waits for the recipient body, the nearest deadline first."""
    is_open = request.GET.get("lihat") != "selesai"
    page = reads.review_page(
        request.user, is_open=is_open, cursor=decode_cursor(request.GET.get("dari", ""))
    )
    context = {
        "rail": RAIL,
        "rows": desk_reads.referral_rows(page, at=timezone.now()),
        "page": page,
        "is_open": is_open,
        "body": request.user.recipient_body,
    }
    return render(request, "referrals/review_inbox.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.REVIEWER)
def detail(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show one delivered referral; POST takes the step named ``action``."""
    referral = access.reviewable_referral(user=request.user, public_id=public_id)
    at = timezone.now()
    offered = offered_steps(
        machine=REFERRAL_LIFECYCLE,
        status=ReferralStatus(referral.status),
        user=request.user,
        steps=_steps(request, referral),
    )
    panel, done = bound_panel(request, offered)
    if done:
        messages.success(request, _("Tersimpan."))
        return redirect("review:detail", public_id=public_id)
    context = {
        "rail": RAIL,
        "referral": referral,
        "sheet": reads.review_sheet(referral, at=at),
        "panel": panel,
        "form": panel.form,
        "body": request.user.recipient_body,
    }
    return render(request, "referrals/review_detail.html", context)


def _steps(request: OfficerRequest, referral: Referral) -> dict[ReferralAction, Step]:
    reviewer = request.user
    return {
        ReferralAction.ACCEPT: Step(
            ConfirmForm,
            lambda _form, at: review.accept_referral(referral=referral, reviewer=reviewer, at=at),
            kind="",
        ),
        ReferralAction.RECOMMEND: Step(
            RecommendForm,
            lambda form, at: review.recommend_to_ppk(
                referral=referral, reviewer=reviewer, at=at, text=form.cleaned_data["text"]
            ),
            kind="",
        ),
        ReferralAction.RETURN: Step(
            ReturnForm,
            lambda form, at: review.return_referral(
                referral=referral, reviewer=reviewer, at=at, reason=form.cleaned_data["reason"]
            ),
        ),
        ReferralAction.FIND_NOT_PROVEN: Step(
            ReasonForm,
            lambda form, at: review.find_not_proven(
                referral=referral, reviewer=reviewer, at=at, reason=form.cleaned_data["reason"]
            ),
        ),
    }


@require_GET
@role_required(Role.REVIEWER)
def letter(request: OfficerRequest, public_id: UUID, version: int) -> HttpResponse:
    """Hand a delivered version of the letter out as a download."""
    referral = access.reviewable_referral(user=request.user, public_id=public_id)
    found = access.delivered_letter(referral=referral, version=version)
    return sealed_download(
        storage_name=found.storage_name,
        purpose=LETTER_PURPOSE,
        media_type="application/pdf",
        stem=f"surat-{version}",
    )
