"""A disk so small that it fills up: a file system of its own, so that the kernel says that it is full."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def small_disk(
    folder: Path, *, size_bytes: int, files: int = 4096, mode: int = 0o700
) -> Iterator[Path]:
    """Mount a file system in memory on ``folder``; only root may, others skip, in CI they fail."""
    if os.geteuid() != 0:
        refuse = pytest.fail if os.environ.get("CI", "").lower() == "true" else pytest.skip
        refuse("mounting a small disk needs root")
    folder.mkdir(exist_ok=True)
    options = f"size={size_bytes},nr_inodes={files},mode={mode:o}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled_up(disk: Path, *, but_bytes: int = 0) -> Iterator[None]:
    """Leave no byte free on a disk, or so many, until the end of the block."""
    ballast, room = disk / "ballast", disk / "room"
    room.write_bytes(b"x" * but_bytes)
    with ballast.open("wb", buffering=0) as file:
        # The last bytes one by one: what is left must not hold a page.
        for size in (2**20, 2**12, 1):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)
    room.unlink()
    try:
        yield
    finally:
        ballast.unlink()
