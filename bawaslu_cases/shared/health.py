"""Two questions of a balancer: does the process live, and can it serve."""

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse


def live(_request: HttpRequest) -> JsonResponse:
    """Answer as long as the process does."""
    return JsonResponse({"status": "ok"})


def ready(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers, else 503; the cache is told apart. One query.

    Intake works without the cache, so a cache that is gone does not take the process out.
    """
    parts = {"database": "ok", "cache": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:  # noqa: BLE001 -- whatever it is, the type is the answer
        parts["database"] = type(error).__name__
    try:
        cache.get("health")
    except Exception as error:  # noqa: BLE001 -- as above
        parts["cache"] = type(error).__name__
    return JsonResponse(parts, status=200 if parts["database"] == "ok" else 503)
