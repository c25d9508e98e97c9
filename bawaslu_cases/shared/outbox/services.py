"""Promise work inside a transaction, carry it out exactly once, or park it where staff see it."""

import logging
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.errors import ConflictError
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox import nudges
from bawaslu_cases.shared.outbox.topics import PermanentError, handling, topic_named
from bawaslu_cases.shared.prepared import Prepared

logger = logging.getLogger(__name__)

Status = OutboxMessage.Status
WORKER_LOST = "WorkerLost"
"""Error code of a message whose workers died at every attempt without saying why."""


class Outcome(StrEnum):
    """What one call of :func:`deliver` did."""

    DONE = "done"
    RETRY = "retry"
    PARKED = "parked"
    NOT_DUE = "not_due"


_PROMISED = Prepared(OutboxMessage.objects.filter)


def publish(
    *, topic: str, subject_id: str, destination: str = "", after: timedelta = timedelta()
) -> OutboxMessage:
    """Promise the topic's work for a subject; call inside the transaction that makes it necessary.

    The same promise twice is one message, also when the first is already done. After the commit a
    worker is hinted; a broker that is down neither raises nor holds the caller over a second. With
    ``after`` nobody is hinted: the sweep finds it when so much time has gone. The first promise that work
    of :func:`deliver_and_follow` makes to its own queue is this worker's from the start.
    Raises TransactionManagementError outside a transaction, LookupError for an unknown topic.
    One query; two for what was promised before.
    """
    known = topic_named(topic)
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "publish() needs the transaction that makes the work necessary"
        )
    follows = _FOLLOWS.get()
    is_mine = follows is not None and follows.takes(known.queue) and not after
    lease = float(settings.OUTBOX_LEASE_SECONDS)
    held = lease if is_mine else after.total_seconds()
    # Not get_or_create: this one statement needs no savepoint and waits for a rival's commit.
    with connection.cursor() as cursor:
        cursor.execute(
            _PROMISE,
            {
                "topic": topic,
                "subject_id": subject_id,
                "destination": destination,
                "attempts": int(is_mine),
                # the hint gets a head start; the sweep takes over when it was lost
                "next": held or float(settings.OUTBOX_SWEEP_AFTER_SECONDS),
                "held": held or None,
            },
        )
        made = cursor.fetchone()
    if made is None:
        (message,) = _PROMISED.rows(topic=topic, subject_id=subject_id, destination=destination)
    else:
        message = OutboxMessage.from_db(connection.alias, _COLUMNS, made)
        if is_mine and follows is not None:
            follows.messages.append(_Claimed(message.pk, topic, subject_id, destination, 1))
            return message
    if message.status == Status.PENDING and not after:
        transaction.on_commit(partial(nudges.nudge, message.pk, known.queue), robust=True)
    return message


def publish_many(*, topic: str, subject_ids: Sequence[str], destination: str = "") -> None:
    """Promise the topic's work for many subjects at once; the sweep hints them in its own time.

    Otherwise as :func:`publish`: the same promise twice is one message. One query a thousand.
    """
    topic_named(topic)
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "publish_many() needs the transaction that makes the work necessary"
        )
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(
                topic=topic,
                subject_id=subject_id,
                destination=destination,
                next_attempt_at=Now(),
            )
            for subject_id in subject_ids
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )


def retract(message_id: int) -> None:
    """Take away a promise that whoever made it has kept; one that a worker took up stays. One query."""
    OutboxMessage.objects.filter(pk=message_id, status=Status.PENDING, attempts=0).delete()


def deliver(message_id: int) -> Outcome:
    """Carry out one message if it is due and nobody else has it. Safe to call twice, or at once.

    The claim (attempt counted, lease taken) is committed before the handler runs, so a worker that
    dies leaves a counted attempt and a lease that ends. The handler and the mark "done" share one
    transaction under a row lock. A failure keeps the exception's type only, and waits longer each
    time; after the topic's last attempt the message is parked. Never raises for a handler's
    failure: what a worker logs of an exception may carry what a person wrote.
    """
    try:
        claimed = _claim(message_id)
    except LookupError:
        # an older worker meets a newer topic: left alone, a worker that knows it will take it
        logger.warning("outbox.unknown_topic message=%d", message_id)
        return Outcome.NOT_DUE
    if claimed is None:
        return Outcome.NOT_DUE
    if claimed.is_parked:
        logger.error("outbox.parked message=%d topic=%s", claimed.pk, claimed.topic)
        return Outcome.PARKED
    return _work_on(claimed)


def _work_on(claimed: "_Claimed") -> Outcome:
    try:
        done = _carry_out(claimed)
    except Exception as error:  # noqa: BLE001 -- a handler may fail in any way; all are recorded
        return _record_failure(claimed, error)
    return Outcome.DONE if done else Outcome.NOT_DUE


def deliver_and_follow(message_id: int) -> None:
    """Carry out one message, then the first that its work promised to the same queue.

    What is promised by the work itself would go through the broker only to come back, which costs more
    than many a handler; so it is claimed by the statement that promises it, and stands or falls with that
    work. One message and one step: others are hinted as ever, so that slow work beside each other stays
    beside each other and no chain keeps a worker. The row is the truth here too: a worker that dies in
    between leaves a message whose lease ends, and the sweep finds it.
    """
    with _following() as follows:
        deliver(message_id)
    for follower in follows.messages:
        # rolled back with the work that promised it, it is not there and nothing happens
        _work_on(follower)


def sweep() -> int:
    """Hint every due message to its queue, oldest first, and return how many were hinted.

    Due are: messages whose hint was lost, whose back-off is over, or whose worker died. Each
    hinted message is due again ``OUTBOX_HINT_AGAIN_SECONDS`` later, so a lost hint is repeated and
    a long queue is not filled with copies. Stops when the broker refuses; the rest come later.
    Two queries a batch.
    """
    hinted = 0
    while True:
        batch = _due_batch()
        nudges.end_rest()
        for message_id, topic in batch:
            try:
                queue = topic_named(topic).queue
            except LookupError:
                # no app of this worker knows it; another worker on the common queue may
                queue = "celery"
            if not nudges.nudge(message_id, queue):
                return hinted
            hinted += 1
        if len(batch) < settings.OUTBOX_SWEEP_BATCH:
            return hinted


@transaction.atomic
def retry_parked(*, message_id: int, actor_id: int) -> OutboxMessage:
    """Give a parked message all its attempts again; the row keeps who asked and when.

    Raises ConflictError when it is not parked (any more). Nothing is changed then.
    """
    moved = OutboxMessage.objects.filter(pk=message_id, status=Status.PARKED).update(
        status=Status.PENDING,
        attempts=0,
        held_until=None,
        next_attempt_at=_from_now(settings.OUTBOX_SWEEP_AFTER_SECONDS),
        retried_at=Now(),
        retried_by=actor_id,
    )
    if not moved:
        raise ConflictError(_("Pesan ini tidak lagi ditahan. Muat ulang halaman."))
    message = OutboxMessage.objects.get(pk=message_id)
    queue = topic_named(message.topic).queue
    transaction.on_commit(partial(nudges.nudge, message.pk, queue), robust=True)
    return message


# Written out, as ``numbering`` does: every message passes these three, and building them by the ORM
# took a worker longer than PostgreSQL needs to answer them.
_CLAIM = """
UPDATE shared_outboxmessage
SET attempts = attempts + 1, held_until = statement_timestamp() + make_interval(secs => %(lease)s),
    next_attempt_at = statement_timestamp() + make_interval(secs => %(lease)s)
WHERE id = (
    SELECT id FROM shared_outboxmessage
    WHERE id = %(id)s AND status = 'PENDING'
        AND (held_until IS NULL OR held_until <= statement_timestamp())
    FOR UPDATE SKIP LOCKED
)
RETURNING topic, subject_id, destination, attempts
"""
_HOLD = """
SELECT id FROM shared_outboxmessage WHERE id = %s AND status = 'PENDING' AND attempts = %s
FOR UPDATE
"""
# Waits, unlike the claim: a rival whose claim came too late holds the row for a moment all the same, and
# whoever skipped it then would leave a message that is theirs to the end of its lease.
_MARK_DONE = """
UPDATE shared_outboxmessage
SET status = 'DONE', done_at = statement_timestamp(), held_until = NULL, last_error_code = ''
WHERE id = %s
"""


_PROMISE = """
INSERT INTO shared_outboxmessage
    (topic, subject_id, destination, status, attempts, next_attempt_at, held_until, last_error_code)
VALUES (%(topic)s, %(subject_id)s, %(destination)s, 'PENDING', %(attempts)s,
    statement_timestamp() + make_interval(secs => %(next)s),
    statement_timestamp() + make_interval(secs => %(held)s), '')
ON CONFLICT DO NOTHING
RETURNING id, topic, subject_id, destination, status, attempts, next_attempt_at, held_until,
    last_error_code, created_at, done_at, retried_at, retried_by
"""
_COLUMNS = [field.attname for field in OutboxMessage._meta.concrete_fields]


class _Claimed(NamedTuple):
    """A message that this worker took, and which attempt this is."""

    pk: int
    topic: str
    subject_id: str
    destination: str
    attempts: int
    is_parked: bool = False


@dataclass
class _Follows:
    """What the message at work promised first to its own queue."""

    queue: str | None = None
    messages: list[_Claimed] = field(default_factory=list)

    def takes(self, queue: str) -> bool:
        """Say whether a promise to this queue is the one to follow."""
        return self.queue == queue and not self.messages


_FOLLOWS: ContextVar[_Follows | None] = ContextVar("outbox_follows", default=None)


@contextmanager
def _following() -> Iterator[_Follows]:
    follows = _Follows()
    token = _FOLLOWS.set(follows)
    try:
        yield follows
    finally:
        _FOLLOWS.reset(token)


def _claim(message_id: int) -> _Claimed | None:
    """Take the message for this worker, count the attempt, commit; None when it is not free."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            # SKIP LOCKED: whoever holds the row is working on it, waiting would only take a slot
            cursor.execute(_CLAIM, {"id": message_id, "lease": settings.OUTBOX_LEASE_SECONDS})
            found = cursor.fetchone()
        if found is None:
            return None
        claimed = _Claimed(message_id, *found)
        if claimed.attempts <= topic_named(claimed.topic).max_attempts:
            return claimed
        # every attempt was counted and none reported: each killed its worker; this one is none
        OutboxMessage.objects.filter(pk=message_id).update(
            status=Status.PARKED,
            attempts=F("attempts") - 1,
            held_until=None,
            last_error_code=WORKER_LOST,
        )
        return claimed._replace(is_parked=True)


def _carry_out(claimed: _Claimed) -> bool:
    """Run the handler and mark the message done in one transaction; False when the claim was lost.

    The attempt number is the fence: a worker that slept past its lease finds another number.
    """
    topic = topic_named(claimed.topic)
    follows = _FOLLOWS.get()
    if follows is not None:
        follows.queue = topic.queue
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_HOLD, [claimed.pk, claimed.attempts])
        if cursor.fetchone() is None:
            return False
        with handling(claimed.pk):
            topic.handler(subject_id=claimed.subject_id, destination=claimed.destination)
        cursor.execute(_MARK_DONE, [claimed.pk])
    return True


def _record_failure(claimed: _Claimed, error: Exception) -> Outcome:
    """Write the error's type and the next attempt, or park."""
    topic = topic_named(claimed.topic)
    code = type(error).__name__[:80]
    parks = isinstance(error, PermanentError) or claimed.attempts >= topic.max_attempts
    again = _from_now(backoff_seconds(claimed.attempts))
    row = OutboxMessage.objects.filter(
        pk=claimed.pk, status=Status.PENDING, attempts=claimed.attempts
    )
    try:
        if parks:
            row.update(status=Status.PARKED, held_until=None, last_error_code=code)
        else:
            row.update(held_until=again, next_attempt_at=again, last_error_code=code)
    except DatabaseFailure as failure:
        # the database is gone: the lease ends by itself and the message is taken again
        logger.error(  # noqa: TRY400 -- a database error's text may quote a row
            "outbox.failure_not_recorded message=%d error=%s", claimed.pk, type(failure).__name__
        )
        return Outcome.RETRY
    logger.log(
        logging.ERROR if parks else logging.WARNING,
        "outbox.%s message=%d topic=%s attempt=%d error=%s",
        "parked" if parks else "failed",
        claimed.pk,
        claimed.topic,
        claimed.attempts,
        code,
    )
    return Outcome.PARKED if parks else Outcome.RETRY


def backoff_seconds(attempts: int) -> float:
    """Return the wait after this many attempts: thrice as long each time, spread over ±25 %.

    With the production settings about 5 s, 15 s, 45 s … to at most an hour. The spread keeps
    messages that failed together from coming back together.
    """
    ceiling: float = settings.OUTBOX_BACKOFF_CEILING_SECONDS
    wait = min(settings.OUTBOX_BACKOFF_SECONDS * 3.0 ** (attempts - 1), ceiling)
    return wait * random.uniform(0.75, 1.25)  # noqa: S311 -- a spread, not a secret


def _due_batch() -> list[tuple[int, str]]:
    """Reserve the next due messages for this sweep; another sweep at once gets others."""
    with transaction.atomic(durable=True):
        batch = list(
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(status=Status.PENDING, next_attempt_at__lte=Now())
            .order_by("next_attempt_at")
            .values_list("pk", "topic")[: settings.OUTBOX_SWEEP_BATCH]
        )
        OutboxMessage.objects.filter(pk__in=[pk for pk, _topic in batch]).update(
            next_attempt_at=_from_now(settings.OUTBOX_HINT_AGAIN_SECONDS)
        )
    return batch


def _from_now(seconds: float) -> "datetime":
    """Return an expression for the database's clock plus some seconds."""
    return Now() + timedelta(seconds=seconds)  # type: ignore[return-value]
