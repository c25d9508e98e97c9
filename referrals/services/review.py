"""What the recipient body (KASN, BKN, the next one) does with a referral: take it, send it back, end it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import NotPermittedError, ReasonNeededError
from complaints.services.deadlines import end_deadline, local_day
from referrals.models import Referral
from referrals.services.follow_up import close_when_done
from referrals.services.missing_items import Missing, name_missing
from referrals.services.transitions import move_referral
from referrals.states import MissingKind, ReferralAction


@transaction.atomic
def accept_referral(*, referral: Referral, reviewer: User, at: datetime) -> None:
    """Take the referral into review."""
    check_body(referral, reviewer)
    move_referral(referral=referral, action=ReferralAction.ACCEPT, actor=reviewer, at=at)


@transaction.atomic
def return_referral(
    *,
    referral: Referral,
    reviewer: User,
    at: datetime,
    missing: Sequence[Missing] = (),
    reason: str = "",
) -> None:
    """Send the referral back with what is missing; the recipient's clock ends.

    ``missing`` becomes the checklist that the next version must answer; ``reason`` alone is one row of
    it. Raises ReasonNeededError without either, and as :func:`name_missing`.
    """
    check_body(referral, reviewer)
    rows = list(missing)
    if not rows:
        if not reason.strip():
            raise ReasonNeededError(_("Sebut apa yang kurang."), field="missing")
        rows = [Missing(MissingKind.OTHER, reason)]
    told = "; ".join(row.told for row in rows) if missing else reason
    if missing and reason.strip():
        told = f"{told}. {reason.strip()}"
    move_referral(
        referral=referral, action=ReferralAction.RETURN, actor=reviewer, at=at, reason=told
    )
    name_missing(referral=referral, by=reviewer, at=at, missing=rows)
    end_review_clock(referral, at)


@transaction.atomic
def find_not_proven(*, referral: Referral, reviewer: User, at: datetime, reason: str) -> None:
    """State that the referral is not proven; it closes, and the case with it."""
    check_body(referral, reviewer)
    move_referral(
        referral=referral,
        action=ReferralAction.FIND_NOT_PROVEN,
        actor=reviewer,
        at=at,
        reason=reason,
    )
    end_review_clock(referral, at)
    close_when_done(referral=referral, at=at)


def check_body(referral: Referral, reviewer: User) -> None:
    """Raise NotPermittedError for whoever is not of the body the referral went to."""
    if reviewer.recipient_body_id != referral.recipient_id:
        raise NotPermittedError(_("Rujukan ini ditujukan kepada lembaga lain."))


def end_review_clock(referral: Referral, at: datetime) -> None:
    """End the recipient's clock."""
    end_deadline(
        referral.deadlines.filter(kind="recipient_review"),
        on=local_day(at, referral.case.office),
    )
    referral.due_at = None
    referral.save(update_fields=["due_at"])
