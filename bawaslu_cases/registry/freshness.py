"""Telling every process that the registry changed, so that what they keep of it in memory is read anew.

The mark lies in the cache, which all processes share. A cache that is gone hinders nothing: loading
goes on, and readers fall back to the age of what they keep.
"""

from contextlib import suppress
from uuid import uuid4

from django.core.cache import cache
from redis.exceptions import RedisError

KEY = "registry-version"


def mark_changed() -> None:
    """Give the registry a new version. Never raises."""
    with suppress(RedisError, OSError):
        cache.set(KEY, uuid4().hex, timeout=None)


def version() -> str | None:
    """Return the registry's version, "" before the first mark; None while the cache is gone."""
    try:
        return str(cache.get(KEY) or "")
    except (RedisError, OSError):
        return None
