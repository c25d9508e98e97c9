"""What the invented people of the demo do with their invented keys, several of them in one process.

For ``./up`` and tests alone: whoever reads the folder has every key. A real ceremony is docs/vaultctl.md.
One job a run: JSON on standard input, JSON on standard output.
"""

import json
import os
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from complaints.vault.crypto.fields import date_of, instant_of
from complaints.vault.crypto.requests import UnsealRequest
from complaints.vaultctl.bundle import ROOT_OWNER, Bundle, SecretFile
from complaints.vaultctl.files import read_json, write_json, write_text
from complaints.vaultctl.groups import create_epoch
from complaints.vaultctl.keys import SEED_BYTES, OfficerKeys, new_officer_keys
from complaints.vaultctl.opening import ask, attest, release
from complaints.vaultctl.parts import CustodianPart, DeskPart
from complaints.vaultctl.recovery import GROUPS, new_recovery_key
from complaints.vaultctl.root import (
    certify_officer,
    certify_partner,
    certify_recovery,
    key_request,
    revoke,
)
from complaints.vaultctl.slots import Slot, SlowSlot, new_recovery_words
from complaints.vaultctl.trust import Directory, GroupEpoch, Listing, Trust

PASSPHRASE = "kunci demo, bukan rahasia"  # noqa: S105 -- printed on purpose, for the demo alone
RECOVERY, PARTNER = "r-demo", "lpsk"
Job = dict[str, Any]


def main() -> int:
    """Do one job in the folder that is the only argument."""
    folder = Path(sys.argv[1])
    job = json.load(sys.stdin)
    json.dump(_JOBS[job.pop("do")](folder, **job), sys.stdout)
    return 0


def make_root(folder: Path) -> Job:
    """Make the root key of this folder; return its public half."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "root.json"
    if not path.exists():
        seed = os.urandom(SEED_BYTES)
        write_json(path, SecretFile.lock(ROOT_OWNER, seed, _slots(ROOT_OWNER)).to_json())
    return {"root_pk": read_json(path, SecretFile.from_json).public.hex()}


def hold_ceremony(folder: Path, *, officers: list[Job], today: str, until: str) -> Job:
    """Certify officers, make an epoch for each group, a recovery key and LPSK's; return the lists.

    ``officers`` are {officer, unit, group}. Their bundles lie in the folder.
    """
    seed = read_json(folder / "root.json", SecretFile.from_json).unlock("passphrase", PASSPHRASE)
    day, last = date_of(today), date_of(until)
    keys: dict[str, OfficerKeys] = {}
    certificates = []
    for row in officers:
        held = new_officer_keys(row["officer"])
        keys[held.officer] = held
        bundle = Bundle.lock(held, _slots(held.officer))
        write_json(_bundle(folder, held.officer), bundle.to_json())
        certificates.append(
            certify_officer(
                seed,
                key_request(held),
                unit=row["unit"],
                group=row["group"],
                today=day,
                not_after=last,
            )
        )
    epochs: list[GroupEpoch] = []
    for group in sorted({certificate.group for certificate in certificates}):
        members = [certificate for certificate in certificates if certificate.group == group]
        first = members[0]
        epochs.append(
            create_epoch(keys[first.officer], me=first, members=members, epoch=1, not_after=last)
        )
    listing = Listing(
        officers=tuple(certificates),
        epochs=tuple(epochs),
        recovery=(_recovery(folder, seed, last),),
        partners=(_partner(folder, seed, last),),
        revocations=revoke(seed, serial=1, earlier=(), fingerprints=(), not_after=last),
    )
    return {
        "listing": listing.to_json(),
        "bundles": [json.loads(_bundle(folder, officer).read_text()) for officer in keys],
    }


def _recovery(folder: Path, seed: bytes, last: date) -> Any:
    pk, shares = new_recovery_key()
    for group, mnemonics in zip(GROUPS, shares, strict=True):
        for number, mnemonic in enumerate(mnemonics, 1):
            write_text(folder / f"{RECOVERY}-{group}-{number}.txt", mnemonic + "\n")
    return certify_recovery(seed, name=RECOVERY, pk=pk, not_after=last)


def _partner(folder: Path, seed: bytes, last: date) -> Any:
    locked = SecretFile.lock(PARTNER, os.urandom(SEED_BYTES), _slots(PARTNER))
    write_json(folder / f"{PARTNER}.json", locked.to_json())
    return certify_partner(seed, name=PARTNER, pk=locked.public, not_after=last)


def ask_for(folder: Path, *, jobs: list[Job]) -> list[Job]:
    """Sign requests: {who, at, report, purpose, reason} each; return what ``vaultctl request`` writes."""
    return [
        ask(
            _unlocked(folder, job["who"]),
            report=job["report"],
            purpose=job["purpose"],
            reason=job["reason"],
            at=instant_of(job["at"]),
        ).to_json()
        for job in jobs
    ]


def let_go(folder: Path, *, jobs: list[Job], listing: Job) -> list[Job]:
    """Release shares: {who, at, part, request} each."""
    return [
        release(
            _unlocked(folder, job["who"]),
            part=CustodianPart.from_json(job["part"]),
            request=UnsealRequest.from_json(job["request"]),
            directory=_directory(folder, listing, instant_of(job["at"])),
        ).to_json()
        for job in jobs
    ]


def answer(folder: Path, *, jobs: list[Job]) -> list[Job]:
    """Sign what was found: {who, at, part, request, result} each."""
    return [
        attest(
            _unlocked(folder, job["who"]),
            part=DeskPart.from_json(job["part"]),
            request=UnsealRequest.from_json(job["request"]),
            result=job["result"],
            at=instant_of(job["at"]),
        ).to_json()
        for job in jobs
    ]


def _directory(folder: Path, listing: Job, at: datetime) -> Directory:
    root_pk = read_json(folder / "root.json", SecretFile.from_json).public
    return Directory.open(Listing.from_json(listing), Trust(root_pk), at)


def _unlocked(folder: Path, officer: str) -> OfficerKeys:
    return read_json(_bundle(folder, officer), Bundle.from_json).unlock("passphrase", PASSPHRASE)


def _bundle(folder: Path, officer: str) -> Path:
    return folder / f"officer-{officer}.json"


def _slots(owner: str) -> Callable[[bytes], tuple[Slot, ...]]:
    def make(key: bytes) -> tuple[Slot, ...]:
        secrets = (("passphrase", PASSPHRASE), ("words", new_recovery_words()))
        return tuple(SlowSlot.make(kind, secret, key, owner=owner) for kind, secret in secrets)

    return make


_JOBS: dict[str, Callable[..., Any]] = {
    "root": make_root,
    "ceremony": hold_ceremony,
    "ask": ask_for,
    "release": let_go,
    "attest": answer,
}

if __name__ == "__main__":
    sys.exit(main())
