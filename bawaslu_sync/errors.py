"""What stops the tool. Each has the exit code that docs/sync.md lists."""

from bawaslu_sync.exits import Exit


class SyncError(Exception):
    """A refusal of the tool, in the words it shows."""

    exit = Exit.REFUSED


class UsageError(SyncError):
    """Something was asked for in a way that cannot be."""

    exit = Exit.USAGE


class LockedError(SyncError):
    """The passphrase or key is wrong, or the store was altered: nothing of it is used."""

    exit = Exit.LOCKED


class BusyError(SyncError):
    """Another run of the same kind holds the store."""

    exit = Exit.BUSY
