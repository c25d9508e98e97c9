"""Two people open one identity: asking, releasing, opening, and saying what was found."""

import hmac
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Self

from complaints.vault.crypto import hpke
from complaints.vault.crypto.aead import aead_open
from complaints.vault.crypto.canonical import parse_canonical
from complaints.vault.crypto.cards import IdentityCard, card_context, card_secret
from complaints.vault.crypto.certificates import OfficerCertificate
from complaints.vault.crypto.consent import Consent
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.errors import (
    MalformedError,
    OpenError,
    PurposeError,
    SplitCustodyError,
)
from complaints.vault.crypto.fields import (
    bytes_of_hex,
    checked_code,
    checked_epoch,
    checked_id,
    exact_keys,
)
from complaints.vault.crypto.keys import SIGNATURE_BYTES, GroupKey, PartnerPublicKey
from complaints.vault.crypto.padding import unpad
from complaints.vault.crypto.requests import (
    FINDINGS,
    RELEASE_BYTES,
    REQUEST_LIFETIME,
    Attestation,
    LegalBasis,
    UnsealRequest,
    basis_of,
    check_purpose,
    reason_with_basis,
)
from complaints.vault.crypto.sealing import (
    WRAP_BYTES,
    desk_context,
    key_check_value,
    seal_for_desk,
    seal_for_partner,
    xor,
)
from complaints.vaultctl.groups import open_group
from complaints.vaultctl.keys import OfficerKeys
from complaints.vaultctl.parts import (
    Binding,
    CustodianPart,
    DeskPart,
    RecoveryPart,
    base64_of,
    unbase64,
)
from complaints.vaultctl.trust import Directory


@dataclass(frozen=True)
class OwnRequest:
    """A request and its private key, sealed to the verifier who made it."""

    request: UnsealRequest
    key_sealed: bytes

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {"request": self.request.to_json(), "key_sealed": self.key_sealed.hex()}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError."""
        value = exact_keys(value, frozenset({"request", "key_sealed"}))
        return cls(
            UnsealRequest.from_json(value["request"]),
            bytes_of_hex(value["key_sealed"], WRAP_BYTES),
        )


@dataclass(frozen=True)
class Release:
    """Share B, sealed for one request; ``custodian`` says who let it go."""

    request: str
    custodian: str
    sealed: bytes

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "request": self.request,
            "custodian": self.custodian,
            "sealed": self.sealed.hex(),
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError."""
        value = exact_keys(value, frozenset({"request", "custodian", "sealed"}))
        return cls(
            checked_id(value["request"]),
            checked_id(value["custodian"]),
            bytes_of_hex(value["sealed"], RELEASE_BYTES),
        )


def ask(
    keys: OfficerKeys,
    *,
    report: str,
    purpose: str,
    reason: str,
    at: datetime,
    basis: LegalBasis | None = None,
    lifetime: timedelta = REQUEST_LIFETIME,
) -> OwnRequest:
    """Sign a request for share B of a report.

    Raises PurposeError for an unknown purpose, an empty reason, or a missing legal basis.
    """
    if basis is not None:
        reason = reason_with_basis(reason, basis)
    check_purpose(purpose, reason)
    secret = os.urandom(hpke.KEY_BYTES)
    unsigned = UnsealRequest(
        id=uuid.uuid4().hex,
        report=checked_id(report),
        purpose=purpose,
        reason=reason,
        verifier=keys.officer,
        epk=hpke.public_key_of(secret),
        expires=(at + min(lifetime, REQUEST_LIFETIME)).replace(microsecond=0),
        signature=bytes(SIGNATURE_BYTES),
    )
    request = replace(unsigned, signature=keys.sign(unsigned.message()))
    info = _request_key_context(request.id, keys.officer)
    return OwnRequest(request, hpke.seal(keys.enc_pk, secret, info=info))


def check_custody(
    binding: Binding,
    request: UnsealRequest,
    *,
    verifier: OfficerCertificate,
    custodian: OfficerCertificate,
) -> None:
    """Raise SplitCustodyError unless these two are the two sides of this sealing."""
    if request.report != binding.report:
        raise SplitCustodyError("the request is for another report")
    if (verifier.group, custodian.group) != (binding.group_a, binding.group_b):
        raise SplitCustodyError("wrong custody group")
    if verifier.unit == custodian.unit or verifier.officer == custodian.officer:
        raise SplitCustodyError("two officers of two units are needed")


def release(
    keys: OfficerKeys, *, part: CustodianPart, request: UnsealRequest, directory: Directory
) -> Release:
    """Let share B go to the one who asks, once everything about the request holds.

    Verifies chain, signature, purpose, expiry, revocation and units before any share is opened.
    """
    verifier, custodian = directory.officer(request.verifier), directory.officer(keys.officer)
    request.verify(directory.root_pk, directory.at, verifier=verifier, revoked=directory.revoked)
    binding = part.binding
    check_custody(binding, request, verifier=verifier, custodian=custodian)
    secret = open_group(keys, directory.epoch(binding.group_b, part.held_b))
    share = hpke.unseal(secret, part.wrap_b, info=binding.context("share-b"))
    sealed = hpke.seal(request.epk, share, info=request.release_context())
    return Release(request.id, keys.officer, sealed)


def open_identity(
    keys: OfficerKeys,
    *,
    part: DeskPart,
    own: OwnRequest,
    released: Release,
    directory: Directory,
) -> dict[str, str]:
    """Return the identity, once a custodian of another unit has released share B.

    Raises ExpiredError after the request's time, SplitCustodyError for the wrong two people, OpenError
    for anything moved or altered.
    """
    return open_with(
        part, joined_key(keys, part=part, own=own, released=released, directory=directory)
    )


def open_card(
    sealed: bytes,
    keys: OfficerKeys,
    *,
    part: DeskPart,
    own: OwnRequest,
    released: Release,
    directory: Directory,
) -> IdentityCard:
    """Return the card that a counter sealed to this report's identity; raises as ``open_identity``."""
    dek = joined_key(keys, part=part, own=own, released=released, directory=directory)
    open_with(part, dek)
    report = part.binding.report
    secret = card_secret(dek, report=report)
    return IdentityCard.unpacked(hpke.unseal(secret, sealed, info=card_context(report=report)))


def joined_key(
    keys: OfficerKeys,
    *,
    part: DeskPart,
    own: OwnRequest,
    released: Release,
    directory: Directory,
) -> bytes:
    """Return what both shares give (DEK), unproved: ``open_with`` tells whether they belong together."""
    request, binding = own.request, part.binding
    verifier = directory.officer(keys.officer)
    request.verify(directory.root_pk, directory.at, verifier=verifier, revoked=directory.revoked)
    custodian = directory.officer(released.custodian)
    check_custody(binding, request, verifier=verifier, custodian=custodian)
    if released.request != request.id:
        raise OpenError("the release is for another request")
    request_key = hpke.unseal(
        keys.enc_secret, own.key_sealed, info=_request_key_context(request.id, keys.officer)
    )
    share_b = hpke.unseal(request_key, released.sealed, info=request.release_context())
    secret = open_group(keys, directory.epoch(binding.group_a, part.held_a))
    share_a = hpke.unseal(secret, part.wrap_a, info=binding.context("share-a"))
    return xor(share_a, share_b)


def open_with(part: DeskPart | RecoveryPart, dek: bytes) -> dict[str, str]:
    """Return the identity under a joined DEK; raise OpenError when the shares did not belong together."""
    if not hmac.compare_digest(key_check_value(dek, part.binding.context("kcv")), part.kcv):
        raise OpenError("a share is not this sealing's")
    identity = parse_canonical(
        unpad(aead_open(dek, part.ciphertext, aad=part.binding.context("identity")))
    )
    if not isinstance(identity, dict) or not all(
        isinstance(text, str) for text in identity.values()
    ):
        raise MalformedError("what was sealed is no identity")
    return identity


def attest(
    keys: OfficerKeys,
    *,
    part: DeskPart,
    request: UnsealRequest,
    result: Mapping[str, bool | None],
    at: datetime,
) -> Attestation:
    """Sign what was found, in place of the identity."""
    if not result or not result.keys() <= FINDINGS:
        raise MalformedError("a result answers some of the known findings")
    if request.verifier != keys.officer or request.report != part.binding.report:
        raise SplitCustodyError("whoever opened attests")
    unsigned = Attestation(
        report=part.binding.report,
        request=request.id,
        result=dict(result),
        ciphertext_sha256=sha256(part.ciphertext).digest(),
        verifier=keys.officer,
        attested_on=at.astimezone(UTC).date(),
        signature=bytes(SIGNATURE_BYTES),
    )
    return replace(unsigned, signature=keys.sign(unsigned.message()))


@dataclass(frozen=True)
class DeskWords:
    """Words sealed to a desk's epoch."""

    report: str
    kind: str
    group: str
    epoch: int
    blob: bytes

    def read(self, keys: OfficerKeys, directory: Directory) -> str:
        """Return the words; raise OpenError when anything does not match."""
        secret = open_group(keys, directory.epoch(self.group, self.epoch))
        info = desk_context(report=self.report, kind=self.kind, group=self.group, epoch=self.epoch)
        try:
            return unpad(hpke.unseal(secret, self.blob, info=info)).decode()
        except UnicodeDecodeError as error:
            raise MalformedError("what was sealed is no text") from error

    def moved(self, keys: OfficerKeys, directory: Directory, *, to: GroupKey) -> Self:
        """Return the same words sealed anew to another epoch of the same desk."""
        if to.group != self.group:
            raise SplitCustodyError("words stay with their own desk")
        text = self.read(keys, directory)
        blob = seal_for_desk(text, report=self.report, kind=self.kind, group_a=to)
        return replace(self, epoch=to.epoch, blob=blob)

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {**vars(self), "blob": base64_of(self.blob)}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError."""
        value = exact_keys(value, frozenset(cls.__annotations__))
        if not isinstance(value["kind"], str):
            raise MalformedError("kind is text")
        return cls(
            report=checked_id(value["report"]),
            kind=value["kind"],
            group=checked_code(value["group"]),
            epoch=checked_epoch(value["epoch"]),
            blob=unbase64(value["blob"]),
        )


def hand_over(
    identity: Mapping[str, str],
    *,
    request: UnsealRequest,
    consent: Consent,
    consent_pk: bytes,
    partner: PartnerPublicKey,
) -> bytes:
    """Seal an opened identity to a partner, with the reporter's signed consent; else PurposeError."""
    if request.purpose != "lpsk_handover":
        raise PurposeError("opened for another purpose")
    consent.verify(consent_pk, report=request.report, partner=partner)
    basis = basis_of(request.reason)
    if basis is None or basis.document_sha256 != consent.digest():
        raise PurposeError("the request cites another consent")
    return seal_for_partner(identity, report=request.report, partner=partner)


def _request_key_context(request: str, verifier: str) -> bytes:
    return ctx("request-key", request, verifier)
