"""What every page of the reporter's area shares: one neutral cookie, no cache, no index, no trace."""

import gzip
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

View = Callable[..., HttpResponse]

BUCKET_BYTES = 4096
"""Every page of the form weighs a whole number of these on the line (check H12).

Who watches the line sees sizes. All pages but those with a very long story weigh one bucket, so that
choosing a lane or giving a name looks like any other step. The filling is a field of the gzip header
that browsers skip: it costs no markup, cannot be compressed away, and is no comment in the page. It is
given up for pages without a draft (the first, the last), which are the same for everybody.
"""

_GZIP_FIXED_BYTES = 10
_FILE_NAME = 0x08


def reporter_door(*methods: str) -> Callable[[View], View]:
    """Decorate what /f/ and /s/ answer: nothing of it is cached, indexed or shown in error reports."""

    def decorate(view: View) -> View:
        guarded = require_http_methods(methods)(
            sensitive_post_parameters()(sensitive_variables()(view))
        )

        @wraps(view)
        def page(request: HttpRequest, **named: Any) -> HttpResponse:
            response: HttpResponse = guarded(request, **named)
            response["Cache-Control"] = "no-store"
            response["X-Robots-Tag"] = "noindex, nofollow"
            return response

        return page

    return decorate


reporter_page = reporter_door("GET", "HEAD", "POST")
"""Decorate a page of /f/ or /s/."""


def token_of(request: HttpRequest) -> str:
    """Return the cookie's value, "" without one."""
    return request.COOKIES.get(settings.REPORTER_COOKIE_NAME, "")


def give_cookie(response: HttpResponse, token: str) -> None:
    """Hand out the session cookie; it ends with the browser."""
    response.set_cookie(
        settings.REPORTER_COOKIE_NAME,
        token,
        path="/",
        secure=settings.REPORTER_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def take_cookie(response: HttpResponse) -> None:
    """Remove the cookie."""
    response.delete_cookie(settings.REPORTER_COOKIE_NAME, path="/", samesite="Strict")


def take_all_cookies(response: HttpResponse) -> None:
    """Remove every cookie of the form, for a last page that has no form of its own (check R12)."""
    take_cookie(response)
    response.delete_cookie(settings.CSRF_COOKIE_NAME, path="/", samesite="Strict")


def in_buckets(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Fill a page up to whole buckets, gzip-compressed where the browser takes that (all do)."""
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        packed = gzip.compress(response.content, compresslevel=6, mtime=0)
        missing = -(len(packed) + 1) % BUCKET_BYTES
        head = bytearray(packed[:_GZIP_FIXED_BYTES])
        head[3] |= _FILE_NAME
        filling = b"0" * missing + b"\0"
        response.content = bytes(head) + filling + packed[_GZIP_FIXED_BYTES:]
        response["Content-Encoding"] = "gzip"
    else:
        response.content += b"\n" * (-len(response.content) % BUCKET_BYTES)
    patch_vary_headers(response, ("Accept-Encoding",))
    return response


class SeeOther(HttpResponseRedirect):
    """A redirect whose next request is a GET whatever this one was."""

    status_code = 303


def see_other(name: str) -> SeeOther:
    """Redirect with 303 to a named page."""
    return SeeOther(reverse(name))
