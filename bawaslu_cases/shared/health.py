"""Two questions of a balancer: does the process live, and can it serve."""

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse

from bawaslu_cases.shared import object_storage
from bawaslu_cases.shared.errors import DomainError


def live(_request: HttpRequest) -> JsonResponse:
    """Answer as long as the process does."""
    return JsonResponse({"status": "ok"})


def ready(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers, else 503; cache and storage are told apart. One query.

    Intake works without them, so neither takes the process out. A bucket is not asked: it may take
    seconds to answer, and the worker watches it.
    """
    parts = {"database": "ok", "cache": "ok", "evidence": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:  # noqa: BLE001 -- whatever it is, the type is the answer
        parts["database"] = type(error).__name__
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
