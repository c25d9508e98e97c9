"""A whole custody in the keyring, and what officers' clients do with it.

Root, a verification desk of Bawaslu Jawa Tengah (Vera, Vito) and of RI (Retno), custodians of the
inspectorate (Kurnia, Kadek), a recovery key and LPSK's. Keys are made once a run; their rows are written
for each test. Private halves stay here: the product gets what it would get from a ceremony.
"""

import hashlib
import os
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bawaslu_cases.keyring.models import (
    GroupEpoch,
    KeyGroup,
    MemberWrap,
    OfficerCertificate,
    OutsideKey,
    ReportWraps,
    RevocationList,
)
from complaints.vault.crypto import aead, hpke
from complaints.vault.crypto import certificates as certified
from complaints.vault.crypto.canonical import canonical_json, parse_canonical
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.keys import GroupKey, PartnerPublicKey
from complaints.vault.crypto.padding import unpad
from complaints.vault.crypto.requests import Attestation, UnsealRequest, ciphertext_digest
from complaints.vault.crypto.sealing import (
    SealedIdentityBlob,
    desk_context,
    identity_context,
    key_check_value,
    seal_for_desk,
    seal_for_partner,
    xor,
)
from complaints.vaultctl.bundle import Bundle
from complaints.vaultctl.keys import OfficerKeys
from complaints.vaultctl.slots import Slot, SlowSlot
from tests.factories import public_id_of
from tests.support.vault_keys import Group, Officer, signed

ROOT = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"root of the tests").digest())
"""Its public half stands in settings/test.py; nothing but tests trusts it."""

DESK, RI_DESK, CUSTODIANS = "desk-00-33", "desk-00", "custodians-ri"
UNITS = {DESK: "kantor-00-33", RI_DESK: "kantor-00", CUSTODIANS: "inspektorat"}
OFFICES = {DESK: "00.33", RI_DESK: "00", CUSTODIANS: ""}
MEMBERS = {
    "vera": DESK,
    "vito": DESK,
    "retno": RI_DESK,
    "kurnia": CUSTODIANS,
    "kadek": CUSTODIANS,
}
STARTED = datetime.now(UTC).date()
"""Taken at import: the world is kept for the process, and its first asker may have travelled in time."""
PASSPHRASE = "frasa sandi kunci contoh"
WORDS = "academic acid acne acquire acrobat activity actress adapt adequate adjust"
RECOVERY, PARTNER = "r-2026", "lpsk"
EPOCHS = {DESK: 3, RI_DESK: 2, CUSTODIANS: 7}

NOTHING_WRONG = {
    "name_present": True,
    "address_present": True,
    "id_card_matches": None,
    "signature_matches": None,
    "adult_citizen": True,
    "not_the_reported": True,
    "within_time_limit": True,
}


@dataclass(frozen=True)
class Asked:
    """A signed request and what its maker keeps: the private half of ``epk``, and that half sealed."""

    request: UnsealRequest
    esk: bytes
    sealed_esk: bytes


class VaultWorld:
    """The custody. Methods that take ``who`` do what that officer's client does, with their keys."""

    def __init__(self) -> None:
        self.not_after = STARTED + timedelta(days=90)
        self.officers = {
            who: self._officer(group, public_id_of(who).hex) for who, group in MEMBERS.items()
        }
        self.groups = {
            code: self.new_epoch(code, epoch, self._first_of(code))
            for code, epoch in EPOCHS.items()
        }
        self.recovery, self.partner = os.urandom(32), os.urandom(32)
        self.made: dict[tuple[str, int], Group] = {}
        self._bundles: dict[str, dict[str, Any]] = {}

    def _first_of(self, group: str) -> Officer:
        return next(row for row in self.officers.values() if row.group == group)

    def _officer(self, group: str, officer: str, unit: str = "") -> Officer:
        made = Officer(group, unit or UNITS[group], id=officer)
        content = {
            "officer": made.id,
            "unit": made.unit,
            "group": group,
            "enc_pk": made.enc_pk.hex(),
            "sig_pk": made.signing.public_key().public_bytes_raw().hex(),
            "not_after": self.not_after.isoformat(),
        }
        made.certificate = signed(certified.OfficerCertificate, content, ROOT)
        return made

    def newcomer(self, group: str, who: str) -> Officer:
        """Return a certified officer that the keyring does not know yet."""
        return self._officer(group, public_id_of(who).hex)

    def new_epoch(
        self, code: str, epoch: int, signer: Officer, not_after: date | None = None
    ) -> Group:
        """Return a key of a group, certified by a member; nobody has a wrap of it yet."""
        made = Group(code, UNITS[code], epoch)
        content = {
            "group": code,
            "side": "a" if code.startswith("desk-") else "b",
            "unit": UNITS[code],
            "epoch": epoch,
            "pk": hpke.public_key_of(made.private).hex(),
            "signed_by": signer.id,
            "not_after": (not_after or self.not_after).isoformat(),
        }
        made.certificate = signed(certified.GroupEpochCertificate, content, signer.signing)
        return made

    def member_wrap(self, group: Group, member: Officer) -> bytes:
        """Seal a group's private key to a member."""
        info = ctx("group-wrap", group.code, str(group.epoch), member.id)
        return hpke.seal(member.enc_pk, group.private, info=info)

    def named_key(self, kind: Any, name: str, private: bytes) -> dict[str, Any]:
        """Return the root's certificate for the recovery key or a partner's."""
        content = {
            kind.name_key: name,
            "pk": hpke.public_key_of(private).hex(),
            "not_after": self.not_after.isoformat(),
        }
        return signed(kind, content, ROOT)

    def revocations(self, serial: int = 1, revoked: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return a list of what the root has revoked."""
        content = {
            "serial": serial,
            "revoked": sorted(revoked),
            "not_after": self.not_after.isoformat(),
        }
        return signed(certified.RevocationList, content, ROOT)

    @property
    def root_pk(self) -> bytes:
        """Return the root's public key."""
        return ROOT.public_key().public_bytes_raw()

    @property
    def partner_pk(self) -> bytes:
        """Return LPSK's public key."""
        return hpke.public_key_of(self.partner)

    def certificate(self, who: str) -> certified.OfficerCertificate:
        """Return an officer's certificate."""
        return certified.OfficerCertificate.from_json(self.officers[who].certificate)

    def recertify(self, who: str, *, unit: str) -> None:
        """Store a certificate that the root gave for another unit; keys stay."""
        held = self.officers[who]
        content = {name: held.certificate[name] for name in held.certificate if name != "signature"}
        OfficerCertificate.objects.filter(officer=UUID(held.id)).delete()
        certificate_row(signed(certified.OfficerCertificate, content | {"unit": unit}, ROOT)).save()

    # --- rows ---------------------------------------------------------------------------------------

    def fill(self) -> "VaultWorld":
        """Write every row of the keyring: one insert for each of six tables."""
        KeyGroup.objects.bulk_create(
            KeyGroup(
                code=code,
                side="a" if code.startswith("desk-") else "b",
                unit=unit,
                office_code=OFFICES[code],
            )
            for code, unit in UNITS.items()
        )
        OfficerCertificate.objects.bulk_create(
            certificate_row(row.certificate) for row in self.officers.values()
        )
        epochs = GroupEpoch.objects.bulk_create(
            epoch_row(group.certificate) for group in self.groups.values()
        )
        MemberWrap.objects.bulk_create(
            MemberWrap(
                group_epoch=row,
                officer=UUID(member.id),
                wrap=self.member_wrap(self.groups[row.group_id], member),
            )
            for row in epochs
            for member in self.officers.values()
            if member.group == row.group_id
        )
        OutsideKey.objects.bulk_create(
            [
                outside_row(
                    "recovery",
                    RECOVERY,
                    self.named_key(certified.RecoveryCertificate, RECOVERY, self.recovery),
                ),
                outside_row(
                    "lpsk",
                    PARTNER,
                    self.named_key(certified.PartnerCertificate, PARTNER, self.partner),
                ),
            ]
        )
        RevocationList.objects.create(serial=1, body=canonical_json(self.revocations()))
        return self

    # --- what clients do ----------------------------------------------------------------------------

    def ask(
        self,
        who: str,
        report: UUID,
        *,
        at: datetime,
        purpose: str = "formal_requirements",
        reason: str = "Memeriksa syarat formal.",
        hours: float = 8,
        **changes: Any,
    ) -> Asked:
        """Make and sign a request as a verifier; ``changes`` are put in before it is signed."""
        officer = self.officers[who]
        esk = os.urandom(32)
        unsigned = UnsealRequest(
            id=uuid4().hex,
            report=report.hex,
            purpose=purpose,
            reason=reason,
            verifier=officer.id,
            epk=hpke.public_key_of(esk),
            expires=(at + timedelta(hours=hours)).replace(microsecond=0),
            signature=b"",
        )
        unsigned = replace(unsigned, **changes)
        request = replace(unsigned, signature=officer.signing.sign(unsigned.message()))
        info = ctx("request-key", request.id, officer.id)
        return Asked(request, esk, hpke.seal(officer.enc_pk, esk, info=info))

    def release(self, who: str, request: UnsealRequest, part: Mapping[str, Any]) -> bytes:
        """Re-seal share B to the request's own key as a custodian; refuses nothing."""
        assert self.officers[who].group == CUSTODIANS
        share = hpke.unseal(
            self.groups[CUSTODIANS].private, b64decode(part["wrap_b"]), info=bound(part, "share-b")
        )
        return hpke.seal(request.epk, share, info=request.release_context())

    def open(
        self, who: str, asked: Asked, release: bytes, part: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Join both shares as the verifier and open the identity; raises OpenError."""
        desk = self.groups[self.officers[who].group]
        wrap_a, kcv, ciphertext = (
            b64decode(part[name]) for name in ("wrap_a", "kcv", "ciphertext")
        )
        share_a = hpke.unseal(desk.private, wrap_a, info=bound(part, "share-a"))
        share_b = hpke.unseal(asked.esk, release, info=asked.request.release_context())
        dek = xor(share_a, share_b)
        assert key_check_value(dek, bound(part, "kcv")) == kcv
        opened = aead.aead_open(dek, ciphertext, aad=bound(part, "identity"))
        identity: dict[str, Any] = parse_canonical(unpad(opened))
        return identity

    def moved(self, part: Mapping[str, Any], side: str, *, to: Group) -> dict[str, Any]:
        """Move a share to a later epoch of its group, as ``vaultctl rewrap`` does."""
        group, what = self.groups[part[f"group_{side}"]], f"share-{side}"
        info = bound(part, what)
        share = hpke.unseal(group.private, b64decode(part[f"wrap_{side}"]), info=info)
        wrap = hpke.seal(hpke.public_key_of(to.private), share, info=info)
        return {**part, f"wrap_{side}": b64encode(wrap).decode(), f"held_{side}": to.epoch}

    def moved_words(self, words: Mapping[str, Any], *, to: Group) -> dict[str, Any]:
        """Seal words for the desk anew to a later epoch."""
        key = GroupKey(to.code, "a", to.unit, to.epoch, hpke.public_key_of(to.private))
        blob = seal_for_desk(
            self.read_words(words), report=words["report"], kind=words["kind"], group_a=key
        )
        return {**words, "epoch": to.epoch, "blob": b64encode(blob).decode()}

    @contextmanager
    def under(self, group: Group) -> Iterator[None]:
        """Let clients use another epoch's key of a group inside the block."""
        before, self.groups[group.code] = self.groups[group.code], group
        try:
            yield
        finally:
            self.groups[group.code] = before

    def bundle(self, who: str) -> dict[str, Any]:
        """Return an officer's keys locked behind :data:`PASSPHRASE`, as ``vaultctl`` does."""
        if who not in self._bundles:
            held = self.officers[who]
            seed = held.signing.private_bytes_raw()
            keys = OfficerKeys(held.id, held.enc_sk, seed)

            def slots(key: bytes) -> tuple[Slot, ...]:
                return tuple(
                    SlowSlot.make(kind, secret, key, owner=held.id)
                    for kind, secret in (("passphrase", PASSPHRASE), ("words", WORDS))
                )

            self._bundles[who] = Bundle.lock(keys, slots).to_json()
        return self._bundles[who]

    def read_words(self, words: Mapping[str, Any]) -> str:
        """Open what the reporter wrote for the desk."""
        info = desk_context(
            report=words["report"], kind=words["kind"], group=words["group"], epoch=words["epoch"]
        )
        private = self.groups[words["group"]].private
        return unpad(hpke.unseal(private, b64decode(words["blob"]), info=info)).decode()

    def parcel(self, identity: Mapping[str, str], complaint: Any) -> bytes:
        """Seal an identity to LPSK as the verifier's client does."""
        key = PartnerPublicKey(PARTNER, self.partner_pk)
        return seal_for_partner(identity, report=complaint.public_id.hex, partner=key)

    def open_parcel(self, parcel: bytes, complaint: Any) -> Any:
        """Open a hand-over with LPSK's own key."""
        info = ctx("partner-parcel", complaint.public_id.hex, PARTNER)
        return parse_canonical(unpad(hpke.unseal(self.partner, parcel, info=info)))

    canonical = staticmethod(canonical_json)

    def attest(
        self,
        who: str,
        request: UnsealRequest,
        blob: SealedIdentityBlob,
        *,
        on: date,
        result: Mapping[str, bool | None] = NOTHING_WRONG,
    ) -> Attestation:
        """Sign what the verifier found."""
        officer = self.officers[who]
        unsigned = Attestation(
            report=blob.report,
            request=request.id,
            result=dict(result),
            ciphertext_sha256=ciphertext_digest(blob),
            verifier=officer.id,
            attested_on=on,
            signature=b"",
        )
        return replace(unsigned, signature=officer.signing.sign(unsigned.message()))


def bound(part: Mapping[str, Any], what: str) -> bytes:
    """Return what binds one piece of a sealing."""
    names = ("report", "lane", "group_a", "epoch_a", "group_b", "epoch_b")
    return identity_context(what, **{name: part[name] for name in names})


@cache
def vault_world() -> VaultWorld:
    """Return the custody of this run: the same keys in every test of a process."""
    return VaultWorld()


def certificate_row(certificate: Mapping[str, Any]) -> OfficerCertificate:
    """Return the row of an officer's certificate."""
    read = certified.OfficerCertificate.from_json(dict(certificate))
    return OfficerCertificate(
        officer=UUID(read.officer),
        group_id=read.group,
        unit=read.unit,
        enc_pk=read.enc_pk,
        sig_pk=read.sig_pk,
        not_after=read.not_after,
        signature=read.signature,
    )


def epoch_row(certificate: Mapping[str, Any], *, is_current: bool = True) -> GroupEpoch:
    """Return the row of a group's epoch."""
    read = certified.GroupEpochCertificate.from_json(dict(certificate))
    return GroupEpoch(
        group_id=read.group,
        epoch=read.epoch,
        pk_bytes=read.pk,
        signed_by=UUID(read.signed_by),
        not_after=read.not_after,
        signature=read.signature,
        is_current=is_current,
    )


def outside_row(kind: str, code: str, certificate: Mapping[str, Any]) -> OutsideKey:
    """Return the row of the recovery key or LPSK's."""
    return OutsideKey(
        code=code,
        kind=kind,
        pk_bytes=bytes.fromhex(certificate["pk"]),
        not_after=date.fromisoformat(certificate["not_after"]),
        signature=bytes.fromhex(certificate["signature"]),
        is_current=True,
    )


def stored_blob(complaint: Any) -> SealedIdentityBlob:
    """Put a report's ciphertext and wraps together again, as somebody with every database could."""
    identity = complaint.identity
    wraps = ReportWraps.objects.get(report=complaint.public_id)
    return SealedIdentityBlob(
        report=complaint.public_id.hex,
        lane=identity.lane,
        group_a=identity.group_a,
        epoch_a=identity.epoch_a,
        group_b=identity.group_b,
        epoch_b=identity.epoch_b,
        recovery=identity.recovery,
        ciphertext=bytes(identity.ciphertext),
        wrap_a=bytes(wraps.wrap_a),
        wrap_b=bytes(wraps.wrap_b),
        wrap_r=bytes(wraps.wrap_r),
        kcv=bytes(identity.kcv),
        alg=identity.algorithm,
    )


def signed_in(client: Any, user: Any, *, stepped_up: bool = True) -> Any:
    """Sign a test client in, as somebody who has just proved once more who they are."""
    client.force_login(user)
    session = client.session
    if stepped_up:
        session["account_authentication_methods_user"] = str(user.pk)
        session["account_authentication_methods"] = [
            {"method": "password", "at": time.time(), "reauthenticated": True}
        ]
    session.save()
    return client
