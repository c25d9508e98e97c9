"""Nothing readable lies on the disk, and a file opens for its own purpose only."""

from pathlib import Path

import pytest

from bawaslu_cases.shared import envelope, sealed_files


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_file_on_disk_is_sealed_and_nameless(settings):
    stored = sealed_files.store(b"SK BUPATI NOMOR 12", purpose="proof")

    (path,) = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert b"BUPATI" not in path.read_bytes()
    assert path.name == stored.name.rpartition("/")[2]
    assert sealed_files.load(stored.name, purpose="proof") == b"SK BUPATI NOMOR 12"
    assert stored.size_bytes == 18


def test_file_of_another_purpose_does_not_open():
    stored = sealed_files.store(b"x", purpose="proof")

    with pytest.raises(envelope.UnsealError):
        sealed_files.load(stored.name, purpose="letter")


def test_swapped_file_does_not_open(settings):
    one = sealed_files.store(b"one", purpose="proof")
    two = sealed_files.store(b"two", purpose="proof")
    root = Path(settings.MEDIA_ROOT)
    (root / one.name).write_bytes((root / two.name).read_bytes())

    with pytest.raises(envelope.UnsealError):
        sealed_files.load(one.name, purpose="proof")
