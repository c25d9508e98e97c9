"""F22: of a worker that stopped a web process tells, because the worker is what looks at everything else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bawaslu_cases.embedded.postgres import DATABASES
from tests.support import outbox_handlers
from tests.support.own_world import World, own_world

pytestmark = [pytest.mark.long, pytest.mark.faults, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    # CACHE_URL: the alarm of the hour is one of this world, not of the tests' own cache.
    with own_world(tmp_path, TEST_WORKER_WATCH_SECONDS="1") as made:
        cache = made.environment["BROKER_URL"].replace("virtual_host=0", "virtual_host=5")
        made.environment["CACHE_URL"] = cache.replace("redis+socket", "unix").replace(
            "virtual_host", "db"
        )
        yield made


def alarms(world: World) -> list[str]:
    told = world.postgres.execute(
        "SELECT detail FROM audit_event WHERE action = 'worker.alarm' ORDER BY seq",
        database=DATABASES["AUDIT_DATABASE_URL"],
    )
    return [json.loads(line)["why"] for line in told.splitlines()]


def workers_said(world: World) -> str:
    return str(json.loads(world.ask("/health/ready")[1])["workers"])


def test_f22_a_worker_that_stopped_is_told_by_the_web_once_an_hour(world: World) -> None:
    worker = world.workers.start_worker()
    beat = world.workers.start_beat()
    world.workers.wait(
        lambda: (
            world.count("SELECT count(*) FROM shared_pulse WHERE queue IN ('celery', 'schedule')")
            == 2
        ),
        "the worker left word of a periodic job",
    )
    world.start_web()
    assert workers_said(world) == "ok"
    assert alarms(world) == []

    world.workers.kill(worker)
    # Instead of waiting for as long as it takes to be sure.
    world.postgres.execute(
        "UPDATE shared_pulse SET at = at - interval '4 minutes' WHERE queue = 'celery'",
        database=DATABASES["DATABASE_URL"],
    )
    world.workers.wait(lambda: alarms(world) == ["celery_silent"], "the web process tells")
    assert world.ask("/health/ready")[0] == 200
    assert workers_said(world) == "celery_silent"

    world.postgres.execute(
        "UPDATE shared_pulse SET at = at - interval '20 minutes'",
        database=DATABASES["DATABASE_URL"],
    )
    world.workers.wait(
        lambda: alarms(world) == ["celery_silent", "schedule_silent"], "and of the schedule, apart"
    )
    world.workers.start_worker()
    world.workers.wait(lambda: workers_said(world) == "ok", "a worker is there again")
    assert beat.poll() is None
    assert alarms(world) == ["celery_silent", "schedule_silent"]


def test_f22_a_worker_at_one_long_task_is_not_silent(world: World) -> None:
    """A video may take half an hour: nothing is finished meanwhile, and the worker says that it is at it."""
    default = DATABASES["DATABASE_URL"]
    world.postgres.execute(outbox_handlers.CREATE_EFFECTS, database=default)
    world.postgres.execute(
        "INSERT INTO shared_outboxmessage (topic, subject_id, destination, status, attempts, last_error_code)"
        " VALUES ('test.hang', '1', '', 'PENDING', 0, '')",
        database=default,
    )
    key = world.count("SELECT id FROM shared_outboxmessage WHERE topic = 'test.hang'")
    world.workers.start_worker(processes=1)

    world.run(
        *("celery", "-A", "bawaslu_cases", "call", "--queue", "referral"),
        *("bawaslu_cases.shared.tasks.deliver_outbox_task", "--kwargs", f'{{"message_id": {key}}}'),
    )

    world.workers.wait(
        lambda: world.count("SELECT count(*) FROM shared_pulse WHERE queue = 'referral'") == 1,
        "the worker said that it is at something",
    )
    assert world.count("SELECT count(*) FROM shared_outboxmessage WHERE done_at IS NOT NULL") == 0
