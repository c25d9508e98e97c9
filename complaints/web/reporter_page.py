"""What every page of the reporter's area shares: one neutral cookie, no cache, no index, no trace."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

View = Callable[[HttpRequest], HttpResponse]


def reporter_page(view: View) -> View:
    """Decorate a page of /f/ or /s/: nothing of it is cached, indexed or shown in error reports."""
    guarded = require_http_methods(["GET", "HEAD", "POST"])(
        sensitive_post_parameters()(sensitive_variables()(view))
    )

    @wraps(view)
    def page(request: HttpRequest) -> HttpResponse:
        response = guarded(request)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return page


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


class SeeOther(HttpResponseRedirect):
    """A redirect whose next request is a GET whatever this one was."""

    status_code = 303


def see_other(name: str) -> SeeOther:
    """Redirect with 303 to a named page."""
    return SeeOther(reverse(name))
