"""Which days a period has and which it is compared with: ends of months, leap days, unfinished ones."""

from datetime import date

import pytest

from complaints.selectors.unit_figures_period import read_period

WIB = "Asia/Jakarta"


def told(stretch: str, today: date) -> tuple[str, ...]:
    """Return first and last day of the period and of the one before."""
    period = read_period(stretch=stretch, first="", last="", today=today, zone=WIB)
    return tuple(
        day.isoformat() for span in (period.span, period.before) for day in (span.first, span.last)
    )


@pytest.mark.parametrize(
    ("stretch", "today", "days"),
    [
        ("month", date(2024, 10, 1), ("2024-10-01", "2024-10-01", "2024-09-01", "2024-09-01")),
        # The last day makes it whole: so is the month before, longer or shorter.
        ("month", date(2024, 9, 30), ("2024-09-01", "2024-09-30", "2024-08-01", "2024-08-31")),
        # The thirtieth of a month that had no thirtieth.
        ("month", date(2024, 3, 30), ("2024-03-01", "2024-03-30", "2024-02-01", "2024-02-29")),
        ("month", date(2024, 1, 15), ("2024-01-01", "2024-01-15", "2023-12-01", "2023-12-15")),
        ("last_month", date(2024, 1, 15), ("2023-12-01", "2023-12-31", "2023-11-01", "2023-11-30")),
        ("quarter", date(2024, 5, 31), ("2024-04-01", "2024-05-31", "2024-01-01", "2024-02-29")),
        ("quarter", date(2024, 12, 31), ("2024-10-01", "2024-12-31", "2024-07-01", "2024-09-30")),
        ("year", date(2024, 2, 29), ("2024-01-01", "2024-02-29", "2023-01-01", "2023-02-28")),
        ("year", date(2024, 12, 31), ("2024-01-01", "2024-12-31", "2023-01-01", "2023-12-31")),
        ("", date(2024, 10, 2), ("2024-10-01", "2024-10-02", "2024-09-01", "2024-09-02")),
    ],
)
def test_periods_that_need_no_days(stretch, today, days):
    assert told(stretch, today) == days


def test_a_range_is_compared_with_as_many_days_right_before():
    period = read_period(
        stretch="range", first="2024-02-28", last="2024-03-02", today=date(2024, 3, 9), zone=WIB
    )

    assert (period.span.days, period.before.days) == (4, 4)
    assert (period.before.first, period.before.last) == (date(2024, 2, 24), date(2024, 2, 27))
    assert not period.problem


def test_the_course_ends_with_the_month_of_the_last_day():
    period = read_period(stretch="last_month", first="", last="", today=date(2024, 1, 15), zone=WIB)

    assert [month.isoformat() for month in period.months][::11] == ["2023-01-01", "2023-12-01"]
    assert (period.series.first, period.series.last) == (date(2023, 1, 1), date(2023, 12, 31))


def test_days_begin_and_end_by_the_clock_of_the_zone():
    period = read_period(
        stretch="month", first="", last="", today=date(2024, 10, 3), zone="Asia/Jayapura"
    )

    assert period.span.starts_at.isoformat() == "2024-10-01T00:00:00+09:00"
    assert period.span.ends_at.isoformat() == "2024-10-04T00:00:00+09:00"


@pytest.mark.parametrize(("last", "held"), [("2029-01-01", True), ("2029-01-06", False)])
def test_a_range_has_at_most_five_years(last, held):
    period = read_period(
        stretch="range", first="2024-01-01", last=last, today=date(2024, 10, 3), zone=WIB
    )

    assert (period.problem == "") is held
