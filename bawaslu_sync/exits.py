"""Exit codes (docs/sync.md)."""

from enum import IntEnum


class Exit(IntEnum):
    """How a run ended."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    WAITING = 3
    """The line or the server: something waits, run again."""
    PARKED = 4
    """Something was refused and needs a person: ``queue list``."""
    BUSY = 5
    LOCKED = 6
    ACCESS = 7
    """The server does not take this client: its secret, its suspension or a scope."""
