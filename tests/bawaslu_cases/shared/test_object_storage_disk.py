"""Evidence in a folder: what a listing shows, links, broken writes, a disk that is full (E32, F10)."""

import errno
import itertools
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from bawaslu_cases.shared.object_storage import (
    ObjectMissingError,
    StorageFullError,
    StorageUnavailableError,
    new_object_name,
)
from bawaslu_cases.shared.object_storage_disk import DiskStorage
from tests.support.disks import small_disk

MIB = 1024 * 1024


@pytest.fixture
def root(tmp_path):
    return tmp_path / "evidence"


@pytest.fixture
def storage(root):
    return DiskStorage(location=root)


def content(storage, name):
    return b"".join(storage.read(name))


def free(storage):
    found = storage.free_bytes()
    assert found is not None
    return found


def everything(root):
    return [root, *root.rglob("*")]


def test_only_the_owner_may_look_in_whatever_the_umask(root):
    before = os.umask(0)
    try:
        storage = DiskStorage(location=root)
        storage.write(new_object_name(), [b"x"])
    finally:
        os.umask(before)

    modes = {(path.is_dir(), stat.S_IMODE(path.lstat().st_mode)) for path in everything(root)}
    assert modes == {(True, 0o700), (False, 0o600)}


def test_e32_no_time_of_a_listing_is_finer_than_a_day(storage, root):
    for moment in ("2026-03-04 01:02:03", "2026-03-04 16:59:59", "2026-03-04 17:00:01"):
        with time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=UTC), tick=False):
            name = new_object_name()
            storage.write(name, [b"x"])
            # 17.00 UTC is midnight in Jakarta: the day is the local one, whatever the server's zone.
            day = 5 if moment.endswith("01") else 4
            assert (root / name).stat().st_mtime == datetime(2026, 3, day, tzinfo=UTC).timestamp()
            assert {path.stat().st_mtime % 86400 for path in everything(root)} == {0}
            storage.delete([name])
            storage.tidy()
            assert {path.stat().st_mtime % 86400 for path in everything(root)} == {0}


def test_e32_the_order_of_a_listing_tells_nothing_of_arrival(storage, root):
    names = [new_object_name() for _ in range(400)]
    for name in names:
        storage.write(name, [b"x"])

    listed = [
        f"{folder}/{file}"
        for folder in os.listdir(root)  # noqa: PTH208 -- the order of the file system
        if folder != "staging"
        for file in os.listdir(root / folder)  # noqa: PTH208 -- as above
    ]

    assert sorted(listed) == sorted(names)
    arrived = {name: number for number, name in enumerate(names)}
    pairs = list(itertools.combinations([arrived[name] for name in listed], 2))
    assert abs(sum(1 if a < b else -1 for a, b in pairs)) / len(pairs) < 0.15


def test_e32_the_time_of_change_moves_to_a_later_day_once(storage, root):
    names = [new_object_name() for _ in range(20)]
    for name in names:
        storage.write(name, [b"x"])
    changed = {name: (root / name).stat().st_ctime_ns for name in names}

    storage.tidy()
    assert {name: (root / name).stat().st_ctime_ns for name in names} == changed

    with time_machine.travel(timezone.now() + timedelta(days=1)):
        storage.tidy()
    later = {name: (root / name).stat().st_ctime_ns for name in names}
    assert all(later[name] > changed[name] for name in names)
    assert sorted(names) == sorted(names, key=lambda name: (later[name], name))
    assert {(root / name).stat().st_mtime % 86400 for name in names} == {0}


def test_all_folders_are_there_before_the_first_object(storage, root):
    storage.free_bytes()

    assert len(os.listdir(root)) == 257  # noqa: PTH208


def test_a_name_that_is_taken_is_never_written_over(storage):
    name = new_object_name()
    storage.write(name, [b"first"])

    with pytest.raises(StorageUnavailableError):
        storage.write(name, [b"second"])

    assert content(storage, name) == b"first"


def test_of_many_writers_of_one_name_one_wins_whole(storage):
    name, gate, won = new_object_name(), threading.Barrier(8), []

    def write(letter):
        gate.wait()
        try:
            storage.write(name, [letter * 100_000] * 3)
        except StorageUnavailableError:
            return
        won.append(letter)

    threads = [threading.Thread(target=write, args=(bytes([65 + n]),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert content(storage, name) == won[0] * 300_000


@pytest.mark.parametrize("planted", ["file", "folder", "staging"])
def test_links_are_never_followed(storage, root, tmp_path, planted):
    outside = tmp_path / "outside"
    outside.mkdir()
    name = new_object_name()
    shard, file = name.split("/")
    (outside / file).write_bytes(b"secret of the server")
    storage.free_bytes()
    if planted == "file":
        (root / name).symlink_to(outside / file)
    else:
        folder = root / (shard if planted == "folder" else "staging")
        folder.rmdir()
        folder.symlink_to(outside, target_is_directory=True)

    if planted != "staging":
        with pytest.raises(StorageUnavailableError):
            content(storage, name)
    with pytest.raises(StorageUnavailableError):
        storage.write(name, [b"x"])
    if planted == "file":
        assert list(storage.objects()) == []
        storage.delete([name])

    assert [path.name for path in outside.iterdir()] == [file]
    assert (outside / file).read_bytes() == b"secret of the server"


def test_what_is_no_file_is_not_read(storage, root):
    name = new_object_name()
    storage.free_bytes()
    os.mkfifo(root / name)

    with pytest.raises(StorageUnavailableError):
        content(storage, name)


def test_nothing_is_seen_before_all_of_it_is_there(storage, root):
    name = new_object_name()

    def chunks():
        yield b"x" * MIB
        assert not storage.exists(name)
        assert list(storage.objects()) == []
        with pytest.raises(ObjectMissingError):
            content(storage, name)
        (staged,) = (root / "staging").iterdir()
        assert staged.name not in name
        yield b"y"

    storage.write(name, chunks())

    assert list((root / "staging").iterdir()) == []
    assert len(content(storage, name)) == MIB + 1


KILLED = """
import sys
from django.conf import settings
settings.configure(USE_TZ=True)
from bawaslu_cases.shared.object_storage_disk import DiskStorage
def chunks():
    while True:
        yield b"x" * 65536
        print("wrote", flush=True)
        sys.stdin.readline()
DiskStorage(location=sys.argv[1]).write(sys.argv[2], chunks())
"""


def test_a_killed_write_leaves_no_object_and_tidy_takes_the_rest(storage, root):
    name = new_object_name()
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(root), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == b"wrote\n"
            (staged,) = (root / "staging").iterdir()
            an_hour_ago = time.time() - 2 * 3600
            os.utime(staged, (an_hour_ago, an_hour_ago))
            # Its writer lives and holds the lock, however old the file looks.
            assert storage.tidy() == 0
            assert staged.exists()
        finally:
            child.send_signal(signal.SIGKILL)

    assert not storage.exists(name)
    assert storage.tidy() == 1
    assert list((root / "staging").iterdir()) == []
    assert list(storage.objects()) == []


def test_a_staged_file_is_left_alone_for_an_hour(storage, root):
    storage.free_bytes()
    (root / "staging" / "abc").write_bytes(b"about to be locked")

    assert storage.tidy() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert storage.tidy() == 1


def test_a_full_disk_is_said_to_be_full_and_mends_itself(tmp_path, caplog):
    with small_disk(tmp_path / "small", size_bytes=4 * MIB) as disk:
        storage, kept = DiskStorage(location=disk / "evidence"), new_object_name()
        storage.write(kept, [b"k" * MIB])
        too_large = new_object_name()

        with pytest.raises(StorageFullError) as full:
            storage.write(too_large, itertools.repeat(b"x" * 65536, 100))

        assert isinstance(full.value.__cause__, OSError)
        assert full.value.__cause__.errno == errno.ENOSPC
        assert "penuh" in str(full.value.message)
        assert caplog.messages == ["evidence.storage_full"]
        assert [row.name for row in storage.objects()] == [kept]
        assert list((disk / "evidence" / "staging").iterdir()) == []
        storage.delete([kept])
        storage.write(too_large, itertools.repeat(b"x" * 65536, 40))
        assert len(content(storage, too_large)) == 40 * 65536


def test_a_disk_without_room_for_another_file_is_full(tmp_path):
    with small_disk(tmp_path / "small", size_bytes=4 * MIB, files=264) as disk:
        storage = DiskStorage(location=disk / "evidence")

        def fill():
            for _ in range(20):
                storage.write(new_object_name(), [b"x"])

        with pytest.raises(StorageFullError):
            fill()

        assert list((disk / "evidence" / "staging").iterdir()) == []


def test_files_stop_where_the_reserve_begins(tmp_path):
    with small_disk(tmp_path / "small", size_bytes=100 * MIB) as disk:
        storage = DiskStorage(location=disk, reserve_bytes=4 * MIB)
        room = free(storage)
        assert 95 * MIB < room <= 96 * MIB
        storage.check_room(room - 1)
        with pytest.raises(StorageFullError):
            storage.check_room(room)

        with pytest.raises(StorageFullError):
            storage.write(new_object_name(), itertools.repeat(b"x" * MIB, 100))

        # A long write asks again every 16 MiB, so it never comes near the end of the disk.
        storage.write(new_object_name(), itertools.repeat(b"x" * MIB, 95))
        assert free(storage) <= MIB
        storage.write(new_object_name(), [b"x" * MIB])
        assert free(storage) == 0
        with pytest.raises(StorageFullError):
            storage.write(new_object_name(), [b"x"])
        (disk / "database").write_bytes(b"d" * 3 * MIB)


def test_on_a_small_disk_the_reserve_is_a_twentieth(tmp_path):
    with small_disk(tmp_path / "small", size_bytes=100 * MIB) as disk:
        storage = DiskStorage(location=disk, reserve_bytes=2048 * MIB)

        assert 94 * MIB < free(storage) <= 95 * MIB


def test_a_place_that_cannot_be_used_is_unavailable(tmp_path, caplog):
    (tmp_path / "file").write_bytes(b"")
    storage = DiskStorage(location=tmp_path / "file" / "evidence")

    for use in (
        lambda: storage.write(new_object_name(), [b"x"]),
        lambda: list(storage.objects()),
        storage.check_room,
        storage.tidy,
    ):
        with pytest.raises(StorageUnavailableError):
            use()

    assert set(caplog.messages) == {"evidence.storage_unavailable ENOTDIR"}
