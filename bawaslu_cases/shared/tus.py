"""What every server of resumable uploads reads from a request: the core of tus 1.0, and its checksums.

Whoever keeps the file decides the rest: who may bring it, how much, and where it lies.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from typing import Literal

from django.http import HttpRequest, UnreadablePostError

VERSION = "1.0.0"
PART_TYPE = "application/offset+octet-stream"
CHECKSUM_MISMATCH = 460
"""The protocol's own status."""
CHECKSUMS = ("sha1", "sha256")
"""SHA-1 is the one the protocol demands; here it finds what a line broke, and nobody's forgery."""
_READ_BYTES = 64 * 1024
_MOST_METADATA = 2000


def is_number(text: str) -> bool:
    """Say whether a header is a whole number that could be a size."""
    return text.isascii() and text.isdigit() and len(text) < 16  # noqa: PLR2004 -- a petabyte


def metadata(header: str) -> dict[str, str]:
    """Read ``key base64, key base64``; what does not read as that is left out."""
    told = {}
    for pair in header[:_MOST_METADATA].split(","):
        key, _space, value = pair.strip().partition(" ")
        try:
            told[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    return told


def checksum(request: HttpRequest) -> "Callable[[bytes], bool] | Literal[False] | None":
    """Return what compares a part with its checksum; False without one, None for one nobody knows."""
    header = request.headers.get("Upload-Checksum", "")
    if not header:
        return False
    algorithm, _space, encoded = header.partition(" ")
    if algorithm not in CHECKSUMS:
        return None
    try:
        told = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None
    if len(told) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        return None
    return lambda content: hmac.compare_digest(
        hashlib.new(algorithm, content, usedforsecurity=False).digest(), told
    )


def what_came(request: HttpRequest, length: int) -> bytes:
    """Return what is there of ``length`` bytes; a line that breaks ends it earlier."""
    content = bytearray()
    try:
        while len(content) < length and (piece := request.read(_READ_BYTES)):
            content += piece
    except UnreadablePostError:
        pass  # what came before is kept
    return bytes(content)
