"""What an office may do with what waits, and what it is told."""

import ast
import datetime as dt
import io
import os
from dataclasses import replace
from pathlib import Path

import pytest

import bawaslu_sync
from bawaslu_api.uploads import PIECE_BYTES
from bawaslu_sync.errors import UsageError
from bawaslu_sync.lockbox import Secret
from bawaslu_sync.queue import Queue
from bawaslu_sync.store import Store
from bawaslu_sync.words import ENGLISH
from tests.bawaslu_sync.office import OfficeMachine

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
TIP = {"lane": "tip", "story": "Cerita"}
UNKNOWN = "5c7d0f5e-7c66-4b55-9f0e-0d7c4b1f2a33"


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    return Queue(Store.create(tmp_path / "kantor", Secret.key_file(os.urandom(32))))


@pytest.mark.parametrize(
    "told",
    [
        [],
        "teks",
        {"lane": "open"},
        {"lane": "tip", "identity": {"name": "A"}},
        {"lane": "sealed", "identity": {}},
        {"lane": "sealed", "identity": {"name": 5}},
        {"lane": "sealed", "identity": "A"},
    ],
)
def test_what_cannot_be_sent_is_not_queued(queue, told):
    with pytest.raises(UsageError):
        queue.add_complaint(told, at=AT)
    assert queue.items() == []


def test_a_file_makes_its_complaint_say_so(queue):
    queue.add_complaint(TIP, at=AT)
    queue.add_evidence(io.BytesIO(b"isi"), name="a.jpg", to="1", at=AT)
    queue.edit(1, TIP | {"story": "Lain"})

    assert queue.item(1).body == TIP | {"story": "Lain", "has_files": True}


def test_a_file_for_what_left_without_saying_so_is_refused(queue):
    item = queue.add_complaint(TIP, at=AT)
    queue.save(item.done({"id": None, "upload_token": None}))
    with pytest.raises(UsageError, match="terkirim tanpa berkas"):
        queue.add_evidence(io.BytesIO(b"isi"), name="a.jpg", to="1", at=AT)
    assert len(queue.items()) == 1
    queue.add_evidence(io.BytesIO(b"isi"), name="a.jpg", to=UNKNOWN, at=AT)
    with pytest.raises(UsageError, match="melekat"):
        queue.add_evidence(io.BytesIO(b"isi"), name="a.jpg", to="2", at=AT)
    for nowhere in ("9", "bukan-id"):
        with pytest.raises(UsageError):
            queue.add_evidence(io.BytesIO(b"isi"), name="a.jpg", to=nowhere, at=AT)
    with pytest.raises(UsageError, match="kosong"):
        queue.add_evidence(io.BytesIO(b""), name="a.jpg", to=UNKNOWN, at=AT)


def test_a_file_is_read_back_from_anywhere(queue):
    content = os.urandom(2 * PIECE_BYTES + 777)
    item = queue.add_evidence(io.BytesIO(content), name="a.bin", to=UNKNOWN, at=AT)
    parts = queue.parts_of(item)

    for offset, size in [(0, 10), (PIECE_BYTES - 5, 10), (5, PIECE_BYTES * 2), (0, 10**7)]:
        assert parts.read_at(offset, size) == content[offset : offset + size]
    assert parts.read_at(len(content), 10) == b""


def test_what_may_be_there_is_not_changed_under_another_key(queue):
    item = queue.add_finding({"story": "a"}, at=AT)
    queue.save(replace(item, tried_at=AT.isoformat(), sent="{}"))

    for change in (
        lambda: queue.edit(1, {"story": "b"}),
        lambda: queue.drop(1),
        lambda: queue.retry(1),
    ):
        with pytest.raises(UsageError, match="mungkin sudah diterima"):
            change()
    with pytest.raises(UsageError, match="kepastian"):
        queue.settle_unsure(1, is_there=False)  # a push may be at it
    assert queue.item(1).key == item.key
    queue.save(replace(queue.item(1), state="parked"))
    settled = queue.settle_unsure(1, is_there=False)
    assert (settled.state, settled.key != item.key, settled.sent) == ("waiting", True, "")
    with pytest.raises(UsageError):
        queue.settle_unsure(1, is_there=True)


def test_a_push_that_begins_sees_what_changed_meanwhile(queue):
    known = queue.add_finding({"story": "a"}, at=AT)
    begun = replace(known, tried_at=AT.isoformat(), sent="{}")
    queue.edit(1, {"story": "b"})

    assert not queue.begin(known, begun)
    assert (queue.item(1).body, queue.item(1).tried_at) == ({"story": "b"}, "")
    known = queue.item(1)
    assert queue.begin(known, replace(known, tried_at=AT.isoformat(), sent="{}"))
    with pytest.raises(UsageError):
        queue.edit(1, {"story": "c"})


def test_past_the_servers_memory_nothing_is_sent_by_itself(queue):
    item = queue.add_finding({"story": "a"}, at=AT)
    tried = replace(item, tried_at=AT.isoformat())

    assert not tried.is_past_asking(AT + dt.timedelta(days=13))
    assert tried.is_past_asking(AT + dt.timedelta(days=13, seconds=1))
    assert not item.is_past_asking(AT + dt.timedelta(days=400))


def test_dropped_is_gone_and_keeps_its_number(queue):
    queue.add_finding({"story": "a"}, at=AT)
    queue.add_evidence(io.BytesIO(b"isi"), name="a.jpg", to="1", at=AT)
    queue.drop(2)

    gone = queue.item(2)
    assert (gone.state, gone.file, queue.parts_of(gone).read_at(0, 3)) == ("dropped", None, b"")
    with pytest.raises(UsageError):
        queue.retry(2)


def test_everything_said_is_said_in_both_languages():
    folder = Path(bawaslu_sync.__file__).parent
    said = set()
    for path in folder.glob("*.py"):
        tree = ast.parse(path.read_text())
        named = {
            target.id: str(node.value.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "say":
                words = call.args[0]
                is_here = isinstance(words, ast.Constant)
                said.add(ast.literal_eval(words) if is_here else named[ast.unparse(words)])
    assert said == set(ENGLISH)
    for text, english in ENGLISH.items():
        fields = [{part.split("}")[0] for part in each.split("{")[1:]} for each in (text, english)]
        assert fields[0] == fields[1], text


def test_without_a_store_or_a_server_one_is_told_what_to_do(tmp_path):
    machine = OfficeMachine(tmp_path / "baru")
    for command in (["status"], ["push"], ["pull"], ["queue", "list"]):
        ended = machine.run(*command)
        assert (ended.returncode, ended.stderr) == (
            2,
            "bawaslu-sync: Belum ada simpanan di map ini. Mulai dengan: bawaslu-sync login\n",
        )
    in_clear = machine.run("login", "--server", "http://kasus.contoh", "--client", "k",
                           secrets=("empat kuda lari ke bukit", "rahasia"))  # fmt: skip
    assert (in_clear.returncode, "https://NAMA" in in_clear.stderr) == (2, True)
