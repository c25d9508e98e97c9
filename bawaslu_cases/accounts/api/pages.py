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
from bawaslu_cases.shared.api_rows import writer

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


class ListView(ClientView):
    """GET of a list: a query, its rows, and each row as it leaves."""

    query_in: ClassVar[type[PageQueryIn]]
    page_out: ClassVar[type[Serializer[Any]]]
    keys: ClassVar[tuple[str, ...]] = ("-id",)

    def rows_for(self, user: User, asked: Mapping[str, Any]) -> Any:
        """Return what somebody may know of, cut by what was asked for: one queryset, or several.

        No query.
        """
        raise NotImplementedError

    def dressed(self, rows: Any) -> Any:
        """Return the ``values()`` of which rows are told. No query."""
        raise NotImplementedError

    def told(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return one row as it leaves. No query."""
        raise NotImplementedError

    def get(self, request: Request) -> Response:
        """Return a page. One query for each queryset of ``rows_for``."""
        query = self.query_in(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked: dict[str, Any] = query.validated_data
        found, following = key_page(
            self.rows_for(access_of(request).client.user, query.filters),
            dressed=self.dressed,
            holder=holder_of(request, query.filters),
            cursor=asked["cursor"],
            limit=asked["limit"],
            keys=self.keys,
        )
        items = [self.told(row) for row in found]
        return Response(writer(self.page_out)(as_page(items, following)))


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
