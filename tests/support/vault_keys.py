"""A whole small custody for tests of the browser's half: root, one desk, the custodians, recovery.

Private halves stay here, in the test; the browser gets the JSON that a page of the product carries.
"""

import os
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from complaints.vault.crypto import hpke
from complaints.vault.crypto.certificates import (
    GroupEpochCertificate,
    OfficerCertificate,
    RecoveryCertificate,
    RevocationList,
)
from complaints.vault.crypto.context import ctx
from complaints.vault.crypto.keys import SIGNATURE_BYTES

DESK = "desk-id-jt"
CUSTODIANS = "custodians-ri"
RECOVERY = "r-2026"


@dataclass
class Officer:
    """An officer's keys and certificate."""

    group: str
    unit: str
    id: str = field(default_factory=lambda: os.urandom(16).hex())
    enc_sk: bytes = field(default_factory=lambda: os.urandom(32))
    signing: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    certificate: dict[str, Any] = field(default_factory=dict)

    @property
    def enc_pk(self) -> bytes:
        """Return the raw public half."""
        return hpke.public_key_of(self.enc_sk)

    def unlocked(self) -> dict[str, str]:
        """Return the private halves as a test hands them to the browser."""
        seed = self.signing.private_bytes_raw()
        return {"officer": self.id, "enc": self.enc_sk.hex(), "seed": seed.hex()}


@dataclass
class Group:
    """A group's key of one epoch."""

    code: str
    unit: str
    epoch: int
    private: bytes = field(default_factory=lambda: os.urandom(32))
    certificate: dict[str, Any] = field(default_factory=dict)


class Custody:
    """Everything of a custody, with certificates good for 30 days from ``at``."""

    def __init__(self, at: date) -> None:
        self.at = at
        self.root = Ed25519PrivateKey.generate()
        self.verifier = self.officer(DESK, "bawaslu-jt")
        self.custodian = self.officer(CUSTODIANS, "inspektorat")
        self.desk = self.epoch(DESK, "bawaslu-jt", 3, self.verifier)
        self.custodians = self.epoch(CUSTODIANS, "inspektorat", 7, self.custodian)
        self.recovery = os.urandom(32)

    @property
    def not_after(self) -> str:
        """Return the last day of the certificates."""
        return (self.at + timedelta(days=30)).isoformat()

    @property
    def root_pk(self) -> str:
        """Return the root's public key as pages carry it."""
        return self.root.public_key().public_bytes_raw().hex()

    def officer(self, group: str, unit: str, **changes: Any) -> Officer:
        """Make an officer whom the root certifies."""
        made = Officer(group, unit)
        content = {
            "officer": made.id,
            "unit": unit,
            "group": group,
            "enc_pk": made.enc_pk.hex(),
            "sig_pk": made.signing.public_key().public_bytes_raw().hex(),
            "not_after": self.not_after,
            **changes,
        }
        made.certificate = signed(OfficerCertificate, content, self.root)
        return made

    def epoch(self, code: str, unit: str, epoch: int, signer: Officer) -> Group:
        """Make a group's key that a member certifies."""
        made = Group(code, unit, epoch)
        content = {
            "group": code,
            "side": "a" if code.startswith("desk-") else "b",
            "unit": unit,
            "epoch": epoch,
            "pk": hpke.public_key_of(made.private).hex(),
            "signed_by": signer.id,
            "not_after": self.not_after,
        }
        made.certificate = signed(GroupEpochCertificate, content, signer.signing)
        return made

    def stored(self, group: Group, *members: Officer) -> dict[str, Any]:
        """Return an epoch as the server lists it, wrapped to these members."""
        wraps = {}
        for member in members:
            info = ctx("group-wrap", group.code, str(group.epoch), member.id)
            wraps[member.id] = hpke.seal(member.enc_pk, group.private, info=info).hex()
        return {"certificate": group.certificate, "wraps": wraps}

    def listing(self, *others: Officer, revoked: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the server's lists; ``others`` are certified and hold no wrap."""
        keys = self.keys(revoked)
        officers = (self.verifier, self.custodian, *others)
        return {
            "officers": [officer.certificate for officer in officers],
            "epochs": [
                self.stored(self.desk, self.verifier),
                self.stored(self.custodians, self.custodian),
            ],
            "recovery": [keys["recovery"]],
            "partners": [],
            "revocations": keys["revocations"],
        }

    def trust(self) -> dict[str, Any]:
        """Return what an officer's client believes in."""
        return {"root_pk": self.root_pk, "least_serial": 1}

    def keys(self, revoked: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return what a reporter's page carries."""
        recovery = {
            "recovery": RECOVERY,
            "pk": hpke.public_key_of(self.recovery).hex(),
            "not_after": self.not_after,
        }
        listed = {"serial": 1, "revoked": sorted(revoked), "not_after": self.not_after}
        return {
            "group_a": self.desk.certificate,
            "group_b": self.custodians.certificate,
            "signers": [self.verifier.certificate, self.custodian.certificate],
            "recovery": signed(RecoveryCertificate, recovery, self.root),
            "revocations": signed(RevocationList, listed, self.root),
        }


def signed(kind: Any, content: dict[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """Return the statement of that kind with its signature, as JSON values."""
    unsigned = {**content, "signature": "00" * SIGNATURE_BYTES}
    message = kind.from_json(unsigned).message()
    return {**content, "signature": key.sign(message).hex()}
