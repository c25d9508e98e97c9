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
from referrals.models import RecommendationDraft, Referral
from referrals.selectors import review as reads
from referrals.selectors.released import Released, released
from referrals.selectors.review_talk import checklist, newest_draft, questions_of
from referrals.selectors.sanction_history import PriorSanction, prior_sanctions
from referrals.services import review, review_questions, signing
from referrals.services.delivery import LETTER_PURPOSE
from referrals.states import AT_RECIPIENT, REFERRAL_LIFECYCLE, ReferralAction, ReferralStatus
from referrals.web.forms import ConfirmForm, ReasonForm
from referrals.web.panels import Offered, Step, bound_panel, offered_beside, offered_steps
from referrals.web.review_forms import AskForm, RecommendForm, ReturnForm, SignForm

RAIL = {"section": "inbox"}


@require_GET
@role_required(Role.REVIEWER)
def inbox(request: OfficerRequest) -> HttpResponse:
    """List what waits for the recipient body, the nearest deadline first. Five queries of its own."""
    at = timezone.now()
    agencies = reads.inbox_agencies(request.user)
    filters = reads.InboxFilters.from_query(request.GET, agencies)
    cursor = decode_cursor(request.GET.get("dari", ""))
    page = reads.review_page(request.user, filters, cursor=cursor, at=at)
    context = {
        "rail": RAIL,
        "rows": reads.inbox_rows(page, at=at),
        "page": page,
        "filters": filters,
        "fields": filters.choices(agencies),
        "counts": reads.inbox_counts(request.user, at=at),
        "body": request.user.recipient_body,
    }
    return render(request, "referrals/review_inbox.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.REVIEWER)
def detail(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show one delivered referral; POST takes the step named ``action``."""
    referral = access.reviewable_referral(user=request.user, public_id=public_id)
    at = timezone.now()
    draft = newest_draft(referral) if referral.status == ReferralStatus.DRAFTED else None
    panel, done = bound_panel(request, _offered(request, referral, draft))
    if done:
        messages.success(request, _("Tersimpan."))
        return redirect("review:detail", public_id=public_id)
    packet = released(referral)
    context = {
        "rail": RAIL,
        "referral": referral,
        "packet": packet,
        "prior": _prior(request, referral, packet),
        "sheet": reads.review_sheet(referral, at=at),
        "lines": reads.lines_with_reasons(referral),
        "missing": checklist(referral, delivered=True),
        "questions": questions_of(referral),
        "draft": draft,
        "is_own_draft": draft is not None and draft.written_by_id == request.user.pk,
        "panel": panel,
        "form": panel.form,
        "body": request.user.recipient_body,
    }
    return render(request, "referrals/review_detail.html", context)


def _prior(
    request: OfficerRequest, referral: Referral, packet: Released | None
) -> list[PriorSanction]:
    numbers = packet.numbers if packet else frozenset()
    return prior_sanctions(user=request.user, referral=referral, numbers=numbers, at=timezone.now())


def _offered(
    request: OfficerRequest, referral: Referral, draft: RecommendationDraft | None
) -> Offered:
    offered = offered_steps(
        machine=REFERRAL_LIFECYCLE,
        status=ReferralStatus(referral.status),
        user=request.user,
        steps=_steps(request, referral, draft),
        proposer_id=draft.written_by_id if draft else None,
    )
    if draft is not None and draft.written_by_id is None:
        for entry in offered:
            if entry["action"] == ReferralAction.RECOMMEND:
                entry["refused"] = _(
                    "Rancangan ini datang lewat sambungan: susun dulu sebagai rancangan Anda, lalu"
                    " penelaah lain menandatangani."
                )
    if referral.status in AT_RECIPIENT:
        ask = Step(
            AskForm,
            lambda form, at: review_questions.ask_sender(
                referral=referral,
                reviewer=request.user,
                at=at,
                words=form.cleaned_data["words"],
            ),
        )
        offered.append(offered_beside("ask", _("Minta penjelasan"), ask))
    return offered


def _steps(
    request: OfficerRequest, referral: Referral, draft: RecommendationDraft | None
) -> dict[ReferralAction, Step]:
    reviewer = request.user
    is_mine_to_write = draft is None or draft.written_by_id in {None, reviewer.pk}
    return {
        ReferralAction.ACCEPT: Step(
            ConfirmForm,
            lambda _form, at: review.accept_referral(referral=referral, reviewer=reviewer, at=at),
            kind="",
        ),
        ReferralAction.RECOMMEND: Step(
            SignForm,
            lambda form, at: signing.sign_recommendation(
                referral=referral, reviewer=reviewer, at=at, seen=form.cleaned_data["seen"]
            ),
            kind="",
            initial={"seen": draft.sha256} if draft else None,
        ),
        ReferralAction.DRAFT: Step(
            RecommendForm,
            lambda form, at: signing.draft_recommendation(
                referral=referral,
                reviewer=reviewer,
                at=at,
                text=form.cleaned_data["text"],
                seen=form.cleaned_data["seen"],
            ),
            kind="" if is_mine_to_write else "outline",
            initial={"text": draft.words, "seen": draft.sha256} if draft else None,
        ),
        ReferralAction.WITHDRAW_DRAFT: Step(
            ConfirmForm,
            lambda _form, at: signing.withdraw_draft(referral=referral, reviewer=reviewer, at=at),
        ),
        ReferralAction.RETURN: Step(
            ReturnForm,
            lambda form, at: review.return_referral(
                referral=referral, reviewer=reviewer, at=at, missing=form.missing()
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
