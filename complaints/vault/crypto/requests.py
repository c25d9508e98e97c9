"""Asking to open, letting open, and saying what was found: three statements with their bindings."""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

from complaints.vault.crypto.canonical import canonical_json
from complaints.vault.crypto.certificates import PUBLIC_KEY_BYTES, OfficerCertificate
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import (
    ExpiredError,
    MalformedError,
    NotCertifiedError,
    PurposeError,
)
from complaints.vault.crypto.fields import (
    bytes_of_hex,
    checked_id,
    date_of,
    exact_keys,
    instant_of,
    instant_text,
)
from complaints.vault.crypto.keys import SIGNATURE_BYTES, check_signature
from complaints.vault.crypto.sealing import WRAP_BYTES, SealedIdentityBlob

PURPOSES = frozenset(
    {"formal_requirements", "leak_check", "lpsk_handover", "court_order", "correction"}
)
PURPOSES_WITH_BASIS = frozenset({"lpsk_handover", "court_order"})
"""A consent or an order must be named, and its digest signed with the request."""

REQUEST_LIFETIME = timedelta(hours=8)
CLOCK_SKEW = timedelta(minutes=10)
REASON_CHARACTERS_MAX = 2000
RELEASE_BYTES = WRAP_BYTES

FINDINGS = frozenset(
    {
        "name_present",
        "address_present",
        "id_card_matches",
        "signature_matches",
        "adult_citizen",
        "not_the_reported",
        "within_time_limit",
    }
)
"""What a verifier may say of an identity (syarat formal, Perbawaslu 7/2022 Pasal 15): yes, no, not
examined (null)."""

_BASIS = re.compile(r"dasar: (?P<reference>[^\n]{3,200}) sha256:(?P<digest>[0-9a-f]{64})\n")


@dataclass(frozen=True)
class LegalBasis:
    """The document a purpose rests on: how it is cited, and SHA-256 of its file."""

    reference: str
    document_sha256: bytes


def reason_with_basis(reason: str, basis: LegalBasis) -> str:
    """Return the reason with its basis as the first line, the form that is signed."""
    text = f"dasar: {basis.reference} sha256:{basis.document_sha256.hex()}\n{reason}"
    if basis_of(text) != basis:
        raise MalformedError("a legal basis is cited on one line of 3 to 200 characters")
    return text


def basis_of(reason: str) -> LegalBasis | None:
    """Return the basis a reason begins with, if it does."""
    match = _BASIS.match(reason)
    if not match:
        return None
    return LegalBasis(match["reference"], bytes.fromhex(match["digest"]))


@dataclass(frozen=True)
class UnsealRequest:
    """A verifier asks for share B of one report, for one purpose, to a key made for this request.

    ``epk`` is the public half of that key; the private half stays with the verifier's client.
    """

    id: str
    report: str
    purpose: str
    reason: str
    verifier: str
    epk: bytes
    expires: datetime
    signature: bytes

    def message(self) -> bytes:
        """Return the bytes that the verifier signs."""
        return ctx(
            "unseal-request",
            self.id,
            self.report,
            self.purpose,
            self.reason,
            self.verifier,
            self.epk,
            instant_text(self.expires),
        )

    def release_context(self) -> bytes:
        """Return the binding of share B when it is released for this request."""
        return ctx("release", self.id, self.report, self.purpose, instant_text(self.expires))

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "id": self.id,
            "report": self.report,
            "purpose": self.purpose,
            "reason": self.reason,
            "verifier": self.verifier,
            "epk": self.epk.hex(),
            "expires": instant_text(self.expires),
            "signature": self.signature.hex(),
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError."""
        value = exact_keys(value, frozenset(cls.__annotations__))
        if not isinstance(value["purpose"], str) or not isinstance(value["reason"], str):
            raise MalformedError("purpose and reason are text")
        return cls(
            id=checked_id(value["id"]),
            report=checked_id(value["report"]),
            purpose=value["purpose"],
            reason=value["reason"],
            verifier=checked_id(value["verifier"]),
            epk=bytes_of_hex(value["epk"], PUBLIC_KEY_BYTES),
            expires=instant_of(value["expires"]),
            signature=bytes_of_hex(value["signature"], SIGNATURE_BYTES),
        )

    def verify(
        self,
        root_pk: bytes,
        at: datetime,
        *,
        verifier: OfficerCertificate,
        revoked: Collection[str] = (),
    ) -> None:
        """Raise unless a certified verifier asks this, now, for a purpose that may be asked.

        BadSignatureError, ExpiredError, RevokedError, NotCertifiedError, PurposeError, MalformedError.
        """
        verifier.verify(root_pk, at.astimezone(UTC).date(), revoked=revoked)
        if verifier.officer != self.verifier:
            raise NotCertifiedError("the certificate is another officer's")
        check_signature(verifier.sig_pk, self.signature, self.message())
        check_purpose(self.purpose, self.reason)
        if self.expires <= at:
            raise ExpiredError("the request has expired")
        if self.expires > at + REQUEST_LIFETIME + CLOCK_SKEW:
            raise ExpiredError("the request reaches too far ahead")


def check_purpose(purpose: str, reason: str) -> None:
    """Raise PurposeError unless the purpose is known, explained, and rests on what it must."""
    if purpose not in PURPOSES:
        raise PurposeError("unknown purpose")
    if not reason.strip() or len(reason) > REASON_CHARACTERS_MAX:
        raise PurposeError(f"a reason of 1 to {REASON_CHARACTERS_MAX} characters is needed")
    if purpose in PURPOSES_WITH_BASIS and basis_of(reason) is None:
        raise PurposeError("this purpose needs its legal basis")


@dataclass(frozen=True)
class Attestation:
    """What a verifier says after opening, in place of the identity itself.

    ``result`` answers some of FINDINGS with true, false or null (not examined).
    """

    report: str
    request: str
    result: Mapping[str, bool | None]
    ciphertext_sha256: bytes
    verifier: str
    attested_on: date
    signature: bytes

    def content(self) -> dict[str, Any]:
        """Return what the verifier signs."""
        return {
            "report": self.report,
            "request": self.request,
            "result": dict(self.result),
            "ciphertext_sha256": self.ciphertext_sha256.hex(),
            "verifier": self.verifier,
            "attested_on": self.attested_on.isoformat(),
        }

    def message(self) -> bytes:
        """Return the bytes that the verifier signs."""
        return ctx("attestation", canonical_json(self.content()))

    def to_json(self) -> dict[str, Any]:
        """Return content and signature as JSON values."""
        return {**self.content(), "signature": self.signature.hex()}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError."""
        value = exact_keys(value, frozenset(cls.__annotations__))
        result = value["result"]
        if not isinstance(result, dict) or not result or not result.keys() <= FINDINGS:
            raise MalformedError("a result answers some of the known findings")
        if not all(answer is None or isinstance(answer, bool) for answer in result.values()):
            raise MalformedError("a finding is true, false or null")
        return cls(
            report=checked_id(value["report"]),
            request=checked_id(value["request"]),
            result=result,
            ciphertext_sha256=bytes_of_hex(
                value["ciphertext_sha256"], hashlib.sha256().digest_size
            ),
            verifier=checked_id(value["verifier"]),
            attested_on=date_of(value["attested_on"]),
            signature=bytes_of_hex(value["signature"], SIGNATURE_BYTES),
        )

    def verify(
        self,
        root_pk: bytes,
        at: date,
        *,
        verifier: OfficerCertificate,
        blob: SealedIdentityBlob,
        revoked: Collection[str] = (),
    ) -> None:
        """Raise unless a certified verifier of the blob's desk attests to this very ciphertext."""
        verifier.verify(root_pk, at, revoked=revoked)
        if (verifier.officer, verifier.group) != (self.verifier, blob.group_a):
            raise NotCertifiedError("not a verifier of this report's desk")
        check_signature(verifier.sig_pk, self.signature, self.message())
        if self.report != blob.report or self.ciphertext_sha256 != ciphertext_digest(blob):
            raise MalformedError("the attestation is about another sealing")


def ciphertext_digest(blob: SealedIdentityBlob) -> bytes:
    """Return SHA-256 of the ciphertext, by which an attestation names what was opened."""
    return hashlib.sha256(blob.ciphertext).digest()
