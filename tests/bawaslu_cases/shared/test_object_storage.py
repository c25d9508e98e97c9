"""One contract for every place where evidence may lie, checked on a folder and on a real S3 server."""

import os
import tracemalloc
from datetime import timedelta
from itertools import repeat

import pytest
from django.utils import timezone

from bawaslu_cases.shared.object_storage import (
    ObjectMissingError,
    StorageUnavailableError,
    new_object_name,
    split_name,
)
from bawaslu_cases.shared.object_storage_disk import DiskStorage
from tests.support.s3 import BUCKET, started_server

# One server for the run: it takes 140 MB, and several that start at once take each other's ports.
pytestmark = pytest.mark.xdist_group("s3")

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def s3_server():
    server = started_server()
    yield server
    server.stop()


@pytest.fixture(params=["folder", "bucket", "bucket below a prefix"])
def storage(request, tmp_path):
    if request.param == "folder":
        return DiskStorage(location=tmp_path / "evidence")
    server = request.getfixturevalue("s3_server")
    server.empty()
    return server.storage(prefix="/x/y/" if "prefix" in request.param else "")


def content(storage, name):
    return b"".join(storage.read(name))


def test_names_are_random_and_spread_over_folders():
    names = {new_object_name() for _ in range(2000)}

    assert len(names) == 2000
    assert len({split_name(name)[0] for name in names}) > 240
    assert all(len(split_name(name)[1]) == 32 for name in names)


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [
        "",
        "ab",
        "ab/abc",
        "../ab/" + "ab" * 16,
        "ab/../" + "ab" * 16,
        "/ab/" + "ab" * 16,
        "ab/" + "cd" * 16,
        "ab/" + "ab" * 16 + "\n",
        "AB/" + "AB" * 16,
        "ab/" + "ab" * 16 + "/x",
        "st/" + "staging",
    ],
)
def test_no_other_name_reaches_a_storage(storage, name):
    for use in (
        lambda: storage.write(name, [b"x"]),
        lambda: list(storage.read(name)),
        lambda: storage.delete([name]),
        lambda: storage.exists(name),
    ):
        with pytest.raises(ValueError, match="not the name"):
            use()


def test_what_is_written_is_read(storage):
    name, chunks = new_object_name(), [os.urandom(70_000), b"", os.urandom(1), os.urandom(300_000)]

    assert storage.write(name, iter(chunks)) == 370_001

    assert content(storage, name) == b"".join(chunks)
    assert storage.exists(name)
    (row,) = storage.objects()
    assert (row.name, row.size_bytes) == (name, 370_001)
    assert row.written_on == timezone.localdate()


def test_an_empty_object_is_an_object(storage):
    name = new_object_name()

    assert storage.write(name, []) == 0
    assert content(storage, name) == b""
    assert storage.exists(name)


def test_what_is_not_there_is_said_to_be_missing(storage):
    name = new_object_name()

    with pytest.raises(ObjectMissingError):
        content(storage, name)
    assert not storage.exists(name)
    storage.delete([name])


@pytest.mark.long
def test_a_source_that_breaks_leaves_nothing_and_its_own_error(storage):
    class LineCutError(Exception):
        pass

    def chunks():
        yield os.urandom(20 * MIB)
        raise LineCutError

    with pytest.raises(LineCutError):
        storage.write(new_object_name(), chunks())

    assert list(storage.objects()) == []
    with pytest.raises(OSError, match="reset"):
        storage.write(new_object_name(), (_raised(ConnectionResetError("reset")) for _ in "x"))
    assert list(storage.objects()) == []


def _raised(error):
    raise error


@pytest.mark.long
def test_deleting_removes_the_named_ones_alone(storage):
    names = [new_object_name() for _ in range(5)]
    for name in names:
        storage.write(name, [name.encode()])

    storage.delete([*names[:3], names[0], new_object_name()])

    assert {row.name for row in storage.objects()} == set(names[3:])
    assert content(storage, names[4]) == names[4].encode()
    storage.delete([])


def test_a_large_object_passes_through_little_memory(storage):
    """60 MiB of content add less than 40 MiB, two parts of a bucket's upload among them."""
    name, chunk = new_object_name(), os.urandom(MIB)
    storage.write(new_object_name(), [chunk])  # modules and connections before measuring

    tracemalloc.start()
    try:
        assert storage.write(name, repeat(chunk, 60)) == 60 * MIB
        assert sum(len(block) for block in storage.read(name)) == 60 * MIB
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 40 * MIB


def test_objects_that_are_not_ours_are_passed_over(storage, tmp_path):
    name = new_object_name()
    storage.write(name, [b"x"])
    if isinstance(storage, DiskStorage):
        (tmp_path / "evidence" / "ab" / "lost+found").write_bytes(b"?")
        (tmp_path / "evidence" / "note.txt").write_bytes(b"?")
    else:
        storage._bucket.put_object(Key=f"{storage._prefix}lost+found", Body=b"?")
        storage._bucket.put_object(Key=f"{storage._prefix}ab/note.txt", Body=b"?")

    assert [row.name for row in storage.objects()] == [name]


def test_objects_come_by_name_not_by_arrival(storage):
    names = [new_object_name() for _ in range(30)]
    for name in names:
        storage.write(name, [b"x"])

    assert [row.name for row in storage.objects()] == sorted(names)


def test_a_storage_that_can_be_used_has_room(storage):
    storage.check_room()
    free = storage.free_bytes()
    assert (free is None) == (not isinstance(storage, DiskStorage))


def test_a_bucket_refuses_who_does_not_sign_rightly(s3_server):
    stranger = s3_server.storage(secret_key="wrong")

    with pytest.raises(StorageUnavailableError):
        stranger.write(new_object_name(), [b"x"])
    with pytest.raises(StorageUnavailableError):
        stranger.check_room()


def test_nobody_reads_a_bucket_without_a_signature(s3_server):
    import urllib.error
    import urllib.request

    storage, name = s3_server.storage(), new_object_name()
    storage.write(name, [b"x"])

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{s3_server.endpoint}/{BUCKET}/{name}", timeout=10)
    refused.value.close()
    assert refused.value.code == 403


def test_a_bucket_that_is_not_there_is_unavailable(s3_server):
    storage = s3_server.storage(bucket="no-such-bucket")

    with pytest.raises(StorageUnavailableError):
        storage.check_room()
    with pytest.raises(StorageUnavailableError):
        storage.write(new_object_name(), [b"x"])


def test_a_server_that_does_not_answer_is_unavailable(s3_server):
    storage = s3_server.storage(endpoint="http://127.0.0.1:9")

    for use in (
        lambda: storage.write(new_object_name(), [b"x"]),
        lambda: list(storage.read(new_object_name())),
        lambda: storage.delete([new_object_name()]),
        lambda: list(storage.objects()),
        storage.check_room,
    ):
        with pytest.raises(StorageUnavailableError):
            use()


def test_broken_uploads_in_parts_are_aborted_after_a_day(s3_server, monkeypatch):
    storage = s3_server.storage()
    storage._client.create_multipart_upload(
        Bucket=storage._name, Key=storage._key(new_object_name())
    )

    assert storage.tidy() == 0
    monkeypatch.setattr(
        "bawaslu_cases.shared.object_storage_s3.BROKEN_OFF_AFTER", timedelta(seconds=-60)
    )
    assert storage.tidy() == 1
    assert storage.tidy() == 0
