"""A reporter's signed consent to a hand-over, given from the mailbox with the receipt alone.

The signing key is derived from the mailbox key and the report, so nothing new is written down; its public
half is kept with the report from the day it is made, so that a consent cannot be made up later.
"""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.fields import (
    bytes_of_hex,
    checked_code,
    checked_id,
    date_of,
    exact_keys,
)
from complaints.vault.crypto.keys import SIGNATURE_BYTES, PartnerPublicKey, check_signature

SEED_BYTES = 32
PUBLIC_KEY_BYTES = 32


@dataclass(frozen=True)
class Consent:
    """The reporter agrees that this report's identity goes to this partner's key."""

    report: str
    partner: str
    partner_pk: bytes
    given_on: date
    signature: bytes

    def message(self) -> bytes:
        """Return the bytes that the reporter's key signs."""
        return ctx(
            "handover-consent",
            self.report,
            self.partner,
            self.partner_pk,
            self.given_on.isoformat(),
        )

    def document(self) -> bytes:
        """Return message and signature: the file whose digest a request cites as its basis."""
        return self.message() + self.signature

    def digest(self) -> bytes:
        """Return SHA-256 of the document."""
        return sha256(self.document()).digest()

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "report": self.report,
            "partner": self.partner,
            "partner_pk": self.partner_pk.hex(),
            "given_on": self.given_on.isoformat(),
            "signature": self.signature.hex(),
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError."""
        value = exact_keys(value, frozenset(cls.__annotations__))
        return cls(
            report=checked_id(value["report"]),
            partner=checked_code(value["partner"]),
            partner_pk=bytes_of_hex(value["partner_pk"], PUBLIC_KEY_BYTES),
            given_on=date_of(value["given_on"]),
            signature=bytes_of_hex(value["signature"], SIGNATURE_BYTES),
        )

    def verify(self, consent_pk: bytes, *, report: str, partner: PartnerPublicKey) -> None:
        """Raise BadSignatureError unless the reporter agreed to just this hand-over."""
        meant = Consent(
            report=report,
            partner=partner.partner,
            partner_pk=partner.public_key,
            given_on=self.given_on,
            signature=self.signature,
        )
        check_signature(consent_pk, self.signature, meant.message())


def consent_public_key(mailbox_private_key: bytes, *, report: str) -> bytes:
    """Return the public key to keep with the report when its receipt is made."""
    return _key(mailbox_private_key, report).public_key().public_bytes_raw()


def give_consent(
    mailbox_private_key: bytes, *, report: str, partner: PartnerPublicKey, on: date
) -> Consent:
    """Sign a consent with the key that the receipt gives."""
    unsigned = Consent(report, partner.partner, partner.public_key, on, b"")
    signature = _key(mailbox_private_key, report).sign(unsigned.message())
    return Consent(report, partner.partner, partner.public_key, on, signature)


def _key(mailbox_private_key: bytes, report: str) -> Ed25519PrivateKey:
    seed = HKDF(
        algorithm=SHA256(),
        length=SEED_BYTES,
        salt=None,
        info=ctx("consent-key", checked_id(report)),
    ).derive(mailbox_private_key)
    return Ed25519PrivateKey.from_private_bytes(seed)
