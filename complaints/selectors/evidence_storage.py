"""How the place for files stands: what the administrator's page and the watch ask."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from bawaslu_cases.shared import object_storage
from bawaslu_cases.shared.object_storage import StorageFullError, StorageUnavailableError

LAST_SWEEP = "evidence-sweep"
REMEMBERED_SECONDS = 3 * 3600


@dataclass(frozen=True)
class StorageState:
    """``low``: less than the reserve's own size is left above it. ``free_bytes`` is None in a bucket."""

    code: Literal["ok", "low", "full", "unavailable"]
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
    low = free is not None and free < settings.EVIDENCE_RESERVE_BYTES
    return StorageState("low" if low else "ok", free)


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
