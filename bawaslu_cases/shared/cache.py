"""The cache, with a stand-by in memory for what staff need to sign in.

allauth counts tries and used one-time codes in the cache and knows no answer to a cache that is gone;
without one nobody could sign in. Its keys then live in this process's memory: the limits still hold,
per process. Every other key raises as always, and its callers have their own answer.
"""

from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

STAND_BY_PREFIX = "allauth"


class _KeptClient(RedisCacheClient):
    """Makes redis-py's client once a pool; Django makes one for every command, which costs as much again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clients: dict[int, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:  # noqa: ARG002 -- its signature
        """Return the client of a pool. The pools live as long as this does."""
        pool = self._get_connection_pool(write)  # type: ignore[attr-defined]  # not in the stubs
        kept = self._clients.get(id(pool))
        if kept is None:
            kept = self._clients[id(pool)] = self._client(  # type: ignore[attr-defined]
                connection_pool=pool
            )
        return kept


class StandByRedisCache(RedisCache):
    """Django's Redis backend; keys of sign-in fall back to memory when the server does not answer."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _KeptClient
        self._stand_by = LocMemCache("sign-in", {})

    def _answered(self, name: str, key: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(super(), name)(key, *args, **kwargs)
        except (RedisError, OSError):
            if not str(key).startswith(STAND_BY_PREFIX):
                raise
            return getattr(self._stand_by, name)(key, *args, **kwargs)

    def add(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        """Store where nothing is yet; say whether it was stored."""
        return bool(self._answered("add", key, *args, **kwargs))

    def get(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        """Return what is kept."""
        return self._answered("get", key, *args, **kwargs)

    def set(self, key: Any, *args: Any, **kwargs: Any) -> None:
        """Keep a value."""
        self._answered("set", key, *args, **kwargs)

    def delete(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        """Forget a value; say whether there was one."""
        return bool(self._answered("delete", key, *args, **kwargs))

    def count(self, key: str, *, timeout: int) -> int:
        """Add one to a number that lives ``timeout`` seconds from its first and return it. One journey."""
        name = self.make_and_validate_key(key)
        with self._cache.get_client(name, write=True).pipeline(transaction=False) as line:
            line.set(name, 0, ex=timeout, nx=True)
            line.incr(name)
            _made, number = line.execute()
        return int(number)
