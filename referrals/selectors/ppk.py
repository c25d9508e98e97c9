"""What an employing official's office reads: the recommendation, and nothing behind it.

No source of the case, no report date, no evidence, no number that carries the source, no other
agency (security/protection.md 0.5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import SanctionClass, SanctionType
from complaints.selectors.keyset import Cursor, Order, Page, keyset_page
from referrals.models import FollowUp, FollowUpAnswer, PpkPassUse, ReferralItem
from referrals.selectors.follow_ups import recommended_items
from referrals.selectors.running import with_days
from referrals.selectors.wording import (
    FOLLOW_UP_HISTORY,
    FOLLOW_UP_STATE,
    history_lines,
    running_clock,
)
from referrals.states import OWED, FollowUpAction, FollowUpStatus

PAGE_SIZE = 30


def agency_follow_ups(user: User) -> QuerySet[FollowUp]:
    """Return the recommendations to the person's own agency. One query when read."""
    if user.agency_id is None:
        return FollowUp.objects.none()
    return FollowUp.objects.visible_to(user).select_related(
        "referral__case__office", "referral__recipient", "official", "agency", "ladder"
    )


def recommendation_of(follow_up: FollowUp) -> FollowUp:
    """Return a recommendation with what its page shows. One query."""
    return FollowUp.objects.select_related(
        "referral__case__office", "referral__recipient", "official", "agency", "ladder"
    ).get(pk=follow_up.pk)


def pass_history(follow_up: FollowUp) -> list[PpkPassUse]:
    """Return what was done with every link of a recommendation, newest first. One query."""
    return list(PpkPassUse.objects.filter(ppk_pass__follow_up=follow_up).order_by("-pk")[:100])


def has_open_pass(follow_up: FollowUp, *, at: datetime) -> bool:
    """Say whether the PPK's office holds a link that still opens. One query."""
    return follow_up.passes.filter(ended_at=None, expires_at__gt=at).exists()


def agency_page(user: User, *, is_open: bool, cursor: Cursor | None) -> Page[FollowUp]:
    """Return one page: what is owed by deadline, what is done newest first. At most two queries."""
    follow_ups = with_days(agency_follow_ups(user), "follow_up")
    if is_open:
        return keyset_page(
            follow_ups.filter(status__in=OWED),
            order=Order.BY_DEADLINE,
            cursor=cursor,
            size=PAGE_SIZE,
        )
    return keyset_page(
        follow_ups.exclude(status__in=OWED),
        order=Order.NEWEST_FIRST,
        cursor=cursor,
        size=PAGE_SIZE,
    )


def sanction_choices(*, on: date, recommended: str) -> list[tuple[str, list[SanctionType]]]:
    """Return the sanctions a PPK can impose, by class, the recommended class first. One query."""
    held = list(registry.sanction_types_on(on))
    classes = sorted(SanctionClass, key=lambda each: (each != recommended, each.rank))
    grouped = [
        (str(each.label), [known for known in held if known.sanction_class == each])
        for each in classes
    ]
    return [(label, types) for label, types in grouped if types]


@dataclass(frozen=True)
class AgencySheet:
    """One recommendation as the PPK's office sees it."""

    items: Sequence[ReferralItem]
    answers: Sequence[FollowUpAnswer]
    history: list[dict[str, Any]]
    clock: Any
    state: str


def agency_sheet(follow_up: FollowUp, *, at: datetime) -> AgencySheet:
    """Return what the PPK's office may know of one recommendation. Four queries."""
    events = list(follow_up.events.order_by("pk"))
    # from the day on which this agency was asked: another one's objections are not its to read
    moves = [number for number, event in enumerate(events) if event.action == FollowUpAction.MOVE]
    return AgencySheet(
        items=recommended_items(follow_up),
        # what another agency answered before the person moved is not this one's to read
        answers=list(
            follow_up.answers.filter(answered_by__agency_id=follow_up.agency_id)
            .select_related("sanction_type", "new_agency")
            .order_by("pk")
        ),
        history=history_lines(
            events[moves[-1] :] if moves else events,
            words=FOLLOW_UP_HISTORY,
            time_zone=follow_up.referral.case.office.time_zone,
            with_names=False,
        ),
        clock=running_clock(follow_up.deadlines.all(), kind=("ppk_answer", "ppk_more_time"), at=at),
        state=FOLLOW_UP_STATE[FollowUpStatus(follow_up.status)],
    )
