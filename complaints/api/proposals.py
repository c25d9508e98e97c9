"""Steps that an office's system suggests. An officer takes one on the desk or does not (ADR 0043)."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from bawaslu_cases.accounts.api.authentication import access_of
from bawaslu_cases.accounts.api.idempotency import idempotent
from bawaslu_cases.accounts.api.schema import IDEMPOTENCY_KEY, PROBLEM, PROBLEMS, WRITE_PROBLEMS
from bawaslu_cases.accounts.api.views import ClientView
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.shared.api_etags import require_match
from bawaslu_cases.shared.api_inputs import (
    NEEDED,
    CodeField,
    FlagField,
    StrictSerializer,
    TextField,
)
from complaints.access import complaint_for_client, complaint_of_client
from complaints.api.outputs import STALE, ProposalOut
from complaints.api.records import ComplaintOut
from complaints.selectors.proposals import ProposalLine, own_proposal
from complaints.services.proposals import MAX_REASON, MIN_REASON, PROPOSABLE, propose_step
from complaints.states import ComplaintAction, Requirement

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag of the record as it was read: 428 without, 412 when it moved since.",
)


@extend_schema_field({"type": "object", "additionalProperties": {"type": "boolean"}})
class RequirementsField(serializers.Field[dict[str, bool], Any, Any, Any]):
    """Code of a requirement → whether it is met."""

    default_error_messages = NEEDED | {
        "invalid": _("Tulis sebuah objek JSON."),
        "unknown": _("Syarat ini tidak dikenal."),
    }

    def to_internal_value(self, data: Any) -> dict[str, bool]:
        """Return the answers. Raises ValidationError by code."""
        if not isinstance(data, dict):
            self.fail("invalid")
        errors: dict[str, Any] = {}
        flag = FlagField()
        for code, value in data.items():
            if code not in Requirement.values:
                errors[str(code)[:80]] = [self.error_messages["unknown"]]
                continue
            try:
                flag.to_internal_value(value)
            except serializers.ValidationError as error:
                errors[code] = error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return dict(data)

    def to_representation(self, value: dict[str, bool]) -> dict[str, bool]:
        """Return them as they are."""
        return value


class ProposalIn(StrictSerializer):
    """What a system suggests and why."""

    action = CodeField(
        choices=sorted({each.value for actions in PROPOSABLE.values() for each in actions})
    )
    reason = TextField(min_length=MIN_REASON, max_length=MAX_REASON)
    requirements = RequirementsField(required=False, default=dict)


class ProposalsView(ClientView):
    """Suggesting a step of one record."""

    scopes: ClassVar = {"POST": Scope.PROPOSALS_WRITE}

    @extend_schema(
        operation_id="propose_step",
        parameters=[IDEMPOTENCY_KEY, IF_MATCH],
        request=ProposalIn,
        responses={201: ProposalOut, 404: PROBLEM, 412: PROBLEM, 428: PROBLEM} | WRITE_PROBLEMS,
        tags=["proposals"],
    )
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        """Suggest a step. Nothing of the record changes until an officer takes it."""
        system = access_of(request).client.user
        seen = complaint_for_client(public_id=public_id, user=system)
        require_match(request, ComplaintOut(seen).data)
        given = ProposalIn(data=request.data)
        given.is_valid(raise_exception=True)
        told = given.validated_data
        proposal = propose_step(
            complaint=complaint_of_client(public_id=public_id, user=system),
            action=ComplaintAction(told["action"]),
            reason=told["reason"],
            requirements=told["requirements"],
            system=system,
            at=timezone.now(),
        )
        line = own_proposal(proposal_id=proposal.public_id, system=system)
        assert line is not None  # noqa: S101 -- just made, of a record it sees
        return Response(ProposalOut(_told(line)).data, status=status.HTTP_201_CREATED)


class ProposalView(ClientView):
    """What became of one's own proposal."""

    scopes: ClassVar = {"GET": Scope.PROPOSALS_WRITE}

    @extend_schema(
        operation_id="read_proposal",
        responses={200: ProposalOut, 404: PROBLEM} | PROBLEMS,
        tags=["proposals"],
    )
    def get(self, request: Request, proposal_id: UUID) -> Response:
        """Return a proposal of this client, of a record that it still sees. Two queries."""
        line = own_proposal(proposal_id=proposal_id, system=access_of(request).client.user)
        if line is None:
            raise Http404
        return Response(ProposalOut(_told(line)).data)


def _told(line: ProposalLine) -> dict[str, object]:
    row = line.proposal
    return {
        "id": row.public_id,
        "complaint": row.complaint.public_id,
        "action": row.action,
        "reason": row.reason,
        "requirements": row.requirements,
        "status": STALE if row.is_stale else row.status,
        "made_at": row.made_at,
        "settled_at": line.settled_at,
        "answer": line.why,
    }
