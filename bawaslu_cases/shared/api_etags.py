"""Entity tags of the API: 304 for what a client holds already, 412 for a write on what it no longer is.

The tag of a record is made from what this client would be given, so it changes with what the client can
see and with nothing else. A proxy or the compression of answers may have weakened it (``W/``): the bytes
differ then, the record does not, and it counts as the same.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

_DIGITS = 32


class MatchNeededError(APIException):
    """A write on a record without If-Match. 428."""

    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_code = "if_match_missing"
    default_detail = _("Sertakan If-Match dengan ETag catatan yang terakhir dibaca.")


class StaleRecordError(APIException):
    """The record is not any more what the client read. 412."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "record_changed"
    default_detail = _("Catatan ini sudah berubah. Baca lagi sebelum menulis.")


def etag_of(told: Any) -> str:
    """Return the strong tag of what an answer says, in its quotes."""
    text = json.dumps(told, sort_keys=True, cls=DjangoJSONEncoder, separators=(",", ":"))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"'


def tagged(request: Request, told: Mapping[str, Any], *, etag: str = "") -> Response:
    """Return the answer with its tag, or 304 without a body where the client holds it already.

    ``etag`` names one that is known before the body is made.
    """
    etag = etag or etag_of(told)
    if names(request.headers.get("If-None-Match", ""), etag):
        return not_modified(etag)
    return Response(told, headers={"ETag": etag})


def not_modified(etag: str) -> Response:
    """Return the 304 for a tag."""
    return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": etag})


def names(header: str, etag: str) -> bool:
    """Say whether If-Match or If-None-Match names the tag, or any (``*``)."""
    listed = [part.strip().removeprefix("W/") for part in header.split(",")]
    return etag in listed or listed == ["*"]


def require_match(request: Request, told: Mapping[str, Any]) -> None:
    """Raise unless If-Match names what the record is now, as this client would be given it."""
    header = request.headers.get("If-Match", "")
    if not header:
        raise MatchNeededError
    if not names(header, etag_of(told)):
        raise StaleRecordError
