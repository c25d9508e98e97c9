"""AES-256-GCM with a random nonce in front. One key seals one message, or a handful."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from complaints.vault.crypto.errors import MalformedError, OpenError

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES


def aead_seal(key: bytes, plaintext: bytes, *, aad: bytes) -> bytes:
    """Return nonce (12), ciphertext and tag (16)."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, plaintext, aad)


def aead_open(key: bytes, blob: bytes, *, aad: bytes) -> bytes:
    """Open what :func:`aead_seal` made; raise OpenError when anything does not match."""
    if len(blob) < OVERHEAD_BYTES:
        raise OpenError("too short to be sealed")
    try:
        return _cipher(key).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], aad)
    except InvalidTag as error:
        raise OpenError("wrong key, wrong context, or altered") from error


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise MalformedError("an AES-256 key has 32 bytes")
    return AESGCM(key)
