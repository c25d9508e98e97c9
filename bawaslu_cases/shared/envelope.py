"""Sealing of statements, drafts and files under keys that live outside the database.

AES-256-GCM with a fresh 96-bit nonce; the context (what this is, whose it is) is bound as
additional data in a length-prefixed form, so a ciphertext moved to another row does not open.
Layout of a sealed value: version (1) · key-id length (1) · key id · nonce (12) · ciphertext + tag.
Every value names its key, so keys can be rotated: the first key of the ring seals, all open.
"""

import base64
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

VERSION = 1
NONCE_BYTES = 12
KEY_BYTES = 32
Context = tuple[str, ...]


class UnsealError(Exception):
    """The value does not open: wrong key, wrong context, or altered. Says nothing more."""


@lru_cache(maxsize=4)
def _ring(source: str) -> dict[str, bytes]:
    ring: dict[str, bytes] = {}
    for part in source.split(","):
        key_id, _, encoded = part.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise ImproperlyConfigured(f"DATA_KEYRING: key {key_id!r} is not base64") from error
        if not key_id or len(key) != KEY_BYTES:
            raise ImproperlyConfigured(f"DATA_KEYRING: key {key_id!r} must be {KEY_BYTES} bytes")
        ring[key_id] = key
    return ring


def _additional_data(context: Context) -> bytes:
    return b"".join(
        len(part).to_bytes(4, "big") + part for part in (word.encode() for word in context)
    )


def seal(plaintext: bytes, *, context: Context) -> bytes:
    """Seal under the first key of the ring."""
    ring = _ring(settings.DATA_KEYRING)
    key_id, key = next(iter(ring.items()))
    nonce = os.urandom(NONCE_BYTES)
    head = bytes([VERSION, len(key_id)]) + key_id.encode()
    return head + nonce + AESGCM(key).encrypt(nonce, plaintext, head + _additional_data(context))


def unseal(sealed: bytes, *, context: Context) -> bytes:
    """Open a value of :func:`seal`; raise UnsealError when anything does not match."""
    sealed = bytes(sealed)
    try:
        version, id_length = sealed[0], sealed[1]
        head, rest = sealed[: 2 + id_length], sealed[2 + id_length :]
        key = _ring(settings.DATA_KEYRING)[head[2:].decode()]
        if version != VERSION:
            raise UnsealError
        return AESGCM(key).decrypt(
            rest[:NONCE_BYTES], rest[NONCE_BYTES:], head + _additional_data(context)
        )
    except (IndexError, KeyError, UnicodeDecodeError, InvalidTag, ValueError) as error:
        raise UnsealError from error


def seal_with(secret: bytes, plaintext: bytes, *, context: Context) -> bytes:
    """Seal under a key derived from ``secret``, which the server does not keep (reporter drafts)."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(_derived(secret, context)).encrypt(
        nonce, plaintext, _additional_data(context)
    )


def unseal_with(secret: bytes, sealed: bytes, *, context: Context) -> bytes:
    """Open a value of :func:`seal_with`."""
    sealed = bytes(sealed)
    try:
        return AESGCM(_derived(secret, context)).decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _additional_data(context)
        )
    except (InvalidTag, ValueError) as error:
        raise UnsealError from error


def _derived(secret: bytes, context: Context) -> bytes:
    return HKDF(
        algorithm=SHA256(), length=KEY_BYTES, salt=None, info=_additional_data(context)
    ).derive(secret)
