"""What an office's own tools read: records, cases and deadlines of the client's office and below."""

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


@extend_schema_view(
    get=extend_schema(
        operation_id="list_complaints",
        parameters=[ComplaintsQueryIn],
        responses={200: ComplaintsOut} | PROBLEMS,
        tags=["complaints"],
        description="Return reports of lane open and findings, newest day first.",
    )
)
class ComplaintReads(ListView):
    """GET of the list of records; writing to it is another module's."""

    scopes: ClassVar = {"GET": Scope.COMPLAINTS_READ}
    query_in = ComplaintsQueryIn
    page_out = ComplaintsOut

    def rows_for(self, user: User, asked: Mapping[str, Any]) -> Any:
        """Return what the client may know of, cut. No query."""
        return api_records.narrowed(api_records.api_complaints(user), asked)

    def dressed(self, rows: Any) -> Any:
        """Return what is read of each. No query."""
        return api_records.complaint_values(rows)

    def told(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return one row as it leaves. No query."""
        return api_records.complaint_told(row)


@extend_schema_view(
    get=extend_schema(
        operation_id="read_complaint",
        parameters=[IF_NONE_MATCH],
        responses={200: ComplaintOut} | ONE_PROBLEMS,
        tags=["complaints"],
        description="Return a report of lane open or a finding, with its ETag.",
    )
)
class ComplaintRead(RecordView):
    """One record."""

    scopes: ClassVar = {"GET": Scope.COMPLAINTS_READ}
    record_out = ComplaintOut

    def told_to(self, user: User, public_id: UUID) -> dict[str, Any]:
        """Return it, or raise Http404. One query."""
        return access.complaint_for_client(public_id=public_id, user=user)


@extend_schema_view(
    get=extend_schema(
        operation_id="list_cases",
        parameters=[CasesQueryIn],
        responses={200: CasesOut} | PROBLEMS,
        tags=["cases"],
        description="Return cases, newest first.",
    )
)
class CasesView(ListView):
    """The list of cases."""

    scopes: ClassVar = {"GET": Scope.CASES_READ}
    query_in = CasesQueryIn
    page_out = CasesOut

    def rows_for(self, user: User, asked: Mapping[str, Any]) -> Any:
        """Return what the client may know of, cut. No query."""
        return api_records.narrowed(api_records.api_cases(user), asked)

    def dressed(self, rows: Any) -> Any:
        """Return what is read of each. No query."""
        return api_records.case_values(rows)

    def told(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return one row as it leaves. No query."""
        return api_records.case_told(row)


@extend_schema_view(
    get=extend_schema(
        operation_id="read_case",
        parameters=[IF_NONE_MATCH],
        responses={200: CaseOut} | ONE_PROBLEMS,
        tags=["cases"],
        description="Return a case with its allegations, with its ETag.",
    )
)
class CaseView(RecordView):
    """One case."""

    scopes: ClassVar = {"GET": Scope.CASES_READ}
    record_out = CaseOut

    def told_to(self, user: User, public_id: UUID) -> dict[str, Any]:
        """Return it, or raise Http404. One query."""
        return access.case_for_client(public_id=public_id, user=user)


@extend_schema_view(
    get=extend_schema(
        operation_id="list_deadlines",
        parameters=[DeadlinesQueryIn],
        responses={200: DeadlinesOut} | PROBLEMS,
        tags=["cases"],
        description="Return running deadlines, the next first; those that ended are told by /changes.",
    )
)
class DeadlinesView(ListView):
    """The list of running deadlines."""

    scopes: ClassVar = {"GET": Scope.CASES_READ}
    query_in = DeadlinesQueryIn
    page_out = DeadlinesOut
    keys = ("due_at", "id")

    def rows_for(self, user: User, asked: Mapping[str, Any]) -> Any:
        """Return what the client may know of, cut. No query."""
        return api_records.running(user, asked.get("due_before"))

    def dressed(self, rows: Any) -> Any:
        """Return what is read of each. No query."""
        return api_records.deadline_values(rows)

    def told(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return one row as it leaves. No query."""
        return api_records.deadline_told(row)
