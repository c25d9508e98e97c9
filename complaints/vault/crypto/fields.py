"""Reading and writing the fields of certificates and requests, strictly."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from complaints.vault.crypto.errors import MalformedError

_ID = re.compile(r"[0-9a-f]{32}")
_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_LOWER_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"
EPOCH_MAX = 999_999


def checked_id(text: Any) -> str:
    """Return an id as 32 lower-case hex digits (a UUID without dashes)."""
    if not isinstance(text, str) or not _ID.fullmatch(text):
        raise MalformedError("an id is 32 lower-case hex digits")
    return text


def checked_code(text: Any) -> str:
    """Return the code of a group, unit, recovery key or partner."""
    if not isinstance(text, str) or not _CODE.fullmatch(text):
        raise MalformedError("a code is 1 to 80 of a-z 0-9 . _ -")
    return text


def checked_epoch(number: Any) -> int:
    """Return an epoch, counted from 1."""
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= EPOCH_MAX:
        raise MalformedError("an epoch is a whole number from 1")
    return number


def bytes_of_hex(text: Any, length: int | None = None) -> bytes:
    """Read lower-case hex of ``length`` bytes."""
    if not isinstance(text, str) or not _LOWER_HEX.fullmatch(text):
        raise MalformedError("expected lower-case hex")
    raw = bytes.fromhex(text)
    if length is not None and len(raw) != length:
        raise MalformedError(f"expected {length} bytes, got {len(raw)}")
    return raw


def date_of(text: Any) -> date:
    """Read YYYY-MM-DD."""
    try:
        day = date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise MalformedError("a date is YYYY-MM-DD") from error
    if day.isoformat() != text:
        raise MalformedError("a date is YYYY-MM-DD")
    return day


def instant_text(instant: datetime) -> str:
    """Return an aware instant as YYYY-MM-DDTHH:MM:SSZ; fractions of a second are not written."""
    if instant.tzinfo is None:
        raise MalformedError("an instant needs a time zone")
    return instant.astimezone(UTC).strftime(_INSTANT)


def instant_of(text: Any) -> datetime:
    """Read YYYY-MM-DDTHH:MM:SSZ."""
    try:
        instant = datetime.strptime(text, _INSTANT).replace(tzinfo=UTC)
    except (TypeError, ValueError) as error:
        raise MalformedError("an instant is YYYY-MM-DDTHH:MM:SSZ") from error
    if instant_text(instant) != text:
        raise MalformedError("an instant is YYYY-MM-DDTHH:MM:SSZ")
    return instant


def exact_keys(value: Any, keys: frozenset[str]) -> Mapping[str, Any]:
    """Return ``value`` when it is an object with just these keys."""
    if not isinstance(value, dict) or value.keys() != keys:
        raise MalformedError("expected an object with the keys " + ", ".join(sorted(keys)))
    return value
