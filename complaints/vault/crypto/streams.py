"""Sealed files: libsodium's secretstream in frames that are bound to their object (BKS1).

Layout: magic ``BKS1`` · stream header (24) · frames. A frame is its sealed length in four bytes,
big-endian, and the sealed bytes; what it seals is the number of content bytes in it (4), these, and
zeros. All frames but the last two hold 64 KiB; the last holds the true size in eight bytes under the
stream's FINAL tag. The additional data of every frame is ``ctx("file-frame", object, number)``, so that
none can be left out, moved, doubled or brought from another object.

The content is filled up after Padmé (Nikitin et al., PETS 2019): the sealed size tells at most
O(log log n) bits of the true one for at most 12 % more bytes, never under 4 KiB.

Whoever opens must take what comes as incomplete until the iterator has ended without an error.
"""

import hashlib
from collections.abc import Iterable, Iterator

from nacl import bindings
from nacl.exceptions import CryptoError

from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import MalformedError, OpenError
from complaints.vault.crypto.padding import LEAST_BYTES, padme

MAGIC = b"BKS1"
FRAME_BYTES = 64 * 1024
KEY_BYTES = bindings.crypto_secretstream_xchacha20poly1305_KEYBYTES

_HEADER_BYTES = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_TAG_BYTES = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
_MESSAGE = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_FINAL = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_COUNT_BYTES = 4
_SIZE_BYTES = 8
_LONGEST_SEALED = _COUNT_BYTES + FRAME_BYTES + _TAG_BYTES


def sealed_size(size: int) -> int:
    """Return how many bytes a content of ``size`` takes when it is sealed."""
    padded = padme(max(size, LEAST_BYTES))
    frames = -(-padded // FRAME_BYTES)
    around = _COUNT_BYTES * 2 + _TAG_BYTES
    return (
        len(MAGIC)
        + _HEADER_BYTES
        + padded
        + frames * around
        + _COUNT_BYTES
        + _SIZE_BYTES
        + _TAG_BYTES
    )


class SealingStream:
    """Seals one object piece by piece; ``size`` and ``sha256`` tell of the content so far.

    The key must be random, 32 bytes. Nothing of the content is kept but the part of the last frame that
    is not full yet.
    """

    def __init__(self, key: bytes, object_id: str) -> None:
        _check_key(key)
        self._object = object_id
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        self._begin = MAGIC + bindings.crypto_secretstream_xchacha20poly1305_init_push(
            self._state, key
        )
        self._held = bytearray()
        self._number = 0
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> bytes:
        """Return the digest of the content taken so far."""
        return self._hash.digest()

    def push(self, content: bytes) -> bytes:
        """Take content of any length and return what is sealed by now, often nothing."""
        self._hash.update(content)
        self.size += len(content)
        self._held += content
        sealed, self._begin = [self._begin], b""
        while len(self._held) >= FRAME_BYTES:
            sealed.append(self._frame(bytes(self._held[:FRAME_BYTES]), FRAME_BYTES))
            del self._held[:FRAME_BYTES]
        return b"".join(sealed)

    def finish(self) -> bytes:
        """Return the rest: the last content, the filling and the true size."""
        left = padme(max(self.size, LEAST_BYTES)) - (self.size - len(self._held))
        sealed, self._begin = [self._begin], b""
        while left > 0:
            room = min(left, FRAME_BYTES)
            sealed.append(self._frame(bytes(self._held[:room]), room))
            del self._held[:room]
            left -= room
        sealed.append(self._sealed(self.size.to_bytes(_SIZE_BYTES, "big"), _FINAL))
        return b"".join(sealed)

    def _frame(self, content: bytes, room: int) -> bytes:
        filled = len(content).to_bytes(_COUNT_BYTES, "big") + content.ljust(room, b"\0")
        return self._sealed(filled, _MESSAGE)

    def _sealed(self, plain: bytes, tag: int) -> bytes:
        frame = bindings.crypto_secretstream_xchacha20poly1305_push(
            self._state, plain, _bound(self._object, self._number), tag
        )
        self._number += 1
        return len(frame).to_bytes(_COUNT_BYTES, "big") + frame


def seal_stream(chunks: Iterable[bytes], *, key: bytes, object_id: str) -> Iterator[bytes]:
    """Seal a whole content and yield the object's bytes, holding one frame at a time."""
    stream = SealingStream(key, object_id)
    for chunk in chunks:
        if sealed := stream.push(chunk):
            yield sealed
    yield stream.finish()


def open_stream(blocks: Iterable[bytes], *, key: bytes, object_id: str) -> Iterator[bytes]:
    """Yield the content of a sealed object, a frame at a time, without its filling.

    Raises MalformedError for what is no such object and OpenError for a wrong key, another object's
    bytes, or bytes that were altered, cut, moved, doubled or added. What was yielded before the error
    must be thrown away.
    """
    _check_key(key)
    source = _Reader(blocks)
    if source.exactly(len(MAGIC)) != MAGIC:
        raise MalformedError("not a sealed file")
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(
        state, source.exactly(_HEADER_BYTES), key
    )
    number = total = 0
    while True:
        length = int.from_bytes(source.exactly(_COUNT_BYTES), "big")
        if not _TAG_BYTES < length <= _LONGEST_SEALED:
            raise MalformedError("a frame of an impossible length")
        try:
            plain, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(
                state, source.exactly(length), _bound(object_id, number)
            )
        except CryptoError as error:
            raise OpenError("wrong key, wrong object, or altered") from error
        number += 1
        if tag == _FINAL:
            if int.from_bytes(plain, "big") != total or source.has_more():
                raise OpenError("the size is not the one that was sealed")
            return
        count = int.from_bytes(plain[:_COUNT_BYTES], "big")
        total += count
        if count:
            yield plain[_COUNT_BYTES : _COUNT_BYTES + count]


class _Reader:
    """Gives exactly as many bytes as asked from blocks of any size."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._held = bytearray()

    def exactly(self, count: int) -> bytes:
        while len(self._held) < count:
            block = next(self._blocks, None)
            if block is None:
                raise OpenError("the file is cut short")
            self._held += block
        taken = bytes(self._held[:count])
        del self._held[:count]
        return taken

    def has_more(self) -> bool:
        return bool(self._held) or any(self._blocks)


def _check_key(key: bytes) -> None:
    if len(key) != KEY_BYTES:
        raise MalformedError("the key of a file has 32 bytes")


def _bound(object_id: str, number: int) -> bytes:
    return ctx("file-frame", object_id, str(number))
