"""Where evidence lies: objects of sealed bytes under random names, written once, never changed.

What is handed in is sealed already; the storage sees neither key nor content, and the name of an
object tells nothing. ``STORAGES["evidence"]`` says where: a folder (:mod:`object_storage_disk`) or a
bucket of an S3-compatible server (:mod:`object_storage_s3`). Neither is a Django file storage: those
offer addresses, original names and writing over, none of which evidence may have.
"""

import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.core.files.storage import storages
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.errors import DomainError

BLOCK_BYTES = 256 * 1024
"""How much :func:`read` holds in memory at a time."""
_NAME = re.compile(r"([0-9a-f]{2})/(\1[0-9a-f]{30})")


class StorageFullError(DomainError):
    """No room for files; nothing was kept. What is not a file is not affected."""

    code = "storage_full"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Tempat penyimpanan berkas penuh untuk sementara. Berkas ini belum tersimpan. "
                "Yang lain tetap bisa dikirim; coba unggah lagi nanti."
            )
        )


class StorageUnavailableError(DomainError):
    """The storage does not answer or does not do what it should; nothing was kept."""

    code = "storage_unavailable"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Tempat penyimpanan berkas sedang tidak dapat dipakai. "
                "Yang lain tetap bisa dikirim; coba lagi nanti."
            )
        )


class ObjectMissingError(DomainError):
    """There is no such object: it was erased, or lost."""

    code = "object_missing"

    def __init__(self) -> None:
        super().__init__(_("Berkas ini tidak ada lagi di penyimpanan."))


@dataclass(frozen=True)
class StoredObject:
    """One object: its size in bytes, sealed, and the day on which it was written."""

    name: str
    size_bytes: int
    written_on: date


class ObjectStorage(ABC):
    """What a place for objects can do."""

    @abstractmethod
    def write(self, name: str, chunks: Iterable[bytes]) -> int:
        """Keep the chunks under a new name, wholly or not at all; return their bytes."""

    @abstractmethod
    def read(self, name: str) -> Iterator[bytes]:
        """Yield an object's bytes. Raises ObjectMissingError at the first of them."""

    @abstractmethod
    def delete(self, names: Iterable[str]) -> None:
        """Remove objects; one that is not there is no error."""

    @abstractmethod
    def objects(self) -> Iterator[StoredObject]:
        """Yield every object, by name, without holding all of them in memory."""

    @abstractmethod
    def exists(self, name: str) -> bool:
        """Say whether the object is there."""

    @abstractmethod
    def free_bytes(self) -> int | None:
        """Return what may still be written before the reserve is touched; None where nobody knows."""

    @abstractmethod
    def check_room(self, expected_bytes: int = 0) -> None:
        """Raise StorageFullError when so much does not fit, StorageUnavailableError when nothing does."""

    @abstractmethod
    def tidy(self) -> int:
        """Remove what writes that were broken off left behind; return how many."""


def new_object_name() -> str:
    """Return a name that nobody had or can guess: 128 random bits behind a folder of 256."""
    token = secrets.token_hex(16)
    return f"{token[:2]}/{token}"


def split_name(name: str) -> tuple[str, str]:
    """Return folder and file of an object's name. Raises ValueError for any other text."""
    found = _NAME.fullmatch(name)
    if not found:
        raise ValueError("not the name of an object")
    return found[1], found[2]


def evidence_storage() -> ObjectStorage:
    """Return the storage that the settings name."""
    return cast("ObjectStorage", storages["evidence"])


def write(name: str, chunks: Iterable[bytes]) -> int:
    """Keep sealed chunks under a name of :func:`new_object_name`; return how many bytes they were.

    One chunk is held at a time. An error, of the chunks' source too, leaves no object. Raises
    StorageFullError or StorageUnavailableError.
    """
    return evidence_storage().write(name, chunks)


def read(name: str) -> Iterator[bytes]:
    """Yield an object's sealed bytes. Raises ObjectMissingError or StorageUnavailableError."""
    return evidence_storage().read(name)


def delete(names: Iterable[str]) -> None:
    """Remove objects; twice is harmless. Raises StorageUnavailableError."""
    evidence_storage().delete(names)


def free_bytes() -> int | None:
    """Return the bytes that files may still take, the reserve left out; None for a bucket."""
    return evidence_storage().free_bytes()


def check_room(expected_bytes: int = 0) -> None:
    """Refuse before anybody sends: StorageFullError when so many bytes would touch the reserve."""
    evidence_storage().check_room(expected_bytes)
