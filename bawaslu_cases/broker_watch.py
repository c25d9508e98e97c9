"""A worker that meets a message the product did not send tells the auditor once, not once a message.

Whoever gets at the broker can put anything on a queue. Nothing of it is carried out (unknown tasks, other
formats and other arguments are refused where they are read); this is about somebody learning of it. What
is remembered stays in the worker's own memory: the cache is on the server that is in doubt.
"""

import inspect
import logging
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, get_type_hints

from celery.signals import task_received
from celery.worker.consumer import Consumer
from django.db import connections

from bawaslu_cases.audit.errors import AuditUnavailableError
from bawaslu_cases.audit.services import SYSTEM, record
from bawaslu_cases.shared.databases import AUDIT

logger = logging.getLogger(__name__)

ALARM: Final = "broker.alarm"
AGAIN_SECONDS: Final = 3600.0
"""How long a worker keeps silent about further ones, which it counts."""
RETRY_SECONDS: Final = 60.0
"""After the log could not be written: each of a million messages must not wait for it."""
PLAIN: Final = (int, str, bool, float)
"""Types of arguments that are looked at; every task of the product takes such ones alone."""


class BrokerWatch:
    """What one worker has met since it told last."""

    def __init__(self) -> None:
        self._silent_until = 0.0
        self._met = 0

    def note(self, why: str) -> None:
        """Count one strange message; write the log's entry unless that was done within the hour.

        ``why`` is a code of ours: nothing of the message itself is kept anywhere.
        """
        self._met += 1
        now = time.monotonic()
        if now < self._silent_until:
            return
        logger.error("broker.alarm %s messages=%d", why, self._met)
        try:
            record(
                actor=f"{SYSTEM}:worker",
                action=ALARM,
                subject="broker:queue",
                detail={"why": why, "messages": self._met},
            )
        except AuditUnavailableError:
            self._silent_until = now + RETRY_SECONDS
            return
        finally:
            # The first process of a worker forks the others: none of them inherits a connection.
            connections[AUDIT].close()
        self._silent_until, self._met = now + AGAIN_SECONDS, 0


WATCH: Final = BrokerWatch()


class WatchedConsumer(Consumer):
    """Celery's own, which refuses what it does not know; here each refusal is noted too."""

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """Note a body that is no message of ours."""
        super().on_decode_error(message, exc)
        WATCH.note("unreadable")

    def on_unknown_message(self, body: Any, message: Any) -> None:
        """Note a message that names no task."""
        super().on_unknown_message(body, message)
        WATCH.note("no_task")

    def on_unknown_task(self, body: Any, message: Any, exc: Exception) -> None:
        """Note a task that this release does not have: forged, or of another release."""
        super().on_unknown_task(body, message, exc)
        WATCH.note("unknown_task")

    def on_invalid_task(self, body: Any, message: Any, exc: Exception) -> None:
        """Note a message whose frame is wrong."""
        super().on_invalid_task(body, message, exc)
        WATCH.note("invalid_task")


@task_received.connect(weak=False)
def look_at_arguments(request: Any, **_signal: Any) -> None:
    """Note a known task with other arguments; the process that runs it refuses it."""
    if not fits(request.task, request.args, request.kwargs):
        WATCH.note("other_arguments")


def fits(task: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Say whether a task can be called so: the arguments it names, of the types it names."""
    signature, types = _declared(task)
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError:
        return False
    return all(
        isinstance(value, types[name]) for name, value in bound.arguments.items() if name in types
    )


@lru_cache(maxsize=256)
def _declared(task: Any) -> tuple[inspect.Signature, dict[str, type]]:
    hints = get_type_hints(task.run)
    plain = {name: hint for name, hint in hints.items() if hint in PLAIN and name != "return"}
    return inspect.signature(task.run), plain
