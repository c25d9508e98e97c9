"""Drafts and opened mailboxes of reporters: on the server, sealed under a key the cookie holds.

Nothing is kept on the reporter's device but one session cookie; the database alone opens nothing.
A session holds up to three things: ``draft`` (the form so far), ``code`` (a receipt until it is
noted down) and ``mailbox`` (the public id of an opened record).

A code is shown for ten minutes, and nobody makes another: so a session ends by the database's clock,
whichever machine wrote it, looks, or clears up.
"""

import hashlib
import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from bawaslu_cases.shared import envelope
from bawaslu_cases.shared.clocks import by_the_database
from bawaslu_cases.shared.new_rows import write_new
from complaints.models import ReporterSession

IDLE = timedelta(minutes=60)
_CONTEXT = ("reporter-session",)

Answers = dict[str, Any]


def new_token() -> str:
    """Return the value of a fresh cookie (256 bits)."""
    return secrets.token_urlsafe(32)


def _digest(token: str) -> bytes:
    return hashlib.sha256(b"reporter-session:" + token.encode()).digest()


def _seal(token: str, held: Answers) -> bytes:
    return envelope.seal_with(token.encode(), json.dumps(held).encode(), context=_CONTEXT)


# Every page asks and every answer writes: Django's own making of these three statements took eight
# times as long as sending them, a seventh of a whole walk.
_READ = "SELECT sealed FROM complaints_reportersession WHERE token_digest = %s AND expires_at > %s"
_HOLD = (
    "SELECT sealed FROM complaints_reportersession WHERE token_digest = %s AND expires_at > %s"
    " FOR UPDATE"
)
_KEEP = "UPDATE complaints_reportersession SET sealed = %s, expires_at = %s WHERE token_digest = %s"


def _opened(statement: str, *, token: str, at: datetime) -> Answers | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [_digest(token), by_the_database(at)])
        row = cursor.fetchone()
    if row is None:
        return None
    try:
        opened = envelope.unseal_with(token.encode(), bytes(row[0]), context=_CONTEXT)
    except envelope.UnsealError:
        return None
    held: Answers = json.loads(opened)
    return held


def read_session(*, token: str, at: datetime) -> Answers | None:
    """Return what the session holds, or None when it is unknown, expired or does not open.

    One query.
    """
    return _opened(_READ, token=token, at=at)


def start_session(*, held: Answers, at: datetime, idle: timedelta = IDLE) -> str:
    """Open a session holding ``held`` and return the cookie's value. One query."""
    token = new_token()
    connection.ensure_connection()
    write_new(
        ReporterSession(
            token_digest=_digest(token),
            sealed=_seal(token, held),
            expires_at=by_the_database(at) + idle,
        )
    )
    return token


def hold_session(*, token: str, at: datetime) -> Answers | None:
    """Read the session and lock it until the transaction ends, so that two submissions queue up.

    One query. Must be called inside a transaction.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a lock ends with its transaction")
    return _opened(_HOLD, token=token, at=at)


def keep_session(*, token: str, held: Answers, at: datetime, idle: timedelta = IDLE) -> bool:
    """Store what the session holds and restart its idle time; False when it was ended meanwhile.

    One query. Never creates a session: an answer that arrives after the quick exit must not bring
    back what the exit erased.
    """
    with connection.cursor() as cursor:
        ends = by_the_database(at) + idle
        cursor.execute(_KEEP, [_seal(token, held), ends, _digest(token)])
        return bool(cursor.rowcount)


def touch_session(*, token: str, at: datetime, idle: timedelta = IDLE) -> None:
    """Give a session its idle time again, never less than it has. One query."""
    connection.ensure_connection()
    now = by_the_database(at)
    rows = ReporterSession.objects.filter(token_digest=_digest(token), expires_at__lt=now + idle)
    rows.filter(expires_at__gt=now).update(expires_at=now + idle)


@transaction.atomic
def change_session(
    *, token: str, at: datetime, change: Callable[[Answers], Answers]
) -> Answers | None:
    """Replace what the session holds by ``change`` of it, under a lock, and return that.

    None when the session is gone. A change that hands back what it was given writes nothing and
    gives no more time. Two queries besides those of ``change``.
    """
    held = hold_session(token=token, at=at)
    if held is None:
        return None
    changed = change(held)
    if changed is not held:
        keep_session(token=token, held=changed, at=at)
    return changed


def end_session(*, token: str) -> None:
    """Forget the session; harmless when it is gone."""
    ReporterSession.objects.filter(token_digest=_digest(token)).delete()


def expire_sessions(*, at: datetime) -> int:
    """Delete what is past its time and return how many went."""
    connection.ensure_connection()
    return ReporterSession.objects.filter(expires_at__lte=by_the_database(at)).delete()[0]
