"""Follow-ups at the end of their days, and the clock of the ladder."""

from datetime import UTC, date, datetime, time

from referrals.models import FollowUp
from tests.referrals import stages

HOURS = time(5)
"""05.00 UTC lies in the same day in WIB, WITA and WIT."""


def noon(day: date) -> datetime:
    return datetime.combine(day, HOURS, tzinfo=UTC)


def late() -> tuple[FollowUp, date]:
    """Return a follow-up and the last day of its PPK."""
    follow_up = stages.recommended()
    return follow_up, follow_up.deadlines.get().due_on
