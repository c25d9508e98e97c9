"""Pages that leave what was typed behind, as a bug below Python might, beside the product's own."""

import time

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from bawaslu_cases.urls import handler404, handler500
from bawaslu_cases.urls import urlpatterns as product

__all__ = ["handler404", "handler500", "urlpatterns"]

KEPT: list[str] = []


@csrf_exempt
def keep(request: HttpRequest) -> HttpResponse:
    """Keep a story for as long as the process lives."""
    KEPT.append(request.POST["story"])
    return HttpResponse("kept")


@csrf_exempt
def crash(request: HttpRequest) -> HttpResponse:
    """Keep a story and crash."""
    KEPT.append(request.POST["story"])
    raise RuntimeError("a bug")


def slow(_request: HttpRequest) -> HttpResponse:
    """Answer after two seconds."""
    time.sleep(2)
    return HttpResponse("done")


urlpatterns = [path("simpan", keep), path("jatuh", crash), path("lambat", slow), *product]
