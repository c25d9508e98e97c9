"""Every page of staff leaves one entry in the log before it leaves the server."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import ResolverMatch
from django.utils.crypto import salted_hmac

from bawaslu_cases.audit import reads
from bawaslu_cases.audit.errors import AuditUnavailableError
from bawaslu_cases.audit.services import record

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]

OPEN_SPACES: Final = frozenset(
    {"public", "guide", "intake", "mailbox", "figures", "api", "proof", "copies", "packet_copies"}
)
"""Namespaces that show nothing protected, belong to reporters, whose steps are never recorded, or know
no session and record each reading themselves ("copies")."""
OPEN_NAMES: Final = ("health_", "account_", "mfa_", "staff_login")
"""Beginnings of names without a namespace: one's own account, and the balancer's questions."""

RETRY_AFTER_SECONDS: Final = "60"


class AuditReadsMiddleware:
    """Record who saw what, or answer 503.

    It works by refusal: an address is recorded unless its namespace is named above, so a page that is
    added later is recorded from its first day. The answer is ready when the entry is written and is
    thrown away when it cannot be (fail closed); the view's own changes stay, as they do when a
    connection breaks behind it. A service that recorded the step itself spares the second entry.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request. One query more for a page of staff."""
        with reads.reading() as reading:
            response = self.get_response(request)
            match = request.resolver_match
            if match is None or not is_recorded(match.view_name):
                return response
            actor = _known_actor(request)
            if actor is None:
                return response
            if reading.recorded or response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
                return response
            detail = {
                **reading.detail,
                "method": request.method,
                "status": response.status_code,
            }
            terms = " ".join(request.GET.get("q", "").casefold().split())
            if terms:
                detail["terms"] = terms_hash(terms)
            try:
                record(
                    actor=actor,
                    action=f"page.{match.view_name}",
                    subject=reading.subject or _named(match),
                    purpose=reading.purpose,
                    detail=detail,
                )
            except AuditUnavailableError:
                return _instead(unavailable(request), response)
            return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Turn a step that could not be recorded into the page that says so."""
        return unavailable(request) if isinstance(exception, AuditUnavailableError) else None


def is_recorded(view_name: str) -> bool:
    """Say whether pages under this name leave an entry."""
    space, found, _name = view_name.rpartition(":")
    if found:
        return space.partition(":")[0] not in OPEN_SPACES
    return not view_name.startswith(OPEN_NAMES)


def terms_hash(terms: str) -> str:
    """Return what stands for search words: equal words look equal, nobody can try a list of names."""
    return salted_hmac("bawaslu_cases.audit.terms", terms, algorithm="sha256").hexdigest()[:16]


def unavailable(request: HttpRequest) -> HttpResponse:
    """Return the 503 of a log that cannot be written. No query.

    The middleware of the API makes a problem document of it where a client asked.
    """
    response = render(request, "503_audit.html", status=HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def _named(match: ResolverMatch) -> str:
    """Return the record an address names when the view refused before anything was looked up."""
    named = [value for value in match.kwargs.values() if isinstance(value, UUID)]
    if named:
        return f"record:{named[0].hex}"
    return f"list:{match.view_name}"


def _instead(refusal: Any, response: Any) -> HttpResponse:
    """Return ``refusal``, which also closes the file that was to be sent.

    Closing the discarded answer itself would tell Django that the request is over.
    """
    refusal._resource_closers += response._resource_closers  # noqa: SLF001 -- as above
    return cast("HttpResponse", refusal)


def _known_actor(request: HttpRequest) -> UUID | None:
    user = getattr(request, "user", None)
    return user.public_id if user is not None and user.is_authenticated else None
