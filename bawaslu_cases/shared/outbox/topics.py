"""What can be promised through the outbox: topic → handler, registered in ``AppConfig.ready``."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol


class PermanentError(Exception):
    """Raised by a handler whose work can never succeed: the message is parked at once."""


class Handler(Protocol):
    """Does the work of one message.

    Runs inside the transaction that marks the message done, so its database effects happen exactly
    once; it must not open a durable transaction or commit. An effect outside the database can be
    repeated after a crash, so it carries :func:`idempotency_key`. Raise to try again later,
    :class:`PermanentError` to park.
    """

    def __call__(self, *, subject_id: str, destination: str) -> object:
        """Do the work for one subject and, where a topic has several, one destination."""
        ...


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of promised work and how it is carried out."""

    name: str
    handler: Handler
    max_attempts: int
    queue: str


_TOPICS: dict[str, Topic] = {}
_KEY: ContextVar[str] = ContextVar("outbox_idempotency_key")


def register(
    topic: str, handler: Handler, *, max_attempts: int = 8, queue: str = "celery"
) -> Topic:
    """Declare a topic: after ``max_attempts`` failures it is parked; ``queue`` is Celery's.

    Registering the same handler again changes nothing. Raises ValueError when the topic already
    has another handler, or when no attempt is allowed.
    """
    if max_attempts < 1:
        raise ValueError("a topic needs at least one attempt")
    known = _TOPICS.get(topic)
    if known is not None and known.handler is not handler:
        raise ValueError(f"topic {topic!r} already has a handler")
    _TOPICS[topic] = Topic(topic, handler, max_attempts, queue)
    return _TOPICS[topic]


def topic_named(name: str) -> Topic:
    """Return the topic. Raises LookupError when no app registered it."""
    try:
        return _TOPICS[name]
    except KeyError:
        raise LookupError(f"no handler is registered for the outbox topic {name!r}") from None


def idempotency_key() -> str:
    """Return the key of the message being handled, the same at every attempt: ``outbox-<id>``.

    Raises LookupError outside a handler.
    """
    return _KEY.get()


@contextmanager
def handling(message_id: int) -> Iterator[None]:
    """Make :func:`idempotency_key` known to the handler called inside."""
    token = _KEY.set(f"outbox-{message_id}")
    try:
        yield
    finally:
        _KEY.reset(token)
