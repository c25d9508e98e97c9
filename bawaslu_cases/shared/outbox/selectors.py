"""What waits in the outbox and what staff must look at."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, Q, QuerySet
from django.db.models.functions import Now

from bawaslu_cases.shared.models import OutboxMessage

Status = OutboxMessage.Status
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
    return OutboxMessage.objects.filter(status=Status.PARKED).order_by("created_at", "pk")


def outbox_backlog() -> Backlog:
    """Return how much is unfinished and how old the oldest pending message is. One query."""
    pending, parked = Q(status=Status.PENDING), Q(status=Status.PARKED)
    age = ExpressionWrapper(Now() - F("created_at"), output_field=DurationField())
    # "pending or parked", not "not done": the two partial indexes answer it however much is done
    row = OutboxMessage.objects.filter(pending | parked).aggregate(
        pending=Count("pk", filter=pending),
        late=Count("pk", filter=pending & Q(next_attempt_at__lt=Now() - _LATE_AFTER)),
        parked=Count("pk", filter=parked),
        oldest_age=Max(age, filter=pending),
    )
    return Backlog(**row)
