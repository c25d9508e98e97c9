"""Sealing and opening of files, in megabytes a second of one processor, by the product's own code.

Processor time of this process, not the clock on the wall: a machine that does other work gives the same
figure. libsodium and SHA-256 alone, over frames of the same size, are measured beside it: what the format
costs on top of them is ours, what they cost is the processor's.
"""

import hashlib
import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from nacl import bindings

from complaints.vault.crypto.files import new_file_key
from complaints.vault.crypto.streams import FRAME_BYTES, open_stream, seal_stream

MEGABYTE = 1_000_000
CONTENT_BYTES = 64 * 1024 * 1024
PIECE_BYTES = 256 * 1024
"""As parts and stored objects are read."""
ROUNDS = 5
SEALING_BAR = 300
"""Megabytes a second of one processor that issue 4 asks for."""


def stream_speeds(*, size: int = CONTENT_BYTES, rounds: int = ROUNDS) -> Iterator[dict[str, Any]]:
    """Seal and open ``size`` bytes so many times; yield a line for each way and for the bare parts."""
    pieces = [os.urandom(PIECE_BYTES) for _ in range(size // PIECE_BYTES)]
    key = new_file_key()
    sealed = list(seal_stream(pieces, key=key, object_id="bench"))
    if b"".join(open_stream(sealed, key=key, object_id="bench")) != b"".join(pieces):
        raise RuntimeError("what was sealed does not open")
    bare = _speed(lambda: _bare(pieces, key), size, rounds)
    for name, work in (
        ("sealing", lambda: _drain(seal_stream(pieces, key=key, object_id="bench"))),
        ("opening", lambda: _drain(open_stream(sealed, key=key, object_id="bench"))),
    ):
        speed = _speed(work, size, rounds)
        line = {
            "measure": "stream",
            "way": name,
            "megabytes": round(size / MEGABYTE, 1),
            "rounds": rounds,
            "megabytes_a_second_of_processor": round(speed),
            "share_of_bare": round(speed / bare, 2),
        }
        if name == "sealing":
            line |= {"bar": SEALING_BAR, "within": speed >= SEALING_BAR}
        yield line
    yield {"measure": "stream", "way": "bare", "megabytes_a_second_of_processor": round(bare)}


def _speed(work: Callable[[], None], size: int, rounds: int) -> float:
    """Return megabytes a second of processor time, the median of so many rounds."""
    speeds = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        speeds.append(size / MEGABYTE / (time.process_time() - began))
    return statistics.median(speeds)


def _bare(pieces: list[bytes], key: bytes) -> None:
    """Do what no code of this format can leave out: seal each frame and hash the content."""
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    bindings.crypto_secretstream_xchacha20poly1305_init_push(state, key)
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        for at in range(0, len(piece), FRAME_BYTES):
            bindings.crypto_secretstream_xchacha20poly1305_push(
                state, piece[at : at + FRAME_BYTES], b""
            )


def _drain(blocks: Iterator[bytes]) -> None:
    for _block in blocks:
        pass
