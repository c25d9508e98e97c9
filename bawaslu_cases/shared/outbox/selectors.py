"""What waits in the outbox and what staff must look at."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Now

from bawaslu_cases.shared.models import OutboxMessage

_LATE_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Backlog:
    """Counts of unfinished messages. ``late`` have been due for over a minute: workers lag."""

    pending: int
    late: int
    parked: int
    oldest_age: timedelta | None


def parked_messages() -> QuerySet[OutboxMessage]:
    """Return the messages that were given up, oldest first. One query when read."""
    return OutboxMessage.objects.filter(status=OutboxMessage.Status.PARKED).order_by(
        "created_at", "pk"
    )


def outbox_backlog() -> Backlog:
    """Return how much is unfinished and how old the oldest pending message is. One query."""
    pending = Q(status=OutboxMessage.Status.PENDING)
    row = OutboxMessage.objects.exclude(status=OutboxMessage.Status.DONE).aggregate(
        pending=Count("pk", filter=pending),
        late=Count("pk", filter=pending & Q(next_attempt_at__lt=Now() - _LATE_AFTER)),
        parked=Count("pk", filter=Q(status=OutboxMessage.Status.PARKED)),
        oldest=Min("created_at", filter=pending),
        now=Now(),
    )
    oldest = row["oldest"]
    return Backlog(
        pending=row["pending"],
        late=row["late"],
        parked=row["parked"],
        oldest_age=None if oldest is None else row["now"] - oldest,
    )
