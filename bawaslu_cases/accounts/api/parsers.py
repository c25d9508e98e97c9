"""JSON as the API takes it: small, flat enough, one meaning (check P07)."""

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any, Final, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

DEEPEST: Final = 24
_PARTS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


class BodyTooLargeError(APIException):
    """More bytes than are read at once (settings.DATA_UPLOAD_MAX_MEMORY_SIZE)."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "body_too_large"

    def __init__(self) -> None:
        super().__init__(_("Isi permintaan terlalu besar."))


class StrictJSONParser(BaseParser):
    """Reads JSON of at most 1 MiB and :data:`DEEPEST` levels; no NaN, no name twice, whole Unicode."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002 -- contract
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the value. Raises ParseError or BodyTooLargeError before anything large is built."""
        request = (parser_context or {}).get("request")
        try:
            raw: bytes = request._request.body if request is not None else stream.read()  # noqa: SLF001 -- kept, so that its digest can be taken
        except RequestDataTooBig as error:
            raise BodyTooLargeError from error
        if len(raw) > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or math.inf):
            raise BodyTooLargeError
        if _depth(raw) > DEEPEST:
            raise ParseError(_("JSON bersarang terlalu dalam."))
        try:
            value = json.loads(
                raw.decode(),
                object_pairs_hook=_once,
                parse_constant=_no_constant,
                parse_float=_finite,
            )
            # Half of a surrogate pair, written as an escape, is no text that can be kept.
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise ParseError(_("JSON tidak dapat dibaca.")) from error
        return value


def _depth(raw: bytes) -> int:
    """Return how deep brackets nest, without building anything; stops where it is too deep."""
    deep = most = 0
    for part in _PARTS.finditer(raw):
        sign = part[0][:1]
        if sign in b"[{":
            deep += 1
            most = max(most, deep)
            if most > DEEPEST:
                break
        elif sign in b"]}":
            deep -= 1
    return most


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(digits)
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
