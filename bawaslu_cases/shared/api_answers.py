"""What every answer under /api/ has, whoever made it: one shape of refusal, and few bytes."""

import json
import re
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

try:
    from compression import zstd  # type: ignore[import-not-found,unused-ignore]  # Python 3.14
except ImportError:
    from backports import zstd

GetResponse = Callable[[HttpRequest], HttpResponse]

PREFIX: Final = "/api/"
SMALLEST: Final = 200
"""Bytes under which nothing is gained, as in Django's own compression."""
LEVEL: Final = 3
_ZSTD: Final = re.compile(r"(?:^|,)\s*zstd\s*(?:;\s*q\s*=\s*(?:1|0?\.0*[1-9])[\d.]*\s*)?(?:,|$)")
_TITLES: Final = {
    400: ("bad_request", "The request could not be read."),
    401: ("token_needed", "A valid access token is needed."),
    403: ("forbidden", "Not permitted."),
    404: ("not_found", "Not found."),
    405: ("method_not_allowed", "The method is not allowed here."),
    413: ("body_too_large", "The body is too large."),
    500: ("server_error", "Something failed here. Send the same request again later."),
    503: ("unavailable", "Not available for the moment. Send the same request again later."),
}


class ApiAnswersMiddleware:
    """Makes a problem document of each refusal that is none, and compresses with Zstandard.

    Pages of errors are made for people; a client of the API reads RFC 9457 (check P12). Lengths are not
    padded as for pages: no browser can be made to send a bearer token, which BREACH would need.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request. No query."""
        response = self.get_response(request)
        if not request.path_info.startswith(PREFIX):
            return response
        if response.status_code >= 400 and "json" not in response.get("Content-Type", ""):  # noqa: PLR2004 -- where refusals begin
            response = _as_problem(response)
        if (
            not response.streaming
            and not response.has_header("Content-Encoding")
            and len(response.content) >= SMALLEST
        ):
            patch_vary_headers(response, ["Accept-Encoding"])
            if _ZSTD.search(request.headers.get("Accept-Encoding", "")):
                _compress(response)
        return response


def _as_problem(page: HttpResponse) -> HttpResponse:
    """Return the problem document in place of a page, with the page's own headers."""
    code, title = _TITLES.get(page.status_code, ("refused", page.reason_phrase))
    told = {
        "type": "about:blank",
        "title": title,
        "status": page.status_code,
        "detail": title,
        "code": code,
    }
    page.content = json.dumps(told).encode()
    page["Content-Type"] = "application/problem+json"
    page["Content-Language"] = "en"
    page.headers.pop("Content-Length", None)
    return page


def _compress(response: HttpResponse) -> None:
    response.content = zstd.compress(response.content, LEVEL)
    response["Content-Encoding"] = "zstd"
    response["Content-Length"] = str(len(response.content))
    etag = response.get("ETag", "")
    if etag.startswith('"'):
        # Other bytes than the tag was made of (RFC 9110 8.8.1).
        response["ETag"] = f"W/{etag}"
