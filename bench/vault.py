"""Measure the vault's operations alone: ``python -m bench.vault``. No server; one JSON line each.

``per_second`` and ``p50_ms`` are of wall time, ``cpu_ms`` of processor time, which holds still on a busy
machine.
"""

import json
import os
import statistics
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from complaints.vault.crypto import hpke
from complaints.vault.crypto.keys import RecoveryPublicKey
from complaints.vault.crypto.sealing import SealedIdentityBlob, seal_for_mailbox, seal_identity
from complaints.vaultctl.bundle import Bundle
from complaints.vaultctl.groups import create_epoch, move_share
from complaints.vaultctl.keys import new_officer_keys, signing_public_key
from complaints.vaultctl.opening import ask, open_identity, release
from complaints.vaultctl.parts import parts_of
from complaints.vaultctl.root import certify_officer, key_request, revoke
from complaints.vaultctl.slots import SlowSlot
from complaints.vaultctl.trust import Directory, Listing, Trust

ROUNDS = 1000
SLOW_ROUNDS = 10
IDENTITY = {"name": "Uji Ukur", "address": "Jalan Melati 7", "nik": "3273019999990001"}


def measure(name: str, work: Callable[[], object], rounds: int = ROUNDS) -> None:
    """Run ``work`` and print one line."""
    work()
    times = []
    cpu = time.process_time()
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    cpu = time.process_time() - cpu
    values = {
        "measure": f"vault_{name}",
        "rounds": rounds,
        "per_second": round(rounds / sum(times)),
        "p50_ms": round(statistics.median(times) * 1000, 3),
        "cpu_ms": round(cpu / rounds * 1000, 3),
    }
    print(json.dumps(values), flush=True)


def main() -> None:
    """Build a small custody in memory and measure each step of its work."""
    now = datetime.now(UTC)
    root, until = os.urandom(32), now.date() + timedelta(days=90)
    verifier, custodian = (new_officer_keys(uuid.uuid4().hex) for _ in range(2))
    certificates = [
        certify_officer(
            root, key_request(keys), unit=unit, group=group, today=now.date(), not_after=until
        )
        for keys, unit, group in (
            (verifier, "unit-a", "desk-bench"),
            (custodian, "unit-b", "custodians-bench"),
        )
    ]
    epochs = [
        create_epoch(keys, me=me, members=[me], epoch=number, not_after=until)
        for keys, me in zip((verifier, custodian), certificates, strict=True)
        for number in (1, 2)
    ]
    empty = revoke(root, serial=1, earlier=(), fingerprints=(), not_after=until)
    listing = Listing(tuple(certificates), tuple(epochs), (), (), empty)
    directory = Directory.open(listing, Trust(signing_public_key(root)), now)
    desk, later = (directory.group_key("desk-bench", number) for number in (1, 2))
    custodians = directory.group_key("custodians-bench", 1)
    mailbox = hpke.public_key_of(os.urandom(32))
    recovery = RecoveryPublicKey("r-bench", mailbox)
    report = uuid.uuid4().hex

    def seal() -> SealedIdentityBlob:
        return seal_identity(
            IDENTITY,
            report=report,
            lane="sealed",
            group_a=desk,
            group_b=custodians,
            recovery=recovery,
        )

    blob = seal()
    desk_part, custodian_part, _ = parts_of(blob)
    own = ask(verifier, report=report, purpose="correction", reason="ukur", at=now)
    released = release(custodian, part=custodian_part, request=own.request, directory=directory)
    words = "academic acid acne acquire acrobat activity actress adapt adequate adjust"
    bundle = Bundle.lock(
        verifier, lambda key: (SlowSlot.make("words", words, key, owner=verifier.officer),)
    )
    measure("seal", seal)
    measure("verify_epoch_key", lambda: directory.group_key("desk-bench", 1))
    measure(
        "request",
        lambda: ask(verifier, report=report, purpose="correction", reason="ukur", at=now),
    )
    measure(
        "release",
        lambda: release(custodian, part=custodian_part, request=own.request, directory=directory),
    )
    measure(
        "open",
        lambda: open_identity(
            verifier, part=desk_part, own=own, released=released, directory=directory
        ),
    )
    measure(
        "move_share",
        lambda: move_share(verifier, part=desk_part, directory=directory, to=later),
    )
    measure(
        "mailbox_message",
        lambda: seal_for_mailbox(
            {"text": "ukur"}, report=report, message_id=report, mailbox_pk=mailbox
        ),
    )
    measure("unlock_bundle", lambda: bundle.unlock("words", words), SLOW_ROUNDS)


if __name__ == "__main__":
    main()
