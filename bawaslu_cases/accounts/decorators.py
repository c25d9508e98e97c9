"""Doors for staff: signed in, active, and holding a role. Out of scope is 404, never 403."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from bawaslu_cases.shared.http import OfficerRequest

P = ParamSpec("P")
View = Callable[Concatenate[Any, P], HttpResponse]


def role_required(*roles: str) -> Callable[[View[P]], View[P]]:
    """Let only people with one of ``roles`` in; others who are signed in get 403 for the function."""

    def decorate(view: View[P]) -> View[P]:
        @login_required
        @wraps(view)
        def guarded(request: OfficerRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.has_role(*roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def signed_in_roles(request: HttpRequest) -> frozenset[str]:
    """Return the roles of the signed-in person, empty for a visitor."""
    return request.user.roles if request.user.is_authenticated else frozenset()
