"""Servers that go away while referrals are on their way, and a computer whose clock is wrong.

PostgreSQL stops at once, as at a power cut, and comes back; the broker is killed and comes back empty;
one worker lives ten minutes ahead, another ten minutes behind. Every referral ends as without the fault:
one number, one letter, one packet, one delivery, one history. The servers are the test's own, filled
with a copy of the test database, because other tests use theirs.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bawaslu_cases.embedded.postgres import DATABASES, Postgres, client_program
from bawaslu_cases.embedded.valkey import Valkey
from tests.support.outbox_workers import PROJECT, Workers, running_database_urls

pytestmark = [pytest.mark.long, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

REFERRALS = 20
TEN_MINUTES = 600


@dataclass
class World:
    """PostgreSQL and Valkey of this test alone, and the workers that use them."""

    postgres: Postgres
    valkey: Valkey
    workers: Workers
    environment: dict[str, str]

    def make(self) -> None:
        self._run("make", str(REFERRALS))

    def tell(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self._run("tell"))
        return told

    def delivered(self) -> int:
        return int(
            self.postgres.execute(
                "SELECT count(*) FROM referrals_referral WHERE status = 'delivered'",
                database=DATABASES["DATABASE_URL"],
            )
        )

    def cut_power(self) -> None:
        """Stop PostgreSQL in the middle of whatever it does, and start it again."""
        process = self.postgres.process
        assert process is not None
        process.send_signal(signal.SIGQUIT)
        process.wait(20)
        self.postgres.start()

    def lose_broker(self) -> None:
        """Kill the broker; the one that comes back knows nothing."""
        process = self.valkey.process
        assert process is not None
        process.kill()
        process.wait(20)
        self.valkey.start()

    def _run(self, *arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "tests.support.referral_world", *arguments],
            cwd=PROJECT,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    # Durable, unlike the tests' own server: what was answered as committed must be there afterwards.
    postgres, valkey = Postgres(tmp_path / "pg"), Valkey(tmp_path / "valkey", throwaway=True)
    tmp_path.chmod(0o755)
    folder = tmp_path / "workers"
    folder.mkdir()
    workers: Workers | None = None
    try:
        postgres.start()
        valkey.start()
        _copy_databases(postgres)
        broker_url = f"redis+socket://{valkey.socket}?virtual_host=0"
        own = {
            **postgres.urls(),
            "BROKER_URL": broker_url,
            "CELERY_BROKER_WRITE_URL": broker_url,
            "MEDIA_ROOT": str(tmp_path / "media"),
            "OUTBOX_LEASE_SECONDS": "2",
            "OUTBOX_SWEEP_AFTER_SECONDS": "0",
            "OUTBOX_HINT_AGAIN_SECONDS": "1",
            "OUTBOX_BACKOFF_SECONDS": "0",
        }
        started = {key: value for key, value in own.items() if key != "BROKER_URL"}
        workers = Workers(broker_url=broker_url, folder=folder, **started)
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "bawaslu_cases.settings.test", **own}
        yield World(postgres, valkey, workers, environment)
    finally:
        if workers:
            workers.stop()
        valkey.stop()
        postgres.stop()


def _copy_databases(postgres: Postgres) -> None:
    postgres.ensure_databases()
    for variable, url in running_database_urls().items():
        dumped = subprocess.run(
            [str(client_program("pg_dump")), "--no-owner", "--no-privileges", "--dbname", url],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
        postgres.execute(dumped, database=DATABASES[variable])


WHOLE = {
    "statuses": {"delivered": REFERRALS},
    "numbers": [f"{number:03}" for number in range(1, REFERRALS + 1)],
    "histories": ["create approve issue deliver"],
    "goes_back": 0,
    "letters": REFERRALS,
    "packets": REFERRALS,
    "deliveries": REFERRALS,
    "promises": {"DONE": 2 * REFERRALS},
}


def test_f03_f04_servers_that_go_away_lose_and_double_nothing(world):
    world.make()
    world.workers.start_worker(processes=2)
    world.workers.start_beat()
    seen = [0]
    for fault in (world.cut_power, world.lose_broker, world.cut_power):
        before = seen[-1]
        world.workers.wait(lambda before=before: world.delivered() > before, "some are delivered")
        fault()
        seen.append(world.delivered())
    world.workers.wait(lambda: world.delivered() == REFERRALS, "all are delivered")

    assert seen[-1] < REFERRALS, "the faults came when all was over"
    assert world.tell() == WHOLE


@pytest.mark.parametrize("shift", [TEN_MINUTES, -TEN_MINUTES])
def test_f12_workers_clock_that_is_wrong_changes_no_order(world, shift):
    world.make()
    world.workers.environment["CLOCK_SHIFT_SECONDS"] = str(shift)
    world.workers.start_worker(processes=1)
    world.workers.environment["CLOCK_SHIFT_SECONDS"] = "0"
    world.workers.start_worker(processes=1)
    world.workers.start_beat()
    world.workers.wait(lambda: world.delivered() == REFERRALS, "all are delivered")

    assert world.tell() == WHOLE
