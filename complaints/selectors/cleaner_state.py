"""What the evidence worker said about itself last: the administrator's page asks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

CLEANER_STATE = "evidence-cleaner"
REMEMBERED_SECONDS = 15 * 60
"""Three rounds of the watch; older words say nothing about now."""


@dataclass(frozen=True)
class CleanerState:
    """``sandbox`` is "" or a failure's code, ``scanner`` "", "none", "down" or "stale"."""

    at: datetime
    sandbox: str
    scanner: str


def cleaner_state() -> CleanerState | None:
    """Return what was said in the last quarter of an hour; None where nothing was. No query."""
    try:
        kept: dict[str, Any] | None = cache.get(CLEANER_STATE)
    except (RedisError, OSError):
        return None
    return CleanerState(**kept) if kept else None
