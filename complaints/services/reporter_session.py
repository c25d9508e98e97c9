"""Drafts and opened mailboxes of reporters: on the server, sealed under a key only the cookie holds.

Nothing is kept on the reporter's device but one session cookie; a copy of the database opens nothing.
"""

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from bawaslu_cases.shared import envelope
from complaints.models import ReporterSession

IDLE = timedelta(minutes=60)
_CONTEXT = ("reporter-session",)

Answers = dict[str, Any]


def new_token() -> str:
    """Return the value of a fresh cookie (256 bits)."""
    return secrets.token_urlsafe(32)


def _digest(token: str) -> bytes:
    return hashlib.sha256(b"reporter-session:" + token.encode()).digest()


def read_session(*, token: str, at: datetime) -> Answers | None:
    """Return what the session holds, or None when it is unknown, expired or does not open."""
    row = ReporterSession.objects.filter(token_digest=_digest(token), expires_at__gt=at).first()
    if row is None:
        return None
    try:
        opened = envelope.unseal_with(token.encode(), row.sealed, context=_CONTEXT)
    except envelope.UnsealError:
        return None
    held: Answers = json.loads(opened)
    return held


def write_session(*, token: str, answers: Answers, at: datetime, idle: timedelta = IDLE) -> None:
    """Store what the session holds and restart its idle time."""
    sealed = envelope.seal_with(token.encode(), json.dumps(answers).encode(), context=_CONTEXT)
    ReporterSession.objects.update_or_create(
        token_digest=_digest(token), defaults={"sealed": sealed, "expires_at": at + idle}
    )


@transaction.atomic
def hold_session(*, token: str, at: datetime) -> Answers | None:
    """Read the session and lock it until the transaction ends, so that two submissions queue up."""
    ReporterSession.objects.select_for_update().filter(token_digest=_digest(token)).first()
    return read_session(token=token, at=at)


def end_session(*, token: str) -> None:
    """Forget the session; harmless when it is gone."""
    ReporterSession.objects.filter(token_digest=_digest(token)).delete()


def expire_sessions(*, at: datetime) -> int:
    """Delete what is past its time and return how many went."""
    return ReporterSession.objects.filter(expires_at__lte=at).delete()[0]
