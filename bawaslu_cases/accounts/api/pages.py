"""What every list and every single record of the API shares: its page, and how it may be answered."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from bawaslu_cases.accounts.api.authentication import access_of
from bawaslu_cases.accounts.api.schema import PROBLEM, PROBLEMS
from bawaslu_cases.accounts.api.views import ClientView
from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.api_cursors import Holder
from bawaslu_cases.shared.api_etags import tagged
from bawaslu_cases.shared.api_pages import PageQueryIn, as_page, key_page

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


class ListView(ClientView):
    """GET of a list: a query, its rows, and each row as it leaves."""

    query_in: ClassVar[type[PageQueryIn]]
    page_out: ClassVar[type[Serializer[Any]]]
    keys: ClassVar[tuple[str, ...]] = ("-id",)

    def rows_for(self, user: User, asked: Mapping[str, Any]) -> Any:
        """Return ``values()`` of what somebody may know of, cut by what was asked for. No query."""
        raise NotImplementedError

    def told(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return one row as it leaves. No query."""
        raise NotImplementedError

    def get(self, request: Request) -> Response:
        """Return a page. One query."""
        query = self.query_in(data=request.query_params)
        query.is_valid(raise_exception=True)
        rows = self.rows_for(access_of(request).client.user, query.filters)
        found, following = read_page(request, query, rows, keys=self.keys)
        items = [self.told(row) for row in found]
        return Response(self.page_out(as_page(items, following)).data)


class RecordView(ClientView):
    """GET of one record with its ETag."""

    record_out: ClassVar[type[Serializer[Any]]]

    def told_to(self, user: User, public_id: UUID) -> dict[str, Any]:
        """Return the record as it leaves, or raise Http404."""
        raise NotImplementedError

    def get(self, request: Request, public_id: UUID) -> Response:
        """Return the record, or 304."""
        told = self.told_to(access_of(request).client.user, public_id)
        return tagged(request, self.record_out(told).data)
