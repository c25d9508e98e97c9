"""Keys at rest: a body under a random key, and the slots that reach that key.

Four kinds of key file share one shape: an officer's bundle, the root's key, a partner's key. The server
may store an officer's bundle; without a slot's secret it opens nothing.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

from complaints.vault.crypto.aead import KEY_BYTES, OVERHEAD_BYTES, aead_open, aead_seal
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import MalformedError, OpenError
from complaints.vault.crypto.fields import bytes_of_hex, checked_code, checked_id, exact_keys
from complaints.vault.crypto.hpke import public_key_of
from complaints.vaultctl.keys import SEED_BYTES, OfficerKeys, signing_public_key
from complaints.vaultctl.slots import PrfSlot, Slot, SlowSlot, slots_from_json

BUNDLE_ALG = "bundle-aes256gcm/v1"
KEY_FILE_ALG = "secret-aes256gcm/v1"
ROOT_OWNER = "root"
PUBLIC_KEY_BYTES = 32


def open_slot(slots: tuple[Slot, ...], kind: str, secret: str | bytes, *, owner: str) -> bytes:
    """Return the key behind the first slot of ``kind`` that this secret opens.

    Raises OpenError when none does.
    """
    for slot in slots:
        try:
            if isinstance(slot, SlowSlot) and slot.kind == kind and isinstance(secret, str):
                return slot.open(secret, owner=owner)
            if isinstance(slot, PrfSlot) and kind == "prf" and isinstance(secret, bytes):
                return slot.open(secret, owner=owner)
        except OpenError:
            continue
    raise OpenError("no slot opens with this")


@dataclass(frozen=True)
class Bundle:
    """An officer's two secrets, locked."""

    officer: str
    enc_pk: bytes
    sig_pk: bytes
    body: bytes
    slots: tuple[Slot, ...]

    @classmethod
    def lock(cls, keys: OfficerKeys, make_slots: Callable[[bytes], tuple[Slot, ...]]) -> Self:
        """Lock keys under a fresh bundle key, which ``make_slots`` puts behind its secrets."""
        key = os.urandom(KEY_BYTES)
        aad = ctx("bundle", keys.officer, keys.enc_pk, keys.sig_pk)
        body = aead_seal(key, keys.enc_secret + keys.sig_seed, aad=aad)
        return cls(keys.officer, keys.enc_pk, keys.sig_pk, body, make_slots(key))

    def unlock(self, kind: str, secret: str | bytes) -> OfficerKeys:
        """Return the keys; raise OpenError for a wrong secret or a body that is not this officer's."""
        key = open_slot(self.slots, kind, secret, owner=self.officer)
        both = aead_open(key, self.body, aad=ctx("bundle", self.officer, self.enc_pk, self.sig_pk))
        return OfficerKeys(self.officer, both[:SEED_BYTES], both[SEED_BYTES:])

    def with_slot(self, kind: str, secret: str | bytes, make: Callable[[bytes], Slot]) -> Self:
        """Return the bundle with one slot more, or in place of one of the same kind and label."""
        added = make(open_slot(self.slots, kind, secret, owner=self.officer))
        kept = [slot for slot in self.slots if (slot.kind, slot.label) != (added.kind, added.label)]
        return replace(self, slots=(*kept, added))

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "alg": BUNDLE_ALG,
            "officer": self.officer,
            "enc_pk": self.enc_pk.hex(),
            "sig_pk": self.sig_pk.hex(),
            "body": self.body.hex(),
            "slots": [slot.to_json() for slot in self.slots],
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError, or WeakSlotError for a lowered cost."""
        value = exact_keys(
            value, frozenset({"alg", "officer", "enc_pk", "sig_pk", "body", "slots"})
        )
        if value["alg"] != BUNDLE_ALG:
            raise MalformedError("unknown algorithm of a bundle")
        return cls(
            officer=checked_id(value["officer"]),
            enc_pk=bytes_of_hex(value["enc_pk"], PUBLIC_KEY_BYTES),
            sig_pk=bytes_of_hex(value["sig_pk"], PUBLIC_KEY_BYTES),
            body=bytes_of_hex(value["body"], 2 * SEED_BYTES + OVERHEAD_BYTES),
            slots=slots_from_json(value["slots"]),
        )


@dataclass(frozen=True)
class SecretFile:
    """One secret of 32 bytes, locked: the root's signing seed, or a partner's X25519 key.

    ``owner`` is "root" or the partner's code; ``public`` is the key's public half.
    """

    owner: str
    public: bytes
    body: bytes
    slots: tuple[Slot, ...]

    @classmethod
    def lock(
        cls, owner: str, secret: bytes, make_slots: Callable[[bytes], tuple[Slot, ...]]
    ) -> Self:
        """Lock a secret under a fresh key."""
        public = _public(owner, secret)
        key = os.urandom(KEY_BYTES)
        body = aead_seal(key, secret, aad=ctx("secret", owner, public))
        return cls(owner, public, body, make_slots(key))

    def unlock(self, kind: str, secret: str) -> bytes:
        """Return the secret; raise OpenError when it does not open or is another key's."""
        key = open_slot(self.slots, kind, secret, owner=self.owner)
        return aead_open(key, self.body, aad=ctx("secret", self.owner, self.public))

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "alg": KEY_FILE_ALG,
            "owner": self.owner,
            "public": self.public.hex(),
            "body": self.body.hex(),
            "slots": [slot.to_json() for slot in self.slots],
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError, or WeakSlotError for a lowered cost."""
        value = exact_keys(value, frozenset({"alg", "owner", "public", "body", "slots"}))
        if value["alg"] != KEY_FILE_ALG:
            raise MalformedError("unknown algorithm of a key file")
        return cls(
            owner=checked_code(value["owner"]),
            public=bytes_of_hex(value["public"], PUBLIC_KEY_BYTES),
            body=bytes_of_hex(value["body"], SEED_BYTES + OVERHEAD_BYTES),
            slots=slots_from_json(value["slots"]),
        )


def _public(owner: str, secret: bytes) -> bytes:
    return signing_public_key(secret) if owner == ROOT_OWNER else public_key_of(secret)
