"""Writing the log. An entry stands before what it tells about may happen."""

import json
import logging
import unicodedata
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connections

from bawaslu_cases.audit import reads
from bawaslu_cases.audit.errors import AuditUnavailableError
from bawaslu_cases.audit.tasks import checkpoint_task
from bawaslu_cases.shared.databases import AUDIT

logger = logging.getLogger(__name__)

CAPS: Final = {"actor": 80, "action": 80, "subject": 120, "purpose": 200}
"""Longest texts, in characters after escaping; the database refuses longer ones still."""
DETAIL_CAP: Final = 200
DETAIL_KEYS: Final = 20
UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode classes that could forge a line, colour a terminal or turn text round."""

SYSTEM: Final = "system"


def record(
    *,
    actor: UUID | str,
    action: str,
    subject: str,
    purpose: str = "",
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Append one entry and return its number. One query on a connection that commits by itself.

    ``actor`` is the ``public_id`` of a person or ``system:<what>``; ``subject`` is ``kind:<id>``.
    No text of a reporter, no name, no address: ids, codes and counts only. The entry stays when the
    caller's transaction is rolled back, which is what keeps denied attempts. Texts are escaped and
    cut, never refused. Raises AuditUnavailableError when the entry could not be written; then what
    it was to tell about must not happen.
    """
    words = {
        "actor": actor.hex if isinstance(actor, UUID) else actor,
        "action": action,
        "subject": subject,
        "purpose": purpose,
    }
    arguments = [safe(text, CAPS[name]) for name, text in words.items()]
    try:
        with connections[AUDIT].cursor() as cursor:
            cursor.execute(
                "SELECT audit_append(%s, %s, %s, %s, %s)", [*arguments, _detail(detail or {})]
            )
            number: int | None = cursor.fetchone()[0]
    except (DatabaseError, InterfaceError) as error:
        logger.error("audit.unavailable action=%s error=%s", arguments[1], type(error).__name__)  # noqa: TRY400 -- a message of the database may carry values
        raise AuditUnavailableError from None
    if number is None:
        raise AuditUnavailableError
    reads.note_recorded()
    return number


def safe(text: str, cap: int) -> str:
    """Return ``text`` in one line without control characters, at most ``cap`` characters."""
    # Cut first: what is a megabyte is not walked through.
    escaped = "".join(
        f"\\u{ord(sign):04x}" if unicodedata.category(sign) in UNSAFE else sign
        for sign in text[:cap]
    )
    return escaped if len(escaped) <= cap else escaped[: cap - 1] + "…"


def _detail(detail: Mapping[str, Any]) -> str:
    """Return canonical JSON: sorted keys, no spaces, texts made safe."""
    kept = dict(list(detail.items())[:DETAIL_KEYS])
    return json.dumps(
        {safe(str(key), 40): _value(value) for key, value in kept.items()},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )


def _value(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, list | tuple):
        return [safe(str(item), 80) for item in value[:DETAIL_KEYS]]
    return safe(str(value), DETAIL_CAP)


def checkpoint() -> None:
    """Ask the signer for a checkpoint now, as after every opening of an identity.

    The signer is another process: the one that shows pages holds no key. A broker that is down loses
    nothing, the next round comes within ten minutes.
    """
    try:
        checkpoint_task.apply_async(retry=False, ignore_result=True)
    except Exception as error:  # noqa: BLE001 -- whatever a broker raises, the round comes
        logger.warning("audit.checkpoint_not_asked error=%s", type(error).__name__)
