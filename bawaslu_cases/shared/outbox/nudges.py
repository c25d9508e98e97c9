"""The hint to Celery that a message waits. Best effort: the row is already committed.

A broker that is down must not hold the person's request: one attempt, short time limits, and after
a failure no further attempt for a few seconds (``OUTBOX_NUDGE_REST_SECONDS``). What was not hinted
the sweep sends.
"""

import logging
import time
from dataclasses import dataclass
from typing import Any

from celery import current_app
from django.conf import settings
from kombu.pools import producers

from bawaslu_cases.shared.tasks import deliver_outbox_task

logger = logging.getLogger(__name__)

_TIME_LIMIT_SECONDS = 0.4
"""For connecting, and again for an answer: two of these stay under a second."""


@dataclass
class NudgeCount:
    """Hints of this process since it started."""

    sent: int = 0
    failed: int = 0
    rested: int = 0


COUNT = NudgeCount()
_resting_until = 0.0


def nudge(message_id: int, queue: str) -> bool:
    """Hint that the message waits; return whether the broker took it. Never raises.

    At most about one second. Within ``OUTBOX_NUDGE_REST_SECONDS`` of a failure it returns at once.
    """
    global _resting_until  # noqa: PLW0603 -- one rest for all threads of the process
    if time.monotonic() < _resting_until:
        COUNT.rested += 1
        return False
    try:
        send(message_id, queue)
    except Exception as error:  # noqa: BLE001 -- nothing about a hint may fail a committed request
        COUNT.failed += 1
        _resting_until = time.monotonic() + settings.OUTBOX_NUDGE_REST_SECONDS
        logger.warning("outbox.nudge_failed error=%s", type(error).__name__)
        return False
    COUNT.sent += 1
    return True


def send(message_id: int, queue: str) -> None:
    """Put the task for one message on its queue. Raises whatever the broker connection raises."""
    connection = current_app.connection_for_write(transport_options=_short_transport_options())
    with producers[connection].acquire(block=True, timeout=1) as producer:
        deliver_outbox_task.apply_async(
            kwargs={"message_id": message_id}, queue=queue, producer=producer, retry=False
        )


def end_rest() -> None:
    """Try the broker again at the next hint, whatever happened before."""
    global _resting_until  # noqa: PLW0603 -- see nudge
    _resting_until = 0.0


def _short_transport_options() -> dict[str, Any]:
    # Celery's retry=False is not enough: opening the connection has a retry loop of its own.
    return {
        "max_retries": 0,
        "socket_timeout": _TIME_LIMIT_SECONDS,
        "socket_connect_timeout": _TIME_LIMIT_SECONDS,
        "retry_on_timeout": False,
    }
