"""The product's servers, of one test alone: to be stopped, frozen and filled without hurting other tests."""

import fcntl
import http.client
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bawaslu_cases.embedded.children import EmbeddedError
from bawaslu_cases.embedded.postgres import DATABASES, Postgres, client_program
from bawaslu_cases.embedded.valkey import Valkey
from tests.support.outbox_workers import PROJECT, Workers, running_database_urls
from tests.support.ports import free_ports

PATIENCE_S = 120
BARE = ("--no-owner", "--no-privileges", "--no-policies")
"""What names roles that the other server does not have is left out."""


@dataclass
class World:
    """PostgreSQL and Valkey with a copy of the test database, workers and a web server that use them."""

    folder: Path
    postgres: Postgres
    valkey: Valkey
    workers: Workers
    environment: dict[str, str]
    port: int = 0
    webs: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    def count(self, query: str) -> int:
        """Return the number that a query gives, asked as the owner."""
        return int(self.postgres.execute(query, database=DATABASES["DATABASE_URL"]))

    def cut_power(self) -> None:
        """Stop PostgreSQL in the middle of whatever it does, and start it again."""
        with self.without_power():
            pass

    @contextmanager
    def without_power(self) -> Iterator[None]:
        """Stop PostgreSQL in the middle of whatever it does; start it again at the end of the block."""
        process = self.postgres.process
        assert process is not None
        process.send_signal(signal.SIGQUIT)
        process.wait(120)
        try:
            yield
        finally:
            self.postgres.start()

    def is_up(self) -> bool:
        """Say whether PostgreSQL answers."""
        with suppress(EmbeddedError):
            return self.count("SELECT 1") == 1
        return False

    def bring_back(self) -> None:
        """Wait until PostgreSQL answers; where it ended, start it again, as whoever watches over it does."""
        end = time.monotonic() + PATIENCE_S
        while not self.is_up():
            assert time.monotonic() < end, "PostgreSQL does not come back"
            if self.postgres.process is None or self.postgres.process.poll() is not None:
                self.postgres.start()
            time.sleep(0.1)

    def lose_broker(self) -> None:
        """Kill the broker; the one that comes back knows nothing."""
        process = self.valkey.process
        assert process is not None
        process.kill()
        process.wait(120)
        self.valkey.start()

    def run(self, *arguments: str) -> str:
        """Run a module of Python against these servers; return what it printed."""
        return subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=PROJECT,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout

    def start_web(self, *, threads: int = 4, shift_seconds: int = 0) -> None:
        """Start gunicorn with one worker and wait for its first answer; ``port`` is this one's then.

        ``shift_seconds`` is how far its clock is ahead.
        """
        (self.port,) = free_ports(1)
        command = [sys.executable, "-m", "gunicorn", "bawaslu_cases.wsgi:application"]
        command += ["--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread"]
        command += ["--workers", "1", "--threads", str(threads), "--no-control-socket"]
        environment = self.environment
        if shift_seconds:
            command += ["--config", "python:tests.support.shifted_clock"]
            environment = environment | {"CLOCK_SHIFT_SECONDS": str(shift_seconds)}
        with (self.folder / "gunicorn.log").open("ab") as log:
            self.webs.append(
                subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log)
            )
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            with suppress(OSError):
                if self.ask("/health/live")[0] == 200:
                    return
            time.sleep(0.1)
        raise AssertionError((self.folder / "gunicorn.log").read_text()[-2000:])

    def ask(self, path: str, *, cookie: str = "") -> tuple[int, str]:
        """Return status and text of a page, as a stranger gets it or whoever the cookie names."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        headers = {"Host": "localhost", "X-Forwarded-Proto": "https", "Cookie": cookie}
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        return answer.status, text

    def stop(self) -> None:
        """Stop everything, however the test ended."""
        for web in self.webs:
            web.kill()
            web.wait(120)
        self.workers.stop()
        self.valkey.stop()
        self.postgres.stop()


@contextmanager
def own_world(folder: Path, *, disk: Path | None = None, **settings: str) -> Iterator[World]:
    """Start the servers in ``folder`` and stop them. ``settings`` are variables of every process.

    PostgreSQL lies on ``disk`` where one is given.
    """
    # Durable, unlike the tests' own server: what was answered as committed must be there afterwards.
    postgres, valkey = Postgres(disk or folder / "pg"), Valkey(folder / "valkey", throwaway=True)
    folder.chmod(0o755)
    logs = folder / "workers"
    logs.mkdir()
    world: World | None = None
    try:
        if disk is None:
            _copy_cluster(_model(folder.parent), _place(postgres))
        postgres.start()
        if disk is not None:
            # Not a copy: a copied server went on for longer than a test asks when its disk was full.
            _fill(postgres)
        valkey.start()
        broker_url = f"redis+socket://{valkey.socket}?virtual_host=0"
        own = {
            **postgres.urls(),
            "CELERY_BROKER_WRITE_URL": broker_url,
            "MEDIA_ROOT": str(folder / "media"),
            "OUTBOX_LEASE_SECONDS": "2",
            "OUTBOX_SWEEP_AFTER_SECONDS": "0",
            "OUTBOX_HINT_AGAIN_SECONDS": "1",
            "OUTBOX_BACKOFF_SECONDS": "0",
            **settings,
        }
        workers = Workers(broker_url=broker_url, folder=logs, **own)
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "bawaslu_cases.settings.test",
            "BROKER_URL": broker_url,
            **own,
        }
        world = World(folder, postgres, valkey, workers, environment)
        yield world
    finally:
        if world:
            world.stop()
        else:
            valkey.stop()
            postgres.stop()


def _model(tests: Path) -> Path:
    """Return the folder of a stopped server with a copy of the test databases, made once in a run.

    ``tests`` holds the folders of this process's tests; the databases are as migrated, before any test,
    and the same in each process.
    """
    run = tests.parent if "PYTEST_XDIST_WORKER" in os.environ else tests
    model = run / "model-of-own-worlds"
    with (run / "making-of-own-worlds").open("w") as making:
        fcntl.flock(making, fcntl.LOCK_EX)
        if not (model / "made").exists():
            _make_model(model, run / "server-of-own-worlds")
    return model


def _make_model(model: Path, folder: Path) -> None:
    # Not durable: where the power is cut later, the files have long been copied.
    postgres = Postgres(folder, throwaway=True)
    try:
        postgres.start()
        _fill(postgres)
    finally:
        postgres.stop()
    _copy_cluster(_place(postgres), model)
    shutil.rmtree(_place(postgres))
    (model / "made").touch()


def _fill(postgres: Postgres) -> None:
    """Give a new server a copy of the test databases, and the web's role what it has on a server."""
    _copy_databases(postgres)
    # Its web answers under the roles and policies of a server (ADR 0050).
    postgres.ensure_role("bc_web", secrets.token_urlsafe(18))
    subprocess.run(
        [sys.executable, "-m", "django", "grant_roles"],
        cwd=PROJECT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "bawaslu_cases.settings.test",
            **postgres.urls(),
        },
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _place(postgres: Postgres) -> Path:
    """Return the folder of a server, which root's lies elsewhere than it was asked for."""
    return postgres._folder


def _copy_cluster(source: Path, target: Path) -> None:
    """Copy a stopped server and its password; whoever owns the files owns the copies."""
    target.mkdir(parents=True, exist_ok=True)
    for name in ("password", "data"):
        subprocess.run(["cp", "-a", str(source / name), str(target / name)], check=True)


def _copy_databases(postgres: Postgres) -> None:
    postgres.ensure_databases()
    for variable, url in running_database_urls().items():
        dumped = subprocess.run(
            [str(client_program("pg_dump")), *BARE, "--dbname", url],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
        postgres.execute(dumped, database=DATABASES[variable])
