"""Who vouches for which key: the offline root for officers, recovery and partners, members for epochs.

A certificate is valid through the day ``not_after``. ``revoked`` is the set of fingerprints of a verified
revocation list; clients always pass it.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Self

from complaints.vault.crypto.canonical import canonical_json
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import (
    ExpiredError,
    MalformedError,
    NotCertifiedError,
    RevokedError,
)
from complaints.vault.crypto.fields import (
    bytes_of_hex,
    checked_code,
    checked_epoch,
    checked_id,
    date_of,
    exact_keys,
)
from complaints.vault.crypto.keys import (
    SIGNATURE_BYTES,
    GroupKey,
    PartnerPublicKey,
    RecoveryPublicKey,
    check_signature,
    side_of,
)

PUBLIC_KEY_BYTES = 32
FINGERPRINT_BYTES = 32


@dataclass(frozen=True)
class Signed:
    """What every signed statement has: one message, one fingerprint, one day on which it ends."""

    label: ClassVar[str]

    not_after: date
    signature: bytes

    def content(self) -> dict[str, Any]:
        """Return what is signed, in the spelling of the format."""
        raise NotImplementedError

    def message(self) -> bytes:
        """Return the bytes that are signed."""
        return ctx(self.label, canonical_json(self.content()))

    def fingerprint(self) -> str:
        """Return SHA-256 of the message as hex: the name by which the root revokes it."""
        return hashlib.sha256(self.message()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return content and signature as JSON values."""
        return {**self.content(), "signature": self.signature.hex()}

    def _check(self, signer_pk: bytes, at: date, revoked: Collection[str]) -> None:
        check_signature(signer_pk, self.signature, self.message())
        if at > self.not_after:
            raise ExpiredError(f"ended on {self.not_after.isoformat()}")
        if self.fingerprint() in revoked:
            raise RevokedError("revoked by the root")


@dataclass(frozen=True)
class OfficerCertificate(Signed):
    """The root's word that these keys are this officer's, of this unit and custody group."""

    label = "officer-cert"
    keys = frozenset({"officer", "unit", "group", "enc_pk", "sig_pk", "not_after", "signature"})

    officer: str
    unit: str
    group: str
    enc_pk: bytes
    sig_pk: bytes

    def content(self) -> dict[str, Any]:
        """Return what the root signs."""
        return {
            "officer": self.officer,
            "unit": self.unit,
            "group": self.group,
            "enc_pk": self.enc_pk.hex(),
            "sig_pk": self.sig_pk.hex(),
            "not_after": self.not_after.isoformat(),
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError or SplitCustodyError."""
        value = exact_keys(value, cls.keys)
        side_of(checked_code(value["group"]))
        return cls(
            officer=checked_id(value["officer"]),
            unit=checked_code(value["unit"]),
            group=value["group"],
            enc_pk=bytes_of_hex(value["enc_pk"], PUBLIC_KEY_BYTES),
            sig_pk=bytes_of_hex(value["sig_pk"], PUBLIC_KEY_BYTES),
            not_after=date_of(value["not_after"]),
            signature=bytes_of_hex(value["signature"], SIGNATURE_BYTES),
        )

    def verify(self, root_pk: bytes, at: date, *, revoked: Collection[str] = ()) -> None:
        """Raise unless the root vouches for this certificate on that day."""
        self._check(root_pk, at, revoked)


@dataclass(frozen=True)
class GroupEpochCertificate(Signed):
    """A certified member's word that this is the group's key for this epoch."""

    label = "group-epoch"
    keys = frozenset(
        {"group", "side", "unit", "epoch", "pk", "signed_by", "not_after", "signature"}
    )

    group: str
    side: str
    unit: str
    epoch: int
    pk: bytes
    signed_by: str

    def content(self) -> dict[str, Any]:
        """Return what the member signs."""
        return {
            "group": self.group,
            "side": self.side,
            "unit": self.unit,
            "epoch": self.epoch,
            "pk": self.pk.hex(),
            "signed_by": self.signed_by,
            "not_after": self.not_after.isoformat(),
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError."""
        value = exact_keys(value, cls.keys)
        if value["side"] not in ("a", "b"):
            raise MalformedError("a side is a or b")
        return cls(
            group=checked_code(value["group"]),
            side=value["side"],
            unit=checked_code(value["unit"]),
            epoch=checked_epoch(value["epoch"]),
            pk=bytes_of_hex(value["pk"], PUBLIC_KEY_BYTES),
            signed_by=checked_id(value["signed_by"]),
            not_after=date_of(value["not_after"]),
            signature=bytes_of_hex(value["signature"], SIGNATURE_BYTES),
        )

    def verify(
        self,
        root_pk: bytes,
        at: date,
        *,
        signer: OfficerCertificate,
        revoked: Collection[str] = (),
    ) -> GroupKey:
        """Return the key when a member whom the root vouches for signed it; raise otherwise.

        Needed before anything is sealed to the key. Opening needs no certificate, only the wrap.
        """
        signer.verify(root_pk, at, revoked=revoked)
        if (signer.officer, signer.group, signer.unit) != (self.signed_by, self.group, self.unit):
            raise NotCertifiedError("the signer is not a member of this group")
        side = side_of(self.group)
        if side != self.side:
            raise NotCertifiedError("the group is on the other side")
        self._check(signer.sig_pk, at, revoked)
        return GroupKey(
            group=self.group, side=side, unit=self.unit, epoch=self.epoch, public_key=self.pk
        )


@dataclass(frozen=True)
class _NamedKeyCertificate(Signed):
    """The root's word for a key that has a name; ``name_key`` is what the format calls the name."""

    name_key: ClassVar[str]

    name: str
    pk: bytes

    def content(self) -> dict[str, Any]:
        """Return what the root signs."""
        return {
            self.name_key: self.name,
            "pk": self.pk.hex(),
            "not_after": self.not_after.isoformat(),
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError."""
        value = exact_keys(value, frozenset({cls.name_key, "pk", "not_after", "signature"}))
        return cls(
            name=checked_code(value[cls.name_key]),
            pk=bytes_of_hex(value["pk"], PUBLIC_KEY_BYTES),
            not_after=date_of(value["not_after"]),
            signature=bytes_of_hex(value["signature"], SIGNATURE_BYTES),
        )


@dataclass(frozen=True)
class RecoveryCertificate(_NamedKeyCertificate):
    """The root's word that this is the offline recovery key."""

    label = "recovery-key"
    name_key = "recovery"

    def verify(
        self, root_pk: bytes, at: date, *, revoked: Collection[str] = ()
    ) -> RecoveryPublicKey:
        """Return the key when the root vouches for it on that day; raise otherwise."""
        self._check(root_pk, at, revoked)
        return RecoveryPublicKey(recovery=self.name, public_key=self.pk)


@dataclass(frozen=True)
class PartnerCertificate(_NamedKeyCertificate):
    """The root's word that this is the key of another institution (LPSK)."""

    label = "partner-key"
    name_key = "partner"

    def verify(
        self, root_pk: bytes, at: date, *, revoked: Collection[str] = ()
    ) -> PartnerPublicKey:
        """Return the key when the root vouches for it on that day; raise otherwise."""
        self._check(root_pk, at, revoked)
        return PartnerPublicKey(partner=self.name, public_key=self.pk)


@dataclass(frozen=True)
class RevocationList(Signed):
    """All fingerprints the root has revoked. ``serial`` only grows; clients refuse a lower one.

    ``not_after`` makes a withheld newer list show: past it, clients refuse to work with this one.
    """

    label = "revocation-list"
    keys = frozenset({"serial", "revoked", "not_after", "signature"})

    serial: int
    revoked: tuple[str, ...]

    def content(self) -> dict[str, Any]:
        """Return what the root signs."""
        return {
            "serial": self.serial,
            "revoked": list(self.revoked),
            "not_after": self.not_after.isoformat(),
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError."""
        value = exact_keys(value, cls.keys)
        revoked = value["revoked"]
        if not isinstance(revoked, list):
            raise MalformedError("revoked is a list")
        for fingerprint in revoked:
            bytes_of_hex(fingerprint, FINGERPRINT_BYTES)
        if revoked != sorted(set(revoked)):
            raise MalformedError("fingerprints are sorted and distinct")
        return cls(
            serial=checked_epoch(value["serial"]),
            revoked=tuple(revoked),
            not_after=date_of(value["not_after"]),
            signature=bytes_of_hex(value["signature"], SIGNATURE_BYTES),
        )

    def verify(self, root_pk: bytes, at: date, *, least_serial: int = 1) -> frozenset[str]:
        """Return the revoked fingerprints when the list is the root's and not an old one."""
        self._check(root_pk, at, ())
        if self.serial < least_serial:
            raise ExpiredError("an older list than one already seen")
        return frozenset(self.revoked)
