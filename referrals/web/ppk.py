"""Pages of a PPK's office: what it owes and until when, and the form that answers it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.selectors.keyset import decode_cursor
from complaints.services.deadlines import local_day
from referrals import access
from referrals.models import FollowUp
from referrals.selectors import ppk as reads
from referrals.selectors.follow_ups import board_rows
from referrals.services.follow_up import answer_follow_up
from referrals.states import OWED, PROVEN_BY_FILE, FollowUpStatus
from referrals.web.forms import AnswerForm, answer_of

RAIL = {"section": "agency"}


@require_GET
@role_required(Role.PPK_STAFF)
def inbox(request: OfficerRequest) -> HttpResponse:
    """List what the agency owes, the nearest deadline first."""
    is_open = request.GET.get("lihat") != "selesai"
    page = reads.agency_page(
        request.user, is_open=is_open, cursor=decode_cursor(request.GET.get("dari", ""))
    )
    context = {
        "rail": RAIL,
        "rows": board_rows(page.rows, at=timezone.now()),
        "page": page,
        "is_open": is_open,
        "agency": request.user.agency,
    }
    return render(request, "referrals/ppk_inbox.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.PPK_STAFF)
def detail(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show one recommendation; POST reports what became of it."""
    follow_up = access.answerable_follow_up(user=request.user, public_id=public_id)
    at = timezone.now()
    form = None
    if follow_up.status in OWED or request.method == "POST":
        form = AnswerForm(
            request.POST or None,
            request.FILES or None,
            recommended=follow_up.recommended_class,
            on=local_day(at, follow_up.referral.case.office),
            is_accepted=follow_up.status == FollowUpStatus.ACCEPTED,
        )
    if request.method == "POST" and form is not None and _answered(request, follow_up, form):
        is_final = form.cleaned_data["kind"] in PROVEN_BY_FILE
        told = _("Jawaban terkirim. Bukti akan diperiksa.") if is_final else _("Jawaban terkirim.")
        messages.success(request, told)
        return redirect("ppk:detail", public_id=public_id)
    context = {
        "rail": RAIL,
        "follow_up": follow_up,
        "sheet": reads.agency_sheet(follow_up, at=at),
        "form": form,
        "agency": request.user.agency,
    }
    return render(request, "referrals/ppk_detail.html", context)


def _answered(request: OfficerRequest, follow_up: FollowUp, form: AnswerForm) -> bool:
    if not form.is_valid():
        return False
    try:
        answer_follow_up(
            follow_up=follow_up,
            answer=answer_of(form),
            staff=request.user,
            at=timezone.now(),
        )
    except DomainError as error:
        form.add_error(error.field, str(error.message))
        return False
    return True
