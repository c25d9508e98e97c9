"""The PPK's answer with its proof, its verification, and the end of referral and case."""

from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import SanctionType
from bawaslu_cases.shared import sealed_files
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from complaints.models import Case
from complaints.services.deadlines import end_deadline, local_day, start_deadline
from complaints.services.milestones import reach_case_milestone
from complaints.services.transitions import move_case
from complaints.states import CaseAction, CaseStatus, Milestone
from referrals.models import FollowUp, FollowUpAnswer, Referral, ReferralDeadline
from referrals.services.transitions import move_follow_up, move_referral
from referrals.states import (
    AnswerKind,
    FollowUpAction,
    FollowUpStatus,
    ReferralAction,
    ReferralStatus,
)

PROOF_PURPOSE = "proof"
MAX_PROOF_BYTES = 5 * 1024 * 1024
MAX_PROOF_PIXELS = 40_000_000


@dataclass(frozen=True)
class Answer:
    """What a PPK's office reports; a sanction names type, decree number and date."""

    kind: AnswerKind
    proof: bytes
    sanction_type: SanctionType | None = None
    decree_number: str = ""
    decree_on: date | None = None
    explanation: str = ""


def proof_type(content: bytes) -> str:
    """Return the media type of a proof by opening it: PDF, JPEG or PNG. Raises DomainError.

    By successful decode, never by name; size and pixels are bounded before decoding.
    """
    # 19 MiB that a web process holds only once somebody sends a proof.
    import pikepdf  # noqa: PLC0415 -- memory
    from PIL import Image  # noqa: PLC0415 -- memory

    if not content:
        raise DomainError(_("Berkas kosong"), field="proof")
    if len(content) > MAX_PROOF_BYTES:
        raise DomainError(_("Berkas lebih dari 5 MB"), field="proof")
    if content.startswith(b"%PDF-"):
        try:
            # no recovery: half a decree must not pass as a whole one
            with pikepdf.open(BytesIO(content), attempt_recovery=False) as document:
                if len(document.pages) > 0:
                    return "application/pdf"
        except pikepdf.PasswordError as error:
            raise DomainError(_("Berkas terkunci kata sandi"), field="proof") from error
        except pikepdf.PdfError:
            pass
    else:
        try:
            with Image.open(BytesIO(content), formats=["JPEG", "PNG"]) as picture:
                if picture.width * picture.height <= MAX_PROOF_PIXELS:
                    picture.load()
                    return f"image/{str(picture.format).lower()}"
        except (
            OSError,
            ValueError,
            SyntaxError,
            Image.DecompressionBombError,
            Image.DecompressionBombWarning,
        ):
            pass
    raise DomainError(_("Berkas harus PDF, JPG, atau PNG yang utuh"), field="proof")


def answer_follow_up(*, follow_up: FollowUp, answer: Answer, staff: User, at: datetime) -> None:
    """Record the PPK's answer with its proof, sealed. Raises DomainError with the field at fault."""
    if staff.agency_id != follow_up.agency_id:
        raise NotPermittedError(_("Rekomendasi ini ditujukan kepada instansi lain."))
    kind = proof_type(answer.proof)
    office = follow_up.referral.case.office
    day = local_day(at, office)
    _check_answer(answer, recommended_on=follow_up.recommended_on, today=day)
    stored = sealed_files.store(answer.proof, purpose=PROOF_PURPOSE)
    try:
        with transaction.atomic():
            move_follow_up(follow_up=follow_up, action=FollowUpAction.ANSWER, actor=staff, at=at)
            FollowUpAnswer.objects.create(
                follow_up=follow_up,
                kind=answer.kind,
                sanction_type=answer.sanction_type,
                decree_number=answer.decree_number.strip(),
                decree_on=answer.decree_on,
                explanation=answer.explanation.strip(),
                proof_name=stored.name,
                proof_sha256=stored.sha256,
                proof_type=kind,
                answered_by=staff,
                answered_at=at,
            )
            end_deadline(follow_up.deadlines.all(), on=day)
            follow_up.due_at = None
            follow_up.save(update_fields=["due_at"])
            if answer.kind == AnswerKind.SANCTION:
                reach_case_milestone(case=follow_up.referral.case, kind=Milestone.SANCTION, on=day)
    except BaseException:
        sealed_files.remove(stored.name)
        raise


def _check_answer(answer: Answer, *, recommended_on: date, today: date) -> None:
    if answer.kind == AnswerKind.SANCTION:
        if answer.sanction_type is None:
            raise DomainError(_("Pilih jenis sanksi"), field="sanction_type")
        if not answer.decree_number.strip():
            raise DomainError(_("Tulis nomor keputusan"), field="decree_number")
        if answer.decree_on is None:
            raise DomainError(_("Tulis tanggal keputusan"), field="decree_on")
        if answer.decree_on > today:
            raise DomainError(
                _("Tanggal keputusan tidak boleh setelah hari ini"), field="decree_on"
            )
        if answer.decree_on < recommended_on:
            raise DomainError(
                _("Tanggal keputusan lebih awal daripada rekomendasi. Periksa lagi tanggalnya"),
                field="decree_on",
            )
    elif not answer.explanation.strip():
        raise DomainError(_("Jelaskan hasil pemeriksaan"), field="explanation")


@transaction.atomic
def return_answer(*, follow_up: FollowUp, officer: User, at: datetime, reason: str) -> None:
    """Send an answer back: the proof does not show what was reported. The PPK's clock restarts."""
    move_follow_up(
        follow_up=follow_up,
        action=FollowUpAction.RETURN_ANSWER,
        actor=officer,
        at=at,
        reason=reason,
    )
    office = follow_up.referral.case.office
    deadline = start_deadline(
        model=ReferralDeadline,
        kind="ppk_answer",
        office=office,
        regime="",
        starts_on=local_day(at, office),
        referral=follow_up.referral,
        follow_up=follow_up,
    )
    follow_up.due_at = deadline.due_at
    follow_up.save(update_fields=["due_at"])


@transaction.atomic
def verify_answer(*, follow_up: FollowUp, officer: User, at: datetime) -> None:
    """State that the proof shows what was reported; the last one closes referral and case."""
    move_follow_up(follow_up=follow_up, action=FollowUpAction.VERIFY, actor=officer, at=at)
    close_when_done(referral=follow_up.referral, at=at)


@transaction.atomic
def close_when_done(*, referral: Referral, at: datetime) -> bool:
    """Close the referral, and its case when no other referral is live.

    Locks the case, then the referral: of two referrals closing at once, the second sees the first.
    """
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("office")
        .get(pk=referral.case_id)
    )
    locked = Referral.objects.select_for_update().get(pk=referral.pk)
    if locked.follow_ups.exclude(status=FollowUpStatus.VERIFIED).exists():
        return False
    move_referral(referral=locked, action=ReferralAction.CLOSE, actor=None, at=at)
    referral.refresh_from_db()
    live = Referral.objects.filter(case=case).exclude(
        status__in=[ReferralStatus.CLOSED, ReferralStatus.WITHDRAWN]
    )
    if case.status == CaseStatus.REFERRED and not live.exists():
        move_case(case=case, action=CaseAction.CLOSE, actor=None, at=at)
        reach_case_milestone(case=case, kind=Milestone.CLOSED, on=local_day(at, case.office))
    return True
