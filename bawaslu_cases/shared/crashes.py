"""After an error: let go of its frames at once, and with them of everything a request brought (C10).

Two things keep them otherwise. Django's connection remembers the exception that broke a transaction
(``rollback_exc``) until the next one does, as long as the thread lives. And an exception that a frame
of its own trace holds is a ring, which Python frees only when it next looks for rings.

What else a crash leaves behind, nobody can list. So a web process in which a request crashed is also ended
(:func:`end_after_crash`).

And after every request: ``urllib.parse`` remembers each address it took apart, the links that a reporter
typed and the words of an officer's search among them. What was typed also went to the database, and the line
to it keeps what it sent (``database/base.py``): after a request that brought something it is overwritten.
"""

import logging
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from threading import Lock, Timer, local
from typing import Any
from urllib.parse import clear_cache  # type: ignore[attr-defined]

from celery.signals import task_postrun
from django.core.signals import got_request_exception, request_finished, request_started
from django.db import connections
from django.http import UnreadablePostError

logger = logging.getLogger(__name__)

_thread = local()


class _Ending:
    """How this process ends once a request crashed in it; None where nobody said."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._end: Callable[[], object] | None = None
        self._not_before = 0.0

    def arrange(self, end: Callable[[], object] | None, least_seconds: float) -> None:
        with self._lock:
            self._end, self._not_before = end, time.monotonic() + least_seconds

    def begin(self) -> None:
        with self._lock:
            end, self._end = self._end, None
        if end is None:
            return
        logger.warning("crashes.process_ends")
        timer = Timer(max(0.0, self._not_before - time.monotonic()), end)
        timer.daemon = True
        timer.start()


_ending = _Ending()


def end_after_crash(end: Callable[[], object] | None, *, least_seconds: float) -> None:
    """Call ``end`` once, after the first request that crashes here, when its answer is out.

    Not before the process is ``least_seconds`` old, counted from now: starting anew costs seconds of a
    processor, which nobody must be able to ask for without pause. None takes it back.
    """
    _ending.arrange(end, least_seconds)


def connect() -> None:
    """Let go at the end of each request and task."""
    request_started.connect(_begin, dispatch_uid="crashes.begin")
    got_request_exception.connect(_note, dispatch_uid="crashes.note")
    request_finished.connect(let_go, dispatch_uid="crashes.let_go")
    task_postrun.connect(let_go, dispatch_uid="crashes.let_go")


def _begin(environ: Mapping[str, Any] | None = None, **_signal: Any) -> None:
    told = environ or {}
    _thread.typed = bool(told.get("QUERY_STRING")) or told.get("REQUEST_METHOD") not in {
        "GET",
        "HEAD",
    }


def _note(**_signal: Any) -> None:
    _thread.crash = sys.exc_info()[1]


def let_go(**_signal: Any) -> None:
    """Forget addresses; clear the frames of what went wrong in this thread, and end a process that crashed.

    A line that broke while a form came in is no crash: it happens to slow phones all day.
    """
    clear_cache()
    crash = getattr(_thread, "crash", None)
    errors = [crash]
    _thread.crash = None
    for connection in connections.all(initialized_only=True):
        held: Any = connection
        errors.append(held.rollback_exc)
        held.rollback_exc = None
        if getattr(_thread, "typed", True):
            held.overwrite_sent()
    seen: set[int] = set()
    while errors:
        error = errors.pop()
        if error is None or id(error) in seen:
            continue
        seen.add(id(error))
        errors += [error.__cause__, error.__context__]
        traceback.clear_frames(error.__traceback__)
    if crash is not None and not isinstance(crash, UnreadablePostError):
        _ending.begin()
