"""One spelling of JSON, the same in Python and in a browser, so that it can be signed and compared.

Keys are lower-case ASCII words, sorted; no white space; text as it is (no escape where JSON does not
demand one); integers that a browser holds exactly. Floats have no single spelling and are refused.
"""

import json
import re
from typing import Any

from complaints.vault.crypto.errors import MalformedError

INTEGER_MAX = 2**53 - 1
_KEY = re.compile(r"[a-z][a-z0-9_]*")


def canonical_json(value: Any) -> bytes:
    """Return the one spelling of ``value``; raise MalformedError for what has none."""
    try:
        _check(value)
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode()
    except UnicodeEncodeError as error:
        raise MalformedError("text is not valid Unicode") from error
    except RecursionError as error:
        raise MalformedError("nested too deeply") from error


def parse_canonical(data: bytes) -> Any:
    """Read canonical JSON; raise MalformedError when it is not the one spelling of what it says."""
    try:
        value = json.loads(data.decode())
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise MalformedError("not JSON") from error
    if canonical_json(value) != data:
        raise MalformedError("not canonical JSON")
    return value


def _check(value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str) or not _KEY.fullmatch(key):
                raise MalformedError("a key of canonical JSON is a lower-case ASCII word")
            _check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
    elif isinstance(value, int):  # bool is one of them
        if abs(value) > INTEGER_MAX:
            raise MalformedError("an integer of canonical JSON has at most 53 bits")
    elif value is not None and not isinstance(value, str):
        raise MalformedError(f"canonical JSON has no {type(value).__name__}")
