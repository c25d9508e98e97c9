"""Filling up to a whole number of blocks, so that lengths of names do not show."""

from complaints.vault.crypto.errors import MalformedError

BLOCK_BYTES = 4096
LENGTH_BYTES = 4


def pad(data: bytes, *, block: int = BLOCK_BYTES) -> bytes:
    """Return length (4 bytes, big-endian), data, and zeros up to a multiple of ``block`` bytes."""
    filled = len(data).to_bytes(LENGTH_BYTES, "big") + data
    return filled + bytes(-len(filled) % block)


def unpad(padded: bytes, *, block: int = BLOCK_BYTES) -> bytes:
    """Undo :func:`pad`; raise MalformedError unless it is exactly what ``pad`` gives."""
    length = int.from_bytes(padded[:LENGTH_BYTES], "big")
    data = padded[LENGTH_BYTES : LENGTH_BYTES + length]
    if len(data) != length or pad(data, block=block) != padded:
        raise MalformedError("bad padding")
    return data
