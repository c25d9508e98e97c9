"""Files at rest are sealed: random names, no original name, nothing readable on the disk."""

import hashlib
import secrets
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from bawaslu_cases.shared import envelope


@dataclass(frozen=True)
class StoredFile:
    """Where a sealed file lies and what it holds: storage name, SHA-256 of the content, bytes."""

    name: str
    sha256: str
    size_bytes: int


def store(content: bytes, *, purpose: str) -> StoredFile:
    """Seal and write; ``purpose`` is bound to the file and asked for again by :func:`load`."""
    token = secrets.token_hex(16)
    name = f"{token[:2]}/{token}"
    sealed = envelope.seal(content, context=("file", purpose, token))
    name = default_storage.save(name, ContentFile(sealed))
    return StoredFile(name, hashlib.sha256(content).hexdigest(), len(content))


def load(name: str, *, purpose: str) -> bytes:
    """Read and open. Raises UnsealError when the file was altered or belongs to another purpose."""
    with default_storage.open(name) as stored:
        return envelope.unseal(stored.read(), context=("file", purpose, name.rpartition("/")[2]))


def remove(name: str) -> None:
    """Delete a sealed file (a write that was rolled back)."""
    default_storage.delete(name)
