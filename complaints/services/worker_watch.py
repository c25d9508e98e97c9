"""A web process looks whether the workers work: they look at everything else, and nobody at them."""

import logging
import threading
import time
from typing import Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections

from bawaslu_cases.shared.pulses import Silence, silences
from complaints.services.standing_alarms import AGAIN_SECONDS, WORKER, raise_standing_alarm

logger = logging.getLogger(__name__)

FIRST_LOOK: Final = 2
"""Rounds before the first look: after a start of everything the workers may come a little later."""


_told: dict[str, float] = {}
"""What this process told and when. The cache remembers for all, unless it is what stopped the workers."""


def watch_workers() -> list[Silence]:
    """Raise an alarm for each queue of which nothing was finished for too long. Two queries."""
    found, now = silences(), time.monotonic()
    for each in found:
        if now - _told.get(each.queue, -AGAIN_SECONDS) < AGAIN_SECONDS:
            continue
        if raise_standing_alarm(WORKER, f"{each.queue}_silent", minutes=each.minutes):
            _told[each.queue] = now
    return found


def start_watching() -> None:
    """Let a thread of this process look every so often; none where the setting is 0."""
    if settings.WORKER_WATCH_SECONDS:
        # A daemon: the exit of a process does not wait for the next look.
        threading.Thread(target=_watch, name="worker-watch", daemon=True).start()


def _watch() -> None:
    pause = threading.Event()
    pause.wait(FIRST_LOOK * settings.WORKER_WATCH_SECONDS)
    while True:
        try:
            watch_workers()
        except (DatabaseError, InterfaceError) as error:
            # Readiness tells of a database that is away; the next look comes.
            logger.warning("worker.not_looked_at error=%s", type(error).__name__)
        finally:
            connections.close_all()
        pause.wait(settings.WORKER_WATCH_SECONDS)
