"""Logging by allow-list: a code and ids chosen by us, never what a person typed.

An exception's text can carry form values (``Key (nik)=(…) already exists``), so only its type and
the places of its frames are written.
"""

import hashlib
import json
import logging
import traceback
from collections.abc import ItemsView
from types import TracebackType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class AllowListFormatter(logging.Formatter):
    """``level logger message`` and, for an exception, its type and frames without any value."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; Django's request messages lose their path."""
        return super().format(_without_what_was_typed(record))

    def formatException(  # noqa: N802 -- the name logging calls
        self, ei: Any
    ) -> str:
        """Return the exception's type and where it passed, never its message."""
        kind: type[BaseException] | None
        trace: TracebackType | None
        kind, _value, trace = ei
        frames = traceback.extract_tb(trace)
        places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
        digest = hashlib.sha256(places.encode()).hexdigest()[:8]
        return f"{kind.__name__ if kind else 'Exception'} #{digest} at {places}"


class JsonLinesFormatter(AllowListFormatter):
    """The same as one JSON object a line: ``level``, ``logger``, ``event``, for an exception ``error``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; nothing in a message can end it or forge another."""
        record = _without_what_was_typed(record)
        value = {"level": record.levelname, "logger": record.name, "event": record.getMessage()}
        if record.exc_info:
            value["error"] = self.formatException(record.exc_info)
        return json.dumps(value)


def _without_what_was_typed(record: logging.LogRecord) -> logging.LogRecord:
    # a handler before this one may have left the exception's whole text on the record
    changes: dict[str, Any] = {"exc_text": None}
    if record.name.startswith("django."):
        status = getattr(record, "status_code", "")
        changes |= {"msg": f"request failed {status}".strip(), "args": ()}
    return logging.makeLogRecord({**record.__dict__, **changes})


class BlindExceptionReporterFilter(SafeExceptionReporterFilter):
    """Error reports show no posted value and no local variable, on any page."""

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:  # noqa: ARG002
        """Return nothing of what was posted."""
        return {}

    def get_traceback_frame_variables(
        self,
        request: HttpRequest | None,  # noqa: ARG002 -- Django's hook
        tb_frame: Any,  # noqa: ARG002 -- Django's hook
    ) -> ItemsView[str, Any]:
        """Return no local variable."""
        nothing: dict[str, Any] = {}
        return nothing.items()
