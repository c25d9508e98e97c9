"""One way to write a record as bytes, so that the same record always has the same digest."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from typing import Any


def canonical(value: Mapping[str, Any]) -> bytes:
    """Return UTF-8 JSON: keys sorted, no spaces, text in NFC. Raises ValueError for a fraction.

    Numbers are whole, so this is what RFC 8785 writes for the same value.
    """
    return json.dumps(
        _plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def digest(content: bytes) -> str:
    """Return SHA-256 as 64 hex signs."""
    return hashlib.sha256(content).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    raise ValueError(f"a record holds no {type(value).__name__}")
