"""Why a call did not do what was asked. No message carries what was sent."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any


class ApiError(Exception):
    """Base of everything this package raises about a call."""


class LineError(ApiError):
    """No whole answer came, however often it was tried. Whether the server acted is not known.

    Send the same thing again under the same key: it is done once.
    """


class AnswerError(ApiError):
    """An answer of a shape that this version does not know. Whether the server acted is not known."""


class ProblemError(ApiError):
    """The server answered with problem details (RFC 9457).

    ``code`` is stable, ``title`` and ``detail`` are for people, ``errors`` maps a field to its messages
    (``people.0.name`` inside lists).
    """

    def __init__(
        self,
        *,
        status: int,
        code: str,
        title: str,
        detail: str,
        errors: Mapping[str, Sequence[str]] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {detail or title}")
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors: dict[str, list[str]] = {
            name: list(told) for name, told in (errors or {}).items()
        }
        self.retry_after = retry_after


class AccessError(ProblemError):
    """401 or 403: the client is not known, suspended, expired, or lacks a scope."""


class NotFoundError(ProblemError):
    """404: there is no such record, or none this client may know of."""


class ConflictError(ProblemError):
    """409: another request with the same key still runs, or the record moved meanwhile."""


class GoneError(ProblemError):
    """410: a cursor lies before what the server keeps. Begin anew without one."""


class StaleError(ProblemError):
    """412 or 428: the record is not any more what was read. Read again, then decide."""


class InvalidError(ProblemError):
    """400, 413, 415 or 422: what was sent is refused; ``errors`` names the fields."""


class QuotaError(ProblemError):
    """429: the client's minute is used up; ``retry_after`` seconds are left of it."""


class ServerError(ProblemError):
    """500 or more: the server, or what stands before it, failed. Whether it acted is not known."""


_KINDS: dict[int, type[ProblemError]] = {
    HTTPStatus.UNAUTHORIZED: AccessError,
    HTTPStatus.FORBIDDEN: AccessError,
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.CONFLICT: ConflictError,
    HTTPStatus.GONE: GoneError,
    HTTPStatus.PRECONDITION_FAILED: StaleError,
    HTTPStatus.PRECONDITION_REQUIRED: StaleError,
    HTTPStatus.TOO_MANY_REQUESTS: QuotaError,
}


def problem_of(status: int, told: Any, *, retry_after: float | None = None) -> ProblemError:
    """Return the exception for an answer of 400 or more. ``told`` is its JSON, or None."""
    body: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    kind = _KINDS.get(status) or (
        ServerError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else InvalidError
    )
    errors = body.get("errors")
    # The token endpoint answers as RFC 6749 shapes it.
    code = str(body.get("code") or body.get("error") or "")
    return kind(
        status=status,
        code=code,
        title=str(body.get("title") or ""),
        detail=str(body.get("detail") or body.get("error_description") or ""),
        errors={str(name): [str(each) for each in told] for name, told in errors.items()}
        if isinstance(errors, Mapping)
        else None,
        retry_after=retry_after,
    )
