"""Time left in words: exact working days, the day itself, and lateness in calendar days."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from complaints.selectors.case_file import complaint_files
from complaints.selectors.clocks import clock, short_time_left
from tests.factories import tip

FRIDAY = datetime(2024, 10, 4, 3, 0, tzinfo=UTC)
ZONE = "Asia/Jakarta"
TOLD = [
    {"date": "2024-10-04", "counted": False, "number": 0, "reason": "EVENT_DAY", "detail": ""},
    {"date": "2024-10-05", "counted": False, "number": None, "reason": "WEEKEND", "detail": ""},
    {"date": "2024-10-06", "counted": False, "number": None, "reason": "WEEKEND", "detail": ""},
    {"date": "2024-10-07", "counted": True, "number": 1, "reason": "WORKING_DAY", "detail": ""},
    {"date": "2024-10-08", "counted": True, "number": 2, "reason": "WORKING_DAY", "detail": ""},
]
DUE = datetime(2024, 10, 8, 16, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "text", "tone", "percent"),
    [
        (4, "2 hari kerja", "", 0),
        (6, "2 hari kerja", "", 0),
        (7, "1 hari kerja", "soon", 50),
        (8, "Hari ini", "soon", 100),
        (9, "Lewat 1 hari", "late", 100),
        (13, "Lewat 5 hari", "late", 100),
    ],
)
def test_time_left_counts_working_days(day, text, tone, percent):
    at = datetime(2024, 10, day, 3, 0, tzinfo=UTC)

    assert short_time_left(due_at=DUE, time_zone=ZONE, explanation=TOLD, at=at) == (
        text,
        tone,
        percent,
    )


def test_without_a_deadline_nothing_is_said():
    assert short_time_left(due_at=None, time_zone=ZONE, explanation=None, at=FRIDAY) == (
        "",
        "",
        None,
    )


def test_strip_and_reasons_tell_each_day():
    shown = clock(kind="initial_review", due_at=DUE, time_zone=ZONE, explanation=TOLD, at=FRIDAY)

    assert [(day["name"], day["state"], day["due"]) for day in shown.days] == [
        ("Jum", "today", False),
        ("Sab", "off", False),
        ("Min", "off", False),
        ("Sen", "ahead", False),
        ("Sel", "ahead", True),
    ]
    assert shown.due == "Kajian awal selesai paling lambat Selasa 8 Okt, 23.59 WIB"
    assert [line["counted"] for line in shown.lines] == [False, False, False, True, True]
    assert shown.lines[1]["note"].startswith("Sabtu atau Minggu, bukan hari kerja")
    assert "UU 7/2017 ps 454" in shown.lines[3]["note"]


@pytest.mark.django_db
@time_machine.travel(FRIDAY, tick=False)
def test_stored_explanation_has_the_shape_the_page_reads():
    day = date(2024, 10, 3)
    found = tip(FRIDAY, event_on=day, known_on=day)
    file: Any = complaint_files().get(pk=found.pk)
    row = file.deadline_rows[0]

    shown = clock(
        kind=row["kind"],
        due_at=datetime.fromisoformat(row["due_at"]),
        time_zone=row["time_zone"],
        explanation=row["explanation"],
        at=FRIDAY,
    )

    # Pilkada counts calendar days: two days after Friday is Sunday.
    assert (shown.left, shown.due) == (
        "Sisa 2 hari",
        "Kajian awal selesai paling lambat Minggu 6 Okt, 23.59 WIB",
    )
