"""The follow-up board of Bawaslu and the recipient body: who owes what, and is the proof good."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import BAWASLU_ROLES, Role
from bawaslu_cases.shared.downloads import sealed_download
from bawaslu_cases.shared.http import OfficerRequest
from referrals import access
from referrals.models import FollowUp
from referrals.selectors import follow_ups as reads
from referrals.services import follow_up as services
from referrals.states import FOLLOW_UP_LIFECYCLE, FollowUpAction, FollowUpStatus
from referrals.web.forms import ConfirmForm, ReasonForm
from referrals.web.panels import Step, bound_panel, offered_steps

READERS = (*sorted(BAWASLU_ROLES), Role.REVIEWER, Role.AUDITOR)
RAIL = {"section": "followup"}


@require_GET
@role_required(*READERS)
def board(request: OfficerRequest) -> HttpResponse:
    """Show every follow-up of the scope by stage, as columns or as one table."""
    context = {
        "rail": RAIL,
        "columns": reads.follow_up_board(request.user, at=timezone.now()),
        "as_table": request.GET.get("lihat") == "tabel",
        "body": request.user.recipient_body,
    }
    return render(request, "referrals/follow_up_board.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def detail(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show one follow-up with its answers; POST takes the step named ``action``."""
    follow_up = access.readable_follow_up(user=request.user, public_id=public_id)
    offered = offered_steps(
        machine=FOLLOW_UP_LIFECYCLE,
        status=FollowUpStatus(follow_up.status),
        user=request.user,
        steps=_steps(request, follow_up),
    )
    panel, done = bound_panel(request, offered)
    if done:
        messages.success(request, _("Tersimpan."))
        return redirect("followup:detail", public_id=public_id)
    sheet = reads.follow_up_sheet(
        follow_up, at=timezone.now(), with_names=request.user.recipient_body_id is None
    )
    context = {
        "rail": RAIL,
        "follow_up": follow_up,
        "sheet": sheet,
        "panel": panel,
        "form": panel.form,
        "body": request.user.recipient_body,
    }
    return render(request, "referrals/follow_up_detail.html", context)


def _steps(request: OfficerRequest, follow_up: FollowUp) -> dict[FollowUpAction, Step]:
    officer = request.user
    return {
        FollowUpAction.VERIFY: Step(
            ConfirmForm,
            lambda _form, at: services.verify_answer(follow_up=follow_up, officer=officer, at=at),
            kind="",
        ),
        FollowUpAction.RETURN_ANSWER: Step(
            ReasonForm,
            lambda form, at: services.return_answer(
                follow_up=follow_up, officer=officer, at=at, reason=form.cleaned_data["reason"]
            ),
        ),
    }


@require_GET
@role_required(*READERS)
def proof(request: OfficerRequest, public_id: UUID, number: int) -> HttpResponse:
    """Hand the proof of the n-th answer out as a download."""
    follow_up = access.readable_follow_up(user=request.user, public_id=public_id)
    answer = access.readable_proof(follow_up=follow_up, number=number)
    return sealed_download(
        storage_name=answer.proof_name,
        purpose=services.PROOF_PURPOSE,
        media_type=answer.proof_type,
        stem=f"bukti-{number}",
    )
