"""Errors of the API as RFC 9457 problem details (``application/problem+json``)."""

from typing import Any

from django.http import Http404
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError

PROBLEM_JSON = "application/problem+json"
NON_FIELD = "non_field_errors"


def problem_response(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Return the problem for what the framework or the domain raised; None for a real failure.

    A refusal of the domain is 422, a lost race 409, a missing permission 403. ``errors`` maps a
    field to its messages.
    """
    if isinstance(exc, DomainError):
        return _domain_problem(exc)
    known: Exception = NotFound() if isinstance(exc, Http404) else exc
    response = exception_handler(known, context)
    if response is None or not isinstance(known, APIException):
        return response
    errors = known.detail if isinstance(known, ValidationError) else None
    response.data = _problem(
        code=str(known.default_code),
        status_code=response.status_code,
        title=str(known.default_detail),
        detail=str(known.default_detail if errors is not None else known.detail),
    )
    if errors is not None:
        response.data["errors"] = flat_errors(errors)
    response.content_type = PROBLEM_JSON
    return response


def flat_errors(detail: Any, under: str = "") -> dict[str, list[str]]:
    """Return field → messages; what lies deeper is named by its way, as ``people.0.name``."""
    if isinstance(detail, dict):
        parts = [(str(name), each) for name, each in detail.items()]
    elif isinstance(detail, list) and any(isinstance(each, dict | list) for each in detail):
        parts = [(str(number), each) for number, each in enumerate(detail)]
    else:
        messages = detail if isinstance(detail, list) else [detail]
        return {under or NON_FIELD: [str(message) for message in messages]} if messages else {}
    found: dict[str, list[str]] = {}
    for name, each in parts:
        # What is wrong with the whole of something stands at its own name.
        place = under if name == NON_FIELD and under else f"{under}.{name}" if under else name
        found |= flat_errors(each, place)
    return found


def _domain_problem(error: DomainError) -> Response:
    code: int = status.HTTP_422_UNPROCESSABLE_ENTITY
    if isinstance(error, ConflictError):
        code = status.HTTP_409_CONFLICT
    elif isinstance(error, NotPermittedError):
        code = status.HTTP_403_FORBIDDEN
    text = str(error.message)
    body = _problem(code=error.code, status_code=code, title=text, detail=text)
    if error.field:
        body["errors"] = {error.field: [text]}
    return Response(body, status=code, content_type=PROBLEM_JSON)


def _problem(*, code: str, status_code: int, title: str, detail: str) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": title,
        "status": status_code,
        "detail": detail,
        "code": code,
    }
