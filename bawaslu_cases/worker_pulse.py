"""A worker leaves word of what it finished, so that whoever else runs can say when it stopped.

Nothing is asked of it by a message of its own: whatever it does anyway is the proof that it works. Beat has a
job for the common queue every five seconds, and one for the evidence worker every four minutes.
"""

from contextlib import suppress
from typing import Any, Final

from celery import states
from celery.signals import task_postrun, worker_process_init
from django.db import DatabaseError, InterfaceError

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
    """Tell that a task of this queue was finished. A database that is away is no fault of the task."""
    if state != states.SUCCESS or task.request.is_eager:
        return
    from bawaslu_cases.shared.pulses import SCHEDULE, Pulses  # noqa: PLC0415 -- apps come first

    queue = (task.request.delivery_info or {}).get("routing_key")
    told = [queue] if queue else []
    if task.name in SCHEDULED:
        told.append(SCHEDULE)
    with suppress(DatabaseError, InterfaceError):
        _HERE.setdefault("pulses", Pulses()).tell(told)
