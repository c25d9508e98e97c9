"""How late is late: the two levels of a passed deadline, in days of the office's own time.

The law knows one deadline; the second level is a working rule (no source): who supervises hears of it.
"""

from datetime import date, datetime, timedelta
from enum import IntEnum

FAR_AFTER_DAYS = 2
"""Days after which a passed deadline is no longer the officer's own matter."""

STALLED_AFTER_DAYS = 5
"""Days without any step after which a matter under a clock counts as stalled. A working rule (no source)."""


class Lateness(IntEnum):
    """None, passed, or passed so long that the supervisor is told."""

    IN_TIME = 0
    PASSED = 1
    FAR = 2


def lateness(due_on: date, *, today: date) -> Lateness:
    """Return the level of a deadline whose last day is ``due_on``."""
    if today <= due_on:
        return Lateness.IN_TIME
    return Lateness.FAR if (today - due_on).days > FAR_AFTER_DAYS else Lateness.PASSED


def far_before(at: datetime) -> datetime:
    """Return the moment before which a due moment is far past at ``at``."""
    return at - timedelta(days=FAR_AFTER_DAYS)


def stalled_before(at: datetime) -> datetime:
    """Return the moment since which somebody must have done something, lest a matter counts as stalled."""
    return at - timedelta(days=STALLED_AFTER_DAYS)
