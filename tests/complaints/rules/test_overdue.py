"""Two levels of lateness."""

from datetime import date

import pytest

from complaints.rules.overdue import Lateness, lateness


@pytest.mark.parametrize(
    ("today", "level"),
    [
        (date(2024, 10, 8), Lateness.IN_TIME),
        (date(2024, 10, 9), Lateness.IN_TIME),
        (date(2024, 10, 10), Lateness.PASSED),
        (date(2024, 10, 11), Lateness.PASSED),
        (date(2024, 10, 12), Lateness.FAR),
    ],
)
def test_levels(today, level):
    assert lateness(date(2024, 10, 9), today=today) == level
