"""Answers of the registry that a process keeps in memory, because every report asks them again.

Reference data changes when a release or an officer changes it, a report comes many times a second:
a dozen of its thirty queries asked what never changes between two holidays. What is kept goes when the
registry's version changes (asked of the cache once a second at most) and after REGISTRY_KEPT_SECONDS
in any case, for rows corrected by hand and for a cache that is gone. A calendar that is a minute old
harms no deadline: it carries its version, and the clock that reckons open deadlines sees it is not the
latest.

What is returned is shared between requests: read it, never change it.
"""

import time
from collections.abc import Callable
from functools import wraps
from itertools import count
from typing import Any, ParamSpec, TypeVar

from django.conf import settings

from bawaslu_cases.registry.freshness import version

P = ParamSpec("P")
T = TypeVar("T")

ASK_AGAIN_SECONDS = 1.0
MOST_KEPT = 2000
"""Answers of one question; all go when there are more, as when somebody walks through every date."""


class _Freshness:
    """The version that what is kept belongs to, and when it was last asked for.

    Numbers are drawn for the process: whoever begins anew finds nothing of before.
    """

    _numbers = count()

    def __init__(self) -> None:
        self.version: str | None = None
        self.asked_at = float("-inf")
        self.number = next(self._numbers)

    def current(self, now: float) -> int:
        """Return a number that changes with the version."""
        if now - self.asked_at >= ASK_AGAIN_SECONDS:
            self.asked_at = now
            told = version()
            if told is not None and told != self.version:
                self.version = told
                self.number = next(self._numbers)
        return self.number


_freshness = _Freshness()


def remembered(question: Callable[P, T]) -> Callable[P, T]:
    """Decorate a selector of the registry whose arguments are hashable (rows are, by their key).

    An exception is not kept. With REGISTRY_KEPT_SECONDS = 0 every question is asked anew.
    """
    kept: dict[Any, tuple[float, int, T]] = {}

    @wraps(question)
    def answer(*args: P.args, **kwargs: P.kwargs) -> T:
        seconds = settings.REGISTRY_KEPT_SECONDS
        if not seconds:
            return question(*args, **kwargs)
        now = time.monotonic()
        number = _freshness.current(now)
        key = (args, tuple(sorted(kwargs.items())))
        held = kept.get(key)
        if held is not None and held[0] > now and held[1] == number:
            return held[2]
        if len(kept) >= MOST_KEPT:
            kept.clear()
        found = question(*args, **kwargs)
        kept[key] = (now + seconds, number, found)
        return found

    return answer
