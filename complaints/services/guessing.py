"""Slowing down those who guess codes, without addresses and without locking anybody out.

Counters live in the cache under keyed digests and expire by themselves. When the cache is down they
count nothing: the slow hash of every try is then the brake that remains.
"""

import hmac
import time
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

FREE_TRIES = 5
"""Tries an hour that one handle gets without waiting; then one for every PAUSE_SECONDS."""
PAUSE_SECONDS = 60
HOUR_SECONDS = 3600
CALM_TRIES_A_MINUTE = 120
"""Tries a minute on all codes together before every answer takes SLOW_SECONDS longer."""
SLOW_SECONDS = 1.0

_CACHE_ERRORS = (RedisError, OSError)


def _key(handle: str) -> str:
    digest = hmac.new(settings.SECRET_KEY.encode(), b"handle:" + handle.encode(), sha256)
    return f"try:{digest.hexdigest()[:24]}"


def take_try(*, handle: str, at: datetime) -> int:
    """Count one try before its slow hash; return the seconds to wait, 0 to go on."""
    key = _key(handle)
    try:
        if _counted(f"tries:{at:%d%H%M}", seconds=PAUSE_SECONDS) > CALM_TRIES_A_MINUTE:
            time.sleep(SLOW_SECONDS)
        if _counted(key, seconds=HOUR_SECONDS) <= FREE_TRIES:
            return 0
        # add() stores only when the last pause is over: one try goes on, the others wait.
        return 0 if cache.add(f"{key}:pause", 1, PAUSE_SECONDS) else PAUSE_SECONDS
    except _CACHE_ERRORS:
        return 0


def give_back_try(*, handle: str) -> None:
    """Take a right try out of the count: whoever reads often is not a guesser."""
    try:
        cache.decr(_key(handle))
    except (ValueError, *_CACHE_ERRORS):
        return


def _counted(key: str, *, seconds: int) -> int:
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key))
    except ValueError:  # expired between the two lines
        return 1
