"""What the offline root signs, and what officers bring to the ceremony."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Self

from complaints.vault.crypto.canonical import canonical_json
from complaints.vault.crypto.certificates import (
    PUBLIC_KEY_BYTES,
    OfficerCertificate,
    PartnerCertificate,
    RecoveryCertificate,
    RevocationList,
)
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import ExpiredError
from complaints.vault.crypto.fields import bytes_of_hex, checked_code, checked_id, exact_keys
from complaints.vault.crypto.keys import SIGNATURE_BYTES, check_signature, side_of
from complaints.vaultctl.keys import OfficerKeys, sign

CERTIFICATE_DAYS_MAX = 180


@dataclass(frozen=True)
class KeyRequest:
    """An officer's public keys on the way to the root, signed to show that he has the private one."""

    officer: str
    enc_pk: bytes
    sig_pk: bytes
    signature: bytes

    def message(self) -> bytes:
        """Return the bytes that the officer signs."""
        return ctx("key-request", canonical_json(self._content()))

    def check(self) -> None:
        """Raise BadSignatureError unless the officer holds the signing key."""
        check_signature(self.sig_pk, self.signature, self.message())

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {**self._content(), "signature": self.signature.hex()}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError."""
        value = exact_keys(value, frozenset(cls.__annotations__))
        return cls(
            checked_id(value["officer"]),
            bytes_of_hex(value["enc_pk"], PUBLIC_KEY_BYTES),
            bytes_of_hex(value["sig_pk"], PUBLIC_KEY_BYTES),
            bytes_of_hex(value["signature"], SIGNATURE_BYTES),
        )

    def _content(self) -> dict[str, str]:
        return {
            "officer": self.officer,
            "enc_pk": self.enc_pk.hex(),
            "sig_pk": self.sig_pk.hex(),
        }


def key_request(keys: OfficerKeys) -> KeyRequest:
    """Return what an officer brings to the ceremony."""
    unsigned = KeyRequest(keys.officer, keys.enc_pk, keys.sig_pk, b"")
    return replace(unsigned, signature=keys.sign(unsigned.message()))


def certify_officer(
    root_seed: bytes, request: KeyRequest, *, unit: str, group: str, today: date, not_after: date
) -> OfficerCertificate:
    """Certify an officer for a unit and a custody group, for at most 180 days."""
    request.check()
    side_of(checked_code(group))
    if not today <= not_after <= today + timedelta(days=CERTIFICATE_DAYS_MAX):
        raise ExpiredError(f"a certificate lasts at most {CERTIFICATE_DAYS_MAX} days")
    unsigned = OfficerCertificate(
        officer=request.officer,
        unit=checked_code(unit),
        group=group,
        enc_pk=request.enc_pk,
        sig_pk=request.sig_pk,
        not_after=not_after,
        signature=bytes(SIGNATURE_BYTES),
    )
    return replace(unsigned, signature=sign(root_seed, unsigned.message()))


def certify_recovery(
    root_seed: bytes, *, name: str, pk: bytes, not_after: date
) -> RecoveryCertificate:
    """Certify an offline recovery key."""
    unsigned = RecoveryCertificate(
        name=checked_code(name), pk=pk, not_after=not_after, signature=bytes(SIGNATURE_BYTES)
    )
    return replace(unsigned, signature=sign(root_seed, unsigned.message()))


def certify_partner(
    root_seed: bytes, *, name: str, pk: bytes, not_after: date
) -> PartnerCertificate:
    """Certify another institution's key."""
    unsigned = PartnerCertificate(
        name=checked_code(name), pk=pk, not_after=not_after, signature=bytes(SIGNATURE_BYTES)
    )
    return replace(unsigned, signature=sign(root_seed, unsigned.message()))


def revoke(
    root_seed: bytes,
    *,
    serial: int,
    earlier: Sequence[str],
    fingerprints: Sequence[str],
    not_after: date,
) -> RevocationList:
    """Sign the list with more fingerprints; nothing is ever taken off it."""
    unsigned = RevocationList(
        serial=serial,
        revoked=tuple(sorted({*earlier, *fingerprints})),
        not_after=not_after,
        signature=bytes(SIGNATURE_BYTES),
    )
    return replace(unsigned, signature=sign(root_seed, unsigned.message()))
