"""What a client may know of itself: who it is here, and what it called."""

from typing import ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bawaslu_cases.accounts.api.authentication import access_of
from bawaslu_cases.accounts.api.schema import PROBLEMS
from bawaslu_cases.accounts.api.views import ClientView
from bawaslu_cases.accounts.api_selectors import calls_of
from bawaslu_cases.shared.api_cursors import Holder
from bawaslu_cases.shared.api_pages import PageOut, PageQueryIn, as_page, key_page


class OfficeOut(serializers.Serializer[dict[str, object]]):
    """The client's office."""

    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.CharField(help_text="RI, PROVINCE or REGENCY.")


class MeOut(serializers.Serializer[dict[str, object]]):
    """The client as it stands now."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    purpose = serializers.CharField(help_text="Stands in the audit log beside every call.")
    office = OfficeOut()
    region = serializers.CharField(help_text='Whose records it sees; "ID" for the country.')
    scopes = serializers.ListField(
        child=serializers.CharField(), help_text="What this token carries."
    )
    expires_at = serializers.DateTimeField()
    server_time = serializers.DateTimeField()


class CallOut(serializers.Serializer[dict[str, object]]):
    """One call. No body, no query string, no id of a record."""

    at = serializers.DateTimeField()
    method = serializers.CharField()
    route = serializers.CharField()
    status = serializers.IntegerField()
    ms = serializers.IntegerField()


class CallsOut(PageOut):
    """A page of the call log."""

    items = CallOut(many=True)


class MeView(ClientView):
    """The client itself."""

    scopes: ClassVar = {"GET": None}

    @extend_schema(operation_id="me", responses={200: MeOut} | PROBLEMS, tags=["access"])
    def get(self, request: Request) -> Response:
        """Say who calls, for which office, with which scopes. No query of its own."""
        access = access_of(request)
        client = access.client
        return Response(
            MeOut(
                {
                    "id": client.public_id,
                    "name": client.name,
                    "purpose": client.purpose,
                    "office": client.office,
                    "region": client.region_code,
                    "scopes": sorted(access.scopes),
                    "expires_at": client.expires_at,
                    "server_time": timezone.now(),
                }
            ).data
        )


class CallsView(ClientView):
    """The client's own call log."""

    scopes: ClassVar = {"GET": None}

    @extend_schema(
        operation_id="calls",
        parameters=[PageQueryIn],
        responses={200: CallsOut} | PROBLEMS,
        tags=["access"],
    )
    def get(self, request: Request) -> Response:
        """Return the client's calls, newest first, kept for settings.API_CALLS_KEPT_DAYS. One query."""
        client = access_of(request).client
        query = PageQueryIn(data=request.query_params)
        query.is_valid(raise_exception=True)
        holder = Holder(client.public_id.hex, "calls", query.filters)
        asked = query.validated_data
        rows, following = key_page(
            calls_of(client),
            dressed=lambda rows: rows.values("id", "at", "method", "route", "status", "ms"),
            holder=holder,
            cursor=str(asked["cursor"]),
            limit=int(str(asked["limit"])),
        )
        return Response(CallsOut(as_page(rows, following)).data)
