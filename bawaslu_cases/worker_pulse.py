"""A worker leaves word of what it finished, so that whoever else runs can say when it stopped.

Nothing is asked of it by a message of its own: whatever it does anyway is the proof that it works. Beat has a
job for the common queue every five seconds, and one for the evidence worker every four minutes. One task may
take half an hour (a long video): while a process is at one, the worker itself says so.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

from celery import states
from celery.signals import heartbeat_sent, task_postrun, worker_process_init
from django.db import DatabaseError, InterfaceError, connection

from bawaslu_cases.schedule import BEAT_SCHEDULE

SCHEDULED: Final = frozenset(job.task for job in BEAT_SCHEDULE)
_HERE: Final[dict[str, Any]] = {}
"""What this process told last, from its first task on."""


@worker_process_init.connect(weak=False)
def begin(**_signal: Any) -> None:
    """Forget what the process told that this one was forked from."""
    _HERE.clear()


@task_postrun.connect(weak=False)
def note_work(task: Any, state: str, **_signal: Any) -> None:
    """Tell that a task of this queue was finished."""
    if state != states.SUCCESS or task.request.is_eager:
        return
    _tell(_queues([task.request]), is_scheduled=task.name in SCHEDULED)


@heartbeat_sent.connect(weak=False)
def note_what_goes_on(**_signal: Any) -> None:
    """Tell which queues the processes of this worker are at now; each two seconds, and seldom to be told."""
    from celery.worker.state import active_requests  # noqa: PLC0415 -- a worker alone has it

    queues = _queues(list(active_requests))
    if queues:
        _tell(queues)
        # The first process of a worker forks the others: none of them inherits a connection.
        connection.close()


def _queues(requests: Iterable[Any]) -> set[str]:
    named = ((request.delivery_info or {}).get("routing_key") for request in requests)
    return {queue for queue in named if queue}


def _tell(queues: set[str], *, is_scheduled: bool = False) -> None:
    """Leave word. A database that is away is no fault of a task."""
    from bawaslu_cases.shared.pulses import SCHEDULE, Pulses  # noqa: PLC0415 -- apps come first

    with suppress(DatabaseError, InterfaceError):
        pulses: Pulses = _HERE.setdefault("pulses", Pulses())
        pulses.tell(sorted(queues | ({SCHEDULE} if is_scheduled else set())))
