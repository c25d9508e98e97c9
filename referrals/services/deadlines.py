"""The recipients' and PPKs' clocks: starting and ending them, and when the calendar changes."""

from datetime import date, datetime

from complaints.services.deadlines import (
    end_deadline,
    local_day,
    reckon_after_calendar_change,
    start_deadline,
)
from referrals.models import FollowUp, ReferralDeadline
from referrals.services.escalation import pause_ladder, reckon_ladders, schedule_ladder
from referrals.states import OWED

PPK_CLOCKS = ("ppk_answer", "ppk_more_time")
APPEAL_CLOCKS = ("appeal_objection", "appeal_bpasn")


def start_ppk_clock(
    *,
    follow_up: FollowUp,
    at: datetime,
    kind: str = "ppk_answer",
    starts_on: date | None = None,
    is_new_round: bool = False,
) -> ReferralDeadline:
    """Start the clock of a PPK and, from its last day, the ladder. ``starts_on`` is today if left out."""
    deadline = _start(follow_up, kind, starts_on or local_day(at, follow_up.referral.case.office))
    schedule_ladder(follow_up=follow_up, anchor=deadline.due_on, is_new_round=is_new_round)
    return deadline


def start_appeal_clock(*, follow_up: FollowUp, kind: str, starts_on: date) -> ReferralDeadline:
    """Start the clock of whoever decides a remedy; no ladder follows it."""
    return _start(follow_up, kind, starts_on)


def _start(follow_up: FollowUp, kind: str, starts_on: date) -> ReferralDeadline:
    deadline = start_deadline(
        model=ReferralDeadline,
        kind=kind,
        office=follow_up.referral.case.office,
        regime="",
        starts_on=starts_on,
        referral=follow_up.referral,
        follow_up=follow_up,
    )
    follow_up.due_at = deadline.due_at
    follow_up.save(update_fields=["due_at"])
    return deadline


def end_clock(
    *, follow_up: FollowUp, at: datetime, status: str = ReferralDeadline.Status.MET
) -> None:
    """End what runs for a follow-up, and its ladder's next day with it."""
    day = local_day(at, follow_up.referral.case.office)
    end_deadline(follow_up.deadlines.all(), on=day, status=status)
    follow_up.due_at = None
    follow_up.save(update_fields=["due_at"])
    pause_ladder(follow_up=follow_up)


def reckon_open_deadlines(*, at: datetime) -> int:
    """Bring the running clocks of referrals and follow-ups up to the latest calendar, ladders too."""

    def tell(deadline: ReferralDeadline) -> None:
        subject = deadline.follow_up or deadline.referral
        subject.due_at = deadline.due_at
        subject.save(update_fields=["due_at"])
        if deadline.follow_up is not None and deadline.follow_up.status in OWED:
            # reached rungs stay: only what is still ahead is counted from the new last day
            schedule_ladder(follow_up=deadline.follow_up, anchor=deadline.due_on)

    changed = reckon_after_calendar_change(
        ReferralDeadline,
        at=at,
        subjects=("referral__case__office", "follow_up__referral__case__office"),
        moved=tell,
    )
    reckon_ladders()
    return changed
