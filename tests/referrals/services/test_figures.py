"""What is counted, in which month, and what is published of it when."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from bawaslu_cases.schedule import BEAT_SCHEDULE
from bawaslu_cases.world.demo_figures import publish_demo_figures
from complaints.services.triage import confirm_tip
from referrals.models import PublishedTable
from referrals.selectors import figures as reads
from referrals.selectors.figure_counts import count_months, places
from referrals.selectors.figures import publication
from referrals.services.figures import refresh_figures
from referrals.services.follow_up import answer_follow_up, verify_answer
from referrals.tasks import refresh_figures_task
from tests.factories import AT, decided_case, facts, person, tip, traced_tip
from tests.referrals import stages

pytestmark = pytest.mark.django_db

OCTOBER, NOVEMBER = date(2024, 10, 1), date(2024, 11, 1)
TOLD = datetime(2024, 11, 15, 3, tzinfo=UTC)
"""Fourteen days after the end of October, in Jakarta."""


@pytest.fixture(autouse=True)
def nothing_remembered():
    reads.forget()


def counted():
    return count_months(since=OCTOBER, before=NOVEMBER)


def test_each_matter_is_counted_once_in_its_month():
    tip()
    confirm_tip(complaint=traced_tip(), facts=facts(), officer=person("sari"), at=AT)
    decided_case()
    stages.delivered(decided_case(place="Lapangan"))
    stages.recommended(decided_case(place="Pasar"))
    verify_answer(follow_up=stages.answered(), officer=person("sari"), at=stages.LATER)

    counts = counted()

    assert dict(counts.series[OCTOBER]) == {
        "received": 6,
        "cases": 4,
        "referred": 3,
        "recommended": 2,
        "answered": 1,
        "sanctioned": 1,
    }
    assert sum(counts.acts[OCTOBER].values()) == 6
    assert sum(counts.regencies[OCTOBER].values()) == 6
    assert sum(counts.agencies[OCTOBER].values()) == 2
    (province,) = counts.answers[OCTOBER]
    assert (len(province), counts.answers[OCTOBER][province]) == (2, 1)


def test_an_answer_after_ninety_days_is_late():
    follow_up = stages.recommended()
    late = AT + timedelta(days=91)
    answer_follow_up(
        follow_up=follow_up,
        answer=stages.sanction(),
        staff=person("putu"),
        at=late,
    )

    counts = count_months(since=OCTOBER, before=date(2025, 2, 1))

    assert not counts.answers.get(OCTOBER)
    assert counts.series[date(2025, 1, 1)]["answered"] == 1


def test_months_are_those_of_jakarta():
    last_hour = datetime(2024, 10, 31, 17, 30, tzinfo=UTC)  # half past midnight there
    stages.carried(stages.approved(), at=last_hour)

    assert counted().series[OCTOBER].get("referred") is None
    november = count_months(since=NOVEMBER, before=date(2024, 12, 1))
    assert november.series[NOVEMBER]["referred"] == 1


def test_days_of_the_steps_by_quarter():
    verify_answer(follow_up=stages.answered(), officer=person("sari"), at=stages.LATER)

    days = counted().days[OCTOBER]

    assert days == {
        "decision": (1, 0, 0, 0),
        "review": (1, 0, 0, 0),
        "answer": (1, 7, 7, 7),
    }


def test_counting_takes_twelve_queries_and_places_three(django_assert_num_queries):
    with django_assert_num_queries(12):
        counted()
    with django_assert_num_queries(3):
        where = places()

    assert len(where.regencies) == 38
    assert where.regencies["34"][0] == "34"
    assert len(where.acts) == 13


def test_a_month_is_published_once_and_not_before_its_day(django_assert_num_queries):
    for _ in range(6):
        tip()

    assert refresh_figures(at=TOLD - timedelta(days=1)) == ["series", "days"]
    assert PublishedTable.objects.earliest("pk").last_month == date(2024, 9, 1)

    assert refresh_figures(at=TOLD) == ["series"]
    with django_assert_num_queries(4):
        assert refresh_figures(at=TOLD + timedelta(days=3)) == []
    newest = PublishedTable.objects.latest("pk")
    assert newest.last_month == OCTOBER
    assert newest.cells["received"] == 6
    assert newest.published_on == date(2024, 11, 15)


def test_what_was_published_cannot_be_changed():
    refresh_figures(at=TOLD)
    row = PublishedTable.objects.get()

    for change in (
        lambda: PublishedTable.objects.update(cells={}),
        row.delete,
        lambda: connection.cursor().execute("TRUNCATE referrals_publishedtable"),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_months_that_came_with_nothing_are_told_together():
    for _ in range(4):
        tip()
    refresh_figures(at=TOLD)
    for _ in range(3):
        tip(at=AT + timedelta(days=40))

    refresh_figures(at=TOLD + timedelta(days=31))

    rows = PublishedTable.objects.filter(name="series").order_by("last_month")
    assert [row.cells["received"] for row in rows] == [None, 7]


def test_task_command_and_schedule(capsys):
    refresh_figures_task()
    assert PublishedTable.objects.count() == 1

    call_command("refresh_figures")
    assert capsys.readouterr().out == "nothing is due\n"

    (job,) = [job for job in BEAT_SCHEDULE if job.task == refresh_figures_task.name]
    assert job.every == 900


def test_one_query_and_five_after_a_publication(django_assert_num_queries):
    refresh_figures(at=TOLD)
    reads.forget()

    with django_assert_num_queries(5):
        publication()
    with django_assert_num_queries(1):
        publication()


def test_last_good_figures_of_this_process(lost_database):
    publish_demo_figures(TOLD)
    good = publication()

    with lost_database():
        told = publication()

    assert (told.is_current, told.rows) == (False, good.rows)
    assert publication().is_current is True


def test_last_good_figures_of_another_process(lost_database, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    publish_demo_figures(TOLD)
    refresh_figures(at=TOLD)
    good = publication()
    reads.forget()

    with lost_database():
        told = publication()

    assert (told.is_current, told.through) == (False, OCTOBER)
    assert told.rows == good.rows
    assert told.names == good.names


def test_no_database_and_nothing_kept_is_still_an_answer(lost_database, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cache.delete(reads.CACHE_KEY)

    with lost_database():
        told = publication()

    assert (told.is_current, told.rows, told.through) == (False, (), None)
