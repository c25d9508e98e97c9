"""F08: what counts as a strange message, and that a worker tells of many once an hour."""

import json
import time

import pytest

from bawaslu_cases import broker_watch
from bawaslu_cases.audit.errors import AuditUnavailableError
from bawaslu_cases.broker_watch import ALARM, BrokerWatch, fits
from bawaslu_cases.celery import app
from bawaslu_cases.shared.tasks import deliver_outbox_task, sweep_outbox_task
from tests.bawaslu_cases.audit.conftest import log


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until it is set."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    # The connection of this test's own transaction stays; a worker closes its own.
    monkeypatch.setattr(broker_watch, "connections", {"audit": _Kept()})
    return now


class _Kept:
    def close(self):
        """Stay open."""


def told():
    return [json.loads(entry.detail) for entry in log() if entry.action == ALARM]


@pytest.mark.parametrize(
    ("args", "kwargs", "known"),
    [
        ([], {"message_id": 7}, True),
        ([], {}, False),
        ([7], {}, False),
        ([], {"message_id": "1; DROP TABLE"}, False),
        ([], {"message_id": None}, False),
        ([], {"message_id": 7, "priority": "high"}, False),
    ],
)
def test_f08_a_task_is_called_as_it_says_or_the_message_is_strange(args, kwargs, known):
    assert fits(app.tasks[deliver_outbox_task.name], args, kwargs) is known
    assert not fits(app.tasks[sweep_outbox_task.name], args or [1], kwargs)


def test_f08_whatever_beat_sends_is_known():
    app.loader.import_default_modules()  # as a worker does when it starts
    assert len(app.conf.beat_schedule) > 20
    for entry in app.conf.beat_schedule.values():
        task = app.tasks[entry["task"]]
        assert fits(task, entry.get("args", ()), entry.get("kwargs", {})), entry["task"]


@pytest.mark.django_db
def test_f08_a_thousand_forged_messages_are_one_alarm_an_hour(clock):
    watch = BrokerWatch()
    for _number in range(1000):
        watch.note("unknown_task")
    assert told() == [{"messages": 1, "why": "unknown_task"}]

    clock[0] += 3599
    watch.note("unreadable")
    assert len(told()) == 1
    clock[0] += 1
    watch.note("no_task")

    # The thousand that came meanwhile are in the number.
    assert told()[1:] == [{"messages": 1001, "why": "no_task"}]


@pytest.mark.django_db
def test_f08_a_log_that_is_down_is_asked_again_after_a_minute(clock, monkeypatch, caplog):
    def refuse(**_entry):
        raise AuditUnavailableError

    watch = BrokerWatch()
    with monkeypatch.context() as down:
        down.setattr(broker_watch, "record", refuse)
        watch.note("unknown_task")
        watch.note("unknown_task")
    assert caplog.messages == ["broker.alarm unknown_task messages=1"]
    clock[0] += 60
    watch.note("unknown_task")

    assert told() == [{"messages": 3, "why": "unknown_task"}]
