"""Referral pages of Bawaslu's desk: what the rules propose, the second person, the letter."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import BAWASLU_ROLES, Role
from bawaslu_cases.shared.downloads import sealed_download
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.selectors.keyset import decode_cursor
from complaints.services.deadlines import local_day
from referrals import access
from referrals.letters import letter_data
from referrals.models import Referral, ReviewQuestion
from referrals.selectors import desk as reads
from referrals.selectors.dispatches import dispatches_of
from referrals.selectors.packets import packets_of
from referrals.selectors.review_talk import AnsweredItem, checklist, questions_of
from referrals.services import recommend
from referrals.services.delivery import LETTER_PURPOSE
from referrals.services.packets import DraftReview, review_draft
from referrals.services.review_questions import REPLIABLE, answer_question
from referrals.states import PROPOSERS, REFERRAL_LIFECYCLE, SENDERS, ReferralAction, ReferralStatus
from referrals.web.forms import CorrectForm, DetailsForm, ReasonForm, ReplyForm, ResubmitForm
from referrals.web.packet_forms import ApproveForm
from referrals.web.panels import Offered, Step, bound_panel, offered_beside, offered_steps

READERS = (*sorted(BAWASLU_ROLES), Role.AUDITOR)
RAIL = {"section": "referrals"}

NOT_TOLD = (
    ("Nama", "TIDAK"),
    ("Kontak", "TIDAK"),
    ("Kata-kata asli", "TIDAK, ringkasan ditulis petugas"),
    ("Waktu melapor", "TIDAK"),
    ("Siapa pelapor itu (warga, ASN, atau lainnya)", "TIDAK"),
)


@require_GET
@role_required(*READERS)
def referral_list(request: OfficerRequest) -> HttpResponse:
    """List the referrals of the scope, newest first, and the cases that wait for one."""
    page = reads.referral_page(request.user, cursor=decode_cursor(request.GET.get("dari", "")))
    context = {
        "rail": RAIL,
        "rows": reads.referral_rows(page, at=timezone.now()),
        "page": page,
        "waiting": reads.cases_to_refer(request.user),
    }
    return render(request, "referrals/list.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*PROPOSERS)
def complete_details(request: OfficerRequest, public_id: UUID, allegation_id: UUID) -> HttpResponse:
    """Complete what a recipient would return the referral for."""
    case = access.readable_case(user=request.user, public_id=public_id)
    allegation = access.completable_allegation(case=case, public_id=allegation_id)
    form = DetailsForm(
        request.POST or None,
        allegation=allegation,
        on=local_day(timezone.now(), case.office),
    )
    if request.method == "POST" and form.is_valid():
        try:
            recommend.complete_allegation(
                case=case,
                allegation=allegation,
                details=recommend.Details(**form.cleaned_data),
                officer=request.user,
            )
        except DomainError as error:
            form.add_error(error.field, str(error.message))
        else:
            messages.success(request, _("Data disimpan."))
            return redirect("referrals:case", public_id=public_id)
    context = {"rail": RAIL, "case": case, "allegation": allegation, "form": form}
    return render(request, "referrals/details.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*READERS)
def referral_detail(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show one referral; POST takes the step named ``action``."""
    referral = access.readable_referral(user=request.user, public_id=public_id)
    at = timezone.now()
    sheet = reads.referral_sheet(referral, at=at)
    is_proposed = referral.status == ReferralStatus.PROPOSED
    draft = review_draft(referral=referral, at=at) if is_proposed else None
    missing = checklist(referral, delivered=False)
    offered = offered_steps(
        machine=REFERRAL_LIFECYCLE,
        status=ReferralStatus(referral.status),
        user=request.user,
        steps=_steps(request, referral, draft, missing),
        proposer_id=sheet.proposer_id,
    )
    questions = questions_of(referral)
    panel, done = bound_panel(request, [*_replies(request, referral, questions), *offered])
    if done:
        messages.success(request, _("Tersimpan."))
        return redirect("referrals:detail", public_id=public_id)
    context = {
        "rail": RAIL,
        "referral": referral,
        "sheet": sheet,
        "missing": missing,
        "questions": questions,
        "former": reads.former_versions(referral),
        "panel": panel,
        "form": panel.form,
        "letter": letter_data(referral=referral, number=referral.number or "—", at=at),
        "not_told": [{"term": _(term), "value": _(value)} for term, value in NOT_TOLD],
        "draft": draft,
        "packets": packets_of(referral),
        "may_send": request.user.has_role(*SENDERS),
        "ways": dispatches_of(referral, at=at),
        "may_attach": (is_proposed or referral.status == ReferralStatus.RETURNED)
        and request.user.has_role(*PROPOSERS),
        "is_returned": referral.status == ReferralStatus.RETURNED,
    }
    return render(request, "referrals/detail.html", context)


def _steps(
    request: OfficerRequest,
    referral: Referral,
    draft: DraftReview | None,
    missing: Sequence[AnsweredItem],
) -> dict[ReferralAction, Step]:
    officer = request.user
    return {
        ReferralAction.APPROVE: Step(
            ApproveForm,
            lambda form, at: recommend.approve_referral(
                referral=referral,
                approver=officer,
                at=at,
                seen=form.cleaned_data["seen"],
                acknowledged=form.cleaned_data.get("acknowledged", ()),
            ),
            kind="",
            initial={"seen": draft.digest, "warnings": draft.warnings} if draft else None,
        ),
        ReferralAction.WITHDRAW: Step(
            ReasonForm,
            lambda form, at: recommend.withdraw_proposal(
                referral=referral, officer=officer, at=at, reason=form.cleaned_data["reason"]
            ),
        ),
        ReferralAction.RESUBMIT: Step(
            partial(ResubmitForm, items=[each.item for each in missing if not each.answer]),
            lambda form, at: recommend.resubmit_referral(
                referral=referral,
                officer=officer,
                at=at,
                reason=form.cleaned_data["reason"],
                summary=form.cleaned_data["summary"],
                answers=form.answers(),
                seen=form.cleaned_data["seen"],
            ),
            kind="" if referral.status == ReferralStatus.RETURNED else "outline",
            initial={"summary": referral.summary, "seen": referral.version},
        ),
        ReferralAction.CORRECT: Step(
            CorrectForm,
            lambda form, at: recommend.correct_referral(
                referral=referral,
                officer=officer,
                at=at,
                reason=form.cleaned_data["reason"],
                summary=form.cleaned_data["summary"],
                seen=form.cleaned_data["seen"],
            ),
            initial={"summary": referral.summary, "seen": referral.version},
        ),
    }


def _replies(
    request: OfficerRequest, referral: Referral, questions: Sequence[ReviewQuestion]
) -> Offered:
    """Return a form for each question nobody answered yet, for whoever may."""
    if not request.user.has_role(*PROPOSERS) or referral.status not in REPLIABLE:
        return []
    return [
        offered_beside(
            f"reply_{question.pk}",
            _("Jawab pertanyaan penerima"),
            Step(
                partial(ReplyForm, question=question),
                partial(_reply, question, request.user),
            ),
        )
        for question in questions
        if not hasattr(question, "reply")
    ]


def _reply(question: ReviewQuestion, officer: User, form: ReplyForm, at: datetime) -> None:
    answer_question(
        question=question,
        officer=officer,
        at=at,
        words=form.cleaned_data["words"],
        is_compared=form.cleaned_data["is_compared"],
    )


@require_GET
@role_required(*READERS)
def letter(request: OfficerRequest, public_id: UUID, version: int) -> HttpResponse:
    """Hand one version of the letter out as a download."""
    referral = access.readable_referral(user=request.user, public_id=public_id)
    found = access.readable_letter(referral=referral, version=version)
    return sealed_download(
        storage_name=found.storage_name,
        purpose=LETTER_PURPOSE,
        media_type="application/pdf",
        stem=f"surat-{version}",
    )
