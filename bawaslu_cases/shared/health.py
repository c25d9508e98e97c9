"""Two questions of a balancer: does the process live, and can it serve."""

from datetime import timedelta
from typing import Final

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from bawaslu_cases.shared import object_storage
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.pulses import silences

CLOCKS_AGREE: Final = timedelta(minutes=1)
"""Between the clocks of this process and of the database; the day of a step is this process's."""


def live(_request: HttpRequest) -> JsonResponse:
    """Answer as long as the process does."""
    return JsonResponse({"status": "ok"})


def ready(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers, else 503; what else may be gone is told apart. Three queries.

    Intake works without them, so none takes the process out. A bucket is not asked: it may take
    seconds to answer, and the worker watches it.
    """
    parts = {"database": "ok", "clock": "ok", "cache": "ok", "evidence": "ok", "workers": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            theirs = cursor.fetchone()[0]
        if abs(timezone.now() - theirs) > CLOCKS_AGREE:
            parts["clock"] = "wrong"
    except Exception as error:  # noqa: BLE001 -- whatever it is, the type is the answer
        parts["database"] = type(error).__name__
    try:
        parts["workers"] = " ".join(f"{each.queue}_silent" for each in silences()) or "ok"
    except Exception as error:  # noqa: BLE001 -- as above
        parts["workers"] = type(error).__name__
    try:
        cache.get("health")
    except Exception as error:  # noqa: BLE001 -- as above
        parts["cache"] = type(error).__name__
    try:
        if object_storage.free_bytes() == 0:
            parts["evidence"] = "storage_full"
    except DomainError as error:
        parts["evidence"] = error.code
    return JsonResponse(parts, status=200 if parts["database"] == "ok" else 503)
