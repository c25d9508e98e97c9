"""What an office's own tools read of referrals and follow-ups."""

from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bawaslu_cases.accounts.api.authentication import access_of
from bawaslu_cases.accounts.api.pages import IF_NONE_MATCH, ONE_PROBLEMS, read_page
from bawaslu_cases.accounts.api.schema import PROBLEMS
from bawaslu_cases.accounts.api.views import ClientView
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.shared.api_etags import tagged
from bawaslu_cases.shared.api_pages import PageQueryIn, as_page
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


class ReferralsView(ClientView):
    """The list of referrals."""

    scopes: ClassVar = {"GET": Scope.REFERRALS_READ}

    @extend_schema(
        operation_id="list_referrals",
        parameters=[ReferralsQueryIn],
        responses={200: ReferralsOut} | PROBLEMS,
        tags=["referrals"],
    )
    def get(self, request: Request) -> Response:
        """Return referrals, newest first."""
        query = ReferralsQueryIn(data=request.query_params)
        query.is_valid(raise_exception=True)
        rows = api_records.narrowed(
            api_records.api_referrals(access_of(request).client.user), query.filters
        )
        found, following = read_page(request, query, api_records.referral_values(rows))
        items = [api_records.referral_told(row) for row in found]
        return Response(ReferralsOut(as_page(items, following)).data)


class ReferralView(ClientView):
    """One referral."""

    scopes: ClassVar = {"GET": Scope.REFERRALS_READ}

    @extend_schema(
        operation_id="read_referral",
        parameters=[IF_NONE_MATCH],
        responses={200: ReferralOut} | ONE_PROBLEMS,
        tags=["referrals"],
    )
    def get(self, request: Request, public_id: UUID) -> Response:
        """Return a referral with the lines of its newest version, with its ETag."""
        told = access.referral_for_client(public_id=public_id, user=access_of(request).client.user)
        return tagged(request, ReferralOut(told).data)


class FollowUpsView(ClientView):
    """The list of follow-ups."""

    scopes: ClassVar = {"GET": Scope.REFERRALS_READ}

    @extend_schema(
        operation_id="list_follow_ups",
        parameters=[FollowUpsQueryIn],
        responses={200: FollowUpsOut} | PROBLEMS,
        tags=["referrals"],
    )
    def get(self, request: Request) -> Response:
        """Return follow-ups, newest first."""
        query = FollowUpsQueryIn(data=request.query_params)
        query.is_valid(raise_exception=True)
        rows = api_records.narrowed(
            api_records.api_follow_ups(access_of(request).client.user), query.filters
        )
        found, following = read_page(request, query, api_records.follow_up_values(rows))
        items = [api_records.follow_up_told(row) for row in found]
        return Response(FollowUpsOut(as_page(items, following)).data)
