"""What a client believes: a pinned root, and of the server's lists only what the root vouches for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Self

from complaints.vault.crypto.certificates import (
    GroupEpochCertificate,
    OfficerCertificate,
    PartnerCertificate,
    RecoveryCertificate,
    RevocationList,
    Signed,
)
from complaints.vault.crypto.errors import (
    MalformedError,
    NotCertifiedError,
    RevokedError,
    VaultError,
)
from complaints.vault.crypto.fields import bytes_of_hex, checked_id, exact_keys
from complaints.vault.crypto.keys import GroupKey, PartnerPublicKey, RecoveryPublicKey
from complaints.vault.crypto.sealing import WRAP_BYTES

ROOT_BYTES = 32


@dataclass(frozen=True)
class Trust:
    """The pinned root key and the newest revocation list seen, kept by the client itself."""

    root_pk: bytes
    least_serial: int = 1

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {"root_pk": self.root_pk.hex(), "least_serial": self.least_serial}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError."""
        value = exact_keys(value, frozenset({"root_pk", "least_serial"}))
        if type(value["least_serial"]) is not int:
            raise MalformedError("least_serial is a whole number")
        return cls(bytes_of_hex(value["root_pk"], ROOT_BYTES), value["least_serial"])


@dataclass(frozen=True)
class GroupEpoch:
    """A group's epoch as it is stored: its certificate and the secret wrapped to each member."""

    certificate: GroupEpochCertificate
    wraps: dict[str, bytes]

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "certificate": self.certificate.to_json(),
            "wraps": {officer: wrap.hex() for officer, wrap in sorted(self.wraps.items())},
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError."""
        value = exact_keys(value, frozenset({"certificate", "wraps"}))
        if not isinstance(value["wraps"], dict):
            raise MalformedError("wraps is an object")
        return cls(
            GroupEpochCertificate.from_json(value["certificate"]),
            {
                checked_id(officer): bytes_of_hex(wrap, WRAP_BYTES)
                for officer, wrap in value["wraps"].items()
            },
        )


@dataclass(frozen=True)
class Listing:
    """The server's lists as they came, nothing of them believed yet."""

    officers: tuple[OfficerCertificate, ...]
    epochs: tuple[GroupEpoch, ...]
    recovery: tuple[RecoveryCertificate, ...]
    partners: tuple[PartnerCertificate, ...]
    revocations: RevocationList

    def to_json(self) -> dict[str, Any]:
        """Return JSON values."""
        return {
            "officers": [certificate.to_json() for certificate in self.officers],
            "epochs": [epoch.to_json() for epoch in self.epochs],
            "recovery": [certificate.to_json() for certificate in self.recovery],
            "partners": [certificate.to_json() for certificate in self.partners],
            "revocations": self.revocations.to_json(),
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Read :meth:`to_json`; raise MalformedError."""
        names = ("officers", "epochs", "recovery", "partners")
        value = exact_keys(value, frozenset({*names, "revocations"}))
        if not all(isinstance(value[name], list) for name in names):
            raise MalformedError("the lists of a listing are lists")
        return cls(
            officers=tuple(map(OfficerCertificate.from_json, value["officers"])),
            epochs=tuple(map(GroupEpoch.from_json, value["epochs"])),
            recovery=tuple(map(RecoveryCertificate.from_json, value["recovery"])),
            partners=tuple(map(PartnerCertificate.from_json, value["partners"])),
            revocations=RevocationList.from_json(value["revocations"]),
        )


@dataclass(frozen=True)
class Directory:
    """A listing seen through the pinned root at one moment. Every answer has been verified."""

    listing: Listing
    root_pk: bytes
    at: datetime
    revoked: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def open(cls, listing: Listing, trust: Trust, at: datetime) -> Self:
        """Check the revocation list first; raise when it is forged, old or past its time."""
        revoked = listing.revocations.verify(
            trust.root_pk, _day(at), least_serial=trust.least_serial
        )
        return cls(listing, trust.root_pk, at, revoked)

    def officer(self, officer: str) -> OfficerCertificate:
        """Return the officer's valid certificate; raise why there is none."""
        found = [entry for entry in self.listing.officers if entry.officer == officer]
        valid = _valid(found, self._check_officer)
        if not valid:
            raise NotCertifiedError("no certificate for this officer")
        return max(valid, key=lambda certificate: certificate.not_after)

    def members(self, group: str) -> list[OfficerCertificate]:
        """Return the valid certificates of a group, one for each officer."""
        valid: dict[str, OfficerCertificate] = {}
        for entry in self.listing.officers:
            if entry.group == group:
                try:
                    self._check_officer(entry)
                except VaultError:
                    continue
                valid[entry.officer] = entry
        return [valid[officer] for officer in sorted(valid)]

    def group_key(self, group: str, epoch: int) -> GroupKey:
        """Return the key of an epoch, to seal to; raise why it may not be used."""
        certificate = self.epoch(group, epoch).certificate
        signers = [
            entry for entry in self.listing.officers if entry.officer == certificate.signed_by
        ]
        valid = _valid(signers, partial(self._check_epoch, certificate))
        if not valid:
            raise NotCertifiedError("nobody certified signed this epoch")
        return certificate.verify(
            self.root_pk, _day(self.at), signer=valid[0], revoked=self.revoked
        )

    def epoch(self, group: str, epoch: int) -> GroupEpoch:
        """Return a stored epoch, unverified: enough to open, never to seal to."""
        for entry in self.listing.epochs:
            if (entry.certificate.group, entry.certificate.epoch) == (group, epoch):
                return entry
        raise NotCertifiedError("no such epoch")

    def recovery(self, name: str) -> RecoveryPublicKey:
        """Return a recovery key; raise why it may not be used."""
        for entry in self.listing.recovery:
            if entry.name == name:
                return entry.verify(self.root_pk, _day(self.at), revoked=self.revoked)
        raise NotCertifiedError("no such recovery key")

    def partner(self, name: str) -> PartnerPublicKey:
        """Return a partner's key; raise why it may not be used."""
        for entry in self.listing.partners:
            if entry.name == name:
                return entry.verify(self.root_pk, _day(self.at), revoked=self.revoked)
        raise NotCertifiedError("no such partner")

    def problems(self) -> list[str]:
        """Return one line for everything that somebody must have put there; empty when all holds.

        What is merely past its time or revoked is no problem, unless a group's secret is still wrapped
        to such an officer. An epoch that a newer one has replaced may be signed by somebody who has
        left the lists since; nothing is sealed to it.
        """
        newest: dict[str, int] = {}
        for entry in self.listing.epochs:
            code, epoch_number = entry.certificate.group, entry.certificate.epoch
            newest[code] = max(newest.get(code, 0), epoch_number)
        found = []
        for certificate in self.listing.officers:
            found += _problem(
                f"officer {certificate.officer}", self._check_made_by_root, certificate
            )
        for entry in self.listing.epochs:
            epoch = entry.certificate
            name = f"epoch {epoch.group}/{epoch.epoch}"
            if self._is_listed(epoch.signed_by) or epoch.epoch == newest[epoch.group]:
                found += _problem(name, self._check_made_by_member, epoch)
            certified = {member.officer for member in self.members(epoch.group)}
            found += [
                f"{name}: wrapped to {officer}, who is no certified member"
                for officer in sorted(entry.wraps.keys() - certified)
            ]
        for named in (*self.listing.recovery, *self.listing.partners):
            found += _problem(f"{named.name_key} {named.name}", self._check_made_by_root, named)
        return found

    def _is_listed(self, officer: str) -> bool:
        return any(entry.officer == officer for entry in self.listing.officers)

    def _check_made_by_root(
        self, statement: OfficerCertificate | RecoveryCertificate | PartnerCertificate
    ) -> None:
        statement.verify(self.root_pk, self._day_of(statement))

    def _day_of(self, *statements: Signed) -> date:
        """Return today, or the last day on which all of these were valid."""
        return min(_day(self.at), *(statement.not_after for statement in statements))

    def _check_made_by_member(self, epoch: GroupEpochCertificate) -> None:
        signers = [entry for entry in self.listing.officers if entry.officer == epoch.signed_by]
        valid = _valid(signers, partial(self._check_epoch_of, epoch))
        if not valid:
            raise NotCertifiedError("nobody certified signed this epoch")

    def _check_epoch_of(self, epoch: GroupEpochCertificate, signer: OfficerCertificate) -> None:
        epoch.verify(self.root_pk, self._day_of(epoch, signer), signer=signer)

    def _check_epoch(self, epoch: GroupEpochCertificate, signer: OfficerCertificate) -> None:
        epoch.verify(self.root_pk, _day(self.at), signer=signer, revoked=self.revoked)

    def _check_officer(self, certificate: OfficerCertificate) -> None:
        certificate.verify(self.root_pk, _day(self.at), revoked=self.revoked)


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _valid(
    certificates: Iterable[OfficerCertificate], check: Callable[[OfficerCertificate], object]
) -> list[OfficerCertificate]:
    """Keep what passes; when there is something and none does, raise the reason that says most."""
    passed: list[OfficerCertificate] = []
    reason: VaultError | None = None
    for certificate in certificates:
        try:
            check(certificate)
        except VaultError as error:
            reason = error if reason is None or isinstance(error, RevokedError) else reason
        else:
            passed.append(certificate)
    if not passed and reason is not None:
        raise reason
    return passed


def _problem(name: str, check: Callable[[Any], object], statement: object) -> list[str]:
    try:
        check(statement)
    except VaultError as error:
        return [f"{name}: {error.code}"]
    return []
