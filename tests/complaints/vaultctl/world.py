"""A custody of two sides, with its own root, seen from the outside and from each officer's chair.

Vera, Vito and Wira are verifiers of Aceh's desk; Kirana and Krisna custodians of the inspectorate; Riau has a
desk of its own (Rini). Keys are used unlocked: locking them is tested where it is the subject.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from complaints.vault.crypto import hpke
from complaints.vault.crypto.certificates import OfficerCertificate
from complaints.vault.crypto.keys import RecoveryPublicKey
from complaints.vault.crypto.sealing import SealedIdentityBlob, seal_identity
from complaints.vaultctl.groups import create_epoch
from complaints.vaultctl.keys import OfficerKeys, new_officer_keys, signing_public_key
from complaints.vaultctl.opening import OwnRequest, Release, ask, open_identity, release
from complaints.vaultctl.parts import CustodianPart, DeskPart, RecoveryPart, parts_of
from complaints.vaultctl.root import (
    certify_officer,
    certify_partner,
    certify_recovery,
    key_request,
    revoke,
)
from complaints.vaultctl.trust import Directory, GroupEpoch, Listing, Trust

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
UNTIL = date(2027, 3, 31)
DESK, RIAU, CUSTODIANS = "desk-aceh", "desk-riau", "custodians-ri"
UNITS = {DESK: "bawaslu-aceh", RIAU: "bawaslu-riau", CUSTODIANS: "inspektorat"}
PEOPLE = {
    "vera": DESK,
    "vito": DESK,
    "wira": DESK,
    "rini": RIAU,
    "kirana": CUSTODIANS,
    "krisna": CUSTODIANS,
}
IDENTITY = {
    "name": "I Gusti Ayu “Rai” Ñoño 😀",
    "address": "Jalan Melati 7 " * 700,
    "phone": "+62 811-0000-0001",
    "nik": "3273019999990001",
}


@dataclass
class World:
    """Keys of everybody, and the server's lists."""

    root_seed: bytes
    keys: dict[str, OfficerKeys]
    listing: Listing
    recovery: RecoveryPublicKey
    recovery_secret: bytes
    lpsk_secret: bytes

    @property
    def trust(self) -> Trust:
        return Trust(signing_public_key(self.root_seed))

    def directory(self, at: datetime = NOON) -> Directory:
        return Directory.open(self.listing, self.trust, at)

    def certificate(self, who: str) -> OfficerCertificate:
        return self.directory().officer(self.keys[who].officer)

    def with_lists(self, **changes: Any) -> None:
        """Change the server's lists, as an attacker or an import would."""
        self.listing = replace(self.listing, **changes)

    def revoked(self, *who: str) -> None:
        """Let the root revoke these officers."""
        list_now = self.listing.revocations
        fingerprints = [
            row.fingerprint()
            for row in self.listing.officers
            if row.officer in {self.keys[name].officer for name in who}
        ]
        later = revoke(
            self.root_seed,
            serial=list_now.serial + 1,
            earlier=list_now.revoked,
            fingerprints=fingerprints,
            not_after=UNTIL,
        )
        self.with_lists(revocations=later)

    def enrol(self, who: str, group: str, *, unit: str | None = None) -> OfficerKeys:
        """Make keys for somebody new and let the root certify them."""
        keys = new_officer_keys(uuid.uuid4().hex)
        certificate = certify_officer(
            self.root_seed,
            key_request(keys),
            unit=unit or UNITS[group],
            group=group,
            today=TODAY,
            not_after=UNTIL,
        )
        self.keys[who] = keys
        self.with_lists(officers=(*self.listing.officers, certificate))
        return keys

    def epoch(self, group: str, number: int, *, by: str, without: str = "") -> GroupEpoch:
        """Make an epoch by its maker's client and take it into the lists."""
        members = [
            row
            for row in self.directory().members(group)
            if not without or row.officer != self.keys[without].officer
        ]
        made = create_epoch(
            self.keys[by],
            me=self.certificate(by),
            members=members,
            epoch=number,
            not_after=UNTIL,
        )
        self.with_lists(epochs=(*self.listing.epochs, made))
        return made

    def seal(
        self,
        identity: dict[str, str] | None = None,
        *,
        lane: str = "sealed",
        desk: str = DESK,
        epochs: tuple[int, int] = (1, 1),
    ) -> SealedIdentityBlob:
        directory = self.directory()
        return seal_identity(
            IDENTITY if identity is None else identity,
            report=uuid.uuid4().hex,
            lane=lane,
            group_a=directory.group_key(desk, epochs[0]),
            group_b=directory.group_key(CUSTODIANS, epochs[1]),
            recovery=self.recovery,
        )

    def ask(
        self,
        blob: SealedIdentityBlob,
        *,
        who: str = "vera",
        purpose: str = "formal_requirements",
        **more: Any,
    ) -> OwnRequest:
        return ask(
            self.keys[who],
            report=blob.report,
            purpose=purpose,
            reason="Kajian awal",
            at=NOON,
            **more,
        )

    def release(
        self,
        blob: SealedIdentityBlob,
        own: OwnRequest,
        *,
        who: str = "kirana",
        at: datetime = NOON + timedelta(hours=1),
        part: CustodianPart | None = None,
    ) -> Release:
        return release(
            self.keys[who],
            part=part or custodian_part(blob),
            request=own.request,
            directory=self.directory(at),
        )

    def open(
        self,
        blob: SealedIdentityBlob,
        own: OwnRequest,
        released: Release,
        *,
        who: str = "vera",
        at: datetime = NOON + timedelta(hours=2),
        part: DeskPart | None = None,
    ) -> dict[str, str]:
        return open_identity(
            self.keys[who],
            part=part or desk_part(blob),
            own=own,
            released=released,
            directory=self.directory(at),
        )


def desk_part(blob: SealedIdentityBlob) -> DeskPart:
    return parts_of(blob)[0]


def custodian_part(blob: SealedIdentityBlob) -> CustodianPart:
    return parts_of(blob)[1]


def recovery_part(blob: SealedIdentityBlob) -> RecoveryPart:
    return parts_of(blob)[2]


def new_world() -> World:
    """Everything fresh: nothing in one test's world is known in another's."""
    root_seed, recovery_secret, lpsk_secret = (uuid.uuid4().bytes * 2 for _ in range(3))
    recovery_pk = hpke.public_key_of(recovery_secret)
    world = World(
        root_seed=root_seed,
        keys={},
        listing=Listing(
            officers=(),
            epochs=(),
            recovery=(certify_recovery(root_seed, name="r-2026", pk=recovery_pk, not_after=UNTIL),),
            partners=(
                certify_partner(
                    root_seed, name="lpsk", pk=hpke.public_key_of(lpsk_secret), not_after=UNTIL
                ),
            ),
            revocations=revoke(root_seed, serial=1, earlier=(), fingerprints=(), not_after=UNTIL),
        ),
        recovery=RecoveryPublicKey("r-2026", recovery_pk),
        recovery_secret=recovery_secret,
        lpsk_secret=lpsk_secret,
    )
    for who, group in PEOPLE.items():
        world.enrol(who, group)
    for group, by in ((DESK, "vera"), (RIAU, "rini"), (CUSTODIANS, "kirana")):
        world.epoch(group, 1, by=by)
    return world
