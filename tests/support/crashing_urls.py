"""Pages that leave what was typed behind, as a bug below Python might, beside the product's own."""

import threading
import time

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from bawaslu_cases.urls import handler404, handler500
from bawaslu_cases.urls import urlpatterns as product

__all__ = ["handler404", "handler500", "urlpatterns"]

KEPT: list[str] = []
PATIENCE_S = 60
_begun, _crashed = threading.Event(), threading.Event()


@csrf_exempt
def keep(request: HttpRequest) -> HttpResponse:
    """Keep a story for as long as the process lives."""
    KEPT.append(request.POST["story"])
    return HttpResponse("kept")


@csrf_exempt
def crash(request: HttpRequest) -> HttpResponse:
    """Keep a story and crash."""
    KEPT.append(request.POST["story"])
    _crashed.set()
    raise RuntimeError("a bug")


def slow(_request: HttpRequest) -> HttpResponse:
    """Answer half a second after another page crashed."""
    _begun.set()
    if not _crashed.wait(PATIENCE_S):
        return HttpResponse("no crash came", status=504)
    time.sleep(0.5)
    return HttpResponse("done")


def begun(_request: HttpRequest) -> HttpResponse:
    """Answer as soon as somebody waits for the slow page."""
    return HttpResponse(status=204 if _begun.wait(PATIENCE_S) else 504)


urlpatterns = [
    path("simpan", keep),
    path("jatuh", crash),
    path("lambat", slow),
    path("lambat-dimulai", begun),
    *product,
]
