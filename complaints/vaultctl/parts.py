"""The parts of a sealed identity that each role is handed, and never more.

The verifier gets the ciphertext and his own desk's share, the custodian his share and no ciphertext, a
recovery ceremony the ciphertext and the recovery wrap. ``held_a`` and ``held_b`` say which epoch's key
opens the wrap today; the binding stays that of the sealing. The JSON is the one that the browser's client
reads (docs/vault-format.md, 9).
"""

import base64
import binascii
from dataclasses import asdict, dataclass
from typing import Any, Self, final

from complaints.vault.crypto.errors import MalformedSealError
from complaints.vault.crypto.fields import checked_code, checked_epoch, checked_id, exact_keys
from complaints.vault.crypto.sealing import (
    KCV_BYTES,
    LANES,
    WRAP_BYTES,
    SealedIdentityBlob,
    identity_context,
)

_BINDING = ("report", "lane", "group_a", "epoch_a", "group_b", "epoch_b")


@dataclass(frozen=True)
class Binding:
    """What every part of a sealed identity is bound to."""

    report: str
    lane: str
    group_a: str
    epoch_a: int
    group_b: str
    epoch_b: int

    def context(self, what: str) -> bytes:
        """Return the binding of one part: identity, share-a, share-b, recovery or kcv."""
        return identity_context(what, **asdict(self))

    @classmethod
    def of(cls, blob: SealedIdentityBlob) -> Self:
        """Return the binding of a whole sealing."""
        return cls(**{name: getattr(blob, name) for name in _BINDING})


@final
@dataclass(frozen=True)
class DeskPart:
    """What a verifier is handed."""

    binding: Binding
    ciphertext: bytes
    kcv: bytes
    wrap_a: bytes
    held_a: int

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return _json(self)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError."""
        binding, value = _split(value, "ciphertext", "kcv", "wrap_a", "held_a")
        return cls(
            binding,
            unbase64(value["ciphertext"]),
            unbase64(value["kcv"], KCV_BYTES),
            unbase64(value["wrap_a"], WRAP_BYTES),
            checked_epoch(value["held_a"]),
        )


@final
@dataclass(frozen=True)
class CustodianPart:
    """What a custodian is handed: no ciphertext."""

    binding: Binding
    wrap_b: bytes
    held_b: int

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return _json(self)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError."""
        binding, value = _split(value, "wrap_b", "held_b")
        return cls(binding, unbase64(value["wrap_b"], WRAP_BYTES), checked_epoch(value["held_b"]))


@final
@dataclass(frozen=True)
class RecoveryPart:
    """What a recovery ceremony is handed."""

    binding: Binding
    ciphertext: bytes
    kcv: bytes
    wrap_r: bytes
    recovery: str

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return _json(self)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError."""
        binding, value = _split(value, "ciphertext", "kcv", "wrap_r", "recovery")
        return cls(
            binding,
            unbase64(value["ciphertext"]),
            unbase64(value["kcv"], KCV_BYTES),
            unbase64(value["wrap_r"], WRAP_BYTES),
            checked_code(value["recovery"]),
        )


def parts_of(blob: SealedIdentityBlob) -> tuple[DeskPart, CustodianPart, RecoveryPart]:
    """Split a fresh sealing, whose shares lie under the epochs it was sealed to."""
    binding = Binding.of(blob)
    return (
        DeskPart(binding, blob.ciphertext, blob.kcv, blob.wrap_a, blob.epoch_a),
        CustodianPart(binding, blob.wrap_b, blob.epoch_b),
        RecoveryPart(binding, blob.ciphertext, blob.kcv, blob.wrap_r, blob.recovery),
    )


def base64_of(raw: bytes) -> str:
    """Return standard base64."""
    return base64.b64encode(raw).decode()


def unbase64(text: Any, length: int | None = None) -> bytes:
    """Read standard base64 of ``length`` bytes; raise MalformedSealError."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise MalformedSealError("a part is not base64") from error
    if length is not None and len(raw) != length:
        raise MalformedSealError("a part has the wrong size")
    return raw


def _json(part: DeskPart | CustodianPart | RecoveryPart) -> dict[str, Any]:
    own = {name: value for name, value in vars(part).items() if name != "binding"}
    return asdict(part.binding) | {
        name: base64_of(value) if isinstance(value, bytes) else value for name, value in own.items()
    }


def _split(value: Any, *own: str) -> tuple[Binding, Any]:
    value = exact_keys(value, frozenset({*_BINDING, *own}))
    if value["lane"] not in sorted(LANES):
        raise MalformedSealError("a lane is sealed or open")
    binding = Binding(
        report=checked_id(value["report"]),
        lane=value["lane"],
        group_a=checked_code(value["group_a"]),
        epoch_a=checked_epoch(value["epoch_a"]),
        group_b=checked_code(value["group_b"]),
        epoch_b=checked_epoch(value["epoch_b"]),
    )
    return binding, value
