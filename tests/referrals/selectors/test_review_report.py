"""The periodic report against a year worked out by hand."""

from datetime import UTC, date, datetime

import pytest

from complaints.models import Recusal
from referrals.models import Referral, ReferralEvent
from referrals.selectors.review_report import Grain, review_report
from tests.factories import decided_case, person
from tests.referrals import stages

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 3, 10, 3, tzinfo=UTC)


def day(month: int, of_month: int, hour: int = 3, year: int = 2024) -> datetime:
    return datetime(year, month, of_month, hour, tzinfo=UTC)


def history(referral: Referral, *steps: tuple[str, datetime]) -> None:
    """Give a referral the history of a body's desk, and no other."""
    for action, at in steps:
        ReferralEvent.objects.create(
            referral=referral, action=action, source="", target="", actor_kind="system", at=at
        )


def known(*steps: tuple[str, datetime]) -> Referral:
    """Return a referral at BKN that was proposed and approved only, with these steps added."""
    referral = stages.approved(decided_case(place=f"Balai {Referral.objects.count()}"))
    history(referral, *steps)
    return referral


@pytest.fixture
def year():
    """Six referrals; the fifth went to another body first, the sixth is still in the house."""
    known(("deliver", day(10, 1)), ("recommend", day(10, 11)))
    known(
        ("deliver", day(10, 2)),
        ("return", day(10, 6)),
        ("deliver", day(11, 4)),
        ("recommend", day(12, 4)),
    )
    known(
        ("deliver", day(10, 31, hour=18)), ("find_not_proven", day(11, 21))
    )  # 1 November in Jakarta
    known(("deliver", day(12, 30)))
    known(
        ("deliver", day(9, 1)),
        ("return", day(9, 3)),
        ("reroute", day(9, 5)),
        ("deliver", day(12, 2)),
        ("correct", day(12, 3)),
    )
    known()


def rows(grain: Grain, asked: int | None = 2024):
    report = review_report(person("anwar"), year=asked, grain=grain, at=NOW)
    return report, [
        (
            row.first.month,
            row.received,
            row.returned,
            row.recommended,
            row.not_proven,
            row.waiting,
            row.days,
        )
        for row in report.rows
    ]


@pytest.mark.usefixtures("year")
def test_months_of_a_year():
    report, told = rows(Grain.MONTH)

    assert told[:8] == [(month, 0, 0, 0, 0, 0, None) for month in range(1, 9)]
    assert told[8:] == [
        (9, 0, 0, 0, 0, 0, None),
        (10, 2, 1, 1, 0, 0, 7),
        (11, 2, 0, 0, 1, 1, 20),
        (12, 2, 0, 1, 0, 1, 30),
    ]
    total = report.total
    assert (total.received, total.returned, total.decided, total.waiting) == (6, 1, 3, 1)
    assert (total.days, list(report.years)) == (15, [2025, 2024])


@pytest.mark.usefixtures("year")
def test_quarters_of_a_year():
    _report, told = rows(Grain.QUARTER)

    assert told == [
        (1, 0, 0, 0, 0, 0, None),
        (4, 0, 0, 0, 0, 0, None),
        (7, 0, 0, 0, 0, 0, None),
        (10, 6, 1, 2, 1, 1, 15),
    ]


@pytest.mark.usefixtures("year")
def test_the_running_year_ends_today_and_odd_years_are_the_running_one():
    report, told = rows(Grain.MONTH, 2025)

    assert [each[0] for each in told] == [1, 2, 3]
    assert [each[5] for each in told] == [1, 1, 1]
    for asked in (None, 1999, 2026):
        assert rows(Grain.MONTH, asked)[0].year == report.year == 2025


@pytest.mark.usefixtures("year")
def test_another_body_and_nobodys_body_count_nothing():
    for who in ("kasman", "sari"):
        report = review_report(person(who), year=2024, grain=Grain.MONTH, at=NOW)
        assert (report.year, report.total.received, report.total.waiting) == (2025, 0, 0)


def test_what_one_is_recused_from_is_left_out():
    referral = known(("deliver", day(10, 1)))
    Recusal.objects.create(
        user=person("anwar"), case=referral.case, reason=Recusal.Reason.RELATIVE, since=NOW
    )

    assert rows(Grain.MONTH)[0].total.received == 0
    assert review_report(person("bima"), year=2024, grain=Grain.MONTH, at=NOW).total.received == 1


@pytest.mark.usefixtures("year")
def test_it_is_one_query_however_many(django_assert_num_queries):
    reader = person("anwar")
    reader.recipient_body_id  # noqa: B018 -- loaded before counting
    with django_assert_num_queries(1):
        report = review_report(reader, year=2024, grain=Grain.MONTH, at=NOW)
    assert report.rows[0].first == date(2024, 1, 1)
