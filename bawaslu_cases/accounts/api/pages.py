"""What every list and every single record of the API shares: its page, and how it may be answered."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request

from bawaslu_cases.accounts.api.authentication import access_of
from bawaslu_cases.accounts.api.schema import PROBLEM, PROBLEMS
from bawaslu_cases.shared.api_cursors import Holder
from bawaslu_cases.shared.api_pages import PageQueryIn, key_page

IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of what is held already."
)
NOT_MODIFIED = OpenApiResponse(description="What `If-None-Match` names is still so; no body.")
ONE_PROBLEMS = PROBLEMS | {304: NOT_MODIFIED, 404: PROBLEM}
"""What reading one record may be answered with besides the record."""


def holder_of(request: Request, filters: dict[str, Any]) -> Holder:
    """Return whose cursors these are: this client's, of this route, with these filters."""
    match = request._request.resolver_match  # noqa: SLF001 -- the route's name, whatever stands before it
    route = match.view_name if match is not None else ""
    return Holder(access_of(request).client.public_id.hex, route, filters)


def read_page(
    request: Request, query: PageQueryIn, rows: Any, *, keys: tuple[str, ...] = ("-id",)
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of ``values()`` and the cursor of the next. One query."""
    asked: dict[str, Any] = query.validated_data
    return key_page(
        rows,
        holder=holder_of(request, query.filters),
        cursor=asked["cursor"],
        limit=asked["limit"],
        keys=keys,
    )
