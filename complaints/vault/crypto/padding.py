"""Filling up, so that lengths do not show: of names to whole blocks, of files and pictures after Padmé."""

from complaints.vault.crypto.errors import MalformedError

BLOCK_BYTES = 4096
LENGTH_BYTES = 4
LEAST_BYTES = 4096
"""What a file or picture is filled up to at least."""


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


def padme(size: int) -> int:
    """Return the padded size: the smallest one not under ``size`` whose lower bits are zero."""
    if size < 2:  # noqa: PLR2004 -- the logarithm begins here
        return size
    exponent = size.bit_length() - 1
    low_bits = exponent - exponent.bit_length()
    mask = (1 << low_bits) - 1 if low_bits > 0 else 0
    return (size + mask) & ~mask
