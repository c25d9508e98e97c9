"""The PPK's answer with its proof, what officers make of it, and the end of referral and case."""

from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import Agency, RecipientKind, SanctionType
from bawaslu_cases.shared import sealed_files
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from bawaslu_cases.shared.row_scopes import beyond
from complaints.models import Case
from complaints.services.deadlines import local_day
from complaints.services.milestones import reach_case_milestone
from complaints.services.transitions import move_case
from complaints.states import CaseAction, CaseStatus, Milestone
from referrals.models import FollowUp, FollowUpAnswer, Referral, ReferralDeadline
from referrals.services.deadlines import end_clock, start_ppk_clock
from referrals.services.ledger import record
from referrals.services.transitions import move_follow_up, move_referral
from referrals.states import (
    ENDED,
    PROVEN_BY_FILE,
    AnswerKind,
    EntryKind,
    FollowUpAction,
    ReferralAction,
    ReferralStatus,
)

PROOF_PURPOSE = "proof"
MAX_PROOF_BYTES = 5 * 1024 * 1024
MAX_PROOF_PIXELS = 40_000_000


@dataclass(frozen=True)
class Answer:
    """What a PPK's office reports; a sanction names type, decree number and date.

    ``proof`` may be empty for what only says what will come: accepted, more time, objection.
    """

    kind: AnswerKind
    proof: bytes = b""
    sanction_type: SanctionType | None = None
    decree_number: str = ""
    decree_on: date | None = None
    explanation: str = ""
    new_agency: Agency | None = None


_STEPS = {
    AnswerKind.ACCEPTED: FollowUpAction.ACCEPT,
    AnswerKind.MORE_TIME: FollowUpAction.ASK_TIME,
    AnswerKind.OBJECTION: FollowUpAction.OBJECT,
}
"""Answers that do not end the PPK's duty; every other one is the report itself."""

_ENTRIES = {
    AnswerKind.ACCEPTED: EntryKind.ACCEPTED,
    AnswerKind.MORE_TIME: EntryKind.TIME_ASKED,
    AnswerKind.OBJECTION: EntryKind.OBJECTED,
    AnswerKind.SANCTION: EntryKind.IMPOSED,
    AnswerKind.NOT_PROVEN: EntryKind.NOT_PROVEN,
    AnswerKind.LEFT_SERVICE: EntryKind.LEFT_SERVICE,
    AnswerKind.TRANSFERRED: EntryKind.TRANSFERRED,
}
"""Answer → row of the ledger."""


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
    if answer.kind not in _ENTRIES:
        raise NotPermittedError(_("Jawaban ini tidak diberikan oleh PPK."))
    day = local_day(at, follow_up.referral.case.office)
    kind = proof_type(answer.proof) if answer.proof or answer.kind in PROVEN_BY_FILE else ""
    _check_answer(answer, follow_up=follow_up, today=day)
    stored = sealed_files.store(answer.proof, purpose=PROOF_PURPOSE) if kind else None
    try:
        with transaction.atomic():
            _take_answer(follow_up, answer, staff=staff, at=at)
            row = FollowUpAnswer.objects.create(
                follow_up=follow_up,
                kind=answer.kind,
                sanction_type=answer.sanction_type,
                decree_number=answer.decree_number.strip(),
                decree_on=answer.decree_on,
                explanation=answer.explanation.strip(),
                new_agency=answer.new_agency,
                proof_name=stored.name if stored else "",
                proof_sha256=stored.sha256 if stored else "",
                proof_type=kind,
                answered_by=staff,
                answered_at=at,
            )
            record(
                follow_up=follow_up,
                kind=_ENTRIES[answer.kind],
                by=staff,
                at=at,
                on=answer.decree_on,
                sanction_type=answer.sanction_type,
                decree_number=row.decree_number,
                answer=row,
                note=row.explanation,
            )
            if answer.kind == AnswerKind.SANCTION:
                reach_case_milestone(case=follow_up.referral.case, kind=Milestone.SANCTION, on=day)
    except BaseException:
        if stored is not None:
            sealed_files.remove(stored.name)
        raise


def _take_answer(follow_up: FollowUp, answer: Answer, *, staff: User, at: datetime) -> None:
    """Take the step of an answer and bring the clock to where it then stands."""
    action = _STEPS.get(answer.kind, FollowUpAction.ANSWER)
    last_day = follow_up.due_at
    reason = answer.explanation if answer.kind in _STEPS else ""
    move_follow_up(follow_up=follow_up, action=action, actor=staff, at=at, reason=reason)
    if action == FollowUpAction.ACCEPT:
        return
    is_more = action == FollowUpAction.ASK_TIME
    status = ReferralDeadline.Status.CANCELLED if is_more else ReferralDeadline.Status.MET
    end_clock(follow_up=follow_up, at=at, status=status)
    if is_more and last_day is not None:
        office = follow_up.referral.case.office
        start_ppk_clock(
            follow_up=follow_up,
            at=at,
            kind="ppk_more_time",
            starts_on=local_day(last_day, office),
        )


def _check_answer(answer: Answer, *, follow_up: FollowUp, today: date) -> None:
    if answer.kind == AnswerKind.SANCTION:
        _check_decree(answer, recommended_on=follow_up.recommended_on, today=today)
        return
    if answer.kind == AnswerKind.TRANSFERRED and (
        answer.new_agency is None or answer.new_agency.pk == follow_up.agency_id
    ):
        raise DomainError(_("Pilih instansi yang baru"), field="new_agency")
    if answer.kind == AnswerKind.MORE_TIME:
        _check_more_time(follow_up, today=today)
    if answer.kind != AnswerKind.ACCEPTED and not answer.explanation.strip():
        raise DomainError(_("Jelaskan hasil pemeriksaan"), field="explanation")


def _check_more_time(follow_up: FollowUp, *, today: date) -> None:
    asked = follow_up.ledger.filter(kind=EntryKind.TIME_ASKED, agency_id=follow_up.agency_id)
    if asked.exists():
        raise DomainError(_("Tambahan waktu hanya diberikan satu kali"), field="kind")
    office = follow_up.referral.case.office
    if follow_up.due_at is None or today > local_day(follow_up.due_at, office):
        raise DomainError(
            _("Tenggat sudah lewat: tambahan waktu tidak dapat diminta"), field="kind"
        )


def _check_decree(answer: Answer, *, recommended_on: date, today: date) -> None:
    if answer.sanction_type is None:
        raise DomainError(_("Pilih jenis sanksi"), field="sanction_type")
    if not answer.decree_number.strip():
        raise DomainError(_("Tulis nomor keputusan"), field="decree_number")
    if answer.decree_on is None:
        raise DomainError(_("Tulis tanggal keputusan"), field="decree_on")
    if answer.decree_on > today:
        raise DomainError(_("Tanggal keputusan tidak boleh setelah hari ini"), field="decree_on")
    if answer.decree_on < recommended_on:
        raise DomainError(
            _("Tanggal keputusan lebih awal daripada rekomendasi. Periksa lagi tanggalnya"),
            field="decree_on",
        )


@transaction.atomic
def return_answer(*, follow_up: FollowUp, officer: User, at: datetime, reason: str) -> None:
    """Send an answer back: the proof does not show what was reported. The PPK's clock restarts.

    The ladder keeps what it reached: the next rung is counted from the new last day.
    """
    move_follow_up(
        follow_up=follow_up,
        action=FollowUpAction.RETURN_ANSWER,
        actor=officer,
        at=at,
        reason=reason,
    )
    record(follow_up=follow_up, kind=EntryKind.RETURNED, by=officer, at=at, note=reason.strip())
    start_ppk_clock(follow_up=follow_up, at=at)


@transaction.atomic
def move_to_new_ppk(*, follow_up: FollowUp, officer: User, at: datetime, reason: str) -> None:
    """Let the PPK of the agency that the person went to answer: new clock, new round of the ladder.

    Raises DomainError unless the last answer named that agency.
    """
    last = follow_up.answers.select_related("new_agency__region").order_by("pk").last()
    if last is None or last.kind != AnswerKind.TRANSFERRED or last.new_agency is None:
        raise DomainError(_("PPK tidak menyatakan orang ini pindah instansi."), code="not_moved")
    official = follow_up.official
    ppk = registry.ppk_for(
        agency=last.new_agency,
        unit_kind="",
        position=official.position,
        on=local_day(at, follow_up.referral.case.office),
    )
    move_follow_up(
        follow_up=follow_up,
        action=FollowUpAction.MOVE,
        actor=officer,
        at=at,
        reason=reason,
        also={"agency": ppk.agency, "ppk_title": ppk.title},
    )
    record(follow_up=follow_up, kind=EntryKind.MOVED, by=officer, at=at, note=reason.strip())
    start_ppk_clock(follow_up=follow_up, at=at, is_new_round=True)


@transaction.atomic
def uphold_recommendation(*, follow_up: FollowUp, officer: User, at: datetime, reason: str) -> None:
    """Refuse the PPK's objection; its clock begins anew."""
    move_follow_up(
        follow_up=follow_up, action=FollowUpAction.UPHOLD, actor=officer, at=at, reason=reason
    )
    record(follow_up=follow_up, kind=EntryKind.UPHELD, by=officer, at=at, note=reason.strip())
    start_ppk_clock(follow_up=follow_up, at=at)


@transaction.atomic
def drop_recommendation(*, follow_up: FollowUp, officer: User, at: datetime, reason: str) -> None:
    """Follow the PPK's objection: nothing is recommended any more; referral and case may close."""
    move_follow_up(
        follow_up=follow_up, action=FollowUpAction.DROP, actor=officer, at=at, reason=reason
    )
    record(follow_up=follow_up, kind=EntryKind.DROPPED, by=officer, at=at, note=reason.strip())
    close_when_done(referral=follow_up.referral, at=at)


@transaction.atomic
def verify_answer(*, follow_up: FollowUp, officer: User, at: datetime) -> None:
    """State that the proof shows what was reported; the last one closes referral and case."""
    last = follow_up.answers.order_by("pk").last()
    if last is not None and last.kind == AnswerKind.TRANSFERRED:
        raise DomainError(
            _("Orang ini pindah instansi: pindahkan tindak lanjut ke PPK yang baru."),
            code="must_move",
        )
    move_follow_up(follow_up=follow_up, action=FollowUpAction.VERIFY, actor=officer, at=at)
    record(follow_up=follow_up, kind=EntryKind.VERIFIED, by=officer, at=at)
    close_when_done(referral=follow_up.referral, at=at)


@transaction.atomic
@beyond("a case closes when nothing of it is open with anybody, whoever ended the last of it")
def close_when_done(*, referral: Referral, at: datetime) -> bool:
    """Close the referral, and its case when no other referral to a civil-service body is live.

    The criminal check goes its own way (PB7 ps 47): it neither closes a case nor keeps it open.
    Locks the case, then the referral: of two referrals closing at once, the second sees the first.
    """
    case = (
        Case.objects.select_for_update(of=("self",), no_key=True)
        .select_related("office")
        .get(pk=referral.case_id)
    )
    locked = (
        Referral.objects.select_for_update(of=("self",), no_key=True)
        .select_related("recipient")
        .get(pk=referral.pk)
    )
    # an appeal is decided after the end, too: what is closed stays closed
    if locked.status == ReferralStatus.CLOSED:
        return False
    if locked.follow_ups.exclude(status__in=ENDED).exists():
        return False
    move_referral(referral=locked, action=ReferralAction.CLOSE, actor=None, at=at)
    referral.refresh_from_db()
    if locked.recipient.kind != RecipientKind.CIVIL_SERVICE:
        return True
    live = Referral.objects.filter(case=case, recipient__kind=RecipientKind.CIVIL_SERVICE).exclude(
        status__in=[ReferralStatus.CLOSED, ReferralStatus.WITHDRAWN]
    )
    if case.status == CaseStatus.REFERRED and not live.exists():
        move_case(case=case, action=CaseAction.CLOSE, actor=None, at=at)
        reach_case_milestone(case=case, kind=Milestone.CLOSED, on=local_day(at, case.office))
    return True
