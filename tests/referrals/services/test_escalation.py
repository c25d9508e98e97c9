"""The ladder: each rung on its day, once, stoppable, and a year of it against a table."""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from bawaslu_cases.registry.models import HolidayCategory
from bawaslu_cases.registry.services.calendar import DayOffDraft, change_calendar
from bawaslu_cases.shared.errors import ConflictError, NotPermittedError, ReasonNeededError
from bawaslu_cases.shared.models import OutboxMessage
from complaints.services.deadlines import local_day, new_deadline
from referrals.models import EscalationStep, FollowUp, Ladder, ReferralDeadline
from referrals.services.deadlines import reckon_open_deadlines
from referrals.services.escalation import (
    LETTER,
    escalate,
    reckon_ladders,
    resume_ladder,
    stop_ladder,
)
from referrals.services.follow_up import answer_follow_up, return_answer
from referrals.states import Rung
from referrals.tasks import escalate_task
from tests.factories import office, person
from tests.referrals import stages
from tests.referrals.escalation_world import late, many, noon
from tests.support.at_once import at_once

HERE = Path(__file__).parent
DAY = timedelta(days=1)
COLUMNS = [rung.name.lower() for rung in Rung]


def _table(name):
    with (HERE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _taken(follow_up):
    return [(step.rung, step.taken_on) for step in follow_up.steps.all()]


def _days(first, last):
    return [first + DAY * number for number in range((last - first).days + 1)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "row",
    _table("ppk_deadlines.csv"),
    ids=lambda row: f"{row['zone']} {row['recommended_at']}",
)
def test_k13_last_day_of_the_ppk_in_every_zone_over_holidays(row):
    place = office(row["region"])
    day = local_day(datetime.fromisoformat(row["recommended_at"]), place)

    deadline = new_deadline(
        model=ReferralDeadline, kind="ppk_answer", office=place, regime="", starts_on=day
    )

    assert (day.isoformat(), deadline.due_on.isoformat()) == (row["local_day"], row["due_on"])
    assert deadline.due_at == datetime.fromisoformat(row["due_at"])


def test_k13_table_has_thirty_cases():
    rows = _table("ppk_deadlines.csv")

    assert len(rows) == 30
    assert {row["zone"] for row in rows} == {"WIB", "WITA", "WIT"}


@pytest.mark.django_db
def test_k14_every_rung_is_taken_once_however_many_ticks():
    follow_up, last_day = late()

    for day in _days(last_day, last_day + DAY * 110):
        if escalate(at=noon(day)):
            assert not escalate(at=noon(day))
            assert not escalate(at=noon(day) + timedelta(hours=1))

    # 14 working days from 7 October 2024 end on the 25th; rungs after 1, 7, 7, 10, 10, 20
    assert last_day == date(2024, 10, 25)
    assert _taken(follow_up) == [
        (1, date(2024, 10, 28)),
        (2, date(2024, 11, 6)),
        (3, date(2024, 11, 15)),
        (4, date(2024, 12, 2)),
        (5, date(2024, 12, 16)),
        (6, date(2025, 1, 16)),
    ]
    assert OutboxMessage.objects.filter(topic=LETTER).count() == 6
    assert Ladder.objects.get().next_on is None


@pytest.mark.django_db
def test_k14_nothing_is_caught_up_at_once_after_an_outage():
    follow_up, last_day = late()

    escalate(at=noon(last_day + DAY * 60))
    escalate(at=noon(last_day + DAY * 60))

    # one rung, not the four that would have been due; seven working days on over Christmas comes the next
    assert last_day + DAY * 60 == date(2024, 12, 24)
    assert _taken(follow_up) == [(1, date(2024, 12, 24))]
    assert Ladder.objects.get().next_on == date(2025, 1, 7)


@pytest.mark.django_db
def test_nothing_goes_out_on_a_day_off():
    follow_up, last_day = late()

    for day in (date(2024, 11, 27), date(2024, 12, 25), date(2024, 12, 28)):
        escalate(at=noon(day))

    assert last_day < date(2024, 11, 27)
    assert _taken(follow_up) == []


@pytest.mark.django_db(transaction=True)
def test_k14_two_beats_at_once_take_it_once():
    with transaction.atomic():
        follow_up, last_day = late()
    at = noon(last_day + DAY * 3)

    counts = at_once([lambda: escalate(at=at)] * 3)

    assert sum(count.total() for count in counts) == 1
    assert _taken(follow_up) == [(1, at.date())]


@pytest.mark.django_db
def test_the_database_refuses_a_second_step_of_one_rung():
    _follow_up, last_day = late()
    escalate(at=noon(last_day + DAY * 3))
    step = EscalationStep.objects.get()

    step.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        step.save(force_insert=True)


@pytest.mark.django_db
def test_the_task_of_beat_takes_what_is_due(time_machine):
    follow_up, last_day = late()
    time_machine.move_to(noon(last_day + DAY * 3), tick=False)

    escalate_task()
    escalate_task()

    assert _taken(follow_up) == [(1, last_day + DAY * 3)]


@pytest.mark.django_db
def test_zone_of_the_office_decides_what_day_it_is():
    friday = date(2025, 3, 7)
    west, east = many([("33", friday), ("81", friday)])
    reckon_ladders()

    # Sunday 22.30 UTC is Monday 05.30 WIB; Sunday 15.30 UTC is Monday 00.30 WIT and still Sunday WIB
    escalate(at=datetime.fromisoformat("2025-03-09T15:30:00+00:00"))

    assert _taken(west) == []
    assert _taken(east) == [(1, date(2025, 3, 10))]


@pytest.mark.django_db
def test_an_answer_takes_the_next_day_away_and_a_return_goes_on_above():
    follow_up, last_day = late()
    escalate(at=noon(last_day + DAY * 3))
    answer_follow_up(
        follow_up=follow_up,
        answer=stages.sanction(),
        staff=person("putu"),
        at=noon(last_day + DAY * 4),
    )
    escalate(at=noon(last_day + DAY * 40))
    assert Ladder.objects.get().next_on is None

    returned_on = last_day + DAY * 5
    return_answer(
        follow_up=follow_up, officer=person("sari"), at=noon(returned_on), reason="Tak terbaca."
    )
    for day in _days(returned_on, returned_on + DAY * 40):
        escalate(at=noon(day))

    new_last_day = follow_up.deadlines.latest("pk").due_on
    # the first reminder is not repeated: seven working days after the new last day comes the second
    assert (new_last_day, [rung for rung, _day in _taken(follow_up)]) == (
        date(2024, 11, 19),
        [1, 2],
    )
    assert _taken(follow_up)[1][1] == date(2024, 11, 29)


@pytest.mark.django_db
def test_stopped_with_a_reason_and_going_on_from_that_day():
    follow_up, last_day = late()
    officer = person("sari")
    with pytest.raises(ReasonNeededError):
        stop_ladder(follow_up=follow_up, officer=officer, at=noon(last_day), reason=" ")
    with pytest.raises(NotPermittedError):
        stop_ladder(follow_up=follow_up, officer=person("putu"), at=noon(last_day), reason="x")

    stop_ladder(follow_up=follow_up, officer=officer, at=noon(last_day), reason="Bupati baru.")
    escalate(at=noon(last_day + DAY * 20))
    assert _taken(follow_up) == []
    with pytest.raises(ConflictError):
        stop_ladder(follow_up=follow_up, officer=officer, at=noon(last_day), reason="Lagi.")

    resumed_on = last_day + DAY * 20
    resume_ladder(
        follow_up=follow_up, officer=officer, at=noon(resumed_on), reason="Sudah dilantik."
    )
    escalate(at=noon(resumed_on))
    escalate(at=noon(resumed_on + DAY * 4))

    assert [hold.reason for hold in follow_up.holds.all()] == ["Bupati baru.", "Sudah dilantik."]
    # resumed on Thursday 14 November: counted from that day, so Friday would be the first day
    assert Ladder.objects.get().reached == 1
    assert _taken(follow_up) == [(1, date(2024, 11, 18))]


@pytest.mark.django_db
def test_a_day_off_made_today_moves_the_next_rung():
    follow_up, last_day = late()
    at = noon(last_day - DAY * 2)
    assert Ladder.objects.get().next_on == date(2024, 10, 28)
    change_calendar(
        add=[
            DayOffDraft(
                date=date(2024, 10, 28),
                category=HolidayCategory.NATIONAL,
                name="Libur",
                source="uji",
            )
        ],
        reason="uji",
        at=at,
    )

    reckon_open_deadlines(at=at)

    assert follow_up.deadlines.get().due_on == last_day
    assert Ladder.objects.get().next_on == date(2024, 10, 29)


@pytest.mark.django_db
def test_a_dry_run_writes_nothing_and_tells_what_the_run_then_does(capsys):
    many([("33", date(2024, 12, 6)), ("51", date(2024, 12, 13)), ("81", timezone.now().date())])
    reckon_ladders()
    before = _rows_of_all_tables()

    call_command("escalate", "--dry-run", "--at", "2024-12-20")
    told = capsys.readouterr().out

    assert _rows_of_all_tables() == before
    assert told.splitlines()[:2] == ["reminder_1: 2", "reminder_2: 0"]
    assert told.splitlines()[-1] == "would be taken: 2"
    assert escalate(at=noon(date(2024, 12, 20))) == {Rung.REMINDER_1: 2}


def _rows_of_all_tables():
    return {model._meta.db_table: model._base_manager.count() for model in _tables()}


def _tables():
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.app_label not in {"audit", "keyring"}
    ]


@pytest.mark.django_db
def test_a_day_to_come_can_only_be_looked_at():
    tomorrow = (timezone.now() + DAY * 2).date().isoformat()

    with pytest.raises(CommandError, match="--dry-run"):
        call_command("escalate", "--at", tomorrow)
    call_command("escalate", "--at", tomorrow, "--dry-run")

    assert EscalationStep.objects.count() == 0


@pytest.mark.django_db
def test_follow_ups_without_a_ladder_get_one_and_it_costs_the_same_for_one_and_thirty(
    django_assert_num_queries,
):
    day = date(2025, 3, 7)
    many([("33", day)])
    # FollowUps of the batch; version, holidays; limit; insert (two savepoints); none left; latest; stale
    with django_assert_num_queries(ADOPTING):
        assert reckon_ladders() == 1
    FollowUp.objects.update(status="dropped", due_at=None)
    many([("51", day)] * 30)

    with django_assert_num_queries(ADOPTING):
        assert reckon_ladders() == 30


ADOPTING = 10


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_year_of_1120_against_the_table():
    """Seven of each line of the table: three batches a day (bench/ladder.py climbs 20,000).

    Committed as the rungs of a server are: of rows that no transaction has committed, whoever clears up
    in the database notes in the middle of it that there are none, and every plan after that is for none.
    """
    table = _table("expected_rungs.csv")
    rows = table * 7
    assert len(rows) == 1120
    follow_ups = many([(row["region"], date.fromisoformat(row["due_on"])) for row in rows])
    reckon_ladders()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE referrals_ladder")  # as many() does, for the same reason

    days = _days(date(2025, 1, 1), date(2025, 12, 31))
    total = sum(escalate(at=noon(day)).total() for day in days)
    again = sum(escalate(at=noon(day)).total() for day in days[-40:])

    found: dict[int, dict[str, str]] = {each.pk: dict.fromkeys(COLUMNS, "") for each in follow_ups}
    for pk, rung, day in EscalationStep.objects.values_list("follow_up", "rung", "taken_on"):
        found[pk][Rung(rung).name.lower()] = day.isoformat()
    expected = [{name: row[name] for name in COLUMNS} for row in rows]
    assert [found[each.pk] for each in follow_ups] == expected
    assert total == sum(bool(row[name]) for row in rows for name in COLUMNS)
    assert again == 0
    assert OutboxMessage.objects.filter(topic=LETTER).count() == total
