"""What lies on an office's disk: nothing readable, nothing that can be altered unseen."""

import datetime as dt
import io
import json
import os
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from bawaslu_sync import lockbox
from bawaslu_sync.errors import BusyError, LockedError, UsageError
from bawaslu_sync.exits import Exit
from bawaslu_sync.lockbox import Lockbox, Secret
from bawaslu_sync.queue import Queue
from bawaslu_sync.store import FILE, Store
from tests.bawaslu_sync.office import PASSPHRASE, PROJECT, OfficeMachine

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
CANARY = "Wulandari-Canary-3308"
KEY = os.urandom(32)
"""Random bytes open at once; the slow way has tests of its own."""
FINDING = {"story": CANARY, "region": "33.08"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "kantor", Secret.key_file(KEY))


def reopened(store: Store) -> Store:
    return Store.open(store.folder, Secret.key_file(KEY))


def altered(store: Store, sql: str, *values: Any) -> None:
    """Write into the file as somebody does who has it and not its key."""
    with sqlite3.connect(store.folder / FILE) as connection:
        connection.execute(sql, values)
    connection.close()


def test_nothing_readable_is_on_the_disk(store):
    queue = Queue(store)
    queue.add_finding(FINDING, at=AT)
    queue.add_complaint({"lane": "sealed", "story": CANARY, "identity": {"name": CANARY}}, at=AT)
    queue.add_evidence(io.BytesIO(CANARY.encode() * 100_000), name=f"{CANARY}.jpg", to="1", at=AT)
    with store.together():
        store.put("account", {"client_id": CANARY, "secret": CANARY})
        store.put("cursor", CANARY)
        store.mirror_put("complaint", CANARY, {"title": CANARY}, 1)
    edited = queue.edit(1, FINDING | {"place": CANARY})
    queue.save(replace(edited, receipt=CANARY))
    queue.drop(2)

    left = b"".join(path.read_bytes() for path in store.folder.rglob("*") if path.is_file())

    assert store.mirror_one("complaint", CANARY) == {"title": CANARY}  # it is there
    assert len(left) > 2_000_000
    for spelled in (CANARY.encode(), CANARY.encode("utf-16-le"), CANARY.lower().encode()):
        assert spelled not in left
    assert b"canary" not in left.lower()
    (store.folder / "kendali").write_text(CANARY)  # the control: the search finds
    assert CANARY.encode() in (store.folder / "kendali").read_bytes()


def test_the_folder_and_file_are_the_owners_alone(store):
    assert (store.folder.stat().st_mode & 0o777, (store.folder / FILE).stat().st_mode & 0o777) == (
        0o700,
        0o600,
    )


@pytest.mark.parametrize("secret", ["salah salah salah", PASSPHRASE.upper()])
def test_a_wrong_passphrase_opens_nothing(tmp_path, secret):
    folder = tmp_path / "kantor"
    Store.create(folder, Secret.passphrase(PASSPHRASE)).close()

    with pytest.raises(LockedError, match="Kata sandi salah"):
        Store.open(folder, Secret.passphrase(secret))
    with pytest.raises(LockedError, match="cara lain"):
        Store.open(folder, Secret.key_file(KEY))
    machine = OfficeMachine(folder)
    wrong = machine.run("status", secrets=(secret,))
    assert (wrong.returncode, wrong.stdout) == (Exit.LOCKED, "")
    Store.open(folder, Secret.passphrase(PASSPHRASE)).close()


def test_the_cost_of_a_passphrase_cannot_be_lowered():
    _box, header = Lockbox.create(Secret.passphrase(PASSPHRASE))
    for cheaper in ({"time_cost": 1}, {"memory_kib": 8}, {"memory_kib": 2**24}, {"kind": "x"}):
        head = json.loads(header) | cheaper
        with pytest.raises(LockedError):
            Lockbox.open(json.dumps(head).encode(), Secret.passphrase(PASSPHRASE))
    head = json.loads(header) | {"time_cost": lockbox.TIME_COST + 1}
    with pytest.raises(LockedError):
        Lockbox.open(json.dumps(head).encode(), Secret.passphrase(PASSPHRASE))
    for nonsense in (b"", b"{}", b"[]", b"\xff", header[:-9]):
        with pytest.raises(LockedError):
            Lockbox.open(nonsense, Secret.passphrase(PASSPHRASE))


def test_short_secrets_are_refused():
    with pytest.raises(UsageError):
        Secret.passphrase("x" * 11)
    with pytest.raises(UsageError):
        Secret.key_file(b"x" * 31)


def test_a_queue_that_was_altered_is_not_used(store):
    queue = Queue(store)
    for _time in range(3):
        queue.add_finding(FINDING, at=AT)
    assert [item.number for item in queue.items()] == [1, 2, 3]

    def broken(sql: str, *values: Any) -> None:
        with sqlite3.connect(store.folder / FILE) as connection:
            kept = connection.execute("SELECT number, sealed FROM queue").fetchall()
        altered(store, sql, *values)
        with pytest.raises(LockedError, match="rusak atau diubah"):
            Queue(reopened(store)).items()
        altered(store, "DELETE FROM queue")
        for row in kept:
            altered(store, "INSERT INTO queue VALUES (?, ?)", *row)
        assert len(Queue(reopened(store)).items()) == 3
        connection.close()

    broken(
        "UPDATE queue SET sealed = substr(sealed, 1, length(sealed) - 1) || x'00' WHERE number = 2"
    )
    broken("UPDATE queue SET sealed = (SELECT sealed FROM queue WHERE number = 1) WHERE number = 2")
    broken("DELETE FROM queue WHERE number = 3")
    broken("DELETE FROM queue")
    broken("INSERT INTO queue SELECT 4, sealed FROM queue WHERE number = 3")


def test_a_file_that_is_no_store_any_more(store):
    store.close()
    path = store.folder / FILE
    whole = path.read_bytes()
    for damage in (b"", whole[:3000], b"x" * 5000, whole[:100] + b"\xff" * 400 + whole[500:]):
        path.write_bytes(damage)
        for beside in store.folder.glob(f"{FILE}-*"):
            beside.unlink()
        with pytest.raises(LockedError):
            Queue(reopened(store)).items()


def test_a_moved_record_of_the_mirror_does_not_open(store):
    with store.together():
        store.mirror_put("complaint", "a", {"n": 1}, 1)
        store.mirror_put("complaint", "b", {"n": 2}, 1)
    altered(store, "UPDATE mirror SET sealed = (SELECT sealed FROM mirror ORDER BY name LIMIT 1)")

    with pytest.raises(LockedError):
        list(store.mirrored("complaint"))


def test_a_part_that_broke_off_leaves_nothing(store):
    class Stick:
        """A file on a stick that is pulled out."""

        def __init__(self) -> None:
            self.reads = 0

        def read(self, size: int) -> bytes:
            self.reads += 1
            if self.reads > 2:
                raise OSError("gone")
            return b"x" * size

    queue = Queue(store)
    queue.add_finding(FINDING, at=AT)
    with pytest.raises(OSError, match="gone"):
        queue.add_evidence(cast("Any", Stick()), name="a.jpg", to="1", at=AT)

    assert [item.kind for item in queue.items()] == ["finding"]
    assert store.read_part(2, 0) == b""


ADD_FOR_EVER = """
import datetime, pathlib, sys
from bawaslu_sync.lockbox import Secret
from bawaslu_sync.queue import Queue
from bawaslu_sync.store import Store
queue = Queue(Store.open(pathlib.Path(sys.argv[1]), Secret.key_file(bytes.fromhex(sys.argv[2]))))
while True:
    queue.add_finding({"story": "x" * 5000}, at=datetime.datetime.now(datetime.UTC))
"""


def test_killed_at_any_moment_the_store_is_whole(store):
    command = [sys.executable, "-c", ADD_FOR_EVER, str(store.folder), KEY.hex()]
    queue = Queue(store)
    for death in range(4):
        before = len(queue.items())
        process = subprocess.Popen(command, cwd=PROJECT)
        end = time.monotonic() + 120
        while len(queue.items()) < before + 2 and time.monotonic() < end:
            time.sleep(0.003 * death)
        process.kill()
        process.wait()
        items = Queue(reopened(store)).items()
        assert [item.number for item in items] == list(range(1, len(items) + 1))
        assert len(items) >= before + 2


def test_one_run_of_a_kind_at_a_time(store):
    other = reopened(store)
    with store.alone("push"):
        with pytest.raises(BusyError), other.alone("push"):
            pass
        with other.alone("pull"):
            pass
    with other.alone("push"):
        pass


def test_a_second_store_in_a_folder_is_refused(store):
    with pytest.raises(UsageError):
        Store.create(store.folder, Secret.key_file(KEY))
    with pytest.raises(UsageError):
        Store.open(store.folder / "lain", Secret.key_file(KEY))
