"""What a reporter is told, milestone by milestone."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from complaints.selectors.mailbox import (
    ELSEWHERE,
    NOT_ENOUGH,
    NOT_PROVEN,
    NOT_TRACED,
    SANCTIONED,
    STOPPED,
    TOLD,
    ending_of,
    mailbox_of,
)
from complaints.services.milestones import reach_milestone
from complaints.services.triage import close_without_case
from complaints.states import Milestone
from tests.factories import AT, person, tip, traced_tip

pytestmark = pytest.mark.django_db

DAY = AT.date()
M = Milestone


def told(complaint, today=DAY):
    noon = datetime.combine(today, time(5), tzinfo=UTC)
    return mailbox_of(public_id=complaint.public_id, now=noon)


def test_every_milestone_has_words():
    assert set(TOLD) == set(Milestone)


@pytest.mark.parametrize(
    ("reached", "ending"),
    [
        ([], None),
        ([M.RECEIVED], None),
        ([M.RECEIVED, M.CHECKED, M.NOT_TRACED], NOT_TRACED),
        ([M.RECEIVED, M.CHECKED, M.TRACING, M.CLOSED], NOT_ENOUGH),
        ([M.RECEIVED, M.TRACING, M.FINDING, M.CASE, M.STOPPED], STOPPED),
        ([M.RECEIVED, M.FORWARDED, M.CLOSED], NOT_PROVEN),
        ([M.RECEIVED, M.FORWARDED, M.AT_AGENCY, M.SANCTION], None),
        ([M.RECEIVED, M.FORWARDED, M.AT_AGENCY, M.SANCTION, M.CLOSED], SANCTIONED),
    ],
)
def test_ending_says_why(reached, ending):
    assert ending_of(reached) is ending


@pytest.mark.parametrize(
    ("reached", "ending"),
    [
        ([M.RECEIVED, M.CASE, M.FORWARDED], None),
        ([M.RECEIVED, M.CASE, M.FORWARDED, M.CLOSED], ELSEWHERE),
        ([M.RECEIVED, M.FORWARDED, M.SANCTION, M.CLOSED], SANCTIONED),
    ],
)
def test_what_another_body_has_does_not_end_as_unproven(reached, ending):
    assert ending_of(reached, is_elsewhere=True) is ending


def test_fresh_tip_has_a_day_and_the_road_ahead():
    mailbox = told(tip())

    assert mailbox.heading == "Laporan Anda sudah diterima"
    assert mailbox.due_on == date(2024, 10, 9)
    assert not mailbox.is_overdue
    assert [(entry.title, entry.state) for entry in mailbox.entries] == [
        ("Diterima", "now"),
        ("Diperiksa kelengkapannya", "next"),
        ("Ditelusuri", "next"),
        ("Dikaji", "next"),
        ("Diteruskan ke BKN", "next"),
        ("Menunggu instansi", "next"),
        ("Selesai", "next"),
    ]


def test_passed_day_is_said_to_be_passed():
    complaint = tip()
    assert told(complaint, today=date(2024, 10, 9)).is_overdue is False
    assert told(complaint, today=date(2024, 10, 10)).is_overdue is True


def test_recipient_is_the_body_of_the_day():
    complaint = tip()
    reach_milestone(complaint=complaint, kind=M.FORWARDED, on=date(2024, 8, 1))

    mailbox = told(complaint)

    assert mailbox.heading == "Laporan Anda diteruskan ke KASN"
    assert mailbox.coming.startswith("KASN memeriksa")


def test_closed_record_says_what_is_still_possible():
    complaint = traced_tip()
    close_without_case(complaint=complaint, officer=person("sari"), at=AT, reason="Nihil")

    mailbox = told(complaint)

    assert mailbox.heading == "Ditutup: tidak cukup keterangan"
    assert mailbox.is_closed
    assert mailbox.due_on is None
    assert mailbox.still_possible.startswith("Anda bisa mengirim laporan baru")
    assert mailbox.entries[-1].state == "stop"
    assert "Nihil" not in repr(mailbox)


def test_four_queries_however_much_happened(django_assert_num_queries):
    first, second = tip(), traced_tip()
    for number, kind in enumerate((M.FINDING, M.CASE, M.FORWARDED, M.AT_AGENCY)):
        reach_milestone(complaint=second, kind=kind, on=DAY + timedelta(days=number))
    for complaint in (first, second):
        with django_assert_num_queries(4):
            told(complaint)


def test_unknown_record_tells_nothing(django_assert_num_queries):
    complaint = tip()
    complaint.public_id = "00000000-0000-4000-8000-000000000000"
    assert told(complaint) is None
