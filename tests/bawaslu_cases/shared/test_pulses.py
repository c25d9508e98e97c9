"""When workers finished something last, and of which queues nothing was finished for too long."""

from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from bawaslu_cases.schedule import BEAT_SCHEDULE
from bawaslu_cases.shared.models import OutboxMessage, Pulse
from bawaslu_cases.shared.pulses import (
    AGAIN_SECONDS,
    SCHEDULE,
    SILENT_AFTER,
    Pulses,
    last_pulses,
    silences,
)
from bawaslu_cases.worker_pulse import _HERE, begin, note_work
from tests.support.at_once import at_once

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def heard(queue: str, ago: timedelta) -> None:
    Pulse.objects.update_or_create(queue=queue, defaults={"at": Now() - ago})


def waits(topic: str, ago: timedelta, **held: Any) -> OutboxMessage:
    row = OutboxMessage.objects.create(topic=topic, subject_id=f"{ago}", **held)
    OutboxMessage.objects.filter(pk=row.pk).update(created_at=F("created_at") - ago)
    return row


def silent() -> list[tuple[str, int]]:
    return [(each.queue, each.minutes) for each in silences()]


def test_whoever_works_is_not_silent_and_nobody_is_missed_before_the_first_word() -> None:
    assert silent() == []
    for queue, allowed in SILENT_AFTER.items():
        heard(queue, allowed - MINUTE)
    assert silent() == []


def test_each_queue_with_periodic_work_has_its_time() -> None:
    assert {job.queue for job in BEAT_SCHEDULE} | {SCHEDULE} == set(SILENT_AFTER)
    for queue, allowed in SILENT_AFTER.items():
        least = min(job.every for job in BEAT_SCHEDULE if queue in (job.queue, SCHEDULE))
        assert allowed.total_seconds() > 2 * least + AGAIN_SECONDS
        heard(queue, allowed + MINUTE)
    assert silent() == [("celery", 4), ("evidence", 11), ("schedule", 16)]


def test_work_on_hand_goes_on_while_the_schedule_stands_still() -> None:
    """Beat is gone: the workers still do what people ask for."""
    heard("celery", timedelta())
    heard(SCHEDULE, 16 * MINUTE)
    assert silent() == [(SCHEDULE, 16)]


def test_a_queue_on_demand_is_silent_only_while_something_waits_there() -> None:
    heard("referral", 3 * 24 * 60 * MINUTE)
    assert silent() == []
    waits("complaints.render_document", 11 * MINUTE)
    assert silent() == [("referral", 3 * 24 * 60)]
    heard("referral", MINUTE)
    # a long queue that somebody works on is none that stands still
    assert silent() == []


def test_promised_work_without_any_worker_is_told() -> None:
    waits("complaints.render_document", 9 * MINUTE)
    assert silent() == []
    waits("complaints.render_document", 12 * MINUTE)
    (found,) = silences()
    assert (found.queue, found.since, found.minutes) == ("referral", None, 12)


@pytest.mark.parametrize(
    "held",
    [
        {"attempts": 1},
        {"held_until": Now() + 30 * MINUTE},
        {"status": "PARKED"},
    ],
)
def test_what_is_not_due_or_was_tried_does_not_count(held: dict[str, Any]) -> None:
    waits("complaints.render_document", 12 * MINUTE, **held)
    assert silent() == []


def test_a_topic_of_another_release_is_nobodys_silence() -> None:
    waits("complaints.not_yet_known", 12 * MINUTE)
    assert silent() == []


def test_looking_takes_two_queries(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        silences()


def test_a_process_tells_once_a_minute(django_assert_num_queries: Any) -> None:
    pulses = Pulses()
    with django_assert_num_queries(1):
        assert pulses.tell(["celery", SCHEDULE])
        assert not pulses.tell(["celery", SCHEDULE])
    with django_assert_num_queries(1):
        assert pulses.tell(["celery", "referral"])
    assert set(last_pulses()) == {"celery", SCHEDULE, "referral"}


@pytest.mark.django_db(transaction=True)
def test_many_processes_tell_at_once_and_none_waits_for_another_for_ever() -> None:
    names = ["celery", "referral", SCHEDULE]
    with connection.cursor() as cursor:
        cursor.execute("SET deadlock_timeout = '50ms'")
    for _round in range(20):
        at_once([partial(Pulses().tell, names[turn:] + names[:turn]) for turn in range(3)])
    assert set(last_pulses()) == set(names)


def finished(name: str, queue: str, *, state: str = "SUCCESS", is_eager: bool = False) -> None:
    request = SimpleNamespace(is_eager=is_eager, delivery_info={"routing_key": queue})
    note_work(task=SimpleNamespace(name=name, request=request), state=state)


def test_only_what_was_finished_counts() -> None:
    _HERE.clear()
    finished("bawaslu_cases.shared.tasks.deliver_outbox_task", "referral", state="FAILURE")
    finished("bawaslu_cases.shared.tasks.deliver_outbox_task", "referral", is_eager=True)
    assert last_pulses() == {}
    finished("bawaslu_cases.shared.tasks.deliver_outbox_task", "referral")
    assert set(last_pulses()) == {"referral"}
    finished("bawaslu_cases.shared.tasks.sweep_outbox_task", "celery")
    assert set(last_pulses()) == {"referral", "celery", SCHEDULE}
    begin()
    assert _HERE == {}
