"""The chain: how an entry is put into bytes and what its hash is. Pure.

The database computes the same in ``audit_canonical`` (sql.py); a test compares both.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from bawaslu_cases.audit.sql import ROOT_TEXT

FIRST_PREV = hashlib.sha256(ROOT_TEXT.encode()).digest()


@dataclass(frozen=True, slots=True)
class Entry:
    """One row as it stands in the table."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    purpose: str
    detail: str
    prev: bytes
    hash: bytes


def canonical(entry: Entry) -> bytes:
    """Return the bytes an entry commits to: netstrings, so that no field can borrow from another."""
    words = (
        str(entry.seq),
        entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        entry.actor,
        entry.action,
        entry.subject,
        entry.purpose,
        entry.detail,
    )
    return b"".join(b"%d:%s," % (len(word), word) for word in map(str.encode, words))


def hash_of(entry: Entry) -> bytes:
    """Return SHA-256(prev ‖ canonical)."""
    return hashlib.sha256(entry.prev + canonical(entry)).digest()
