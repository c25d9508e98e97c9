"""Evidence in a folder of this machine.

Each object is written under ``staging/``, synced, linked to its name and only then seen; a write that
was broken off leaves nothing but a staged file, which :meth:`DiskStorage.tidy` knows by its lock.
Folders and files are opened one inside the other without following links, so that no link planted in
there leads elsewhere. Files are 0600, folders 0700.

Nothing that a listing shows tells when somebody was here: names are random, all 256 folders exist from
the beginning, and times are those of the day alone. The kernel keeps a time of change and of birth that
no program sets; :meth:`DiskStorage.tidy` moves the first to a later day, all of a day at once.
"""

import errno
import fcntl
import logging
import os
import secrets
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.utils import timezone

from bawaslu_cases.shared.object_storage import (
    BLOCK_BYTES,
    ObjectMissingError,
    ObjectStorage,
    StorageFullError,
    StorageUnavailableError,
    StoredObject,
    split_name,
)

logger = logging.getLogger(__name__)

SHARDS = tuple(f"{number:02x}" for number in range(256))
STAGING = "staging"
LOOK_AGAIN_BYTES = 16 * 1024 * 1024
"""A long write asks for room again after so much."""
BROKEN_OFF_SECONDS = 3600
"""A staged file that nobody holds is left alone for so long: its writer may be about to lock it."""
RESERVE_SHARE = 0.05
"""On a disk so small that the reserve would be more than this share of it, the share is the reserve."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NO_LINK = os.O_NOFOLLOW | os.O_CLOEXEC


class DiskStorage(ObjectStorage):
    """Objects in one folder; ``reserve_bytes`` of its disk are left to others, the database above all."""

    def __init__(self, *, location: str | Path, reserve_bytes: int = 0) -> None:
        self._root = Path(location)
        self._reserve_bytes = reserve_bytes

    def write(self, name: str, chunks: Iterable[bytes]) -> int:
        """Stage, sync and link; see :func:`object_storage.write`."""
        shard, file = split_name(name)
        self.check_room()
        size, looked_at = 0, 0
        with ExitStack() as stack:
            with _translated():
                root = stack.enter_context(self._opened_root())
                staging = stack.enter_context(_folder(STAGING, inside=root))
                staged = secrets.token_hex(16)
                descriptor = os.open(
                    staged,
                    os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK,
                    0o600,
                    dir_fd=staging,
                )
                stack.callback(os.close, descriptor)
                stack.callback(_forget, staged, staging)
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for chunk in chunks:
                with _translated():
                    _write_all(descriptor, chunk)
                size += len(chunk)
                if size - looked_at >= LOOK_AGAIN_BYTES:
                    self.check_room()
                    looked_at = size
            with _translated():
                folder = stack.enter_context(_folder(shard, inside=root))
                os.fchmod(descriptor, 0o600)
                os.utime(descriptor, _day_alone())
                os.fsync(descriptor)
                # A link refuses a name that is taken; renaming would write over it.
                os.link(staged, file, src_dir_fd=staging, dst_dir_fd=folder, follow_symlinks=False)
                os.utime(folder, _day_alone())
                os.fsync(folder)
        return size

    def read(self, name: str) -> Iterator[bytes]:
        """Yield blocks of the file, which must be one."""
        shard, file = split_name(name)
        with ExitStack() as stack:
            with _translated(looked_for=True):
                root = stack.enter_context(self._opened_root())
                folder = stack.enter_context(_folder(shard, inside=root))
                descriptor = os.open(file, os.O_RDONLY | _NO_LINK | os.O_NONBLOCK, dir_fd=folder)
                stack.callback(os.close, descriptor)
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise OSError(errno.EINVAL, "not a file")
            while True:
                with _translated():
                    block = os.read(descriptor, BLOCK_BYTES)
                if not block:
                    return
                yield block

    def delete(self, names: Iterable[str]) -> None:
        """Unlink the files. What was in their blocks is sealed; the keys are what must go."""
        places = [split_name(name) for name in names]
        with ExitStack() as stack, _translated():
            root = stack.enter_context(self._opened_root())
            for shard, file in places:
                with _folder(shard, inside=root) as folder:
                    with suppress(FileNotFoundError):
                        os.unlink(file, dir_fd=folder)
                    os.utime(folder, _day_alone())
                    os.fsync(folder)

    def objects(self) -> Iterator[StoredObject]:
        """Yield the objects by name, a folder of 256 at a time; foreign files are passed over."""
        for shard, file, found in self._files():
            yield StoredObject(f"{shard}/{file}", found.st_size, _written_on(found))

    def exists(self, name: str) -> bool:
        """Say whether the file is there; one that is no plain file is not."""
        shard, file = split_name(name)
        with ExitStack() as stack, _translated():
            root = stack.enter_context(self._opened_root())
            folder = stack.enter_context(_folder(shard, inside=root))
            try:
                found = os.stat(file, dir_fd=folder, follow_symlinks=False)
            except FileNotFoundError:
                return False
            return stat.S_ISREG(found.st_mode)

    def free_bytes(self) -> int | None:
        """Return what an ordinary user may still write there, less the reserve, 0 at least."""
        with ExitStack() as stack, _translated():
            root = stack.enter_context(self._opened_root())
            disk = os.fstatvfs(root)
            reserve = min(self._reserve_bytes, int(disk.f_blocks * disk.f_frsize * RESERVE_SHARE))
            return max(0, disk.f_bavail * disk.f_frsize - reserve)

    def check_room(self, expected_bytes: int = 0) -> None:
        """Compare with what is free; two writes at once may both pass, the reserve is for that."""
        free = self.free_bytes() or 0
        if free <= expected_bytes:
            logger.error("evidence.storage_full low_water")
            raise StorageFullError

    def tidy(self) -> int:
        """Remove staged files without a writer, then blur the day of change of older objects."""
        removed = 0
        with ExitStack() as stack, _translated():
            root = stack.enter_context(self._opened_root())
            staging = stack.enter_context(_folder(STAGING, inside=root))
            for name in os.listdir(staging):  # noqa: PTH208 -- by descriptor
                removed += _removed_if_dead(name, staging)
            os.utime(staging, _day_alone())
        self._blur_changes()
        return removed

    def _blur_changes(self) -> None:
        """Give the objects of days that are over one time of change, in the order of their names.

        Setting a file's times is a change: its time becomes now, whatever it was. Done once for each.
        """
        today = _today()
        for shard, file, found in self._files():
            written_on = _written_on(found)
            if written_on < today and _local_day(found.st_ctime) <= written_on:
                with ExitStack() as stack, suppress(FileNotFoundError), _translated():
                    root = stack.enter_context(self._opened_root())
                    folder = stack.enter_context(_folder(shard, inside=root))
                    moment = (found.st_mtime_ns, found.st_mtime_ns)
                    os.utime(file, ns=moment, dir_fd=folder, follow_symlinks=False)

    def _files(self) -> Iterator[tuple[str, str, os.stat_result]]:
        for shard in SHARDS:
            with ExitStack() as stack, _translated():
                root = stack.enter_context(self._opened_root())
                folder = stack.enter_context(_folder(shard, inside=root))
                rows = []
                for file in sorted(os.listdir(folder)):  # noqa: PTH208 -- by descriptor
                    with suppress(FileNotFoundError):
                        found = os.stat(file, dir_fd=folder, follow_symlinks=False)
                        if stat.S_ISREG(found.st_mode) and _is_object(shard, file):
                            rows.append((shard, file, found))
            yield from rows

    @contextmanager
    def _opened_root(self) -> Iterator[int]:
        """Yield the folder, made whole where it is not there yet."""
        try:
            descriptor = os.open(self._root, _FOLDER)
        except FileNotFoundError:
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._root, _FOLDER)
        try:
            if not _is_made(descriptor):
                _make_folders(descriptor)
            yield descriptor
        finally:
            os.close(descriptor)


def _is_made(root: int) -> bool:
    """Say whether the last folder that :func:`_make_folders` makes is there."""
    try:
        os.stat(STAGING, dir_fd=root, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _make_folders(root: int) -> None:
    """Make all folders before the first object comes, in random order; beside others doing the same."""
    with suppress(PermissionError):  # a folder that somebody else gave us
        os.fchmod(root, 0o700)
    order = list(SHARDS)
    secrets.SystemRandom().shuffle(order)
    for name in (*order, STAGING):
        with suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=root)
        with _folder(name, inside=root) as folder:
            os.utime(folder, _day_alone())
    os.utime(root, _day_alone())
    os.fsync(root)


@contextmanager
def _folder(name: str, *, inside: int) -> Iterator[int]:
    descriptor = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=inside)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _translated(*, looked_for: bool = False) -> Iterator[None]:
    """Turn the kernel's answers into the domain's; ``looked_for``: what is not there is the answer.

    No name is logged.
    """
    try:
        yield
    except OSError as error:
        if looked_for and isinstance(error, FileNotFoundError):
            raise ObjectMissingError from error
        if error.errno in _FULL:
            logger.error("evidence.storage_full")  # noqa: TRY400 -- the code is the alarm
            raise StorageFullError from error
        name = errno.errorcode.get(error.errno or 0, "?")
        logger.error("evidence.storage_unavailable %s", name)  # noqa: TRY400 -- as above
        raise StorageUnavailableError from error


def _write_all(descriptor: int, chunk: bytes) -> None:
    """Write all of it: the kernel may take less at once."""
    left = memoryview(chunk)
    while left:
        left = left[os.write(descriptor, left) :]


def _forget(staged: str, staging: int) -> None:
    """Take the staged name away; the object has its own by now, or is not to be."""
    with suppress(OSError):  # the sweep takes what stays
        os.unlink(staged, dir_fd=staging)
        os.utime(staging, _day_alone())


def _removed_if_dead(name: str, staging: int) -> bool:
    """Remove a staged file that no living process writes. Its writer holds the lock until it ends."""
    try:
        descriptor = os.open(name, os.O_RDONLY | _NO_LINK, dir_fd=staging)
    except FileNotFoundError:
        return False
    try:
        if time.time() - os.fstat(descriptor).st_mtime < BROKEN_OFF_SECONDS:
            return False
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(name, dir_fd=staging)
    except (BlockingIOError, FileNotFoundError):
        return False
    finally:
        os.close(descriptor)
    return True


def _is_object(shard: str, file: str) -> bool:
    try:
        split_name(f"{shard}/{file}")
    except ValueError:
        return False
    return True


def _day_alone() -> tuple[int, int]:
    """Return today's times for a file: midnight UTC of the local day, so no hour shows through."""
    today = _today()
    moment = int(datetime(today.year, today.month, today.day, tzinfo=UTC).timestamp())
    return (moment, moment)


def _written_on(found: os.stat_result) -> date:
    """Return the local day that :func:`_day_alone` wrote."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=found.st_mtime)).date()


def _local_day(seconds: float) -> date:
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    return timezone.localdate(moment, timezone=timezone.get_default_timezone())


def _today() -> date:
    return timezone.localdate(timezone=timezone.get_default_timezone())
