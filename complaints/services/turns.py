"""Turns at work that takes a processor of its own, first come first served among all processes of a machine.

Turns of each process alone leave one processor idle and a queue before the other whenever connections
fell unevenly: with eight people at once the last waited for five hashes and not for three. So a turn is
a lock on one of a few empty files; who waits stands in the kernel's queue for the door before them. A
process that dies gives its turn back with its files.
"""

import fcntl
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final

LOOK_AGAIN_SECONDS: Final = 0.002
"""How often the one at the door looks for a free turn; nobody else looks."""


class Turns:
    """At most ``most`` at once on this machine, of this user, under this ``name``.

    Where the folder for temporary files cannot be used, so many in each process.
    """

    def __init__(self, name: str, *, most: int) -> None:
        self.most = most
        self._folder = Path(tempfile.gettempdir(), f"{name}-{os.getuid()}")
        self._here = BoundedSemaphore(most)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a turn and hold it."""
        try:
            turn = self._wait()
        except OSError:
            with self._here:
                yield
            return
        try:
            yield
        finally:
            os.close(turn)

    def are_taken(self) -> bool:
        """Say whether somebody on this machine holds one; False where the folder cannot be looked into."""
        for number in range(self.most):
            try:
                turn = os.open(self._folder / str(number), os.O_RDONLY | os.O_NOFOLLOW)
            except OSError:
                continue  # never taken
            try:
                fcntl.flock(turn, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            finally:
                os.close(turn)
        return False

    def _wait(self) -> int:
        """Return the open file whose lock is the turn. Raises OSError without a folder of our own."""
        with suppress(FileExistsError):
            self._folder.mkdir(mode=0o700)
        owned = self._folder.lstat()
        if not stat.S_ISDIR(owned.st_mode) or owned.st_uid != os.getuid():
            raise PermissionError(str(self._folder))
        door = self._opened("door")
        try:
            fcntl.flock(door, fcntl.LOCK_EX)
            while True:
                for number in range(self.most):
                    turn = self._opened(str(number))
                    try:
                        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError:
                        os.close(turn)
                    else:
                        return turn
                time.sleep(LOOK_AGAIN_SECONDS)
        finally:
            os.close(door)

    def _opened(self, name: str) -> int:
        return os.open(self._folder / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
