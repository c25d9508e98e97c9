"""A file in pieces: the core of tus 1.0. What arrived before the line broke is not sent again."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol
from uuid import UUID

from bawaslu_api.errors import ConflictError, InvalidError, LineError
from bawaslu_api.transport import Line

PIECE_BYTES: Final = 512 * 1024
"""One request of a file. Small enough that a line of 20 kB/s carries it inside a request's time."""
_MOST_STALLS: Final = 8
_VERSION: Final = {"Tus-Resumable": "1.0.0"}
_CHECKSUM_MISMATCH: Final = 460


class Source(Protocol):
    """Where the bytes of a file come from."""

    def read_at(self, offset: int, size: int) -> bytes:
        """Return ``size`` bytes from ``offset``, fewer at the end."""


@dataclass(frozen=True)
class Bytes:
    """A file that is in memory."""

    content: bytes

    def read_at(self, offset: int, size: int) -> bytes:
        """Return a part of it."""
        return self.content[offset : offset + size]


@dataclass(frozen=True)
class Place:
    """An announced file on the server and what lets its bytes in."""

    id: UUID
    token: str

    def __repr__(self) -> str:
        return f"Place({self.id}, …)"


def announce(line: Line, path: str, *, name: str, length: int, key: str, token: str = "") -> Place:
    """Announce a file at ``path`` and return where it goes. The same key gives the same place."""
    called = base64.b64encode(name.encode()).decode()
    headers = _VERSION | {
        "Idempotency-Key": key,
        "Upload-Length": str(length),
        "Upload-Metadata": f"filename {called}",
    }
    if token:
        headers["Upload-Token"] = token
    told = line.send("POST", path, headers=headers).json()
    return Place(UUID(told["id"]), str(told["token"]))


def received(line: Line, place: Place) -> tuple[int, int]:
    """Return how many bytes are there, and how many were announced."""
    headers = line.send("HEAD", f"uploads/{place.id}", headers=_named(place)).headers
    return int(headers["Upload-Offset"]), int(headers["Upload-Length"])


def send_rest(
    line: Line,
    place: Place,
    source: Source,
    *,
    length: int,
    piece: int = PIECE_BYTES,
    told: Callable[[int], object] = lambda _bytes: None,
) -> None:
    """Send what the server does not have yet. ``told`` hears how many bytes are there after each piece.

    Raises LineError where many pieces in a row brought nothing.
    """
    at, _length = received(line, place)
    told(at)
    stalls = 0
    while at < length:
        content = source.read_at(at, piece)
        if not content:
            raise ValueError("the file is shorter than announced")
        before = at
        try:
            at = _send_piece(line, place, at, content)
        except (ConflictError, LineError) as error:
            # The server has more or less of it than we think: an answer was lost. It says where it is.
            if isinstance(error, LineError):
                stalls += 1
            at, _length = received(line, place)
        except InvalidError as problem:
            if problem.status != _CHECKSUM_MISMATCH:
                raise
        stalls = 0 if at > before else stalls + 1
        if stalls > _MOST_STALLS:
            raise LineError("the file does not get on")
        told(at)


def _send_piece(line: Line, place: Place, at: int, content: bytes) -> int:
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    named = _named(place) | {
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": str(at),
        "Upload-Checksum": f"sha256 {digest}",
    }
    answer = line.send("PATCH", f"uploads/{place.id}", body=content, headers=named)
    assert answer.status in (HTTPStatus.OK, HTTPStatus.NO_CONTENT)  # noqa: S101 -- send() raised for others
    return int(answer.headers["Upload-Offset"])


def _named(place: Place) -> dict[str, str]:
    return _VERSION | {"Upload-Token": place.token}
