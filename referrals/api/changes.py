"""GET /changes: everything a client may know of, and from then on what changed of it (ADR 0042)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import (
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bawaslu_cases.accounts.api.authentication import access_of
from bawaslu_cases.accounts.api.pages import holder_of
from bawaslu_cases.accounts.api.schema import PROBLEM, PROBLEMS
from bawaslu_cases.accounts.api.views import ClientView, ScopeMissingError
from bawaslu_cases.shared.api_pages import LARGEST, LONGEST_CURSOR, SIZE, QueryIn
from bawaslu_cases.shared.api_rows import writer
from complaints.api.records import CaseOut, ComplaintOut, DeadlineOut
from complaints.models import RecordKind
from complaints.selectors.changes import Change, changes_since
from complaints.services.change_feed import begin_feed
from referrals.api.records import FollowUpOut, ReferralOut
from referrals.selectors.change_sources import readable_sources

SHAPES: Mapping[str, type[serializers.Serializer[dict[str, object]]]] = {
    RecordKind.COMPLAINT: ComplaintOut,
    RecordKind.CASE: CaseOut,
    RecordKind.DEADLINE: DeadlineOut,
    RecordKind.REFERRAL: ReferralOut,
    RecordKind.FOLLOW_UP: FollowUpOut,
}


class ChangesQueryIn(QueryIn):
    """The query of the feed."""

    since = serializers.CharField(
        required=False,
        default="",
        max_length=LONGEST_CURSOR,
        help_text="`cursor` of the answer before; without it everything is told from the beginning.",
    )
    limit = serializers.IntegerField(
        required=False, default=SIZE, min_value=1, max_value=LARGEST, help_text="At most so many."
    )
    kind = serializers.ChoiceField(
        choices=RecordKind.values,
        required=False,
        help_text="Only one kind; the cursor is bound to it.",
    )


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="ChangedRecord",
        serializers=list(SHAPES.values()),
        resource_type_field_name=None,
    )
)
class RecordField(serializers.Field[Any, Any, Any, Any]):
    """A record in the shape of its kind."""

    def to_representation(self, value: Any) -> Any:
        """Return it as it is: the shape of its kind made it."""
        return value


class ChangeOut(serializers.Serializer[dict[str, object]]):
    """One record as it is now, or that the client may not know of it any more."""

    kind = serializers.ChoiceField(choices=RecordKind.values)
    id = serializers.UUIDField()
    change = serializers.ChoiceField(
        choices=["upsert", "removed"],
        help_text="removed: it went to another office, was erased, or is none of the client's any more.",
    )
    record = RecordField(
        allow_null=True, help_text="As its own address gives it; null when removed."
    )


class ChangesOut(serializers.Serializer[dict[str, object]]):
    """Some changes. Ask again with `cursor`: at once while `has_more`, else when it suits."""

    items = ChangeOut(many=True)
    cursor = serializers.CharField()
    has_more = serializers.BooleanField()
    server_time = serializers.DateTimeField()


class ChangesView(ClientView):
    """The change feed."""

    scopes: ClassVar = {"GET": None}
    """Each kind needs its own; without any of them nothing is told."""

    @extend_schema(
        operation_id="list_changes",
        parameters=[ChangesQueryIn],
        responses={200: ChangesOut, 410: PROBLEM} | PROBLEMS,
        tags=["changes"],
    )
    def get(self, request: Request) -> Response:
        """Return what changed since a cursor: every last state, none twice, tombstones for what went."""
        query = ChangesQueryIn(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked: dict[str, Any] = query.validated_data
        kind = asked.get("kind", "")
        access = access_of(request)
        sources = readable_sources(access.scopes, kind)
        if not sources:
            raise ScopeMissingError
        holder = holder_of(request, {"kind": kind})
        place = holder.open(asked["since"]) if asked["since"] else None
        named: dict[str, Any] = {
            "user": access.client.user,
            "sources": sources,
            "place": place,
            "limit": asked["limit"],
        }
        feed = changes_since(**named)
        if feed is None:
            begin_feed()
            feed = changes_since(**named)
        assert feed is not None  # noqa: S101 -- it has begun now
        return Response(
            writer(ChangesOut)(
                {
                    "items": _told(feed.changes),
                    "cursor": holder.seal(feed.place),
                    "has_more": feed.has_more,
                    "server_time": timezone.now(),
                }
            )
        )


def _told(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Return items, each record in the shape of its kind."""
    return [
        {
            "kind": change.kind,
            "id": change.id,
            "change": "upsert" if change.record is not None else "removed",
            "record": (
                None if change.record is None else writer(SHAPES[change.kind])(change.record)
            ),
        }
        for change in changes
    ]
