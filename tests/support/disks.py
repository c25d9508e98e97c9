"""A disk so small that it fills up: a file system of its own, so that the kernel says that it is full."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, *, size_bytes: int, files: int = 4096) -> Iterator[Path]:
    """Mount a file system in memory on ``folder``; only root may, others skip, in CI they fail."""
    if os.geteuid() != 0:
        refuse = pytest.fail if os.environ.get("CI", "").lower() == "true" else pytest.skip
        refuse("mounting a small disk needs root")
    folder.mkdir(exist_ok=True)
    options = f"size={size_bytes},nr_inodes={files},mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
