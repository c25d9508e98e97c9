"""JSON files between the server, the client and a ceremony's table.

A file with a secret in it is readable by its owner alone, and no file is ever written over another one.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from complaints.vault.crypto.errors import MalformedError, VaultError

T = TypeVar("T")
FILE_BYTES_MAX = 64 * 1024 * 1024
OWNER_ONLY = 0o600


class FileError(VaultError):
    """A file is missing, unreadable, already there, or not what it should be."""

    code = "file"


def read_json(path: Path, reader: Callable[[Any], T]) -> T:
    """Read one value; raise FileError naming the file, never quoting it."""
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise FileError(f"{path}: too large")
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise FileError(f"{path}: not JSON") from error
    try:
        return reader(value)
    except MalformedError as error:
        raise FileError(f"{path}: {error}") from error


def read_bytes(path: Path) -> bytes:
    """Read a document whose digest is signed; raise FileError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}") from error


def write_json(path: Path, value: Any) -> None:
    """Write a new file for the owner alone; raise FileError when it exists."""
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    write_text(path, text)


def write_text(path: Path, text: str) -> None:
    """Write a new file for the owner alone; raise FileError when it exists."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a new file for the owner alone; raise FileError when it exists."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}") from error


def replace_json(path: Path, value: Any) -> None:
    """Write a file of the client's own anew, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    write_json(fresh, value)
    fresh.replace(path)
