"""``./up``: embedded servers, set-up, web, worker and beat; ends in order and leaves nothing.

Nothing is embedded for which the environment has an address (DATABASE_URL, REDIS_URL). Web and
worker connect as roles that own nothing; WEB_DATABASE_URL and WORKER_DATABASE_URL name them when
DATABASE_URL is given (and WEB_KEYRING_DATABASE_URL …, where those lie elsewhere).
"""

import argparse
import errno
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from bawaslu_cases.embedded.children import EmbeddedError
from bawaslu_cases.embedded.postgres import DATABASES, Postgres
from bawaslu_cases.embedded.processes import Log, Supervisor
from bawaslu_cases.embedded.secret_files import (
    ensure_cleaner_key,
    ensure_demo_root,
    ensure_secrets,
    keep_secret,
)
from bawaslu_cases.embedded.valkey import Valkey
from bawaslu_cases.shared.memory_guard import plain_swaps

ROOT = Path(__file__).resolve().parents[2]
WEB_ROLE, WORKER_ROLE = "bc_web", "bc_worker"
QUEUES = "celery,intake,referral,notify,figures"
WORKER_ONLY = frozenset(
    {
        *("AUDIT_SIGNING_KEY", "AUDIT_SIGNING_KEY_FILE"),
        *("PACKET_SIGNING_KEY", "PACKET_SIGNING_KEY_FILE"),
    }
)
"""Whoever shows pages can sign neither the log nor what leaves the house."""
CLEANER_ONLY = frozenset({"CLEANER_PRIVATE_KEY", "CLEANER_PRIVATE_KEY_FILE"})
"""Only the process that makes safe copies can open a file that waits for one."""
FREED_IS_WIPED = {
    "PYTHONMALLOC": "malloc",
    "GLIBC_TUNABLES": "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0",
}
"""For the web: glibc overwrites what Python frees, so no name outlives its request (check C10)."""
ROOT_WARNING = "ignore:You're running the worker with superuser privileges"
"""Right on a server; on a laptop's or a container's root it is five lines of noise."""
FREE_BYTES = 300 * 1024 * 1024
"""A fresh cluster takes 40 MB, its log of changes up to 80, static files 20."""
PREVIOUS_RUN_SECONDS = 90
WEB_SECONDS = 180
HIGHEST_PORT = 65535


class StopRequestedError(Exception):
    """Ctrl-C, SIGTERM, a closed terminal, or nobody reads the output any more."""


class Launcher:
    """One run of the whole product from one data folder."""

    def __init__(self, folder: Path, port: int, log: Log, *, demo: bool) -> None:
        self._folder = folder
        self._port = port
        self._demo = demo
        self._log = log
        self._stop_requested = ""

    def run(self) -> int:
        """Serve until asked to stop (0) or until a part of it ends by itself (1)."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request_stop)
        with ExitStack() as stack:
            children_lock = stack.enter_context(self._only_run_here())
            self._refuse_taken_port()
            self._refuse_full_disk()
            owner = self._common_environment()
            keep_open = (children_lock,)
            try:
                web, worker = self._start_servers(stack, owner, keep_open)
                supervisor = Supervisor(self._log, keep_open=keep_open)
                self._set_up(supervisor, owner)
                return self._serve(supervisor, web, worker)
            except StopRequestedError:
                return 0

    # --- before anything starts -------------------------------------------------------------------

    @contextmanager
    def _only_run_here(self) -> Iterator[int]:
        """Hold the folder; yield a descriptor that every child keeps open.

        The second lock is held by the children too: after a kill -9 of the launcher it tells the
        next start when the last of them has gone.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (
            (self._folder / "launcher.lock").open("a+") as own,
            (self._folder / "children.lock").open("w") as children,
        ):
            try:
                fcntl.flock(own, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                own.seek(0)
                raise EmbeddedError(
                    f"already running in {self._folder} (process {own.read().strip()}); "
                    "stop it with Ctrl-C there"
                ) from None
            own.truncate(0)
            own.write(str(os.getpid()))
            own.flush()
            self._wait_for_previous_run(children.fileno())
            yield children.fileno()

    def _wait_for_previous_run(self, descriptor: int) -> None:
        end = time.monotonic() + PREVIOUS_RUN_SECONDS
        told = False
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() > end:
                    raise EmbeddedError(
                        f"processes of an earlier run still use {self._folder}; end them first"
                    ) from None
                if not told:
                    self._say("the previous run was killed; waiting for its processes to end")
                    told = True
                self._raise_if_stopping()
                time.sleep(0.1)
            else:
                return

    def _refuse_taken_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self._port))
            except OSError as error:
                reason = "is taken" if error.errno == errno.EADDRINUSE else error.strerror
                raise EmbeddedError(
                    f"port {self._port} {reason}; choose another: ./up --port {self._port + 1}"
                ) from None

    def _refuse_full_disk(self) -> None:
        free = shutil.disk_usage(self._folder).free
        if free < FREE_BYTES:
            raise EmbeddedError(
                f"no space: {self._folder} needs {FREE_BYTES >> 20} MB, {free >> 20} MB are free"
            )

    # --- servers and set-up -----------------------------------------------------------------------

    def _common_environment(self) -> dict[str, str]:
        defaults = {
            "DJANGO_SETTINGS_MODULE": "bawaslu_cases.settings.dev",
            "MEDIA_ROOT": str(self._folder / "media"),
            "STATIC_ROOT": str(self._folder / "static"),
            "BEAT_SCHEDULE_FILE": str(self._folder / "beat"),
            "AUDIT_CHECKPOINT_DIR": str(self._folder / "checkpoints"),
            "WEB_ROLE": WEB_ROLE,
            "WORKER_ROLE": WORKER_ROLE,
        }
        Path(os.environ.get("MEDIA_ROOT", defaults["MEDIA_ROOT"])).mkdir(
            parents=True, exist_ok=True, mode=0o700
        )
        return (
            defaults
            | os.environ
            | ensure_secrets(self._folder / "secrets")
            | (ensure_demo_root(self._folder / "secrets" / "vault") if self._demo else {})
            | ensure_cleaner_key(self._folder / "secrets")
            | {"PYTHONUNBUFFERED": "1"}
        )

    def _start_servers(
        self, stack: ExitStack, owner: dict[str, str], keep_open: tuple[int, ...]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Start what has no address yet, name it in ``owner``; return the web's and worker's own.

        ``stack`` stops them in the opposite order: Valkey first, PostgreSQL last.
        """
        roles = {}
        if "DATABASE_URL" in owner:
            self._say("PostgreSQL: the one DATABASE_URL names")
            roles = {name: _given_urls(owner, name) for name in ("WEB", "WORKER")}
        else:
            began = time.monotonic()
            postgres = Postgres(self._folder / "postgres", keep_open=keep_open)
            stack.callback(self._stop_server, "PostgreSQL", postgres)
            postgres.start()
            postgres.ensure_databases()
            owner |= postgres.urls()
            for name, role in (("WEB", owner["WEB_ROLE"]), ("WORKER", owner["WORKER_ROLE"])):
                password = keep_secret(
                    self._folder / "secrets" / f"{role}.password", lambda: secrets.token_urlsafe(24)
                )
                postgres.ensure_role(role, password)
                roles[name] = postgres.urls(user=role, password=password)
            self._say(f"PostgreSQL started in {time.monotonic() - began:.1f} s")
        if "REDIS_URL" in owner:
            self._say("Valkey: the one REDIS_URL names")
        else:
            began = time.monotonic()
            valkey = Valkey(self._folder / "valkey", keep_open=keep_open)
            stack.callback(self._stop_server, "Valkey", valkey)
            valkey.start()
            owner["REDIS_URL"] = owner["CACHE_URL"] = valkey.url(1)
            owner["BROKER_URL"] = valkey.broker_url(0)
            self._say(f"Valkey started in {time.monotonic() - began:.1f} s")
        web = _without(owner, WORKER_ONLY | CLEANER_ONLY)
        return web | roles["WEB"], owner | roles["WORKER"]

    def _stop_server(self, name: str, server: Postgres | Valkey) -> None:
        server.stop()
        self._say(f"{name} stopped")

    def _set_up(self, supervisor: Supervisor, owner: dict[str, str]) -> None:
        steps = ["migrate", "grant_roles", "load_registry"]
        if self._demo:
            steps.append("seed_world")
        static = _fingerprint(ROOT / "static", ROOT / "requirements.txt")
        marker = Path(owner["STATIC_ROOT"]) / ".fingerprint"
        if not marker.exists() or marker.read_text(encoding="ascii") != static:
            steps.append("collectstatic")
        child = supervisor.start("setup", [sys.executable, "manage.py", "set_up", *steps], owner)
        try:
            while child.process.poll() is None:
                supervisor.pump(0.1)
                self._raise_if_stopping()
        except StopRequestedError:
            supervisor.stop("setup")
            raise
        if code := supervisor.finish(child):
            raise EmbeddedError(f"the set-up failed with code {code}; its lines above say where")
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.write_text(static, encoding="ascii")

    # --- serving ----------------------------------------------------------------------------------

    def _serve(self, supervisor: Supervisor, web: dict[str, str], worker: dict[str, str]) -> int:
        celery = [sys.executable, "-W", ROOT_WARNING, "-m", "celery", "--quiet"]
        celery += ["--app", "bawaslu_cases"]
        gunicorn = [sys.executable, "-m", "gunicorn", "bawaslu_cases.wsgi:application"]
        try:
            supervisor.start(
                "web",
                [
                    *gunicorn,
                    *("--config", "python:bawaslu_cases.web_server"),
                    *("--bind", f"127.0.0.1:{self._port}"),
                    *("--worker-class", "gthread", "--workers", "2", "--threads", "8"),
                    *("--graceful-timeout", "10", "--log-level", "warning"),
                    # Its control socket lies in the home directory: two folders would share it.
                    "--no-control-socket",
                ],
                web | FREED_IS_WIPED,
            )
            supervisor.start(
                "worker",
                [
                    *celery,
                    "worker",
                    *("--concurrency", "2", "--queues", QUEUES, "--loglevel", "INFO"),
                    *("--hostname", f"up-{self._port}@%h"),
                    *("--without-gossip", "--without-mingle"),
                ],
                _without(worker, CLEANER_ONLY),
            )
            supervisor.start(
                "evidence",
                [
                    *celery,
                    "worker",
                    *("--concurrency", "1", "--queues", "evidence,copies", "--loglevel", "INFO"),
                    *("--hostname", f"up-{self._port}-evidence@%h"),
                    *("--without-gossip", "--without-mingle"),
                ],
                _without(worker, WORKER_ONLY),
            )
            beat_file = worker["BEAT_SCHEDULE_FILE"]
            supervisor.start(
                "beat",
                [*celery, "beat", "--schedule", beat_file, "--pidfile=", "--loglevel", "WARNING"],
                _without(worker, CLEANER_ONLY),
            )
            self._wait_for_web(supervisor)
            self._announce(supervisor, web)
            while not (ended := supervisor.ended()):
                supervisor.pump(0.5)
                self._raise_if_stopping()
            self._say(f"{ended[0].name} ended by itself with code {ended[0].process.returncode}")
            return 1
        finally:
            self._say("stopping")
            # A second Ctrl-C must not leave the order half-way.
            codes: dict[str, int] = {}
            for name in ("beat", "web", "evidence", "worker"):
                codes |= supervisor.stop(name)
            self._say(", ".join(f"{name} stopped ({code})" for name, code in codes.items()))

    def _wait_for_web(self, supervisor: Supervisor) -> None:
        end = time.monotonic() + WEB_SECONDS
        while time.monotonic() < end:
            supervisor.pump(0.1)
            self._raise_if_stopping()
            if ended := supervisor.ended():
                raise EmbeddedError(f"{ended[0].name} ended at its start; its lines above say why")
            if self._web_answers():
                return
        raise EmbeddedError(f"the web server did not answer in {WEB_SECONDS} seconds")

    def _web_answers(self) -> bool:
        request = b"GET /health/live HTTP/1.0\r\nHost: localhost\r\n\r\n"
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=5) as client:
                client.sendall(request)
                return client.recv(16).startswith(b"HTTP/1.")
        except OSError:
            return False

    def _announce(self, supervisor: Supervisor, web: dict[str, str]) -> None:
        if self._demo:
            child = supervisor.start(
                "up", [sys.executable, "manage.py", "seed_world", "--sign-ins"], web
            )
            while child.process.poll() is None:
                supervisor.pump(0.1)
                self._raise_if_stopping()
            supervisor.finish(child)
        if swaps := plain_swaps():
            self._say(f"memory may be swapped in the clear to {', '.join(swaps)}")
        self._say(f"open http://localhost:{self._port}/   (Ctrl-C stops everything)")

    def _say(self, text: str) -> None:
        self._log.line("up", text)

    def _request_stop(self, number: int, _frame: FrameType | None) -> None:
        self._stop_requested = signal.Signals(number).name

    def _raise_if_stopping(self) -> None:
        if self._stop_requested or self._log.broken:
            self._say(f"asked to stop ({self._stop_requested or 'nobody reads the output'})")
            raise StopRequestedError


def _fingerprint(folder: Path, *files: Path) -> str:
    """Return a digest of names, sizes and times below ``folder`` and of ``files``."""
    digest = hashlib.sha256()
    for path in sorted([*folder.rglob("*"), *files]):
        if path.is_file():
            stat = path.stat()
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _without(variables: dict[str, str], names: frozenset[str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name not in names}


def _given_urls(owner: dict[str, str], role: str) -> dict[str, str]:
    """Return the URLs of WEB or WORKER where they are given; the owner's stand for the others."""
    return {
        variable: owner[f"{role}_{variable}"]
        for variable in DATABASES
        if f"{role}_{variable}" in owner
    }


def _port(text: str) -> int:
    if text.isdigit() and 0 < int(text) <= HIGHEST_PORT:
        return int(text)
    raise argparse.ArgumentTypeError(f"must be a number from 1 to {HIGHEST_PORT}, not {text!r}")


def main() -> int:
    """Run from the command line; every foreseeable trouble is one line and exit code 1."""
    parser = argparse.ArgumentParser(
        prog="./up", description="Run the whole product on this machine."
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=os.environ.get("PORT", "8000"),
        help="8000, or the variable PORT",
    )
    parser.add_argument(
        "--data", type=Path, default=ROOT / ".run", help="folder of everything it keeps (.run)"
    )
    parser.add_argument(
        "--no-demo", action="store_true", help="reference data only: no people, no complaints"
    )
    options = parser.parse_args()
    os.chdir(ROOT)
    try:
        launcher = Launcher(options.data.resolve(), options.port, Log(), demo=not options.no_demo)
        return launcher.run()
    except EmbeddedError as error:
        reason = str(error)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            reason = f"no space left for {options.data}"
        elif error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            reason = f"cannot write {error.filename or options.data}: {error.strerror}"
        else:
            raise
    print(f"up: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
