"""What the recipient body (KASN, BKN, the next one) does with a referral."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import RecipientKind, SanctionClass
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from complaints.services.deadlines import end_deadline, local_day
from complaints.services.milestones import reach_case_milestone
from complaints.states import Milestone
from referrals.models import FollowUp, Referral
from referrals.services.deadlines import start_ppk_clock
from referrals.services.follow_up import close_when_done
from referrals.services.ledger import open_ledger
from referrals.services.transitions import move_referral, open_follow_up_history
from referrals.states import FOLLOW_UP_LIFECYCLE, ReferralAction


@transaction.atomic
def accept_referral(*, referral: Referral, reviewer: User, at: datetime) -> None:
    """Take the referral into review."""
    _check_body(referral, reviewer)
    move_referral(referral=referral, action=ReferralAction.ACCEPT, actor=reviewer, at=at)


@transaction.atomic
def return_referral(*, referral: Referral, reviewer: User, at: datetime, reason: str) -> None:
    """Send the referral back with what is missing; the recipient's clock ends."""
    _check_body(referral, reviewer)
    move_referral(
        referral=referral, action=ReferralAction.RETURN, actor=reviewer, at=at, reason=reason
    )
    _end_review_clock(referral, at)


@transaction.atomic
def recommend_to_ppk(
    *, referral: Referral, reviewer: User, at: datetime, text: str
) -> list[FollowUp]:
    """Recommend a sanction to each official's PPK: one follow-up per official, each with its clock.

    Where several allegations name one official, the heaviest class is recommended. Every PPK reads
    the same ``text``.
    """
    _check_body(referral, reviewer)
    if referral.recipient.kind != RecipientKind.CIVIL_SERVICE:
        raise DomainError(
            _("Pemeriksaan pidana tidak memberi rekomendasi kepada PPK."), code="not_for_ppk"
        )
    if not text.strip():
        raise DomainError(_("Tulis rekomendasi yang dibaca PPK"), field="text")
    move_referral(referral=referral, action=ReferralAction.RECOMMEND, actor=reviewer, at=at)
    _end_review_clock(referral, at)
    day = local_day(at, referral.case.office)
    heaviest: dict[int, FollowUp] = {}
    bases: dict[int, list[str]] = {}
    for item in referral.lines().select_related("official", "agency"):
        known = heaviest.get(item.official_id)
        told = bases.setdefault(item.official_id, [])
        told += [basis for basis in item.legal_bases if basis not in told]
        rank = SanctionClass(item.sanction_class).rank
        if known is not None and SanctionClass(known.recommended_class).rank >= rank:
            continue
        heaviest[item.official_id] = FollowUp(
            referral=referral,
            official=item.official,
            agency=item.agency,
            ppk_title=item.ppk_title,
            recommended_class=item.sanction_class,
            recommendation=text.strip(),
            recommended_on=day,
            status=FOLLOW_UP_LIFECYCLE.initial,
            status_at=at,
        )
    for follow_up in heaviest.values():
        follow_up.save(force_insert=True)
        open_follow_up_history(follow_up=follow_up, actor=reviewer, at=at)
        open_ledger(follow_up=follow_up, bases=bases[follow_up.official_id], by=reviewer, at=at)
        start_ppk_clock(follow_up=follow_up, at=at)
    reach_case_milestone(case=referral.case, kind=Milestone.AT_AGENCY, on=day)
    return list(heaviest.values())


@transaction.atomic
def find_not_proven(*, referral: Referral, reviewer: User, at: datetime, reason: str) -> None:
    """State that the referral is not proven; it closes, and the case with it."""
    _check_body(referral, reviewer)
    move_referral(
        referral=referral,
        action=ReferralAction.FIND_NOT_PROVEN,
        actor=reviewer,
        at=at,
        reason=reason,
    )
    _end_review_clock(referral, at)
    close_when_done(referral=referral, at=at)


def _check_body(referral: Referral, reviewer: User) -> None:
    if reviewer.recipient_body_id != referral.recipient_id:
        raise NotPermittedError(_("Rujukan ini ditujukan kepada lembaga lain."))


def _end_review_clock(referral: Referral, at: datetime) -> None:
    end_deadline(
        referral.deadlines.filter(kind="recipient_review"),
        on=local_day(at, referral.case.office),
    )
    referral.due_at = None
    referral.save(update_fields=["due_at"])
