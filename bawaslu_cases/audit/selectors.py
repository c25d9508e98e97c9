"""Reading the log through the one function the web role may call; each reading is an entry too."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connections

from bawaslu_cases.audit import reads
from bawaslu_cases.audit.chain import Entry, hash_of
from bawaslu_cases.audit.checkpoints import latest_checkpoint
from bawaslu_cases.audit.errors import AuditUnavailableError
from bawaslu_cases.audit.notes import Checkpoint, NoteError
from bawaslu_cases.shared.databases import AUDIT

logger = logging.getLogger(__name__)

PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class Filters:
    """What an auditor looks for; empty means everything."""

    actor: str = ""
    subjects: tuple[str, ...] = ()
    action: str = ""
    """The beginning of the action's code."""


@dataclass(frozen=True, slots=True)
class TrailPage:
    """One page of the log, newest first."""

    entries: list[Entry]
    following: int | None
    """``before`` of the next page, or None on the last."""
    broken: list[int] = field(default_factory=list)
    """Numbers of entries on this page whose hash is not that of what they say."""


def trail_page(
    *, reader: UUID, filters: Filters, before: int | None = None, size: int = PAGE_SIZE
) -> TrailPage:
    """Return a page of the log, after the reading itself was put into it. One query.

    Raises AuditUnavailableError.
    """
    why = filters.subjects[0] if filters.subjects else f"officer:{filters.actor or 'all'}"
    detail = json.dumps({"action": filters.action[:40]} if filters.action else {})
    subjects = list(filters.subjects) or None
    chosen = (before, size + 1, filters.actor, subjects, filters.action)
    try:
        with connections[AUDIT].cursor() as cursor:
            cursor.execute(
                "SELECT * FROM audit_read(%s, %s, %s, %s, %s, %s, %s, %s)",
                (reader.hex, why, detail, *chosen),
            )
            rows = cursor.fetchall()
    except (DatabaseError, InterfaceError) as error:
        logger.error("audit.unavailable action=audit.read error=%s", type(error).__name__)  # noqa: TRY400 -- a message of the database may carry values
        raise AuditUnavailableError from None
    reads.note_recorded()
    entries = [entry_of(row) for row in rows[:size]]
    return TrailPage(
        entries,
        entries[-1].seq if len(rows) > size else None,
        [entry.seq for entry in entries if hash_of(entry) != entry.hash],
    )


def entry_of(row: Sequence[Any]) -> Entry:
    """Return a row of the table as an entry."""
    seq, at, actor, action, subject, purpose, detail, prev, digest = row
    return Entry(seq, at, actor, action, subject, purpose, detail, bytes(prev), bytes(digest))


def signed_until() -> Checkpoint | None:
    """Return the newest checkpoint this process can read, None when there is none or it is unsigned.

    No query: checkpoints lie in a folder.
    """
    try:
        return latest_checkpoint()
    except (NoteError, OSError):
        return None
