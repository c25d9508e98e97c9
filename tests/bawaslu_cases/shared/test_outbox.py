"""The outbox in one process: promises, claims, retries, parking, the sweep, the hint."""

import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from celery import current_app
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.forms.models import model_to_dict
from django.utils.module_loading import import_string

from bawaslu_cases.schedule import BEAT_SCHEDULE
from bawaslu_cases.shared.errors import ConflictError
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox import nudges, topics
from bawaslu_cases.shared.outbox.selectors import Backlog, outbox_backlog, parked_messages
from bawaslu_cases.shared.outbox.services import (
    Outcome,
    backoff_seconds,
    deliver,
    publish,
    publish_many,
    retry_parked,
    sweep,
)
from bawaslu_cases.shared.outbox.topics import idempotency_key, register, topic_named
from bawaslu_cases.shared.tasks import deliver_outbox_task, sweep_outbox_task
from tests.support import outbox_handlers
from tests.support.outbox_workers import shortest_of_three

DEAD_BROKER = "redis+socket:///nowhere/broker.sock?virtual_host=0"
HOLD_SECONDS = 4.5
"""0.4 s was measured; Celery's own time limits hold for 5 s, its retries for ever."""
Status = OutboxMessage.Status


@pytest.fixture(autouse=True)
def broker_down(monkeypatch, settings):
    """No hint leaves these tests; what would be hinted is seen in the counts."""
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", DEAD_BROKER)
    monkeypatch.setattr(nudges, "COUNT", nudges.NudgeCount())
    settings.OUTBOX_NUDGE_REST_SECONDS = 0
    nudges.end_rest()
    yield
    nudges.end_rest()


@pytest.fixture
def hinted(monkeypatch):
    """Collect the hints at the edge of the process instead of sending them."""
    sent = []
    monkeypatch.setattr(nudges, "send", lambda message_id, queue: sent.append((message_id, queue)))
    return sent


@pytest.fixture
def effects(db):
    with connection.cursor() as cursor:
        cursor.execute(outbox_handlers.DROP_EFFECTS)
        cursor.execute(outbox_handlers.CREATE_EFFECTS)

    def read():
        with connection.cursor() as cursor:
            cursor.execute("SELECT subject_id, destination, key FROM outbox_test_effects")
            return cursor.fetchall()

    return read


@pytest.fixture
def committed_effects(transactional_db, effects):
    yield effects
    with connection.cursor() as cursor:
        cursor.execute(outbox_handlers.DROP_EFFECTS)


def promised(topic="test.effect", subject_id="1", **fields):
    with transaction.atomic():
        message = publish(topic=topic, subject_id=subject_id)
    if fields:
        OutboxMessage.objects.filter(pk=message.pk).update(**fields)
    return message


def make_free(message):
    OutboxMessage.objects.filter(pk=message.pk).update(held_until=None, next_attempt_at=Now())


@pytest.mark.django_db(transaction=True)
def test_publish_outside_a_transaction_is_refused():
    with pytest.raises(transaction.TransactionManagementError, match="needs the transaction"):
        publish(topic="test.effect", subject_id="1")

    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
def test_publish_of_an_unknown_topic_is_refused():
    with pytest.raises(LookupError, match=r"test\.unknown"):
        publish(topic="test.unknown", subject_id="1")


@pytest.mark.django_db
def test_many_promises_are_one_message_each_and_due_for_the_sweep(django_assert_num_queries):
    publish(topic="test.effect", subject_id="2")

    with django_assert_num_queries(1):
        publish_many(topic="test.effect", subject_ids=["1", "2", "3"])

    messages = OutboxMessage.objects.order_by("subject_id")
    assert [message.subject_id for message in messages] == ["1", "2", "3"]
    due = messages.filter(next_attempt_at__lte=Now()).values_list("subject_id", flat=True)
    assert list(due) == ["1", "3"]


@pytest.mark.django_db(transaction=True)
def test_many_promises_outside_a_transaction_are_refused():
    with pytest.raises(transaction.TransactionManagementError, match="needs the transaction"):
        publish_many(topic="test.effect", subject_ids=["1"])


@pytest.mark.django_db(transaction=True)
def test_rolled_back_promise_leaves_no_row_and_no_hint(hinted):
    with transaction.atomic():
        publish(topic="test.effect", subject_id="1")
        transaction.set_rollback(True)

    assert not OutboxMessage.objects.exists()
    assert hinted == []


@pytest.mark.django_db(transaction=True)
def test_hint_leaves_only_after_the_commit(hinted):
    with transaction.atomic():
        message = publish(topic="test.effect", subject_id="1")
        assert hinted == []

    assert hinted == [(message.pk, "celery")]


@pytest.mark.django_db
def test_same_promise_twice_is_one_message_and_destinations_are_apart(django_assert_num_queries):
    with django_assert_num_queries(1):
        first = publish(topic="test.effect", subject_id="1")
    with django_assert_num_queries(2):
        again = publish(topic="test.effect", subject_id="1")
    elsewhere = publish(topic="test.effect", subject_id="1", destination="bkn")

    assert again.pk == first.pk
    assert model_to_dict(first) == model_to_dict(again)
    assert elsewhere.pk != first.pk
    assert OutboxMessage.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_promise_already_kept_is_not_hinted_again(effects, hinted):
    message = promised()
    deliver(message.pk)
    del hinted[:]

    assert promised().status == Status.DONE
    assert hinted == []
    assert deliver(message.pk) == Outcome.NOT_DUE


@pytest.mark.django_db(transaction=True)
def test_promise_for_later_is_not_hinted_and_not_taken_before(committed_effects, hinted):
    with transaction.atomic():
        message = publish(topic="test.effect", subject_id="1", after=timedelta(minutes=5))

    assert hinted == []
    assert sweep() == 0
    assert deliver(message.pk) is Outcome.NOT_DUE
    OutboxMessage.objects.update(held_until=Now(), next_attempt_at=Now())
    assert sweep() == 1
    assert hinted == [(message.pk, "celery")]
    assert deliver(message.pk) is Outcome.DONE
    assert len(committed_effects()) == 1


@pytest.mark.django_db(transaction=True)
def test_threads_promising_the_same_get_one_message(hinted):
    start = Barrier(8)

    def promise(_index):
        try:
            start.wait(120)
            return promised().pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(promise, range(8)))

    assert len(keys) == 1
    assert OutboxMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_broker_down_neither_raises_nor_holds_the_caller(settings):
    settings.OUTBOX_NUDGE_REST_SECONDS = 60

    def promise():
        OutboxMessage.objects.all().delete()
        nudges.COUNT = nudges.NudgeCount()
        nudges.end_rest()
        with transaction.atomic():
            for subject_id in range(50):
                publish(topic="test.effect", subject_id=str(subject_id))

    assert shortest_of_three(promise) < HOLD_SECONDS
    assert OutboxMessage.objects.filter(status=Status.PENDING).count() == 50
    assert nudges.NudgeCount(sent=0, failed=1, rested=49) == nudges.COUNT


@pytest.mark.django_db(transaction=True)
def test_broker_that_accepts_and_never_answers_does_not_hold_the_caller(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setenv("CELERY_BROKER_WRITE_URL", f"redis://127.0.0.1:{port}/0")
        subjects = iter(("1", "2", "3"))
        held = shortest_of_three(lambda: promised(subject_id=next(subjects)))

    assert held < HOLD_SECONDS
    assert nudges.COUNT.failed == 3


def test_hint_failure_logs_the_type_and_no_text(caplog):
    assert nudges.nudge(7, "celery") is False

    assert [record.getMessage() for record in caplog.records] == [
        "outbox.nudge_failed error=OperationalError"
    ]


@pytest.mark.django_db
def test_delivery_runs_the_handler_once_and_marks_the_row(effects):
    message = publish(topic="test.effect", subject_id="42", destination="bkn")

    outcomes = [deliver(message.pk), deliver(message.pk)]

    message.refresh_from_db()
    assert outcomes == [Outcome.DONE, Outcome.NOT_DUE]
    assert effects() == [("42", "bkn", f"outbox-{message.pk}")]
    assert (message.status, message.attempts, message.held_until) == (Status.DONE, 1, None)
    assert message.done_at is not None


@pytest.mark.django_db
def test_idempotency_key_exists_only_inside_a_handler(effects):
    deliver(publish(topic="test.effect", subject_id="1").pk)

    with pytest.raises(LookupError):
        idempotency_key()


@pytest.mark.django_db
def test_delivery_of_an_absent_message_does_nothing():
    assert deliver(987654321) == Outcome.NOT_DUE


@pytest.mark.django_db(transaction=True)
def test_threads_delivering_the_same_message_have_one_effect(committed_effects, hinted):
    message = promised("test.slow")
    start = Barrier(8)

    def attempt(_index):
        try:
            start.wait(120)
            return deliver(message.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(attempt, range(8)))

    assert outcomes == [Outcome.DONE] + [Outcome.NOT_DUE] * 7
    assert len(committed_effects()) == 1


@pytest.mark.django_db
def test_failure_undoes_the_effect_keeps_the_type_and_waits(effects, settings, caplog):
    settings.OUTBOX_BACKOFF_SECONDS = 100
    message = publish(topic="test.poison", subject_id="1")

    outcome = deliver(message.pk)

    message.refresh_from_db()
    assert outcome == Outcome.RETRY
    assert effects() == []
    assert (message.status, message.attempts) == (Status.PENDING, 1)
    assert message.last_error_code == "ValueError"
    assert message.held_until == message.next_attempt_at
    assert timedelta(seconds=70) < message.held_until - message.created_at < timedelta(seconds=130)
    assert deliver(message.pk) == Outcome.NOT_DUE  # a late copy of the task cannot skip the wait
    assert outbox_handlers.SECRET not in caplog.text
    assert "outbox.failed" in caplog.text


@pytest.mark.django_db
def test_poison_is_parked_after_its_last_attempt_with_the_type_only(effects, caplog):
    message = publish(topic="test.poison", subject_id="1")
    outcomes = []
    for _attempt in range(4):
        outcomes.append(deliver(message.pk))
        OutboxMessage.objects.filter(pk=message.pk).update(held_until=None)

    row = OutboxMessage.objects.filter(pk=message.pk).values().get()
    assert outcomes == [Outcome.RETRY, Outcome.RETRY, Outcome.PARKED, Outcome.NOT_DUE]
    assert (row["status"], row["attempts"]) == (Status.PARKED, 3)
    assert row["last_error_code"] == "ValueError"
    assert outbox_handlers.SECRET not in str(row)
    assert outbox_handlers.SECRET not in caplog.text
    assert effects() == []


@pytest.mark.django_db
def test_permanent_error_parks_at_once(effects):
    message = publish(topic="test.permanent", subject_id="1")

    assert deliver(message.pk) == Outcome.PARKED

    message.refresh_from_db()
    assert (message.status, message.attempts) == (Status.PARKED, 1)
    assert message.last_error_code == "PermanentError"


@pytest.mark.django_db
def test_message_whose_workers_died_at_every_attempt_is_parked(effects):
    message = promised("test.killer", attempts=2)

    assert deliver(message.pk) == Outcome.PARKED

    message.refresh_from_db()
    assert (message.status, message.attempts) == (Status.PARKED, 2)
    assert message.last_error_code == "WorkerLost"
    assert effects() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rival_finishes", [True, False])
def test_worker_that_slept_past_its_lease_has_no_effect(
    committed_effects, monkeypatch, hinted, rival_finishes
):
    """Between its claim and its work somebody else claimed, and perhaps finished."""
    message = promised()
    topic = topic_named("test.effect")
    asked: list[str] = []

    def topic_named_late(name):
        # asked first by the claim, then by the work: the rival comes between the two
        asked.append(name)
        if len(asked) == 2:
            make_free(message)
            if rival_finishes:
                assert deliver(message.pk) == Outcome.DONE
            else:
                OutboxMessage.objects.filter(pk=message.pk).update(attempts=2)
        return topic

    monkeypatch.setattr("bawaslu_cases.shared.outbox.services.topic_named", topic_named_late)

    assert deliver(message.pk) == Outcome.NOT_DUE
    assert len(committed_effects()) == rival_finishes
    message.refresh_from_db()
    assert message.attempts == 2
    assert (message.status == Status.DONE) is rival_finishes


@pytest.mark.django_db
def test_leased_message_is_free_again_when_the_lease_ends(effects):
    message = promised(attempts=1, held_until=Now() + timedelta(minutes=1))

    before = deliver(message.pk)
    OutboxMessage.objects.filter(pk=message.pk).update(held_until=Now())

    assert (before, deliver(message.pk)) == (Outcome.NOT_DUE, Outcome.DONE)


@pytest.mark.django_db
def test_topic_this_worker_does_not_know_is_left_for_another(caplog):
    message = OutboxMessage.objects.create(topic="test.newer", subject_id="1")

    assert deliver(message.pk) == Outcome.NOT_DUE

    message.refresh_from_db()
    assert (message.status, message.attempts) == (Status.PENDING, 0)
    assert "outbox.unknown_topic" in caplog.text


def test_backoff_triples_to_its_ceiling_and_is_spread(settings):
    settings.OUTBOX_BACKOFF_SECONDS = 5
    settings.OUTBOX_BACKOFF_CEILING_SECONDS = 3600

    for attempts, middle in [(1, 5), (2, 15), (3, 45), (7, 3600), (400, 3600)]:
        waits = [backoff_seconds(attempts) for _draw in range(200)]
        assert middle * 0.75 <= min(waits) < middle < max(waits) <= middle * 1.25


@pytest.mark.django_db
def test_sweep_hints_what_is_due_to_its_queue_and_again_only_later(hinted):
    register("test.elsewhere", outbox_handlers.write_effect, queue="evidence")
    oldest = promised("test.elsewhere", "old", next_attempt_at=Now() - timedelta(minutes=5))
    due = promised(subject_id="due", next_attempt_at=Now())
    promised(subject_id="fresh")
    promised(subject_id="parked", status=Status.PARKED, next_attempt_at=Now())
    promised(subject_id="done", status=Status.DONE, done_at=Now(), next_attempt_at=Now())
    unknown = OutboxMessage.objects.create(topic="test.newer", subject_id="1")

    assert (sweep(), sweep()) == (3, 0)
    assert hinted == [(oldest.pk, "evidence"), (due.pk, "celery"), (unknown.pk, "celery")]


@pytest.mark.django_db
def test_sweep_drains_batch_by_batch_in_two_queries_each(
    hinted, settings, django_assert_num_queries
):
    settings.OUTBOX_SWEEP_BATCH = 3
    OutboxMessage.objects.bulk_create(
        OutboxMessage(topic="test.effect", subject_id=str(index)) for index in range(7)
    )

    # each batch is read and moved on, between a savepoint and its release
    with django_assert_num_queries(3 * (2 + 2)):
        assert sweep() == 7

    assert len({message_id for message_id, _queue in hinted}) == 7


@pytest.mark.django_db
def test_sweep_stops_when_the_broker_refuses_and_loses_nothing(settings):
    settings.OUTBOX_HINT_AGAIN_SECONDS = 0
    for subject_id in range(5):
        promised(subject_id=str(subject_id), next_attempt_at=Now())

    assert sweep() == 0

    assert nudges.COUNT.failed == 1
    assert OutboxMessage.objects.filter(status=Status.PENDING, attempts=0).count() == 5


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_once_share_the_work(hinted):
    OutboxMessage.objects.bulk_create(
        OutboxMessage(topic="test.effect", subject_id=str(index)) for index in range(300)
    )
    start = Barrier(4)

    def attempt(_index):
        try:
            start.wait(120)
            return sweep()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(attempt, range(4)))

    assert sum(counts) == 300
    assert len(hinted) == len(set(hinted)) == 300


@pytest.mark.django_db(transaction=True)
def test_parked_message_is_retried_with_all_its_attempts(effects, hinted):
    message = promised(
        status=Status.PARKED, attempts=8, last_error_code="ValueError", held_until=Now()
    )

    row = retry_parked(message_id=message.pk, actor_id=11)

    assert (row.status, row.attempts, row.retried_by) == (Status.PENDING, 0, 11)
    assert row.retried_at is not None
    assert row.last_error_code == "ValueError"
    assert hinted == [(message.pk, "celery")] * 2
    assert deliver(message.pk) == Outcome.DONE


@pytest.mark.django_db
@pytest.mark.parametrize("status", [Status.PENDING, Status.DONE])
def test_message_not_parked_cannot_be_retried(status):
    done_at = Now() if status == Status.DONE else None
    message = promised(status=status, attempts=3, done_at=done_at)

    with pytest.raises(ConflictError):
        retry_parked(message_id=message.pk, actor_id=11)

    message.refresh_from_db()
    assert (message.status, message.attempts, message.retried_by) == (status, 3, None)


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_backlog_and_parked_take_one_query_each(count, django_assert_num_queries):
    long_ago = Now() - timedelta(minutes=90)
    for index in range(count):
        promised(subject_id=f"late {index}", created_at=long_ago, next_attempt_at=long_ago)
        promised(subject_id=f"fresh {index}")
        promised(subject_id=f"parked {index}", status=Status.PARKED)
        promised(subject_id=f"done {index}", status=Status.DONE, done_at=Now())

    with django_assert_num_queries(1):
        backlog = outbox_backlog()
    with django_assert_num_queries(1):
        parked = [message.subject_id for message in parked_messages()]

    assert backlog.oldest_age is not None
    assert timedelta(minutes=90) <= backlog.oldest_age < timedelta(minutes=91)
    assert (backlog.pending, backlog.late, backlog.parked) == (2 * count, count, count)
    assert parked == [f"parked {index}" for index in range(count)]


@pytest.mark.django_db
def test_empty_backlog():
    assert outbox_backlog() == Backlog(pending=0, late=0, parked=0, oldest_age=None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"status": "LOST"},
        {"status": Status.DONE, "done_at": None},
        {"status": Status.PENDING, "done_at": Now()},
    ],
    ids=str,
)
def test_database_refuses_an_impossible_row(fields):
    message = promised()

    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxMessage.objects.filter(pk=message.pk).update(**fields)


def test_topic_has_one_handler_and_at_least_one_attempt():
    register("test.effect", outbox_handlers.write_effect)

    with pytest.raises(ValueError, match="already has a handler"):
        register("test.effect", outbox_handlers.fail)
    with pytest.raises(ValueError, match="at least one attempt"):
        register("test.never", outbox_handlers.fail, max_attempts=0)


def promising(monkeypatch, *promises):
    """Let the handler of one topic promise more, in the transaction that does its work."""

    def handler(*, subject_id, destination):
        for topic, subject in promises:
            publish(topic=topic, subject_id=subject)

    monkeypatch.setitem(
        topics._TOPICS, "test.promising", topics.Topic("test.promising", handler, 8, "celery")
    )


@pytest.mark.django_db(transaction=True)
def test_worker_follows_its_own_first_promise_and_hints_the_others(
    committed_effects, hinted, monkeypatch
):
    """One step: what the follower promises, and what is for another queue, goes through the broker."""
    promising(monkeypatch, ("test.other_queue", "a"), ("test.effect", "b"), ("test.effect", "c"))
    monkeypatch.setitem(
        topics._TOPICS,
        "test.other_queue",
        topics.Topic("test.other_queue", outbox_handlers.write_effect, 8, "evidence"),
    )
    first = promised(topic="test.promising")
    del hinted[:]

    deliver_outbox_task(message_id=first.pk)

    kept = {each.subject_id: each for each in OutboxMessage.objects.exclude(pk=first.pk)}
    assert hinted == [(kept["a"].pk, "evidence"), (kept["c"].pk, "celery")]
    assert committed_effects() == [("b", "", f"outbox-{kept['b'].pk}")]
    assert {name: row.status for name, row in kept.items()} == {
        "a": Status.PENDING,
        "b": Status.DONE,
        "c": Status.PENDING,
    }


@pytest.mark.django_db(transaction=True)
def test_what_is_followed_is_claimed_as_it_is_promised(committed_effects, hinted, monkeypatch):
    """A worker that dies in between leaves a counted attempt and a lease, as after any claim."""

    class DiedError(BaseException):
        pass

    def die():
        raise DiedError

    def handler(*, subject_id, destination):
        publish(topic="test.effect", subject_id="b")
        transaction.on_commit(die)

    monkeypatch.setitem(
        topics._TOPICS, "test.dies", topics.Topic("test.dies", handler, 8, "celery")
    )
    first = promised(topic="test.dies")
    del hinted[:]

    with pytest.raises(DiedError):
        deliver_outbox_task(message_id=first.pk)

    row = OutboxMessage.objects.get(subject_id="b")
    assert (row.status, row.attempts, row.last_error_code) == (Status.PENDING, 1, "")
    assert hinted == []
    assert deliver(row.pk) == Outcome.NOT_DUE
    assert sweep() == 0
    make_free(row)
    assert sweep() == 1
    assert deliver(row.pk) == Outcome.DONE
    assert committed_effects() == [("b", "", f"outbox-{row.pk}")]
    assert OutboxMessage.objects.get(pk=row.pk).attempts == 2


@pytest.mark.django_db(transaction=True)
def test_whose_lease_ended_before_the_follower_began_leaves_it_to_the_next(
    committed_effects, hinted, monkeypatch
):
    def slow(*, subject_id, destination):
        publish(topic="test.effect", subject_id="b")
        transaction.on_commit(another_takes_it)

    def another_takes_it():
        row = OutboxMessage.objects.get(subject_id="b")
        make_free(row)
        assert deliver(row.pk) == Outcome.DONE

    monkeypatch.setitem(topics._TOPICS, "test.slow", topics.Topic("test.slow", slow, 8, "celery"))
    first = promised(topic="test.slow")

    deliver_outbox_task(message_id=first.pk)

    row = OutboxMessage.objects.get(subject_id="b")
    assert (row.status, row.attempts) == (Status.DONE, 2)
    assert committed_effects() == [("b", "", f"outbox-{row.pk}")]


@pytest.mark.django_db(transaction=True)
def test_no_chain_keeps_a_worker(committed_effects, hinted, monkeypatch):
    promising(monkeypatch, ("test.promising", "second"), ("test.promising", "third"))
    first = promised(topic="test.promising", subject_id="first")
    del hinted[:]

    deliver_outbox_task(message_id=first.pk)

    rows = dict(OutboxMessage.objects.values_list("subject_id", "status"))
    assert rows == {"first": Status.DONE, "second": Status.DONE, "third": Status.PENDING}
    # "third" by the first message; both again by the second, whose promises are hinted as ever
    names = dict(OutboxMessage.objects.values_list("pk", "subject_id"))
    assert [names[pk] for pk, _queue in hinted] == ["third", "second", "third"]


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_is_not_followed(committed_effects, hinted, monkeypatch):
    promising(monkeypatch, ("test.effect", "b"), ("test.nobody_registered", "c"))
    first = promised(topic="test.promising")
    del hinted[:]

    deliver_outbox_task(message_id=first.pk)

    assert OutboxMessage.objects.get().last_error_code == "LookupError"
    assert hinted == []
    assert committed_effects() == []


@pytest.mark.django_db
def test_tasks_call_their_service(effects, hinted):
    message = promised(next_attempt_at=Now())

    sweep_outbox_task()
    deliver_outbox_task(message_id=message.pk)

    assert hinted == [(message.pk, "celery")]
    assert effects() == [("1", "", f"outbox-{message.pk}")]


def test_schedule_names_known_tasks_once_and_reaches_celery():
    tasks = {job.task: import_string(job.task) for job in BEAT_SCHEDULE}

    assert len({job.name for job in BEAT_SCHEDULE}) == len(BEAT_SCHEDULE)
    assert {name: task.name for name, task in tasks.items()} == {name: name for name in tasks}
    assert all(job.every > 0 and job.why for job in BEAT_SCHEDULE)
    assert current_app.conf.beat_schedule["sweep-outbox"] == {
        "task": "bawaslu_cases.shared.tasks.sweep_outbox_task",
        "schedule": 5.0,
        "options": {"expires": 5.0, "queue": "celery"},
    }
