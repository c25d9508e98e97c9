"""What an office's own tools read of referrals and follow-ups."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from bawaslu_cases.accounts.api.pages import (
    IF_NONE_MATCH,
    ONE_PROBLEMS,
    ListView,
    RecordView,
)
from bawaslu_cases.accounts.api.schema import PROBLEMS
from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.shared.api_pages import PageQueryIn
from referrals import access
from referrals.api.records import FollowUpsOut, ReferralOut, ReferralsOut
from referrals.selectors import api_records
from referrals.states import FollowUpStatus, ReferralStatus


class ReferralsQueryIn(PageQueryIn):
    """The query of the list of referrals."""

    status = serializers.ChoiceField(choices=ReferralStatus.values, required=False)
    case = serializers.UUIDField(required=False, help_text="Only those of one case.")
    due_before = serializers.DateField(
        required=False, help_text="Only those with a running deadline that ends before this day."
    )


class FollowUpsQueryIn(PageQueryIn):
    """The query of the list of follow-ups."""

    status = serializers.ChoiceField(choices=FollowUpStatus.values, required=False)
    referral = serializers.UUIDField(required=False, help_text="Only those of one referral.")
    due_before = serializers.DateField(
        required=False, help_text="Only those with a running deadline that ends before this day."
    )


@extend_schema_view(
    get=extend_schema(
        operation_id="list_referrals",
        parameters=[ReferralsQueryIn],
        responses={200: ReferralsOut} | PROBLEMS,
        tags=["referrals"],
        description="Return referrals, newest first.",
    )
)
class ReferralsView(ListView):
    """The list of referrals."""

    scopes: ClassVar = {"GET": Scope.REFERRALS_READ}
    query_in = ReferralsQueryIn
    page_out = ReferralsOut

    def rows_for(self, user: User, asked: Mapping[str, Any]) -> Any:
        """Return what the client may know of, cut. No query."""
        return api_records.narrowed(api_records.api_referrals(user), asked)

    def dressed(self, rows: Any) -> Any:
        """Return what is read of each. No query."""
        return api_records.referral_values(rows)

    def told(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return one row as it leaves. No query."""
        return api_records.referral_told(row)


@extend_schema_view(
    get=extend_schema(
        operation_id="read_referral",
        parameters=[IF_NONE_MATCH],
        responses={200: ReferralOut} | ONE_PROBLEMS,
        tags=["referrals"],
        description="Return a referral with the lines of its newest version, with its ETag.",
    )
)
class ReferralView(RecordView):
    """One referral."""

    scopes: ClassVar = {"GET": Scope.REFERRALS_READ}
    record_out = ReferralOut

    def told_to(self, user: User, public_id: UUID) -> dict[str, Any]:
        """Return it, or raise Http404. One query."""
        return access.referral_for_client(public_id=public_id, user=user)


@extend_schema_view(
    get=extend_schema(
        operation_id="list_follow_ups",
        parameters=[FollowUpsQueryIn],
        responses={200: FollowUpsOut} | PROBLEMS,
        tags=["referrals"],
        description="Return follow-ups, newest first.",
    )
)
class FollowUpsView(ListView):
    """The list of follow-ups."""

    scopes: ClassVar = {"GET": Scope.REFERRALS_READ}
    query_in = FollowUpsQueryIn
    page_out = FollowUpsOut

    def rows_for(self, user: User, asked: Mapping[str, Any]) -> Any:
        """Return what the client may know of, cut. No query."""
        return api_records.narrowed(api_records.api_follow_ups(user), asked)

    def dressed(self, rows: Any) -> Any:
        """Return what is read of each. No query."""
        return api_records.follow_up_values(rows)

    def told(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return one row as it leaves. No query."""
        return api_records.follow_up_told(row)
