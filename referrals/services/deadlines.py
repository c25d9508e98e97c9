"""The recipients' and PPKs' clocks when the calendar changes."""

from datetime import datetime

from complaints.services.deadlines import reckon_after_calendar_change
from referrals.models import ReferralDeadline


def reckon_open_deadlines(*, at: datetime) -> int:
    """Bring the running clocks of referrals and follow-ups up to the latest calendar."""

    def tell(deadline: ReferralDeadline) -> None:
        subject = deadline.follow_up or deadline.referral
        subject.due_at = deadline.due_at
        subject.save(update_fields=["due_at"])

    return reckon_after_calendar_change(
        ReferralDeadline, at=at, subjects=("referral__case__office", "follow_up"), moved=tell
    )
