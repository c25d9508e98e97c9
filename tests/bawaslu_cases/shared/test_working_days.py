"""Statutory day arithmetic against vectors, by hand, and by properties that must always hold."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bawaslu_cases.shared.working_days import (
    EXPLANATIONS,
    CountedDay,
    DayOff,
    DayOffKind,
    DayReason,
    Pause,
    Unit,
    WorkingCalendar,
    count_days,
    due_at,
)

REFERENCE = Path(__file__).parents[4] / "shared" / "refdata"
KINDS = {
    "national": DayOffKind.NATIONAL,
    "cuti_bersama": DayOffKind.JOINT_LEAVE,
    "election_day": DayOffKind.ELECTION_DAY,
}
UNITS = {"pemilu": Unit.WORKING_DAY, "pilkada": Unit.CALENDAR_DAY}
EMPTY = WorkingCalendar(version=1, days_off={})
FEBRUARY_2024 = WorkingCalendar(
    version=7,
    days_off={
        date(2024, 2, 8): DayOff("Isra Mikraj", DayOffKind.NATIONAL),
        date(2024, 2, 9): DayOff("Cuti bersama Imlek", DayOffKind.JOINT_LEAVE),
        date(2024, 2, 10): DayOff("Imlek", DayOffKind.NATIONAL),
        date(2024, 2, 14): DayOff("Hari Pemilihan Umum", DayOffKind.ELECTION_DAY),
        date(2024, 2, 16): DayOff("Hari jadi daerah", DayOffKind.LOCAL),
    },
)

days_of_era = st.dates(date(2019, 1, 1), date(2027, 12, 31))
limits = st.integers(min_value=0, max_value=40)
calendars = st.dictionaries(
    days_of_era, st.builds(DayOff, st.just("Libur"), st.sampled_from(DayOffKind)), max_size=60
).map(lambda days_off: WorkingCalendar(version=1, days_off=days_off))
closed_pauses = st.lists(
    st.builds(
        lambda first, length: Pause(first, first + timedelta(days=length), "klarifikasi"),
        days_of_era,
        st.integers(min_value=0, max_value=15),
    ),
    max_size=4,
)


def test_reference_vectors_all_agree():
    if not REFERENCE.exists():
        pytest.skip("the reference material is not beside the checkout")
    with (REFERENCE / "holidays_2019_2027.csv").open(encoding="utf-8") as file:
        days_off = {
            date.fromisoformat(row["date"]): DayOff(row["name"], KINDS[row["category"]])
            for row in csv.DictReader(file)
        }
    calendar = WorkingCalendar(version=1, days_off=days_off)
    with (REFERENCE / "deadline_vectors.csv").open(encoding="utf-8") as file:
        vectors = list(csv.DictReader(file))

    wrong = [
        (row, counted.due_on)
        for row in vectors
        if (
            counted := count_days(
                start=date.fromisoformat(row["start_date"]),
                days=int(row["n_days"]),
                unit=UNITS[row["regime"]],
                calendar=calendar,
            )
        ).due_on
        != date.fromisoformat(row["expected_due_date"])
    ]

    assert (len(vectors), wrong) == (57, [])


def test_working_days_skip_each_kind_of_day_off_and_say_why():
    counted = count_days(
        start=date(2024, 2, 7), days=3, unit=Unit.WORKING_DAY, calendar=FEBRUARY_2024
    )

    assert counted.due_on == date(2024, 2, 15)
    assert counted.days == (
        CountedDay(date(2024, 2, 7), False, 0, DayReason.EVENT_DAY),
        CountedDay(date(2024, 2, 8), False, None, DayReason.NATIONAL, "Isra Mikraj"),
        CountedDay(date(2024, 2, 9), False, None, DayReason.JOINT_LEAVE, "Cuti bersama Imlek"),
        CountedDay(date(2024, 2, 10), False, None, DayReason.WEEKEND, "Imlek"),
        CountedDay(date(2024, 2, 11), False, None, DayReason.WEEKEND),
        CountedDay(date(2024, 2, 12), True, 1, DayReason.WORKING_DAY),
        CountedDay(date(2024, 2, 13), True, 2, DayReason.WORKING_DAY),
        CountedDay(date(2024, 2, 14), False, None, DayReason.ELECTION_DAY, "Hari Pemilihan Umum"),
        CountedDay(date(2024, 2, 15), True, 3, DayReason.WORKING_DAY),
    )


def test_local_day_off_moves_the_due_day():
    counted = count_days(
        start=date(2024, 2, 15), days=1, unit=Unit.WORKING_DAY, calendar=FEBRUARY_2024
    )

    assert counted.due_on == date(2024, 2, 19)
    assert counted.days[1].reason == DayReason.LOCAL


def test_calendar_days_skip_nothing_and_a_due_day_on_a_holiday_stays():
    counted = count_days(
        start=date(2024, 2, 7), days=3, unit=Unit.CALENDAR_DAY, calendar=FEBRUARY_2024
    )

    assert counted.due_on == date(2024, 2, 10)
    assert [(day.number, day.reason) for day in counted.days] == [
        (0, DayReason.EVENT_DAY),
        (1, DayReason.CALENDAR_DAY),
        (2, DayReason.CALENDAR_DAY),
        (3, DayReason.CALENDAR_DAY),
    ]


def test_zero_days_are_due_on_the_day_of_the_event_even_on_a_sunday():
    counted = count_days(start=date(2024, 2, 11), days=0, unit=Unit.WORKING_DAY, calendar=EMPTY)

    assert counted.due_on == date(2024, 2, 11)
    assert len(counted.days) == 1


@pytest.mark.parametrize("unit", Unit)
def test_pause_skips_both_its_ends(unit):
    pause = Pause(date(2024, 3, 5), date(2024, 3, 6), "menunggu perbaikan")

    counted = count_days(start=date(2024, 3, 4), days=2, unit=unit, calendar=EMPTY, pauses=[pause])

    assert counted.due_on == date(2024, 3, 8)
    assert [(day.date.day, day.reason, day.detail) for day in counted.days if not day.counted] == [
        (4, DayReason.EVENT_DAY, ""),
        (5, DayReason.PAUSED, "menunggu perbaikan"),
        (6, DayReason.PAUSED, "menunggu perbaikan"),
    ]


def test_open_pause_leaves_no_due_day():
    counted = count_days(
        start=date(2024, 3, 4),
        days=3,
        unit=Unit.WORKING_DAY,
        calendar=EMPTY,
        pauses=[
            Pause(date(2024, 3, 6), date(2024, 3, 6), "pertama"),
            Pause(date(2024, 3, 6), None, "kedua"),
        ],
    )

    assert counted.due_on is None
    assert [day.number for day in counted.days] == [0, 1, None]


def test_open_pause_after_the_due_day_changes_nothing():
    counted = count_days(
        start=date(2024, 3, 4),
        days=1,
        unit=Unit.WORKING_DAY,
        calendar=EMPTY,
        pauses=[Pause(date(2024, 3, 6), None, "kemudian")],
    )

    assert counted.due_on == date(2024, 3, 5)


def test_negative_limit_and_backward_pause_are_refused():
    with pytest.raises(ValueError, match="cannot be negative"):
        count_days(start=date(2024, 3, 4), days=-1, unit=Unit.WORKING_DAY, calendar=EMPTY)
    with pytest.raises(ValueError, match="cannot end before"):
        Pause(date(2024, 3, 6), date(2024, 3, 5), "terbalik")


def test_every_reason_is_explained_and_every_kind_has_a_reason():
    assert set(EXPLANATIONS) == set(DayReason)
    assert {kind.value for kind in DayOffKind} | {unit.value for unit in Unit} <= set(DayReason)
    without_article = {reason for reason, told in EXPLANATIONS.items() if not told.article}
    assert without_article == {DayReason.PAUSED}


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Asia/Jakarta", datetime(2024, 2, 15, 16, 59, 59, tzinfo=UTC)),
        ("Asia/Makassar", datetime(2024, 2, 15, 15, 59, 59, tzinfo=UTC)),
        ("Asia/Jayapura", datetime(2024, 2, 15, 14, 59, 59, tzinfo=UTC)),
    ],
)
def test_due_at_is_the_last_second_of_the_local_day(zone, expected):
    moment = due_at(date(2024, 2, 15), zone)

    assert moment == expected
    assert moment.tzinfo is UTC


@given(days_of_era, limits, st.sampled_from(Unit), calendars, closed_pauses)
def test_count_lists_every_day_once_and_numbers_without_gap(start, days, unit, calendar, pauses):
    counted = count_days(start=start, days=days, unit=unit, calendar=calendar, pauses=pauses)

    span = (counted.days[-1].date - start).days
    assert counted.due_on == counted.days[-1].date
    assert [day.date for day in counted.days] == [
        start + timedelta(days=offset) for offset in range(span + 1)
    ]
    assert [day.number for day in counted.days if day.counted] == list(range(1, days + 1))
    assert counted.days[-1].counted is (days > 0)


@given(days_of_era, limits, calendars, closed_pauses)
def test_no_counted_day_is_off_or_paused(start, days, calendar, pauses):
    counted = count_days(
        start=start, days=days, unit=Unit.WORKING_DAY, calendar=calendar, pauses=pauses
    )

    assert not [
        day
        for day in counted.days
        if day.counted
        and (
            day.date.weekday() >= 5
            or day.date in calendar.days_off
            or any(pause.starts_on <= day.date <= pause.ends_on for pause in pauses)
        )
    ]


@given(days_of_era, limits, calendars)
def test_calendar_days_are_plain_addition(start, days, calendar):
    counted = count_days(start=start, days=days, unit=Unit.CALENDAR_DAY, calendar=calendar)

    assert counted.due_on == start + timedelta(days=days)


@given(days_of_era, limits, st.sampled_from(Unit), calendars, closed_pauses)
def test_a_day_more_a_holiday_more_or_a_pause_more_never_comes_earlier(
    start, days, unit, calendar, pauses
):
    def due_on(days=days, calendar=calendar, pauses=pauses):
        counted = count_days(start=start, days=days, unit=unit, calendar=calendar, pauses=pauses)
        assert counted.due_on is not None
        return counted.due_on

    due = due_on()
    holiday = {due: DayOff("Tambahan", DayOffKind.NATIONAL)}
    more_off = WorkingCalendar(version=2, days_off={**calendar.days_off, **holiday})
    pause = Pause(due, due, "tambahan")

    assert due_on(days=days + 1) > due
    assert (due_on(calendar=more_off) > due) is (days > 0 and unit is Unit.WORKING_DAY)
    assert (due_on(pauses=[*pauses, pause]) > due) is (days > 0)
