"""How many calls a client has left this minute: counted in Valkey, and again in this process.

The larger number counts. So a Valkey that was emptied opens nothing for those this process knows, and
one that does not answer leaves a small allowance: neither an open gate nor a shut one (check P10).
"""

import threading
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

WINDOW: Final = 60
CACHE_ERRORS = (RedisError, OSError)


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left: ``limit`` calls a window, ``left`` of them, ``reset`` seconds until the next."""

    limit: int
    left: int
    reset: int
    is_over: bool

    def headers(self) -> dict[str, str]:
        """Return the fields of draft-ietf-httpapi-ratelimit-headers."""
        return {
            "RateLimit-Policy": f'"client";q={self.limit};w={WINDOW}',
            "RateLimit": f'"client";r={self.left};t={self.reset}',
        }


class _Counts:
    """Numbers of this process for the window that runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._numbers: dict[str, int] = {}

    def add(self, key: str, window: int) -> int:
        with self._lock:
            if window != self._window:
                self._window, self._numbers = window, {}
            self._numbers[key] = self._numbers.get(key, 0) + 1
            return self._numbers[key]

    def forget(self) -> None:
        with self._lock:
            self._numbers = {}


_OWN = _Counts()


def spend(key: str, *, limit: int, now: float) -> Quota:
    """Take one call of a client from its minute. ``key`` is a number or a digest, never a name."""
    window, passed = divmod(int(now), WINDOW)
    own = _OWN.add(key, window)
    name = f"api:quota:{key}:{window}"
    try:
        used = max(own, cache.count(name, timeout=2 * WINDOW))  # type: ignore[attr-defined]  # our own backend
    except CACHE_ERRORS:
        used = own
        limit = min(limit, settings.API_CALLS_WITHOUT_VALKEY)
    return Quota(limit, max(limit - used, 0), WINDOW - passed, is_over=used > limit)


def forget() -> None:
    """Forget what this process counted; for tests."""
    _OWN.forget()
