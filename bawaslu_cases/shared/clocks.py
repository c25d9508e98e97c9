"""One clock for what several machines compare: the database's. Theirs may differ by minutes."""

from datetime import datetime, timedelta
from typing import Any, Final, cast

from django.db import connection

AGREE: Final = timedelta(seconds=5)
"""Below it two clocks are the same: as much lies between a question and its answer on a busy machine."""
BELIEVED: Final = timedelta(hours=1)
"""Above it the moments of this process are not meant to be now: a test's, or a computer without a clock."""


def by_the_database(at: datetime) -> datetime:
    """Return a moment of this process as the clock of the database has it.

    No query: a connection asks when it is made how far the database is ahead.
    """
    return at + cast("timedelta", cast("Any", connection).database_ahead)


def ahead_of_us(theirs: datetime, *, asked: datetime, answered: datetime) -> timedelta:
    """Return by how much another clock is ahead of ours, nothing where that is not to be believed.

    ``asked`` and ``answered`` are by ours; it was read in between.
    """
    ahead = theirs - (asked + (answered - asked) / 2)
    return ahead if AGREE <= abs(ahead) <= BELIEVED and answered - asked < AGREE else timedelta()
