"""Key slots: several ways to reach one random key, each useless without its own secret.

A slot names its Argon2id cost, so whoever stores it could write a lower one and wait for the next unlock;
the cost is bound into the seal, and a slot under the floor is refused before any secret is asked for.
"""

import os
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any, Self

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from shamir_mnemonic.wordlist import WORDLIST

from complaints.vault.crypto.aead import KEY_BYTES, OVERHEAD_BYTES, aead_open, aead_seal
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import MalformedError, VaultError
from complaints.vault.crypto.fields import bytes_of_hex, exact_keys

SALT_BYTES = 16
PRF_BYTES = 32
CREDENTIAL_BYTES_MAX = 1023
LABEL_CHARACTERS_MAX = 60
PASSPHRASE_CHARACTERS_MIN = 12
RECOVERY_WORDS = 10
SLOTS_MAX = 12
SLOW_KINDS = ("passphrase", "words")


class WeakSlotError(VaultError):
    """The slot's Argon2id cost is under the floor, or so high that it could only harm."""

    code = "weak_slot"


class WeakPassphraseError(VaultError):
    """The passphrase is too short."""

    code = "weak_passphrase"


@dataclass(frozen=True)
class SlowCost:
    """Argon2id: passes, KiB of memory, lanes. About 135 ms at the floor on one core."""

    time_cost: int = 3
    memory_cost_kib: int = 64 * 1024
    parallelism: int = 1

    def check(self) -> None:
        """Raise WeakSlotError outside the floor and the ceiling of the format."""
        if not (
            FLOOR.time_cost <= self.time_cost <= CEILING.time_cost
            and FLOOR.memory_cost_kib <= self.memory_cost_kib <= CEILING.memory_cost_kib
            and self.parallelism == FLOOR.parallelism
        ):
            raise WeakSlotError("the slot's Argon2id cost is outside what the format allows")


FLOOR = SlowCost()
CEILING = SlowCost(time_cost=16, memory_cost_kib=1024 * 1024)


@dataclass(frozen=True)
class SlowSlot:
    """Opened by a passphrase or by recovery words, through Argon2id."""

    kind: str
    label: str
    salt: bytes
    cost: SlowCost
    ct: bytes

    @classmethod
    def make(cls, kind: str, secret: str, key: bytes, *, owner: str, label: str = "") -> Self:
        """Put ``key`` behind a secret at the floor's cost."""
        if kind == "passphrase" and len(secret) < PASSPHRASE_CHARACTERS_MIN:
            raise WeakPassphraseError(
                f"a passphrase has at least {PASSPHRASE_CHARACTERS_MIN} characters"
            )
        empty = cls(kind, label, os.urandom(SALT_BYTES), FLOOR, b"")
        ct = aead_seal(empty._kek(secret), key, aad=empty._aad(owner))
        return cls(kind, label, empty.salt, FLOOR, ct)

    def open(self, secret: str, *, owner: str) -> bytes:
        """Return the key; raise OpenError for a wrong secret, WeakSlotError before it is used."""
        self.cost.check()
        return aead_open(self._kek(secret), self.ct, aad=self._aad(owner))

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "kind": self.kind,
            "label": self.label,
            "salt": self.salt.hex(),
            "time_cost": self.cost.time_cost,
            "memory_cost_kib": self.cost.memory_cost_kib,
            "parallelism": self.cost.parallelism,
            "ct": self.ct.hex(),
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError, or WeakSlotError for a cost under the floor."""
        value = exact_keys(value, _SLOW_KEYS)
        numbers = [value[name] for name in ("time_cost", "memory_cost_kib", "parallelism")]
        if not all(type(number) is int for number in numbers):
            raise MalformedError("a cost is a whole number")
        cost = SlowCost(*numbers)
        cost.check()
        return cls(
            kind=value["kind"],
            label=_label(value["label"]),
            salt=bytes_of_hex(value["salt"], SALT_BYTES),
            cost=cost,
            ct=bytes_of_hex(value["ct"], KEY_BYTES + OVERHEAD_BYTES),
        )

    def _kek(self, secret: str) -> bytes:
        normal = " ".join(secret.lower().split()) if self.kind == "words" else secret
        return hash_secret_raw(
            unicodedata.normalize("NFC", normal).encode(),
            self.salt,
            time_cost=self.cost.time_cost,
            memory_cost=self.cost.memory_cost_kib,
            parallelism=self.cost.parallelism,
            hash_len=KEY_BYTES,
            type=Type.ID,
        )

    def _aad(self, owner: str) -> bytes:
        cost = self.cost
        return ctx(
            "bundle-slot",
            owner,
            self.kind,
            self.salt,
            str(cost.time_cost),
            str(cost.memory_cost_kib),
            str(cost.parallelism),
        )


@dataclass(frozen=True)
class PrfSlot:
    """Opened by a security key: 32 bytes of its WebAuthn PRF for ``prf_input``.

    Made and used in the browser; here so that a bundle with such a slot can be read and written.
    """

    label: str
    salt: bytes
    prf_input: bytes
    credential: bytes
    ct: bytes
    kind: str = "prf"

    @classmethod
    def make(
        cls,
        output: bytes,
        key: bytes,
        *,
        owner: str,
        prf_input: bytes,
        credential: bytes,
        label: str = "",
    ) -> Self:
        """Put ``key`` behind the authenticator's answer to ``prf_input``."""
        empty = cls(label, os.urandom(SALT_BYTES), prf_input, credential, b"")
        ct = aead_seal(empty._kek(output, owner), key, aad=empty._aad(owner))
        return cls(label, empty.salt, prf_input, credential, ct)

    def open(self, output: bytes, *, owner: str) -> bytes:
        """Return the key; raise OpenError for another authenticator's answer."""
        return aead_open(self._kek(output, owner), self.ct, aad=self._aad(owner))

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "kind": self.kind,
            "label": self.label,
            "salt": self.salt.hex(),
            "prf_input": self.prf_input.hex(),
            "credential": self.credential.hex(),
            "ct": self.ct.hex(),
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError."""
        value = exact_keys(value, _PRF_KEYS)
        credential = bytes_of_hex(value["credential"])
        if not 1 <= len(credential) <= CREDENTIAL_BYTES_MAX:
            raise MalformedError("a credential id has 1 to 1023 bytes")
        return cls(
            label=_label(value["label"]),
            salt=bytes_of_hex(value["salt"], SALT_BYTES),
            prf_input=bytes_of_hex(value["prf_input"], PRF_BYTES),
            credential=credential,
            ct=bytes_of_hex(value["ct"], KEY_BYTES + OVERHEAD_BYTES),
        )

    def _kek(self, output: bytes, owner: str) -> bytes:
        if len(output) != PRF_BYTES:
            raise MalformedError("a PRF answer has 32 bytes")
        return HKDF(
            algorithm=SHA256(), length=KEY_BYTES, salt=self.salt, info=ctx("prf-slot", owner)
        ).derive(output)

    def _aad(self, owner: str) -> bytes:
        return ctx("bundle-slot", owner, "prf", self.salt, self.prf_input, self.credential)


Slot = SlowSlot | PrfSlot

_SLOW_KEYS = frozenset(
    {"kind", "label", "salt", "time_cost", "memory_cost_kib", "parallelism", "ct"}
)
_PRF_KEYS = frozenset({"kind", "label", "salt", "prf_input", "credential", "ct"})


def slots_from_json(value: Any) -> tuple[Slot, ...]:
    """Read the slots of a key file; raise MalformedError or WeakSlotError."""
    if not isinstance(value, list) or not 1 <= len(value) <= SLOTS_MAX:
        raise MalformedError(f"a key file has 1 to {SLOTS_MAX} slots")
    slots: list[Slot] = []
    for slot in value:
        kind = slot.get("kind") if isinstance(slot, dict) else None
        if kind == "prf":
            slots.append(PrfSlot.from_json(slot))
        elif kind in SLOW_KINDS:
            slots.append(SlowSlot.from_json(slot))
        else:
            raise MalformedError("unknown kind of slot")
    if not any(slot.kind == "words" for slot in slots):
        raise MalformedError("a key file without recovery words could be lost for good")
    return tuple(slots)


def new_recovery_words() -> str:
    """Return ten words of the SLIP-39 list: 100 bits, each known by its first four letters."""
    return " ".join(secrets.choice(WORDLIST) for _ in range(RECOVERY_WORDS))


def _label(text: Any) -> str:
    if not isinstance(text, str) or len(text) > LABEL_CHARACTERS_MAX:
        raise MalformedError("a label is text of at most 60 characters")
    return text
