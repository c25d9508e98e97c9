"""Servers for one command, gone after it: ``python -m bawaslu_cases.embedded.throwaway CMD …``.

Whatever address the environment already gives is used instead of a server of our own.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from bawaslu_cases.embedded.postgres import Postgres
from bawaslu_cases.embedded.valkey import Valkey

PREFIX = "bc-throwaway-"
MEMORY = Path("/dev/shm")
NEW_SECONDS = 60
ROOMY_BYTES = 6 * 1024**3
"""A whole run keeps under 1 GB there, and Chromium wants 4 GB of the same place for itself."""


class ThrowawayServers:
    """An empty PostgreSQL and an empty Valkey in a temporary folder; nothing is made durable."""

    def __init__(self) -> None:
        place = _quickest_place()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        # Held while this process lives: what a killed run left in memory, the next one removes.
        self._alive = (self.folder / "alive").open("w")
        fcntl.flock(self._alive, fcntl.LOCK_EX)
        if place:
            _remove_abandoned(place)
        # Root's PostgreSQL may run as nobody, who has to reach its own folder below this one.
        self.folder.chmod(0o755)
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None

    def start(self) -> None:
        """Start what the environment does not name, and name it there."""
        if "DATABASE_URL" not in os.environ:
            self.postgres = Postgres(self.folder / "postgres", throwaway=True)
            self.postgres.start()
            self.postgres.ensure_databases()
            os.environ |= self.postgres.urls()
        if "REDIS_URL" not in os.environ:
            self.valkey = Valkey(self.folder / "valkey", throwaway=True)
            self.valkey.start()
            os.environ["REDIS_URL"] = os.environ["CACHE_URL"] = self.valkey.url(0)
            os.environ["BROKER_URL"] = self.valkey.broker_url(1)

    def stop(self) -> None:
        """Stop both and remove every trace; harmless when called twice."""
        if self.valkey:
            self.valkey.stop()
        if self.postgres:
            self.postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        self._alive.close()


def _remove_abandoned(place: Path) -> None:
    """Remove the folders of our own runs that ended without clearing up."""
    for marker in place.glob(f"{PREFIX}*/alive"):
        try:
            if time.time() - marker.stat().st_mtime < NEW_SECONDS:
                continue  # its owner may be about to lock it
            with marker.open() as alive:
                fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(marker.parent, ignore_errors=True)
        except OSError:  # it lives, or belongs to somebody else
            continue


def _quickest_place() -> Path | None:
    """Return memory where there is plenty of it, else None: the usual temporary folder.

    A test run creates and drops thousands of small files, which costs a disk's file system a fifth
    of the whole time. TMPDIR is obeyed where somebody has set it.
    """
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return None
    return MEMORY if shutil.disk_usage(MEMORY).free > ROOMY_BYTES else None


def main(command: list[str]) -> int:
    """Run ``command`` beside throw-away servers and return its exit code."""
    if not command:
        print("usage: python -m bawaslu_cases.embedded.throwaway COMMAND …", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _exit_orderly)
    servers = ThrowawayServers()
    try:
        servers.start()
        return subprocess.run(command, check=False).returncode
    finally:
        servers.stop()


def _exit_orderly(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
