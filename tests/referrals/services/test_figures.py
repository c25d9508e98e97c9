"""What is counted, and how little of it is told."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from bawaslu_cases.schedule import BEAT_SCHEDULE
from complaints.services.triage import confirm_tip
from referrals.models import PublicFigure
from referrals.selectors import figures as reads
from referrals.selectors.figures import public_figures
from referrals.services.figures import refresh_figures
from referrals.services.follow_up import verify_answer
from referrals.tasks import refresh_figures_task
from tests.factories import AT, decided_case, facts, person, tip, traced_tip
from tests.referrals import stages

pytestmark = pytest.mark.django_db


def _kept(**values):
    for name, value in values.items():
        PublicFigure.objects.update_or_create(
            name=name, defaults={"value": value, "counted_at": AT}
        )


def _shown():
    return {row.name: row.shown for row in public_figures().rows}


def test_each_matter_is_counted_once():
    tip()
    confirm_tip(complaint=traced_tip(), facts=facts(), officer=person("sari"), at=AT)
    decided_case()
    stages.delivered(decided_case(place="Lapangan"))
    stages.recommended(decided_case(place="Pasar"))
    verify_answer(follow_up=stages.answered(), officer=person("sari"), at=stages.LATER)

    assert refresh_figures(at=AT) == {
        "received": 6,
        "cases": 4,
        "referred": 3,
        "waiting": 1,
        "sanctioned": 1,
    }


def test_returned_letter_sent_twice_is_one_case():
    referral = stages.delivered()
    referral.deliveries.create(version=2, destination="inbox", delivered_at=AT)

    assert refresh_figures(at=AT)["referred"] == 1


def test_counting_again_moves_value_and_date(django_assert_num_queries):
    refresh_figures(at=AT)
    tip()

    # five counts, one write; the rest is the savepoint
    with django_assert_num_queries(8):
        refresh_figures(at=AT + timedelta(minutes=15))

    received = PublicFigure.objects.get(name="received")
    assert (received.value, received.counted_at) == (1, AT + timedelta(minutes=15))
    assert PublicFigure.objects.count() == 5


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "< 5"), (4, "< 5"), (5, "5"), (999, "999"), (1234, "1.234"), (1234567, "1.234.567")],
)
def test_small_numbers_are_hidden(value, shown):
    _kept(received=value)

    row = public_figures().rows[0]

    assert row.shown == shown
    assert row.value == (value if value >= 5 else None)


def test_missing_rows_are_said_to_be_missing():
    _kept(received=9)

    assert _shown() == {
        "received": "9",
        "cases": "belum dihitung",
        "referred": "belum dihitung",
        "waiting": "belum dihitung",
        "sanctioned": "belum dihitung",
    }


def test_bars_are_shares_of_the_largest_and_hidden_ones_have_none():
    _kept(received=200, cases=50, referred=3)

    assert [row["percent"] for row in public_figures().funnel] == [100, 25, 0, 0, 0]


def test_task_and_command_and_schedule(capsys):
    refresh_figures_task()
    assert PublicFigure.objects.count() == 5

    call_command("refresh_figures")
    assert capsys.readouterr().out.splitlines()[0] == "received 0"

    (job,) = [job for job in BEAT_SCHEDULE if job.task == refresh_figures_task.name]
    assert job.every == 900


def test_one_query(django_assert_num_queries):
    _kept(received=9)

    with django_assert_num_queries(1):
        public_figures()


def test_page_lives_without_a_database(lost_database):
    _kept(received=9, cases=7)
    assert public_figures().is_current is True

    with lost_database():
        told = public_figures()

    assert told.is_current is False
    assert told.counted_at == AT
    assert [row.shown for row in told.rows[:2]] == ["9", "7"]


def test_page_lives_without_database_and_cache(lost_database, settings):
    _kept(received=9)
    public_figures()
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }

    with lost_database():
        told = public_figures()

    assert told.rows[0].shown == "9"


def test_nothing_ever_counted_and_no_database_is_still_a_page(lost_database):
    reads._last.clear()
    from django.core.cache import cache

    cache.delete(reads.CACHE_KEY)

    with lost_database():
        told = public_figures()

    assert (told.is_current, told.counted_at) == (False, None)
    assert {row.shown for row in told.rows} == {"belum dihitung"}
