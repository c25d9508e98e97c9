"""Whether the workers work: what each queue's worker finished last, as the workers themselves leave word.

A part that stopped is looked at by the worker; the worker is looked at from here, by whoever else runs. A
worker writes when it has finished something or is at it, and once a minute at most, so word that is old says
that nothing was finished since: whether it died, hangs, or lost its broker. Every moment is the database's.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import DurationField, ExpressionWrapper, F, Min, Q
from django.db.models.functions import Now

from bawaslu_cases.shared.models import OutboxMessage, Pulse
from bawaslu_cases.shared.outbox.topics import topic_named

SCHEDULE: Final = "schedule"
"""Not a queue: the last periodic job, whatever queue it came by. Without it beat is gone too."""
AGAIN_SECONDS: Final = 60.0
SILENT_AFTER: Final = {
    "celery": timedelta(minutes=3),
    "evidence": timedelta(minutes=10),
    SCHEDULE: timedelta(minutes=15),
}
"""What has periodic work, and how long it may say nothing.

The common queue has a job every five seconds, the evidence worker one every four minutes. Ticks of jobs
lapse behind a long queue, so the schedule alone has longer.
"""
WAITED_LONG: Final = timedelta(minutes=10)
"""How long promised work may wait for its first try while nothing of its queue is finished."""

_TELL = """
INSERT INTO shared_pulse (queue, at)
SELECT queue, statement_timestamp() FROM unnest(%s::text[]) queue ORDER BY queue
ON CONFLICT (queue) DO UPDATE SET at = excluded.at
"""


class Pulses:
    """What one process of a worker told and when."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def tell(self, queues: Iterable[str]) -> bool:
        """Leave word that something of these was finished; say whether it was time to. One query or none."""
        now = time.monotonic()
        due = [
            name for name in queues if now - self._told.get(name, -AGAIN_SECONDS) >= AGAIN_SECONDS
        ]
        if not due:
            return False
        with connection.cursor() as cursor:
            cursor.execute(_TELL, [due])
        self._told |= dict.fromkeys(due, now)
        return True


@dataclass(frozen=True, slots=True)
class Silence:
    """A queue of which nothing was finished for too long; ``since`` is None where nothing ever was."""

    queue: str
    since: datetime | None
    minutes: int


def last_pulses() -> dict[str, datetime]:
    """Return when something of each queue was finished last. One query."""
    return dict(Pulse.objects.values_list("queue", "at"))


def silences() -> list[Silence]:
    """Return the queues of which nothing was finished for too long, by name. Two queries.

    A queue without periodic work is silent only while promised work waits there. One that never said
    anything has no worker yet, or none of this release: told once work waits for it.
    """
    age = ExpressionWrapper(Now() - F("at"), output_field=DurationField())
    told = {row.queue: (row.at, row.age) for row in Pulse.objects.annotate(age=age)}
    found = [
        Silence(queue, *_since(told[queue]))
        for queue, allowed in SILENT_AFTER.items()
        if queue in told and told[queue][1] > allowed
    ]
    for queue, waited in _waiting().items():
        if any(each.queue == queue for each in found):
            continue
        if queue not in told:
            found.append(Silence(queue, None, int(waited.total_seconds() // 60)))
        elif told[queue][1] > WAITED_LONG:
            found.append(Silence(queue, *_since(told[queue])))
    return sorted(found, key=lambda each: each.queue)


def _since(told: tuple[datetime, timedelta]) -> tuple[datetime, int]:
    at, age = told
    return at, int(age.total_seconds() // 60)


def _waiting() -> dict[str, timedelta]:
    """Return the queues with promised work that nobody tried for long, with how long. One query."""
    free = Q(held_until__isnull=True) | Q(held_until__lt=Now() - WAITED_LONG)
    age = ExpressionWrapper(Now() - Min("created_at"), output_field=DurationField())
    rows = (
        OutboxMessage.objects.filter(
            free,
            status=OutboxMessage.Status.PENDING,
            attempts=0,
            created_at__lt=Now() - WAITED_LONG,
        )
        .values("topic")
        .annotate(waited=age)
        .order_by()
    )
    found: dict[str, timedelta] = {}
    for row in rows:
        try:
            queue = topic_named(row["topic"]).queue
        except LookupError:  # of another release
            continue
        found[queue] = max(found.get(queue, timedelta()), row["waited"])
    return found
