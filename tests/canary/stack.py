"""The product as ``./up`` runs it, in a folder of its own, for whoever looks into its corners."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connections
from psycopg2.extensions import parse_dsn

from bawaslu_cases.embedded.postgres import DATABASES, Postgres
from bawaslu_cases.embedded.secret_files import ensure_secrets
from bawaslu_cases.shared.databases import KEYRING
from tests.canary.places import family
from tests.support.ports import free_ports
from tests.support.vault import MEMBERS, vault_world

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 240
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "VIRTUAL_ENV", "USER")


class Stack:
    """PostgreSQL, Valkey, gunicorn, a Celery worker and beat, started by the launcher itself.

    Its custody is the tests': their root is pinned, the public halves lie in its keyring.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "run"
        self.temp = folder / "tmp"
        self.temp.mkdir()
        self.log = folder / "up.log"
        (self.port,) = free_ports(1)
        self.base_url = f"http://127.0.0.1:{self.port}"
        # A folder for all temporary files of all processes, so that they can be told from others'.
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        root = {"VAULT_ROOT_PUBLIC_KEY": settings.VAULT_ROOT_PUBLIC_KEY}
        # Pages of cases are searched, not the word before them (ADR 0049).
        self.environment = kept | root | {"TMPDIR": str(self.temp), "CASE_STATEMENTS": "0"}
        # Whom any of its Python processes turns to, from the first line of each on.
        self.sockets = folder / "sockets"
        self.environment |= {
            "PYTHONPATH": str(ROOT / "tests/support/watched_sockets"),
            "WATCHED_SOCKETS": str(self.sockets),
        }
        self.process: subprocess.Popen[bytes] | None = None
        self._postgres = Postgres(self.folder / "postgres")

    def start(self) -> None:
        """Start everything and wait until the page answers."""
        self._count_statements()
        module = [sys.executable, "-m", "bawaslu_cases.embedded.launch", "--no-demo"]
        # Appended to, so that a line planted as a control is not written over.
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*module, "--data", str(self.folder), "--port", str(self.port)],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + READY_SECONDS
        while not self.answers():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.1)
        self.enrol()
        self.sql("CREATE EXTENSION pg_stat_statements")

    def _count_statements(self) -> None:
        """Let the server keep the texts of statements, as an operator who tunes it would."""
        self._postgres.start()
        self._postgres.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
        self._postgres.stop()

    def enrol(self) -> None:
        """Give the accounts of the demo, without its records, and those of the custody."""
        code = (
            "import django; django.setup(); from bawaslu_cases.world.demo_people import *; "
            "from tests.factories import person; enrol_people(); "
            f"[person(key) for key in {[*MEMBERS]}]"
        )
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=self.environment
            | ensure_secrets(self.folder / "secrets")
            | self.urls
            | {"DJANGO_SETTINGS_MODULE": "bawaslu_cases.settings.dev"}
            | {"REDIS_URL": f"unix://{self.valkey_socket}?db=1"},
            check=True,
        )

    def publish_keys(self) -> None:
        """Write the custody's public halves and wraps into the stack's keyring.

        Its private halves are in this process and stay there, as an officer's do.
        """
        asked = parse_dsn(self.urls["KEYRING_DATABASE_URL"])
        names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host"}
        here = {name: asked[key] for name, key in names.items()}
        connection = connections[KEYRING]
        own = connection.settings_dict
        connection.close()
        try:
            connection.settings_dict = own | here
            vault_world().fill()
        finally:
            connection.close()
            connection.settings_dict = own

    def answers(self) -> bool:
        if f"open http://localhost:{self.port}/" not in self.said():
            return False
        with (
            suppress(OSError),  # whoever took the line may have been killed
            urllib.request.urlopen(f"{self.base_url}/health/ready") as answer,
        ):
            return bool(answer.status == 200)
        return False

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self) -> None:
        """Stop as Ctrl-C does; whatever will not go is killed."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(60)

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    @property
    def urls(self) -> dict[str, str]:
        """The addresses of the databases for their owner, by the product's own variables."""
        self._postgres._password = (self._postgres._folder / "password").read_text()
        return {variable: self._postgres.url(name) for variable, name in DATABASES.items()}

    @property
    def url(self) -> str:
        return self.urls["DATABASE_URL"]

    def sql(self, text: str, *arguments: Any, database: str = "DATABASE_URL") -> None:
        """Run a statement as the owner."""
        connection = psycopg2.connect(self.urls[database])
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(text, arguments)
        finally:
            connection.close()

    def column(self, query: str, *arguments: Any) -> list[Any]:
        """Return the first column of what a query gives, read as the owner."""
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query, arguments)
                return [row[0] for row in cursor.fetchall()]
        finally:
            connection.close()

    @property
    def web_workers(self) -> list[int]:
        """The processes that answer requests; their master starts new ones."""
        found = []
        for pid in family(self.pid):
            try:
                if b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
            except OSError:
                continue
        return found[1:]

    @property
    def pg_dump(self) -> Path:
        return self._postgres._tool("pg_dump")

    @property
    def pg_restore(self) -> Path:
        return self._postgres._tool("pg_restore")

    def back_up(self, folder: Path, own: str, keyring: str) -> list[Path]:
        """Run the product's backup as an operator does; return the files."""
        self.manage(
            *("backup", "--to", str(folder / "sets"), "--keyring-to", str(folder / "keyring")),
            BACKUP_RECIPIENTS=own,
            BACKUP_KEYRING_RECIPIENTS=keyring,
        )
        return sorted(folder.rglob("*.age"))

    def manage(self, *arguments: str, **variables: str) -> None:
        """Run a command of the product against the stack, as the owner of its databases."""
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment
            | ensure_secrets(self.folder / "secrets")
            | self.urls
            | {"DJANGO_SETTINGS_MODULE": "bawaslu_cases.settings.dev"}
            | {"REDIS_URL": f"unix://{self.valkey_socket}?db=1"}
            | variables,
            check=True,
        )

    @property
    def cluster(self) -> Path:
        return self._postgres._data

    @property
    def valkey_socket(self) -> Path:
        return self.folder / "valkey" / "valkey.sock"

    @property
    def logs(self) -> list[Path]:
        """Every file in which a process of the stack keeps a log."""
        return [self.log, self._postgres._log, self.folder / "valkey" / "log"]
