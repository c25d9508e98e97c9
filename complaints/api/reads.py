"""What an office's own tools read: records, cases and deadlines of the client's office and below."""

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
from complaints import access
from complaints.api.records import (
    CaseOut,
    CasesOut,
    ComplaintOut,
    ComplaintsOut,
    DeadlinesOut,
)
from complaints.selectors import api_records
from complaints.states import CaseStatus, ComplaintStatus


class OfficeQueryIn(PageQueryIn):
    """What every list of records can be cut by."""

    office = serializers.CharField(
        required=False, max_length=60, help_text="Code of one office within the client's reach."
    )
    contest = serializers.CharField(required=False, max_length=30, help_text="Code of a contest.")
    status_since = serializers.DateField(
        required=False, help_text="Only what got its status on this day or later."
    )
    due_before = serializers.DateField(
        required=False, help_text="Only what has a running deadline that ends before this day."
    )


class ComplaintsQueryIn(OfficeQueryIn):
    """The query of the list of records."""

    status = serializers.ChoiceField(choices=ComplaintStatus.values, required=False)
    lane = serializers.ChoiceField(
        choices=[lane.value for lane in api_records.API_LANES], required=False
    )


class CasesQueryIn(OfficeQueryIn):
    """The query of the list of cases."""

    status = serializers.ChoiceField(choices=CaseStatus.values, required=False)


class DeadlinesQueryIn(PageQueryIn):
    """The query of the list of running deadlines."""

    due_before = serializers.DateField(
        required=False, help_text="Only those that end before this day."
    )


class ComplaintReads(ClientView):
    """GET of the list of records; writing to it is another module's."""

    scopes: ClassVar = {"GET": Scope.COMPLAINTS_READ}

    @extend_schema(
        operation_id="list_complaints",
        parameters=[ComplaintsQueryIn],
        responses={200: ComplaintsOut} | PROBLEMS,
        tags=["complaints"],
    )
    def get(self, request: Request) -> Response:
        """Return reports of lane open and findings, newest day first."""
        query = ComplaintsQueryIn(data=request.query_params)
        query.is_valid(raise_exception=True)
        rows = api_records.narrowed(
            api_records.api_complaints(access_of(request).client.user), query.filters
        )
        found, following = read_page(request, query, api_records.complaint_values(rows))
        items = [api_records.complaint_told(row) for row in found]
        return Response(ComplaintsOut(as_page(items, following)).data)


class ComplaintRead(ClientView):
    """One record."""

    scopes: ClassVar = {"GET": Scope.COMPLAINTS_READ}

    @extend_schema(
        operation_id="read_complaint",
        parameters=[IF_NONE_MATCH],
        responses={200: ComplaintOut} | ONE_PROBLEMS,
        tags=["complaints"],
    )
    def get(self, request: Request, public_id: UUID) -> Response:
        """Return a report of lane open or a finding, with its ETag."""
        told = access.complaint_for_client(public_id=public_id, user=access_of(request).client.user)
        return tagged(request, ComplaintOut(told).data)


class CasesView(ClientView):
    """The list of cases."""

    scopes: ClassVar = {"GET": Scope.CASES_READ}

    @extend_schema(
        operation_id="list_cases",
        parameters=[CasesQueryIn],
        responses={200: CasesOut} | PROBLEMS,
        tags=["cases"],
    )
    def get(self, request: Request) -> Response:
        """Return cases, newest first."""
        query = CasesQueryIn(data=request.query_params)
        query.is_valid(raise_exception=True)
        rows = api_records.narrowed(
            api_records.api_cases(access_of(request).client.user), query.filters
        )
        found, following = read_page(request, query, api_records.case_values(rows))
        items = [api_records.case_told(row) for row in found]
        return Response(CasesOut(as_page(items, following)).data)


class CaseView(ClientView):
    """One case."""

    scopes: ClassVar = {"GET": Scope.CASES_READ}

    @extend_schema(
        operation_id="read_case",
        parameters=[IF_NONE_MATCH],
        responses={200: CaseOut} | ONE_PROBLEMS,
        tags=["cases"],
    )
    def get(self, request: Request, public_id: UUID) -> Response:
        """Return a case with its allegations, with its ETag."""
        told = access.case_for_client(public_id=public_id, user=access_of(request).client.user)
        return tagged(request, CaseOut(told).data)


class DeadlinesView(ClientView):
    """The list of running deadlines."""

    scopes: ClassVar = {"GET": Scope.CASES_READ}

    @extend_schema(
        operation_id="list_deadlines",
        parameters=[DeadlinesQueryIn],
        responses={200: DeadlinesOut} | PROBLEMS,
        tags=["cases"],
    )
    def get(self, request: Request) -> Response:
        """Return running deadlines, the next first; those that ended are told by /changes."""
        query = DeadlinesQueryIn(data=request.query_params)
        query.is_valid(raise_exception=True)
        rows = api_records.running(access_of(request).client.user, query.filters.get("due_before"))
        values = [api_records.deadline_values(branch) for branch in rows]
        found, following = read_page(request, query, values, keys=("due_at", "id"))
        items = [api_records.deadline_told(row) for row in found]
        return Response(DeadlinesOut(as_page(items, following)).data)
