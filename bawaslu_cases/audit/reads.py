"""What one request has looked up, so that its one entry in the log can name it.

Access functions call :func:`looked_up` before the query, so that a record outside the scope is named
too. :class:`bawaslu_cases.audit.middleware.AuditReadsMiddleware` writes the entry.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(slots=True)
class Reading:
    """What the entry of this request will say."""

    subject: str = ""
    purpose: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    recorded: bool = False


_READING: ContextVar[Reading | None] = ContextVar("audit_reading", default=None)


@contextmanager
def reading() -> Iterator[Reading]:
    """Collect what is looked up inside; nested requests of tests do not see each other's."""
    token = _READING.set(Reading())
    try:
        current = _READING.get()
        assert current is not None  # noqa: S101 -- set two lines above
        yield current
    finally:
        _READING.reset(token)


def looked_up(kind: str, public_id: UUID) -> None:
    """Say that somebody asks for a record, before it is known whether they may. The first one counts.

    Outside a request nothing happens.
    """
    current = _READING.get()
    if current is not None and not current.subject:
        current.subject = f"{kind}:{public_id.hex}"


def part_of(kind: str, public_id: UUID) -> None:
    """Say which file the record looked up belongs to: the entry stands under that one.

    What was looked up first stays readable as ``part`` in the detail.
    """
    current = _READING.get()
    if current is not None:
        subject = f"{kind}:{public_id.hex}"
        if current.subject and current.subject != subject:
            current.detail.setdefault("part", current.subject)
        current.subject = subject


def for_purpose(purpose: str) -> None:
    """Say what the request is made for, as an API client declared it."""
    current = _READING.get()
    if current is not None:
        current.purpose = purpose


def remark(**detail: Any) -> None:
    """Add ids, codes or counts to the request's entry; never a text a person typed."""
    current = _READING.get()
    if current is not None:
        current.detail.update(detail)


def note_recorded() -> None:
    """Say that a service has written the entry of this request itself."""
    current = _READING.get()
    if current is not None:
        current.recorded = True
