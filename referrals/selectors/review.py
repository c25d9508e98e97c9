"""What a recipient body reads: only what was delivered to it, and nothing of how it came about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from bawaslu_cases.accounts.models import User
from complaints.selectors.keyset import Cursor, Order, Page, keyset_page
from referrals.models import Delivery, FollowUp, Letter, Referral, ReferralItem
from referrals.selectors.desk import referral_items
from referrals.selectors.wording import (
    REFERRAL_HISTORY,
    REFERRAL_STATE,
    history_lines,
    running_clock,
)
from referrals.states import ReferralAction, ReferralStatus

PAGE_SIZE = 30

SEEN_ACTIONS = (
    ReferralAction.DELIVER,
    ReferralAction.ACCEPT,
    ReferralAction.RETURN,
    ReferralAction.RETURN_BY_LINE,
    ReferralAction.RECOMMEND,
    ReferralAction.FIND_NOT_PROVEN,
    ReferralAction.CLOSE,
)
"""The part of the history that belongs to the recipient: from the delivery on."""

WAITING = (ReferralStatus.DELIVERED, ReferralStatus.ACCEPTED)


def delivered_referrals(user: User) -> QuerySet[Referral]:
    """Return what was delivered to the reviewer's body; a next version not yet delivered is hidden.

    One query when read.
    """
    if user.recipient_body_id is None:
        return Referral.objects.none()
    return Referral.objects.visible_to(user).select_related(
        "case__office__region", "case__contest", "recipient"
    )


def review_page(user: User, *, is_open: bool, cursor: Cursor | None) -> Page[Referral]:
    """Return one page of the inbox: what waits by deadline, what is done newest first.

    At most two queries.
    """
    referrals = delivered_referrals(user)
    if is_open:
        return keyset_page(
            referrals.filter(status__in=WAITING),
            order=Order.BY_DEADLINE,
            cursor=cursor,
            size=PAGE_SIZE,
        )
    return keyset_page(
        referrals.exclude(status__in=WAITING),
        order=Order.NEWEST_FIRST,
        cursor=cursor,
        size=PAGE_SIZE,
    )


def delivered_letters(referral: Referral) -> QuerySet[Letter]:
    """Return the letters that reached the recipient, newest first. One query when read."""
    reached = Delivery.objects.filter(referral=OuterRef("referral"), version=OuterRef("version"))
    return referral.letters.filter(Exists(reached))


@dataclass(frozen=True)
class ReviewSheet:
    """One referral as the recipient sees it."""

    items: Sequence[ReferralItem]
    letters: Sequence[Letter]
    history: list[dict[str, Any]]
    follow_ups: Sequence[FollowUp]
    clock: Any
    state: str


def review_sheet(referral: Referral, *, at: datetime) -> ReviewSheet:
    """Return what the recipient may know of one referral. Five queries."""
    events = referral.events.filter(action__in=SEEN_ACTIONS).select_related("actor").order_by("pk")
    return ReviewSheet(
        items=referral_items(referral),
        letters=list(delivered_letters(referral)),
        history=history_lines(
            events,
            words=REFERRAL_HISTORY,
            time_zone=referral.case.office.time_zone,
            with_names=False,
        ),
        follow_ups=list(referral.follow_ups.select_related("official", "agency").order_by("pk")),
        clock=running_clock(referral.deadlines.all(), kind="recipient_review", at=at),
        state=REFERRAL_STATE[ReferralStatus(referral.status)],
    )
