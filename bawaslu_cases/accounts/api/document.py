"""The OpenAPI document, as it is committed: a file, not something worked out for each asker."""

import hashlib
from functools import cache
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

FILE: Final = settings.BASE_DIR / "docs" / "openapi.yml"
PUBLIC_FOR_AN_HOUR: Final = "public, max-age=3600"


@cache
def _document() -> tuple[bytes, str]:
    """Return the document and its tag; read once by a process."""
    body = FILE.read_bytes()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


@require_safe
def openapi_document(request: HttpRequest) -> HttpResponseBase:
    """Give the description of the API to anybody; 304 to who holds it. No query."""
    body, etag = _document()
    response = HttpResponse(body, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="openapi.yml"'
    response["Cache-Control"] = PUBLIC_FOR_AN_HOUR
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response
