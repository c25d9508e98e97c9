"""What Bawaslu and the recipient body watch: every PPK's follow-up, as a board and as a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from bawaslu_cases.accounts.models import User
from referrals.models import FollowUp, FollowUpAnswer, ReferralItem
from referrals.selectors.wording import (
    FOLLOW_UP_HISTORY,
    FOLLOW_UP_STATE,
    history_lines,
    running_clock,
    time_left,
)
from referrals.states import FollowUpStatus

COLUMN_CAP = 60
"""Rows shown per stage, the most urgent first; more than a board can carry is said in words."""


def watched_follow_ups(user: User) -> QuerySet[FollowUp]:
    """Return the follow-ups of the person's scope. One query when read."""
    if user.agency_id is not None:
        return FollowUp.objects.none()
    return FollowUp.objects.visible_to(user).select_related(
        "referral__case__office", "referral__recipient", "official", "agency"
    )


@dataclass(frozen=True)
class Column:
    """One stage of the board. ``has_more``: the stage holds more than the cap."""

    label: str
    state: str
    rows: Sequence[dict[str, Any]]
    has_more: bool


def follow_up_board(user: User, *, at: datetime) -> list[Column]:
    """Return the board, one column per stage, the most urgent first. One query per column: seven."""
    return [_column(user, status, at) for status in FollowUpStatus]


def _column(user: User, status: FollowUpStatus, at: datetime) -> Column:
    order = ("due_at", "pk") if status is FollowUpStatus.AWAITING else ("-status_at", "-pk")
    found = list(watched_follow_ups(user).filter(status=status).order_by(*order)[: COLUMN_CAP + 1])
    return Column(
        label=str(status.label),
        state=FOLLOW_UP_STATE[status],
        rows=board_rows(found[:COLUMN_CAP], at=at),
        has_more=len(found) > COLUMN_CAP,
    )


def board_rows(follow_ups: Iterable[FollowUp], *, at: datetime) -> list[dict[str, Any]]:
    """Return rows for a board or list. No query."""
    rows = []
    for follow_up in follow_ups:
        left, tone = time_left(follow_up.due_at, follow_up.referral.case.office.time_zone, at)
        state = FOLLOW_UP_STATE[FollowUpStatus(follow_up.status)]
        rows.append({"follow_up": follow_up, "left": left, "tone": tone, "state": state})
    return rows


@dataclass(frozen=True)
class FollowUpSheet:
    """One follow-up with its answers, newest last; the last one is what is judged."""

    answers: Sequence[FollowUpAnswer]
    items: Sequence[ReferralItem]
    history: list[dict[str, Any]]
    clock: Any
    state: str


def follow_up_sheet(
    follow_up: FollowUp, *, at: datetime, with_names: bool = False
) -> FollowUpSheet:
    """Return everything of one follow-up. Four queries."""
    time_zone = follow_up.referral.case.office.time_zone
    events = follow_up.events.select_related("actor").order_by("pk")
    return FollowUpSheet(
        answers=list(
            follow_up.answers.select_related("sanction_type", "answered_by").order_by("pk")
        ),
        items=recommended_items(follow_up),
        history=history_lines(
            events, words=FOLLOW_UP_HISTORY, time_zone=time_zone, with_names=with_names
        ),
        clock=running_clock(follow_up.deadlines.all(), kind="ppk_answer", at=at),
        state=FOLLOW_UP_STATE[FollowUpStatus(follow_up.status)],
    )


def recommended_items(follow_up: FollowUp) -> list[ReferralItem]:
    """Return the lines of the referral that concern this official. One query."""
    return list(
        follow_up.referral.lines()
        .filter(official_id=follow_up.official_id)
        .select_related("rule", "allegation")
        .order_by("pk")
    )
