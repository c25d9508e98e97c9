"""Signed checkpoints as text: the C2SP notes ``signed-note`` and ``tlog-checkpoint``. Pure.

bawaslu/audit
1024
<base64 of the root>
at 2026-11-21T07:10Z

— bawaslu/audit <base64 of key hash and Ed25519 signature>
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

ED25519 = b"\x01"
DASH = "\u2014"  # the character that begins a signature line
ROOT_BYTES = 32
KEY_HASH_BYTES = 4
TIME_FORMAT = "at %Y-%m-%dT%H:%MZ"


class NoteError(ValueError):
    """The text is no checkpoint, or its signature is not of this key."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a note says: the first ``size`` entries have this ``root``."""

    origin: str
    size: int
    root: bytes
    at: datetime

    def text(self) -> str:
        """Return the part that is signed."""
        root = base64.b64encode(self.root).decode()
        time = self.at.astimezone(UTC).strftime(TIME_FORMAT)
        return f"{self.origin}\n{self.size}\n{root}\n{time}\n"


def private_key(text: str) -> Ed25519PrivateKey:
    """Return the key of a base64 seed of 32 bytes. Raises NoteError."""
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error) as error:
        raise NoteError("a signing key is base64 of 32 bytes") from error


def verifier_key(origin: str, key: Ed25519PublicKey) -> str:
    """Return ``name+hash+key``, the one line a checker needs."""
    raw = ED25519 + key.public_bytes_raw()
    return f"{origin}+{_key_hash(origin, key).hex()}+{base64.b64encode(raw).decode()}"


def parse_verifier_key(line: str) -> Ed25519PublicKey:
    """Return the key of a verifier line. Raises NoteError when it contradicts itself."""
    try:
        # base64 may hold "+" itself: name and hash never do.
        origin, digest, encoded = line.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        key = Ed25519PublicKey.from_public_bytes(raw[1:])
    except (ValueError, binascii.Error) as error:
        raise NoteError("a verifier key is name+hash+base64") from error
    if raw[:1] != ED25519 or _key_hash(origin, key).hex() != digest:
        raise NoteError("the verifier key contradicts its own hash")
    return key


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """Return the whole note."""
    text = checkpoint.text()
    signature = _key_hash(checkpoint.origin, key.public_key()) + key.sign(text.encode())
    return f"{text}\n{DASH} {checkpoint.origin} {base64.b64encode(signature).decode()}\n"


def verify(note: str, key: Ed25519PublicKey) -> Checkpoint:
    """Return what a note says when ``key`` signed it. Raises NoteError."""
    text, found, signatures = note.partition("\n\n")
    match = re.fullmatch(r"([^\n+ ]+)\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/=]+)\n(at [^\n]+)", text)
    if not found or match is None:
        raise NoteError("not a checkpoint")
    origin, size, root, time = match.groups()
    try:
        checkpoint = Checkpoint(
            origin,
            int(size),
            base64.b64decode(root, validate=True),
            datetime.strptime(time, TIME_FORMAT).replace(tzinfo=UTC),
        )
    except (ValueError, binascii.Error) as error:
        raise NoteError("not a checkpoint") from error
    if len(checkpoint.root) != ROOT_BYTES or checkpoint.text() != f"{text}\n":
        raise NoteError("not a checkpoint")
    wanted = _key_hash(origin, key)
    for line in signatures.splitlines():
        signature = _signature(line, origin)
        if signature[:KEY_HASH_BYTES] == wanted:
            try:
                key.verify(signature[KEY_HASH_BYTES:], f"{text}\n".encode())
            except InvalidSignature as error:
                raise NoteError("the signature is wrong") from error
            return checkpoint
    raise NoteError("no signature of this key")


def _signature(line: str, origin: str) -> bytes:
    start = f"{DASH} {origin} "
    if not line.startswith(start):
        return b""
    try:
        return base64.b64decode(line.removeprefix(start), validate=True)
    except binascii.Error:
        return b""


def _key_hash(origin: str, key: Ed25519PublicKey) -> bytes:
    raw = key.public_bytes_raw()
    return hashlib.sha256(origin.encode() + b"\n" + ED25519 + raw).digest()[:KEY_HASH_BYTES]
