"""Receipts made ahead of need, so that a burst of reporters does not wait for the slow hash.

One thread a process fills a store in memory while nobody sends anything. What lies in it belongs to
nobody until it is handed out; it is never stored, never logged and gone with the process. A process
that is forked starts with an empty store: two processes must never hand out the same code.
docs/adr/0012-receipts-ahead-of-need.md says why, and what was measured.
"""

import atexit
import os
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

REST_SECONDS = 0.5
"""How long nobody must have needed a processor before the thread makes the next: people come first."""
BETWEEN_SECONDS = 0.005
"""The breath between two: on one processor it halves what a page waits for the thread."""
NICENESS = 10

Made = TypeVar("Made")

_pools: "weakref.WeakSet[Pool[Any]]" = weakref.WeakSet()


class Pool(Generic[Made]):
    """At most ``size`` things made ahead by ``make``; 0 makes none, and so does nobody's ``start``.

    None is begun while ``is_needed`` says that somebody needs a processor, of whatever process.
    """

    def __init__(
        self, make: Callable[[], Made], *, size: int, is_needed: Callable[[], bool] = lambda: False
    ) -> None:
        self._make = make
        self._size = size
        self._is_needed = is_needed
        self._asked = False
        self._reset()
        _pools.add(self)

    def _reset(self) -> None:
        self._ready: deque[Made] = deque()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wanted = threading.Event()
        self._over = False
        self._needed_at = 0.0

    def __len__(self) -> int:
        return len(self._ready)

    def start(self) -> None:
        """Begin to fill; harmless when it has begun, or when the size is 0."""
        self._asked = True
        if self._thread is None and self._size and not self._over:
            with self._lock:
                if self._thread is None:
                    # A daemon: the exit of a process does not wait for one more slow hash.
                    self._thread = threading.Thread(target=self._fill, name="pool", daemon=True)
                    self._thread.start()

    def take(self) -> Made | None:
        """Return one made ahead, which nobody else gets, or None when there is none."""
        if self._asked:  # again, in a child that was forked from a process that had started
            self.start()
        self.stand_back()
        try:
            taken = self._ready.popleft()
        except IndexError:
            return None
        self._wanted.set()
        return taken

    def stand_back(self) -> None:
        """Make none for a moment: somebody needs the processor now."""
        self._needed_at = time.monotonic()

    def close(self) -> None:
        """Forget everything and make no more."""
        self._over = True
        self._wanted.set()
        self._ready.clear()

    def _fill(self) -> None:
        _step_back()
        while not self._over:
            rest = self._needed_at + REST_SECONDS - time.monotonic()
            if rest > 0:
                time.sleep(rest)
            elif len(self._ready) < self._size and self._is_needed():
                self.stand_back()
            elif len(self._ready) < self._size:
                self._ready.append(self._make())
                time.sleep(BETWEEN_SECONDS)
            else:
                self._wanted.clear()
                if len(self._ready) >= self._size:
                    self._wanted.wait()
        self._ready.clear()


def _step_back() -> None:
    """Let every other thread go first, where the system can say so of one thread (Linux)."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def _forget_in_child() -> None:
    for pool in list(_pools):
        pool._reset()  # noqa: SLF001 -- the same module


def _close_all() -> None:
    for pool in list(_pools):
        pool.close()


os.register_at_fork(after_in_child=_forget_in_child)
atexit.register(_close_all)
