"""Pushing and pulling over and over, until it is told to stop."""

import random
import signal
import threading
from collections.abc import Callable
from types import FrameType

from bawaslu_sync.exits import Exit

MOST_S = 15 * 60.0
_GRAVE = (Exit.ACCESS, Exit.LOCKED, Exit.USAGE)


class Stop:
    """Set by SIGINT or SIGTERM: what is being sent is finished, nothing new is begun."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def listen(self) -> None:
        """Take both signals from now on."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._asked)

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        self._event.set()

    @property
    def is_asked(self) -> bool:
        """Whether to stop."""
        return self._event.is_set()

    def wait(self, seconds: float) -> None:
        """Wait, or less when told to stop."""
        self._event.wait(seconds)


def watch(once: Callable[[], Exit], stop: Stop, *, every_s: float) -> Exit:
    """Call ``once`` every so often; longer, up to a quarter of an hour, while it does not get through.

    Ends when told to, or at once where a person is needed (access, passphrase).
    """
    pause = every_s
    while not stop.is_asked:
        ended = once()
        if ended in _GRAVE:
            return ended
        got_through = ended in (Exit.DONE, Exit.PARKED)
        pause = every_s if got_through else min(pause * 2, max(MOST_S, every_s))
        if not stop.is_asked:
            stop.wait(pause * random.uniform(0.9, 1.1))  # noqa: S311 -- offices must not march
    return Exit.DONE
