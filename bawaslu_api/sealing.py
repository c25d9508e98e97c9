"""A reporter's name, sealed on the office's own machine to keys that an offline root vouches for.

The bytes are those of docs/vault-format.md, from the same code as the server's (ADR 0047). The root is
pinned here; nothing the server says replaces it, and a list of revocations older than one seen before is
refused.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from complaints.vault.crypto.certificates import (
    GroupEpochCertificate,
    OfficerCertificate,
    RecoveryCertificate,
    RevocationList,
)
from complaints.vault.crypto.errors import MalformedError, NotCertifiedError, VaultError
from complaints.vault.crypto.fields import bytes_of_hex, exact_keys
from complaints.vault.crypto.keys import GroupKey, RecoveryPublicKey
from complaints.vault.crypto.sealing import seal_with_card_key

__all__ = [
    "SealingKeys",
    "Trust",
    "VaultError",
    "seal_name",
    "seal_name_with_card_key",
    "verified_keys",
]

JAKARTA = dt.timezone(dt.timedelta(hours=7))
"""A certificate's last day is counted as Bawaslu RI counts it."""
_ROOT_BYTES = 32


@dataclass(frozen=True)
class Trust:
    """The pinned root key and the newest revocation list seen: ``trust.json`` (docs/vaultctl.md)."""

    root_pk: bytes
    least_serial: int = 1

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read the file's content. Raises MalformedError (a VaultError)."""
        value = exact_keys(value, frozenset({"root_pk", "least_serial"}))
        if type(value["least_serial"]) is not int:
            raise MalformedError("least_serial is a whole number")
        return cls(bytes_of_hex(value["root_pk"], _ROOT_BYTES), value["least_serial"])

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file. Raises MalformedError, or OSError."""
        try:
            return cls.from_json(json.loads(path.read_text("utf-8")))
        except ValueError as error:
            raise MalformedError("not a trust file") from error

    def to_json(self) -> dict[str, Any]:
        """Return the file's content."""
        return {"root_pk": self.root_pk.hex(), "least_serial": self.least_serial}


@dataclass(frozen=True)
class SealingKeys:
    """The keys of one desk, of custodians elsewhere and of the recovery, all vouched for today.

    Keep ``trust``: its serial may have grown.
    """

    group_a: GroupKey
    group_b: GroupKey
    recovery: RecoveryPublicKey
    trust: Trust


def verified_keys(
    published: Mapping[str, Any], trust: Trust, *, on: dt.date | None = None
) -> SealingKeys:
    """Return the keys that GET /vault/keys gave, checked to the pinned root. Raises VaultError."""
    day = on or dt.datetime.now(JAKARTA).date()
    try:
        listed = RevocationList.from_json(published["revocations"])
        revoked = listed.verify(trust.root_pk, day, least_serial=trust.least_serial)
        signers = {
            signer.officer: signer
            for signer in map(OfficerCertificate.from_json, published["signers"])
        }
        group_a, group_b = (
            epoch.verify(trust.root_pk, day, signer=signers[epoch.signed_by], revoked=revoked)
            for epoch in (
                GroupEpochCertificate.from_json(published["group_a"]),
                GroupEpochCertificate.from_json(published["group_b"]),
            )
        )
        recovery = RecoveryCertificate.from_json(published["recovery"]).verify(
            trust.root_pk, day, revoked=revoked
        )
    except KeyError as error:
        raise NotCertifiedError("a certificate is missing") from error
    return SealingKeys(group_a, group_b, recovery, replace(trust, least_serial=listed.serial))


def seal_name(
    identity: Mapping[str, str], *, report: UUID, lane: str, keys: SealingKeys
) -> dict[str, Any]:
    """Return ``identity`` of a complaint, for whom no card will be shown; see the next."""
    return seal_name_with_card_key(identity, report=report, lane=lane, keys=keys)[0]


def seal_name_with_card_key(
    identity: Mapping[str, str], *, report: UUID, lane: str, keys: SealingKeys
) -> tuple[dict[str, Any], str]:
    """Return ``identity`` and ``card_key`` of a complaint: text under names such as ``name``, sealed.

    With ``card_key`` the reporter can show their card at any office. ``report`` is a fresh random UUID,
    which becomes the record's id. Raises VaultError.
    """
    blob, card_key = seal_with_card_key(
        identity,
        report=report.hex,
        lane=lane,
        group_a=keys.group_a,
        group_b=keys.group_b,
        recovery=keys.recovery,
    )
    return blob.to_json(), card_key.hex()
