"""After an error: let go of its frames at once, and with them of everything a request brought (C10).

Two things keep them otherwise. Django's connection remembers the exception that broke a transaction
(``rollback_exc``) until the next one does, as long as the thread lives. And an exception that a frame
of its own trace holds is a ring, which Python frees only when it next looks for rings.
"""

import sys
import traceback
from threading import local
from typing import Any

from celery.signals import task_postrun
from django.core.signals import got_request_exception, request_finished
from django.db import connections

_thread = local()


def connect() -> None:
    """Let go at the end of each request and task."""
    got_request_exception.connect(_note, dispatch_uid="crashes.note")
    request_finished.connect(let_go, dispatch_uid="crashes.let_go")
    task_postrun.connect(let_go, dispatch_uid="crashes.let_go")


def _note(**_signal: Any) -> None:
    _thread.crash = sys.exc_info()[1]


def let_go(**_signal: Any) -> None:
    """Clear the frames of what went wrong in this thread, and forget it."""
    errors = [getattr(_thread, "crash", None)]
    _thread.crash = None
    for connection in connections.all(initialized_only=True):
        held: Any = connection
        errors.append(held.rollback_exc)
        held.rollback_exc = None
    seen: set[int] = set()
    while errors:
        error = errors.pop()
        if error is None or id(error) in seen:
            continue
        seen.add(id(error))
        errors += [error.__cause__, error.__context__]
        traceback.clear_frames(error.__traceback__)
