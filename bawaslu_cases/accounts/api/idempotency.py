"""Idempotency-Key for every POST: the same key and request give the same answer, once done."""

import hashlib
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, TypeVar, cast

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from bawaslu_cases.accounts.api.authentication import access_of
from bawaslu_cases.accounts.api_selectors import kept_answer
from bawaslu_cases.accounts.services.kept_answers import (
    KEY_CHARACTERS,
    begin_write,
    keep_answer,
    key_digest_of,
    opened_body,
)

KEPT_HEADERS: Final = ("Location", "ETag")
DIGESTED_HEADERS: Final = ("Upload-Length", "Upload-Metadata", "Upload-Token")
"""What the creation of an upload tells in headers instead of a body."""

HandlerT = TypeVar("HandlerT", bound=Callable[..., Any])


class KeyMissingError(APIException):
    """A write without a key could not be repeated safely over a bad line."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "idempotency_key_missing"
    default_detail = _("Header Idempotency-Key diperlukan, 1 sampai 255 huruf ASCII.")


def idempotent(handler: HandlerT) -> HandlerT:
    """Make a handler of a :class:`ClientView` do its work once for each key of a client.

    Work and kept answer are one transaction. An answer of 400 or more is not kept and undoes all: the
    same key may be sent again. Three queries beside the handler's own, two when it was done before.
    """

    @wraps(handler)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response | HttpResponse:
        key = needed_key(request)
        names: dict[str, Any] = {
            "client": access_of(request).client,
            "key_digest": key_digest_of(key),
            "request_digest": _digest(request, key),
        }
        with transaction.atomic():
            kept = begin_write(**names)
            if kept is not None:
                replayed = HttpResponse(opened_body(kept, key=key), "application/json", kept.status)
                for name, value in kept.headers.items():
                    replayed[name] = value
                replayed["Idempotency-Replayed"] = "true"
                return replayed
            response: Response = handler(view, request, *args, **kwargs)
            if response.status_code >= HTTPStatus.BAD_REQUEST:
                transaction.set_rollback(True)
                return response
            # Bytes, so that the second answer is the first to the letter.
            body = b"" if response.data is None else JSONRenderer().render(response.data)
            keep_answer(
                **names,
                key=key,
                status=response.status_code,
                body=body,
                headers={name: response[name] for name in KEPT_HEADERS if name in response},
                at=timezone.now(),
            )
            return response

    return cast("HandlerT", once)


def needed_key(request: Request) -> str:
    """Return the Idempotency-Key of a request. Raises KeyMissingError."""
    return checked_key(request.headers.get("Idempotency-Key", ""))


def checked_key(key: str) -> str:
    """Return a key that can be one. Raises KeyMissingError."""
    if not (0 < len(key) <= KEY_CHARACTERS and key.isascii() and key.isprintable()):
        raise KeyMissingError
    return key


def is_answered(request: Request) -> bool:
    """Say whether this key was answered before; what is slow to prepare need not be then. One query.

    Raises KeyMissingError.
    """
    digest = key_digest_of(needed_key(request))
    return kept_answer(client=access_of(request).client, key_digest=digest) is not None


def _digest(request: Request, key: str) -> str:
    """Return a digest of what is asked: key, method, path and body, byte for byte.

    With the key, so that nobody who reads the table can try what a body may have said (ADR 0043).
    """
    plain = request._request  # noqa: SLF001 -- the body as it came
    told = [plain.headers.get(name, "") for name in DIGESTED_HEADERS]
    parts = (key, plain.method or "", plain.get_full_path(), *told)
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + plain.body).hexdigest()
