"""How the place for files stands: what the administrator's page and the watch ask."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

from bawaslu_cases.shared import object_storage
from bawaslu_cases.shared.object_storage import StorageFullError, StorageUnavailableError

LAST_SWEEP = "evidence-sweep"
REMEMBERED_SECONDS = 3 * 3600
VOLUME_SECONDS = 2 * 24 * 3600


@dataclass(frozen=True)
class StorageState:
    """``low``: less than the reserve's own size is left above it; ``volume``: today brought all it may.

    ``free_bytes`` is None in a bucket.
    """

    code: Literal["ok", "low", "volume", "full", "unavailable"]
    free_bytes: int | None


def storage_state() -> StorageState:
    """Ask the storage itself. No query."""
    try:
        object_storage.check_room()
        free = object_storage.free_bytes()
    except StorageFullError:
        return StorageState("full", 0)
    except StorageUnavailableError:
        return StorageState("unavailable", None)
    if daily_volume(at=timezone.now()) >= settings.UPLOADS_DAILY_BYTES:
        return StorageState("volume", free)
    low = free is not None and free < settings.EVIDENCE_RESERVE_BYTES
    return StorageState("low" if low else "ok", free)


def daily_volume(*, at: datetime) -> int:
    """Return how many bytes of files this day brought so far; 0 while the cache is down. No query."""
    try:
        return int(cache.get(volume_key(timezone.localdate(at)), 0))
    except (RedisError, OSError):
        return 0


def volume_key(on: date) -> str:
    """Return where a day's sum lies in the cache."""
    return f"volume:{on.isoformat()}"


@dataclass(frozen=True)
class LastSweep:
    """When storage and database were last compared, and how many files were missing."""

    at: datetime
    missing: int


def last_sweep() -> LastSweep | None:
    """Return the last sweep of three hours; None when there was none, or the cache is gone. No query."""
    try:
        kept: dict[str, Any] | None = cache.get(LAST_SWEEP)
    except (RedisError, OSError):
        return None
    return LastSweep(kept["at"], kept["missing"]) if kept else None
