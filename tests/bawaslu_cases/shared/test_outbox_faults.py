"""The outbox with real workers, a real broker of its own, and things going wrong.

Everywhere the same claim, counted in rows of a plain table: nothing lost, nothing doubled.
"""

import json
import os
import pickle
import signal
import uuid
from collections import Counter

import pytest
from django.db import connection, transaction
from kombu import Connection, Queue
from redis import Redis

from bawaslu_cases.embedded.valkey import Valkey
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox import nudges
from bawaslu_cases.shared.outbox.services import publish, sweep
from tests.bawaslu_cases.audit.conftest import log
from tests.support import outbox_handlers
from tests.support.outbox_workers import Workers, shortest_of_three

pytestmark = [pytest.mark.long, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

MESSAGES = 200
HOLD_SECONDS = 4.5
"""0.4 s was measured; Celery's own time limits hold for 5 s, its retries for ever."""
SUBJECTS = [str(number) for number in range(MESSAGES)]
Status = OutboxMessage.Status


@pytest.fixture
def valkey(tmp_path):
    """Give a broker that the test may stop, freeze and flush without hurting other tests."""
    server = Valkey(tmp_path / "valkey", throwaway=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def broker_url(valkey, monkeypatch, settings):
    url = f"redis+socket://{valkey.socket}?virtual_host=0"
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", url)
    settings.OUTBOX_NUDGE_REST_SECONDS = 0
    settings.OUTBOX_SWEEP_AFTER_SECONDS = 0
    settings.OUTBOX_HINT_AGAIN_SECONDS = 1
    monkeypatch.setattr(nudges, "COUNT", nudges.NudgeCount())
    nudges.end_rest()
    yield url
    nudges.end_rest()


@pytest.fixture
def workers(broker_url, tmp_path, effects):
    folder = tmp_path / "workers"
    folder.mkdir()
    started = Workers(
        broker_url=broker_url,
        folder=folder,
        OUTBOX_LEASE_SECONDS=2,
        OUTBOX_SWEEP_AFTER_SECONDS=0,
        OUTBOX_HINT_AGAIN_SECONDS=1,
        OUTBOX_BACKOFF_SECONDS=0,
    )
    yield started
    started.stop()


@pytest.fixture
def effects(transactional_db):
    """Return how often each subject had its effect."""
    with connection.cursor() as cursor:
        cursor.execute(outbox_handlers.DROP_EFFECTS)
        cursor.execute(outbox_handlers.CREATE_EFFECTS)

    def counted():
        with connection.cursor() as cursor:
            cursor.execute("SELECT subject_id FROM outbox_test_effects")
            return Counter(subject_id for (subject_id,) in cursor.fetchall())

    yield counted
    with connection.cursor() as cursor:
        cursor.execute(outbox_handlers.DROP_EFFECTS)


def promise(topic, subjects):
    with transaction.atomic():
        return [publish(topic=topic, subject_id=subject).pk for subject in subjects]


def statuses():
    return Counter(OutboxMessage.objects.values_list("status", flat=True))


def all_done():
    return statuses() == {Status.DONE: OutboxMessage.objects.count()}


BACKENDS = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend' ORDER BY pid"
)


def backends():
    with connection.cursor() as cursor:
        cursor.execute(BACKENDS)
        return {pid for (pid,) in cursor.fetchall()}


def test_a_worker_keeps_its_connection_and_notices_that_it_ended(workers, effects):
    workers.environment["DATABASE_CONN_MAX_AGE"] = "3600"  # however slow the machine is
    others = backends()
    workers.start_worker(processes=1)
    promise("test.effect", SUBJECTS[:1])
    workers.wait(all_done, "the first")
    (backend,) = backends() - others
    promise("test.effect", SUBJECTS[1:20])
    workers.wait(all_done, "nineteen more")
    assert backends() - others == {backend}

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 120000)", [backend])
        assert cursor.fetchone() == (True,)
    promise("test.effect", SUBJECTS[20:22])
    workers.wait(all_done, "two more over another connection")

    assert effects() == Counter(SUBJECTS[:22])
    assert Counter(OutboxMessage.objects.values_list("attempts", flat=True)) == {1: 22}
    assert len(backends() - others - {backend}) == 1


def test_broker_down_during_the_write_delays_and_loses_nothing(valkey, workers, effects, settings):
    """Check F05. The whole chain: the broker comes back, beat ticks, the sweep hints, the worker delivers."""
    settings.OUTBOX_NUDGE_REST_SECONDS = 60
    valkey.stop()

    def meet_no_broker():
        nudges.end_rest()
        promise("test.effect", SUBJECTS[:1])

    held = shortest_of_three(meet_no_broker)
    promise("test.effect", SUBJECTS)

    assert held < HOLD_SECONDS
    assert nudges.NudgeCount(sent=0, failed=3, rested=MESSAGES) == nudges.COUNT
    assert statuses() == {Status.PENDING: MESSAGES}

    valkey.start()
    workers.start_worker()
    workers.start_beat()
    workers.wait(all_done, "all delivered by the sweep")

    assert effects() == Counter(SUBJECTS)


def test_frozen_broker_does_not_hold_the_write(valkey, broker_url, effects, settings):
    settings.OUTBOX_NUDGE_REST_SECONDS = 60
    promise("test.effect", ["warm"])  # a connection is open when the freeze comes
    server = Redis(unix_socket_path=str(valkey.socket)).info("server")["process_id"]
    os.kill(server, signal.SIGSTOP)
    try:

        def meet_a_frozen_one():
            nudges.end_rest()
            promise("test.effect", SUBJECTS[:1])

        held = shortest_of_three(meet_a_frozen_one)
        promise("test.effect", SUBJECTS)
    finally:
        os.kill(server, signal.SIGCONT)

    assert held < HOLD_SECONDS
    assert nudges.NudgeCount(sent=1, failed=3, rested=MESSAGES) == nudges.COUNT
    assert statuses() == {Status.PENDING: MESSAGES + 1}


def test_worker_killed_in_the_middle_finishes_once_after_the_lease(workers, effects, tmp_path):
    first = workers.start_worker()
    (message_id,) = promise("test.hang", ["half"])
    mark = tmp_path / "workers" / "hanging-half"
    workers.wait(mark.exists, "the handler is in the middle")

    workers.kill(first)
    claimed = OutboxMessage.objects.get(pk=message_id)
    assert (claimed.status, claimed.attempts) == (Status.PENDING, 1)
    assert effects() == Counter()  # what the dead worker had written is gone with it

    workers.start_worker()
    workers.wait(all_done, "finished by the second worker", meanwhile=sweep)

    message = OutboxMessage.objects.get(pk=message_id)
    assert message.attempts == 2
    assert message.done_at is not None
    assert claimed.held_until is not None
    assert message.done_at >= claimed.held_until  # not before the lease ended
    assert effects() == Counter(["half"])


TICKETS = 5
"""How many messages go through until a test goes on; more than two processes hold at a time."""


def give_tickets(folder):
    for _number in range(TICKETS):
        (folder / f"ticket-{uuid.uuid4()}").touch()


def test_workers_killed_again_and_again_lose_and_double_nothing(workers, effects, tmp_path):
    promise("test.ticket", SUBJECTS)
    for _kill in range(3):
        worker = workers.start_worker()
        before = statuses()[Status.DONE]
        give_tickets(tmp_path / "workers")
        workers.wait(
            lambda before=before: statuses()[Status.DONE] > before, "some work", meanwhile=sweep
        )
        workers.kill(worker)
    killed_at = statuses()[Status.DONE]
    (tmp_path / "workers" / outbox_handlers.EVERYBODY).touch()
    workers.start_worker()
    workers.wait(all_done, "all delivered", meanwhile=sweep)

    assert 3 <= killed_at <= 3 * TICKETS  # the kills did come in the middle
    assert effects() == Counter(SUBJECTS)


def test_broker_flushed_in_the_middle_loses_nothing(valkey, workers, effects, tmp_path):
    workers.start_worker()
    promise("test.ticket", SUBJECTS)
    give_tickets(tmp_path / "workers")
    workers.wait(lambda: statuses()[Status.DONE] == TICKETS, "some work")
    broker = Redis(unix_socket_path=str(valkey.socket))
    waiting = broker.llen("celery")
    broker.flushall()
    (tmp_path / "workers" / outbox_handlers.EVERYBODY).touch()
    workers.wait(all_done, "all delivered", meanwhile=sweep)

    assert waiting > 0  # the flush did take hints away
    assert effects() == Counter(SUBJECTS)


def test_tasks_doubled_for_two_workers_at_once_have_one_effect_each(valkey, workers, effects):
    """Check F07."""
    keys = promise("test.effect", SUBJECTS)
    for message_id in keys * 2:
        nudges.send(message_id, "celery")
    broker = Redis(unix_socket_path=str(valkey.socket))
    assert broker.llen("celery") == 3 * MESSAGES
    workers.start_worker()
    workers.start_worker()
    workers.wait(all_done, "all delivered")
    workers.wait(
        lambda: not broker.llen("celery") and not broker.hlen("unacked"), "every copy was taken"
    )

    assert effects() == Counter(SUBJECTS)
    assert set(OutboxMessage.objects.values_list("attempts", flat=True)) == {1}


def test_poison_is_parked_and_does_not_stop_the_others(workers, effects):
    workers.start_worker()
    poison, *_rest = promise("test.poison", ["poison"]) + promise("test.effect", SUBJECTS)
    finished = {Status.DONE: MESSAGES, Status.PARKED: 1}
    workers.wait(lambda: statuses() == finished, "poison parked, rest done", meanwhile=sweep)

    message = OutboxMessage.objects.get(pk=poison)
    assert (message.attempts, message.last_error_code) == (3, "ValueError")
    assert effects() == Counter(SUBJECTS)
    assert outbox_handlers.SECRET not in workers.log_text()
    assert "outbox.parked" in workers.log_text()


def test_handler_that_kills_its_process_is_parked_and_the_worker_lives(workers, effects):
    workers.start_worker()
    (killer,) = promise("test.killer", ["killer"])
    workers.wait(lambda: statuses() == {Status.PARKED: 1}, "killer parked", meanwhile=sweep)
    promise("test.effect", SUBJECTS)
    workers.wait(lambda: statuses()[Status.DONE] == MESSAGES, "rest done", meanwhile=sweep)

    message = OutboxMessage.objects.get(pk=killer)
    assert (message.attempts, message.last_error_code) == (2, "WorkerLost")
    assert effects() == Counter(SUBJECTS)


def forged(broker_url, *, task, kwargs=None, body=None, content_type="application/json"):
    """Put a message on the common queue as somebody would who got at the broker."""
    told = body if body is not None else [[], kwargs or {}, {}]
    with (
        Connection(broker_url) as connection,
        connection.Producer(serializer=None) as producer,
    ):
        producer.publish(
            told if isinstance(told, bytes) else json.dumps(told),
            routing_key="celery",
            declare=[Queue("celery")],
            headers={"task": task, "id": str(uuid.uuid4()), "lang": "py", "retries": 0},
            content_type=content_type,
            content_encoding="binary" if isinstance(told, bytes) else "utf-8",
        )


class Unpickled:
    """Leaves a file where it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (os.mkdir, (str(self.mark),))


def test_f08_forged_messages_do_nothing_and_the_worker_lives(
    valkey, broker_url, workers, effects, tmp_path
):
    deliver = "bawaslu_cases.shared.tasks.deliver_outbox_task"
    mark = tmp_path / "unpickled"
    worker = workers.start_worker(processes=1)
    forged(broker_url, task=deliver, kwargs={"message_id": 2**40})
    forged(broker_url, task=deliver, kwargs={"message_id": "1; DROP TABLE"})
    forged(broker_url, task="os.system", kwargs={"command": "true"})
    forged(
        broker_url,
        task=deliver,
        body=pickle.dumps([[], {"message_id": Unpickled(mark)}, {}]),
        content_type="application/x-python-serialize",
    )
    forged(broker_url, task=deliver, body=b"\xff\xfe not a message")
    for _number in range(20):
        forged(broker_url, task="os.system", kwargs={"command": "true"})
    promise("test.effect", SUBJECTS[:5])
    workers.wait(
        lambda: statuses() == {Status.DONE: 5}, "the honest ones are done", meanwhile=sweep
    )

    assert worker.poll() is None
    assert not mark.exists()
    assert effects() == Counter(SUBJECTS[:5])
    broker = Redis(unix_socket_path=str(valkey.socket))
    workers.wait(lambda: not broker.llen("celery"), "nothing of them is kept")
    # The auditor is told once, with a code of ours and nothing of what was sent.
    (alarm,) = [entry for entry in log() if entry.action == "broker.alarm"]
    assert (alarm.actor, alarm.subject) == ("system:worker", "broker:queue")
    assert json.loads(alarm.detail) == {"messages": 1, "why": "other_arguments"}


def test_f09_messages_of_another_release_stop_nobody(broker_url, workers, effects):
    """A task that was renamed, one with an argument more, and a topic that this release lacks."""
    worker = workers.start_worker(processes=1)
    forged(broker_url, task="bawaslu_cases.shared.tasks.deliver_task", kwargs={"message_id": 1})
    forged(
        broker_url,
        task="bawaslu_cases.shared.tasks.deliver_outbox_task",
        kwargs={"message_id": 1, "priority": "high"},
    )
    (strange,) = promise("test.effect", ["strange"])
    OutboxMessage.objects.filter(pk=strange).update(topic="test.of_the_next_release")
    promise("test.effect", SUBJECTS[:5])
    workers.wait(lambda: statuses()[Status.DONE] == 5, "the known ones are done", meanwhile=sweep)

    assert worker.poll() is None
    assert effects() == Counter(SUBJECTS[:5])
    left = OutboxMessage.objects.get(pk=strange)
    assert (left.status, left.attempts) == (Status.PENDING, 0)  # waits for a worker that knows it
    assert "outbox.unknown_topic" in workers.log_text()
