"""After an exception nobody foresaw: let go of its frames at once.

A trace and its frames hold each other, and with them everything a request brought. Python frees such a
ring only when it next looks for rings, which may be hours later.
"""

import gc
from threading import local
from typing import Any

from django.core.signals import got_request_exception, request_finished

_thread = local()


def connect() -> None:
    """Look for rings at the end of each request that crashed."""
    got_request_exception.connect(_note, dispatch_uid="crashes.note")
    request_finished.connect(_let_go, dispatch_uid="crashes.let_go")


def _note(**_signal: Any) -> None:
    _thread.crashed = True


def _let_go(**_signal: Any) -> None:
    if getattr(_thread, "crashed", False):
        _thread.crashed = False
        gc.collect()
