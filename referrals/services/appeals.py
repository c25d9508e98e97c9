"""Administrative remedies against a sanction (PP 79/2021): recorded when filed and when decided.

Who appeals is the punished official, before a superior or BPASN; Bawaslu only records it, because a
remedy can change or annul what was reported as imposed.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as now_said
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import SanctionType
from bawaslu_cases.shared import sealed_files
from bawaslu_cases.shared.errors import DomainError
from complaints.services.deadlines import local_day
from referrals.models import FollowUp, FollowUpAnswer, LedgerEntry
from referrals.rules.remedies import LIMITS, remedy_against
from referrals.rules.standing import last_of
from referrals.selectors.remedies import last_day_to_file
from referrals.services.deadlines import end_clock, start_appeal_clock
from referrals.services.follow_up import PROOF_PURPOSE, proof_type
from referrals.services.ledger import record, standing_of
from referrals.services.transitions import move_follow_up
from referrals.states import (
    REPLACES_SANCTION,
    AnswerKind,
    AppealOutcome,
    EntryKind,
    FollowUpAction,
)


@transaction.atomic
def file_appeal(
    *,
    follow_up: FollowUp,
    officer: User,
    at: datetime,
    received_on: date,
    filed_on: date,
    note: str = "",
) -> LedgerEntry:
    """Record that a remedy was filed; the clock of whoever decides it starts on that day.

    The sanction says which remedy is open. A late one is recorded with a remark, not refused: whether
    it is too late is for the superior or BPASN. Raises DomainError without a sanction or for days in
    the wrong order.
    """
    imposed = standing_of(follow_up).imposed
    if not isinstance(imposed, LedgerEntry) or imposed.sanction_type is None:
        raise DomainError(_("Belum ada sanksi yang dapat dilawan."), code="nothing_imposed")
    _check_days(received_on, filed_on, imposed=imposed, follow_up=follow_up, at=at)
    remedy = remedy_against(imposed.sanction_type)
    move_follow_up(follow_up=follow_up, action=FollowUpAction.FILE_APPEAL, actor=officer, at=at)
    end_clock(follow_up=follow_up, at=at)
    start_appeal_clock(follow_up=follow_up, kind=LIMITS[remedy].to_decide, starts_on=filed_on)
    office = follow_up.referral.case.office
    last_day = last_day_to_file(remedy=remedy, received_on=received_on, office=office)
    remarks = [note.strip()] if note.strip() else []
    if filed_on > last_day:
        told = now_said("Diajukan setelah hari terakhir %(day)s.")
        remarks.append(told % {"day": last_day.strftime("%d-%m-%Y")})
    return record(
        follow_up=follow_up,
        kind=EntryKind.APPEAL_FILED,
        by=officer,
        at=at,
        on=filed_on,
        remedy=remedy,
        note=" ".join(remarks),
    )


def _check_days(
    received_on: date, filed_on: date, *, imposed: LedgerEntry, follow_up: FollowUp, at: datetime
) -> None:
    if received_on < imposed.happened_on:
        raise DomainError(
            _("Keputusan diterima paling awal pada tanggal keputusan itu"), field="received_on"
        )
    if filed_on < received_on:
        raise DomainError(_("Diajukan paling awal pada hari diterima"), field="filed_on")
    if filed_on > local_day(at, follow_up.referral.case.office):
        raise DomainError(_("Tanggal tidak boleh setelah hari ini"), field="filed_on")


@dataclass(frozen=True)
class Decision:
    """What a superior or BPASN decided; an outcome that replaces the sanction names the new one."""

    outcome: AppealOutcome
    decided_on: date
    number: str
    proof: bytes
    sanction_type: SanctionType | None = None
    note: str = ""


def decide_appeal(*, follow_up: FollowUp, decision: Decision, officer: User, at: datetime) -> None:
    """Record what was decided, with the decision's file; somebody else must verify it.

    Raises DomainError with the field at fault.
    """
    kind = proof_type(decision.proof)
    filed = last_of(list(follow_up.ledger.all()), EntryKind.APPEAL_FILED)
    if filed is None:
        raise DomainError(_("Belum ada upaya administratif."), code="nothing_filed")
    _check_decision(decision, filed_on=filed.happened_on, follow_up=follow_up, at=at)
    replaces = decision.outcome in REPLACES_SANCTION
    stored = sealed_files.store(decision.proof, purpose=PROOF_PURPOSE)
    try:
        with transaction.atomic():
            move_follow_up(
                follow_up=follow_up, action=FollowUpAction.DECIDE_APPEAL, actor=officer, at=at
            )
            end_clock(follow_up=follow_up, at=at)
            row = FollowUpAnswer.objects.create(
                follow_up=follow_up,
                kind=AnswerKind.APPEAL,
                sanction_type=decision.sanction_type if replaces else None,
                decree_number=decision.number.strip(),
                decree_on=decision.decided_on,
                explanation=decision.note.strip(),
                proof_name=stored.name,
                proof_sha256=stored.sha256,
                proof_type=kind,
                answered_by=officer,
                answered_at=at,
            )
            record(
                follow_up=follow_up,
                kind=EntryKind.APPEAL_DECIDED,
                by=officer,
                at=at,
                on=decision.decided_on,
                sanction_type=row.sanction_type,
                decree_number=row.decree_number,
                remedy=filed.remedy,
                outcome=decision.outcome,
                answer=row,
                note=row.explanation,
            )
    except BaseException:
        sealed_files.remove(stored.name)
        raise


def _check_decision(
    decision: Decision, *, filed_on: date, follow_up: FollowUp, at: datetime
) -> None:
    if not decision.number.strip():
        raise DomainError(_("Tulis nomor keputusan"), field="number")
    if decision.decided_on < filed_on:
        raise DomainError(_("Diputus paling awal pada hari diajukan"), field="decided_on")
    if decision.decided_on > local_day(at, follow_up.referral.case.office):
        raise DomainError(_("Tanggal tidak boleh setelah hari ini"), field="decided_on")
    if decision.outcome in REPLACES_SANCTION and decision.sanction_type is None:
        raise DomainError(_("Pilih sanksi yang baru"), field="sanction_type")
