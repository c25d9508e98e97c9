"""Statutory clocks as rows: regime, zone, explanation, pauses, and a calendar that changes later."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bawaslu_cases.registry.models import Region
from complaints.models import Complaint, Deadline
from complaints.services.deadlines import (
    end_deadline,
    local_day,
    pause_deadline,
    reckon_open_deadlines,
    resume_deadline,
)
from tests.factories import case, decided_case, finding, office, person, tip, traced_tip

pytestmark = pytest.mark.django_db


def clocks(**subject):
    return list(
        Deadline.objects.filter(**subject)
        .order_by("pk")
        .values_list("kind", "starts_on", "due_on", "status")
    )


def test_pilkada_counts_calendar_days():
    complaint = tip()  # Monday 7 October 2024

    assert clocks(complaint=complaint) == [
        ("initial_review", date(2024, 10, 7), date(2024, 10, 9), "open")
    ]
    assert complaint.due_at == datetime(2024, 10, 9, 16, 59, 59, tzinfo=UTC)


def test_pemilu_counts_working_days():
    # Thursday 8 February 2024: Friday is joint leave after Isra Mikraj, then the weekend.
    at = datetime(2024, 2, 8, 3, 0, tzinfo=UTC)
    complaint = tip(at, event_on=date(2024, 2, 6), known_on=date(2024, 2, 7))

    (clock,) = complaint.deadlines.all()
    assert clock.due_on == date(2024, 2, 13)
    assert [
        (day["date"], day["counted"], day["number"], day["reason"]) for day in clock.explanation
    ] == [
        ("2024-02-08", False, 0, "EVENT_DAY"),
        ("2024-02-09", False, None, "JOINT_LEAVE"),
        ("2024-02-10", False, None, "WEEKEND"),
        ("2024-02-11", False, None, "WEEKEND"),
        ("2024-02-12", True, 1, "WORKING_DAY"),
        ("2024-02-13", True, 2, "WORKING_DAY"),
    ]


def test_due_moment_is_the_end_of_the_day_where_the_office_is():
    papua = Region.objects.get(code="91.71")
    complaint = tip(region=papua)

    (clock,) = complaint.deadlines.all()
    assert clock.time_zone == "Asia/Jayapura"
    assert clock.due_at == datetime(2024, 10, 9, 14, 59, 59, tzinfo=UTC)


def test_day_of_receipt_is_the_offices_own_day():
    late = datetime(2024, 10, 7, 16, 30, tzinfo=UTC)  # 23.30 WIB, already 8 October in WIT

    assert local_day(late, office("33")) == date(2024, 10, 7)
    assert local_day(late, office("91")) == date(2024, 10, 8)


def test_each_step_ends_its_clock_and_starts_the_next():
    complaint = traced_tip()

    assert clocks(complaint=complaint) == [
        ("initial_review", date(2024, 10, 7), date(2024, 10, 9), "met"),
        ("finding", date(2024, 10, 7), date(2024, 10, 14), "open"),
    ]

    decided = decided_case()
    (recorded,) = decided.complaints.all()
    assert clocks(complaint=recorded) == [
        ("finding_register", date(2024, 10, 7), date(2024, 10, 9), "met")
    ]
    assert clocks(case=decided) == [("handling", date(2024, 10, 7), date(2024, 10, 10), "met")]
    assert decided.due_at is None


def test_pause_stops_the_count_and_says_so():
    registered = case()
    clock = registered.deadlines.get()

    pause_deadline(
        deadline=clock, office=registered.office, on=date(2024, 10, 8), reason="Menunggu ahli"
    )
    assert clock.due_on == date(2024, 10, 10)  # the last known day stays while the pause lasts
    assert clock.explanation[-1]["reason"] == "PAUSED"

    resume_deadline(
        deadline=clock, office=registered.office, on=date(2024, 10, 9), reason="Ahli menjawab"
    )
    clock.refresh_from_db()
    assert clock.due_on == date(2024, 10, 12)
    assert clock.history == [
        {"due_on": "2024-10-10", "why": "Ahli menjawab", "calendar": clock.calendar_version}
    ]


def test_new_holiday_moves_open_clocks_only():
    from bawaslu_cases.registry.models import HolidayCategory
    from bawaslu_cases.registry.services.calendar import DayOffDraft, change_calendar

    now = datetime(2024, 3, 18, 3, 0, tzinfo=UTC)  # a Monday of the Pemilu regime
    earlier = datetime(2024, 3, 4, 3, 0, tzinfo=UTC)
    days: dict[str, Any] = {"event_on": date(2024, 3, 16), "known_on": date(2024, 3, 16)}
    running, other = finding(now, **days), finding(now, **days)
    passed = finding(earlier, event_on=date(2024, 3, 2), known_on=date(2024, 3, 2))
    met = other.deadlines.get()
    end_deadline(other.deadlines.all(), on=now.date())
    gone = passed.deadlines.get()

    version = change_calendar(
        add=[DayOffDraft(date(2024, 3, 19), HolidayCategory.NATIONAL, "Libur contoh")],
        reason="SKB diubah",
        actor_id=person("agus").pk,
        at=now,
    )
    moved = [reckon_open_deadlines(at=now), reckon_open_deadlines(at=now)]

    assert moved == [1, 0]
    clock = running.deadlines.get()
    assert clock.due_on == date(2024, 3, 21)
    assert clock.calendar_version == version.number
    assert clock.history == [
        {"due_on": "2024-03-20", "why": "SKB diubah", "calendar": version.number}
    ]
    assert ("2024-03-19", "NATIONAL", "Libur contoh") in [
        (day["date"], day["reason"], day["detail"]) for day in clock.explanation
    ]
    assert Complaint.objects.get(pk=running.pk).due_at == clock.due_at
    for untouched, before in ((other, met), (passed, gone)):
        after = untouched.deadlines.get()
        assert (after.due_on, after.history) == (before.due_on, [])
        assert after.calendar_version == before.calendar_version
