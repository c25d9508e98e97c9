"""The virus scanner, where one is installed: ClamAV's daemon at ``CLAMD_SOCKET`` (a path, or host:port).

Its advice is about known malware and nothing more; what protects the reader is the copy made of pixels
and samples. Without a scanner the answer is honest: not scanned. Two commands of clamd's protocol are
spoken here, VERSION and INSTREAM; the kept client for Python takes the whole file at once and is of 2014.
The scanner sees the file in the clear: let it run on the same machine, with ``StreamMaxLength`` 200M, no
``LeaveTemporaryFiles``, its ``TemporaryDirectory`` in memory.
"""

import re
import socket
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import Enum

from django.conf import settings
from django.utils import timezone

FRESH = timedelta(hours=48)
"""Older signatures do not count as a scan (protection.md C)."""
SECONDS = 120
PIECE_BYTES = 256 * 1024
REPLY_BYTES = 4096
BUILT = re.compile(r"ClamAV [^/]+/\d+/\w{3} (\w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})")


class Scan(Enum):
    """What the scanner said; the values are those of Evidence.Scan."""

    NOT_SCANNED = "not_scanned"
    CLEAN = "clean"
    HIT = "hit"
    STALE = "stale"


class ScannerDownError(Exception):
    """A scanner is set and cannot be relied on now: try again later, show nothing until then."""


def scan(content: Iterable[bytes]) -> Scan:
    """Return what the scanner says about a file. Raises ScannerDownError.

    NOT_SCANNED without a scanner or for more than it takes; STALE where nothing was found with
    signatures older than two days or of unknown age; a hit is a hit at any age.
    """
    if not settings.CLAMD_SOCKET:
        return Scan.NOT_SCANNED
    try:
        fresh = _signatures_are_fresh()
        said = _said_about(content)
    except OSError as error:
        raise ScannerDownError from error
    if said.endswith(" FOUND"):
        return Scan.HIT
    if said == "stream: OK":
        return Scan.CLEAN if fresh else Scan.STALE
    if said.startswith("INSTREAM size limit exceeded"):
        return Scan.NOT_SCANNED
    raise ScannerDownError


def trouble() -> str:
    """Return "", "none" without a scanner, "down", or "stale" for old signatures."""
    if not settings.CLAMD_SOCKET:
        return "none"
    try:
        return "" if _signatures_are_fresh() else "stale"
    except OSError:
        return "down"


def _signatures_are_fresh() -> bool:
    with _connected() as line:
        line.sendall(b"zVERSION\0")
        said = _reply(line)
    built = BUILT.match(said)
    if not built:
        return False
    at = datetime.strptime(built[1], "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    return timezone.now() - at <= FRESH


def _said_about(content: Iterable[bytes]) -> str:
    with _connected() as line:
        # It may answer and hang up before the end, where the file is larger than it takes.
        with suppress(BrokenPipeError, ConnectionResetError):
            line.sendall(b"zINSTREAM\0")
            for chunk in content:
                for start in range(0, len(chunk), PIECE_BYTES):
                    piece = chunk[start : start + PIECE_BYTES]
                    line.sendall(len(piece).to_bytes(4, "big") + piece)
            line.sendall(bytes(4))
        return _reply(line)


def _reply(line: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < REPLY_BYTES:
        piece = line.recv(REPLY_BYTES)
        if not piece:
            break
        said += piece
    return said.rstrip(b"\0\n").decode("ascii", "replace")


def _connected() -> socket.socket:
    address: str = settings.CLAMD_SOCKET
    if "/" not in address:
        host, _colon, port = address.rpartition(":")
        return socket.create_connection((host, int(port)), SECONDS)
    line = socket.socket(socket.AF_UNIX)
    try:
        line.settimeout(SECONDS)
        line.connect(address)
    except OSError:
        line.close()
        raise
    return line
