"""Until when a remedy against a sanction may be filed."""

from datetime import date

from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.working_days import Unit, count_days
from complaints.deadlines import DEFAULT_REGIME
from referrals.rules.remedies import LIMITS
from referrals.states import Remedy


def last_day_to_file(*, remedy: Remedy, received_on: date, office: Office) -> date:
    """Return the last day on which the remedy may be filed. Four queries at most."""
    limit = registry.time_limit(code=LIMITS[remedy].to_file, regime=DEFAULT_REGIME, on=received_on)
    count = count_days(
        start=received_on,
        days=limit.value,
        unit=Unit(limit.unit),
        calendar=registry.calendar_at_hand(office=office),
    )
    if count.due_on is None:
        raise ValueError("a count without a pause has an end")
    return count.due_on
