"""The key of a store: random, behind a passphrase (Argon2id) or a key file.

The cost is bound into the seal and has a floor, so that nobody who can write the file can lower it and
wait for the next passphrase.
"""

import json
import os
import unicodedata
from dataclasses import dataclass
from typing import Any, Self

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bawaslu_sync.errors import LockedError, UsageError
from bawaslu_sync.words import say
from complaints.vault.crypto.aead import KEY_BYTES, aead_open, aead_seal
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import VaultError

PASSPHRASE_LEAST = 12
TIME_COST, MEMORY_KIB = 3, 64 * 1024
_MOST_TIME, _MOST_MEMORY = 16, 1024 * 1024
_SALT_BYTES = 16
_KINDS = ("passphrase", "file")


@dataclass(frozen=True, repr=False)
class Secret:
    """What opens a store: a passphrase, or the bytes of a key file."""

    kind: str
    content: bytes

    @classmethod
    def passphrase(cls, text: str) -> Self:
        """Return what a person typed. Raises UsageError for one that is too short."""
        if len(text) < PASSPHRASE_LEAST:
            raise UsageError(say("Kata sandi minimal {n} huruf.", n=PASSPHRASE_LEAST))
        return cls("passphrase", unicodedata.normalize("NFC", text).encode())

    @classmethod
    def key_file(cls, content: bytes) -> Self:
        """Return what lies in a key file. Raises UsageError for fewer than 32 bytes."""
        if len(content) < KEY_BYTES:
            raise UsageError(say("Berkas kunci minimal {n} bita.", n=KEY_BYTES))
        return cls("file", content)


@dataclass(frozen=True, repr=False)
class Lockbox:
    """The opened key of one store; ``store`` is its random name, bound into everything sealed."""

    store: str
    _seal_key: bytes
    _tag_key: bytes

    @classmethod
    def create(cls, secret: Secret) -> tuple[Self, bytes]:
        """Return a new key and the header that holds it closed."""
        store, key, salt = os.urandom(16).hex(), os.urandom(KEY_BYTES), os.urandom(_SALT_BYTES)
        head: dict[str, Any] = {
            "alg": "sync-argon2id-aes256gcm/v1",
            "store": store,
            "kind": secret.kind,
            "salt": salt.hex(),
            "time_cost": TIME_COST,
            "memory_kib": MEMORY_KIB,
        }
        closed = aead_seal(_kek(secret, head), key, aad=_bound(head))
        header = json.dumps(head | {"key": closed.hex()}).encode()
        return cls._of(store, key), header

    @classmethod
    def open(cls, header: bytes, secret: Secret) -> Self:
        """Open a header. Raises LockedError: a wrong secret and an altered header look the same."""
        try:
            head = json.loads(header)
            closed = bytes.fromhex(head.pop("key"))
            if (
                head["kind"] not in _KINDS
                or not TIME_COST <= head["time_cost"] <= _MOST_TIME
                or not MEMORY_KIB <= head["memory_kib"] <= _MOST_MEMORY
            ):
                raise LockedError(say("Berkas simpanan ini rusak atau diubah."))
            if head["kind"] != secret.kind:
                raise LockedError(say("Simpanan ini dibuka dengan cara lain (kata sandi/berkas)."))
            key = aead_open(_kek(secret, head), closed, aad=_bound(head))
            return cls._of(str(head["store"]), key)
        except (VaultError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise LockedError(say("Kata sandi salah, atau simpanan ini diubah.")) from error

    @classmethod
    def _of(cls, store: str, key: bytes) -> Self:
        return cls(store, _derived(key, b"seal"), _derived(key, b"tag"))

    def seal(self, content: bytes, *place: str) -> bytes:
        """Seal what lies at ``place`` (table and key of its row)."""
        return aead_seal(self._seal_key, content, aad=ctx("sync-row", self.store, *place))

    def unseal(self, sealed: bytes, *place: str) -> bytes:
        """Open :meth:`seal`. Raises LockedError where it was altered or moved."""
        try:
            return aead_open(self._seal_key, sealed, aad=ctx("sync-row", self.store, *place))
        except VaultError as error:
            raise LockedError(say("Berkas simpanan ini rusak atau diubah.")) from error

    def tag(self, *words: str) -> str:
        """Return a name for something that tells nothing of it without the key."""
        return HKDF(SHA256(), 16, None, ctx("sync-name", *words)).derive(self._tag_key).hex()


def _kek(secret: Secret, head: dict[str, Any]) -> bytes:
    salt = bytes.fromhex(head["salt"])
    if secret.kind == "file":  # random already: nothing to make slow
        return HKDF(SHA256(), KEY_BYTES, salt, ctx("sync-key-file")).derive(secret.content)
    return hash_secret_raw(
        secret.content,
        salt,
        time_cost=head["time_cost"],
        memory_cost=head["memory_kib"],
        parallelism=1,
        hash_len=KEY_BYTES,
        type=Type.ID,
    )


def _bound(head: dict[str, Any]) -> bytes:
    return ctx("sync-header", *(f"{name}={head[name]}" for name in sorted(head)))


def _derived(key: bytes, what: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, None, ctx("sync-derived", what)).derive(key)
