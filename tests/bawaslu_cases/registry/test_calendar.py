import datetime as dt
import threading

import pytest
from django.db import connection

from bawaslu_cases.registry.models import (
    CalendarVersion,
    Holiday,
    HolidayCategory,
    Office,
    Region,
    TimeLimit,
)
from bawaslu_cases.registry.selectors import time_limit, working_calendar
from bawaslu_cases.registry.services import DayOffDraft, change_calendar
from bawaslu_cases.shared.errors import ConflictError, DomainError, ReasonNeededError
from bawaslu_cases.shared.working_days import DayOff, DayOffKind, Unit, count_days

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 11, 21, 3, 0, tzinfo=dt.UTC)
DAY = dt.date(2031, 3, 4)


def draft(region: Region | None = None, category=HolidayCategory.NATIONAL, name="Hari Contoh"):
    return DayOffDraft(date=DAY, category=category, name=name, region=region, source="uji")


def test_the_file_gives_148_national_62_joint_leave_and_4_election_days():
    counts = [Holiday.objects.filter(category=category).count() for category in HolidayCategory]

    assert counts == [148, 62, 4, 1]


def test_estimated_days_are_marked():
    years = Holiday.objects.filter(is_estimated=True).values_list("date__year", flat=True)

    assert set(years) == {2027}


def test_a_calendar_names_each_day_off(django_assert_num_queries):
    office = Office.objects.get(path="00.33.08")

    with django_assert_num_queries(2):
        calendar = working_calendar(office=office)

    assert calendar.days_off[dt.date(2024, 11, 27)] == DayOff(
        "Hari Pemilihan Kepala Daerah", DayOffKind.ELECTION_DAY
    )
    assert calendar.version == CalendarVersion.objects.latest("number").number


def test_local_days_off_hold_in_their_own_region_only():
    repeat = dt.date(2025, 8, 27)

    found = {
        path: repeat in working_calendar(office=Office.objects.get(path=path)).days_off
        for path in ("00", "00.19", "00.19.01", "00.19.71")
    }

    assert found == {"00": False, "00.19": False, "00.19.01": False, "00.19.71": True}


def test_a_provinces_day_off_holds_in_its_regencies():
    change_calendar(
        add=[draft(Region.objects.get(code="33"), HolidayCategory.LOCAL)], reason="Uji", at=AT
    )

    found = [
        DAY in working_calendar(office=Office.objects.get(path=path)).days_off
        for path in ("00.33", "00.33.08", "00.34.02", "00")
    ]

    assert found == [True, True, False, False]


def test_the_nations_reason_comes_before_the_regions():
    region = Region.objects.get(code="33.08")
    change_calendar(
        add=[
            draft(region, HolidayCategory.LOCAL, "Hari jadi"),
            draft(None, HolidayCategory.NATIONAL, "Libur nasional"),
        ],
        reason="Uji",
        at=AT,
    )

    calendar = working_calendar(office=Office.objects.get(path="00.33.08"))

    assert calendar.days_off[DAY] == DayOff("Libur nasional", DayOffKind.NATIONAL)


def test_a_change_is_one_version_that_tells_what_and_why():
    before = CalendarVersion.objects.latest("number").number
    gone = Holiday.objects.get(date=dt.date(2027, 5, 17))

    version = change_calendar(
        add=[draft()], remove=[gone], reason=" SKB 3 Menteri 2031 ", actor_id=7, at=AT
    )

    assert (version.number, version.reason, version.actor_id, version.created_at) == (
        before + 1,
        "SKB 3 Menteri 2031",
        7,
        AT,
    )
    assert version.added == [
        {"date": "2031-03-04", "category": "NATIONAL", "name": "Hari Contoh", "region": None}
    ]
    assert version.removed == [
        {"date": "2027-05-17", "category": "NATIONAL", "name": gone.name, "region": None}
    ]
    assert not Holiday.objects.filter(pk=gone.pk).exists()


def test_a_new_day_off_moves_a_count_of_working_days():
    office = Office.objects.get(path="00.33")
    start = DAY - dt.timedelta(days=1)

    before = count_days(
        start=start, days=1, unit=Unit.WORKING_DAY, calendar=working_calendar(office=office)
    )
    change_calendar(add=[draft()], reason="Uji", at=AT)
    after = count_days(
        start=start, days=1, unit=Unit.WORKING_DAY, calendar=working_calendar(office=office)
    )

    assert (before.due_on, after.due_on) == (DAY, DAY + dt.timedelta(days=1))


def refused(error: type[Exception], **change):
    count, versions = Holiday.objects.count(), CalendarVersion.objects.count()

    with pytest.raises(error):
        change_calendar(at=AT, **change)

    assert (Holiday.objects.count(), CalendarVersion.objects.count()) == (count, versions)


def test_a_change_needs_a_reason():
    refused(ReasonNeededError, add=[draft()], reason="  ")


def test_an_empty_change_is_refused():
    refused(DomainError, reason="Uji")


def test_a_day_that_is_already_there_is_refused():
    change_calendar(add=[draft()], reason="Uji", at=AT)

    refused(DomainError, add=[draft()], reason="Uji")


def test_a_day_somebody_else_removed_is_a_conflict():
    day = Holiday.objects.get(date=dt.date(2027, 5, 17))
    Holiday.objects.filter(pk=day.pk).delete()

    refused(ConflictError, remove=[day], reason="Uji")


@pytest.mark.django_db(transaction=True)
def test_changes_at_the_same_time_take_numbers_one_after_the_other():
    first = CalendarVersion.objects.latest("number").number
    barrier = threading.Barrier(6)
    failures: list[Exception] = []

    def change(number: int) -> None:
        try:
            barrier.wait()
            change_calendar(add=[draft(name=f"Hari {number}")], reason="Uji balapan", at=AT)
        except Exception as error:  # noqa: BLE001 -- reported below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    try:
        numbers = CalendarVersion.objects.filter(reason="Uji balapan").values_list("number")
        assert failures == []
        assert sorted(number for (number,) in numbers) == [*range(first + 1, first + 7)]
        assert Holiday.objects.filter(date=DAY).count() == 6
    finally:  # reference data outlives a test, so the test takes its own back
        Holiday.objects.filter(date=DAY).delete()
        CalendarVersion.objects.filter(reason="Uji balapan").delete()


@pytest.mark.parametrize(
    ("code", "regime", "value", "unit"),
    [
        ("report_window", "PEMILU", 7, "WORKING_DAY"),
        ("report_window", "PILKADA", 7, "CALENDAR_DAY"),
        ("initial_review", "PEMILU", 2, "WORKING_DAY"),
        ("initial_review", "PILKADA", 2, "CALENDAR_DAY"),
        ("identity_card", "PEMILU", 2, "WORKING_DAY"),
        ("repair_notice", "PEMILU", 1, "WORKING_DAY"),
        ("repair_notice", "PILKADA", 1, "CALENDAR_DAY"),
        ("repair", "PEMILU", 2, "WORKING_DAY"),
        ("repair", "PILKADA", 2, "CALENDAR_DAY"),
        ("handling", "PEMILU", 7, "WORKING_DAY"),
        ("handling", "PILKADA", 3, "CALENDAR_DAY"),
        ("handling_extended", "PEMILU", 14, "WORKING_DAY"),
        ("handling_extended", "PILKADA", 5, "CALENDAR_DAY"),
        ("finding", "PEMILU", 7, "WORKING_DAY"),
        ("finding", "PILKADA", 7, "CALENDAR_DAY"),
        ("finding_register", "PEMILU", 2, "WORKING_DAY"),
        ("finding_register", "PILKADA", 2, "CALENDAR_DAY"),
        ("correction_request", "PEMILU", 3, "WORKING_DAY"),
        ("correction_request", "PILKADA", 3, "CALENDAR_DAY"),
        ("recipient_review", "PILKADA", 7, "CALENDAR_DAY"),
        ("recipient_review", "PEMILU", 7, "CALENDAR_DAY"),
        ("ppk_answer", "PILKADA", 14, "WORKING_DAY"),
        ("ppk_answer", "", 14, "WORKING_DAY"),
    ],
)
def test_time_limits(django_assert_num_queries, code, regime, value, unit):
    with django_assert_num_queries(1):
        limit = time_limit(code=code, regime=regime, on=dt.date(2024, 10, 7))

    assert (limit.value, limit.unit) == (value, unit)


def test_a_changed_limit_holds_from_its_day():
    TimeLimit.objects.filter(code="ppk_answer").update(valid_to=dt.date(2026, 12, 31))
    old = TimeLimit.objects.get(code="ppk_answer")
    old.pk, old.value = None, 10
    old.valid_from, old.valid_to = dt.date(2027, 1, 1), None
    old.save(force_insert=True)

    values = [
        time_limit(code="ppk_answer", regime="PEMILU", on=day).value
        for day in (dt.date(2026, 12, 31), dt.date(2027, 1, 1))
    ]

    assert values == [14, 10]


def test_a_limits_own_regime_comes_before_the_general_one():
    general = TimeLimit.objects.get(code="ppk_answer")
    general.pk, general.regime, general.value = None, "PILKADA", 5
    general.save(force_insert=True)

    values = [
        time_limit(code="ppk_answer", regime=regime, on=dt.date(2024, 10, 7)).value
        for regime in ("PILKADA", "PEMILU")
    ]

    assert values == [5, 14]


def test_an_unknown_limit_is_an_error():
    with pytest.raises(TimeLimit.DoesNotExist, match="no time limit nonsense for PEMILU"):
        time_limit(code="nonsense", regime="PEMILU", on=dt.date(2024, 10, 7))
