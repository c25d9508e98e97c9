"""Complaints that an office relays, its own findings, and the keys a name is sealed to (ADR 0043)."""

from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from bawaslu_cases.accounts.api.authentication import access_of
from bawaslu_cases.accounts.api.idempotency import idempotent, is_answered
from bawaslu_cases.accounts.api.schema import (
    IDEMPOTENCY_KEY,
    PROBLEM,
    PROBLEMS,
    WRITE_PROBLEMS,
)
from bawaslu_cases.accounts.api.views import ClientView
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.shared.api_inputs import CodeField, ManyField, StrictSerializer, TextField
from complaints.api.inputs import AreaField, ComplaintIn, FindingIn, finding_of, told_of
from complaints.api.outputs import FindingOut, RelayedOut, VaultKeysOut
from complaints.models import Complaint
from complaints.services.deadlines import local_day
from complaints.services.intake import record_finding
from complaints.services.receipts import PreparedReceipt, prepare_receipt
from complaints.services.relays import Relayed, Told, keys_for_relay, relay_complaint
from complaints.states import REPORT_LANES, Lane


class KeysQueryIn(StrictSerializer):
    """For which report a name is to be sealed."""

    region = AreaField(help_text="Code of the regency or city where it happened.")
    lane = CodeField(choices=sorted(lane.value for lane in REPORT_LANES))
    keep_from = ManyField(
        child=TextField(max_length=13),
        required=False,
        default=list,
        max_length=2,
        help_text="As in the complaint: another circle of offices may mean another desk.",
    )


class ComplaintWrites(ClientView):
    """POST of the list of complaints; reading it is another module's."""

    scopes: ClassVar = {"POST": Scope.COMPLAINTS_WRITE}

    @extend_schema(
        operation_id="create_complaint",
        parameters=[IDEMPOTENCY_KEY],
        request=ComplaintIn,
        responses={201: RelayedOut} | WRITE_PROBLEMS,
        tags=["complaints"],
    )
    def post(self, request: Request) -> Response:
        """Relay what a reporter told the office. The receipt in the answer is the reporter's."""
        at = timezone.now()
        told = read_complaint(request, request.data, at=at)
        # Before the transaction: its hash is slow where none is ready.
        prepared = None if is_answered(request) else prepare_receipt()
        answer: Response = self._relay(request, told=told, prepared=prepared, at=at)
        return answer

    @idempotent
    def _relay(
        self, request: Request, *, told: Told, prepared: PreparedReceipt | None, at: datetime
    ) -> Response:
        relayed = relay_complaint(
            told=told,
            system=access_of(request).client.user,
            prepared=prepared or prepare_receipt(),
            at=at,
        )
        return Response(relayed_out(relayed), status=status.HTTP_201_CREATED)


class FindingsView(ClientView):
    """The office's own findings."""

    scopes: ClassVar = {"POST": Scope.COMPLAINTS_WRITE}

    @extend_schema(
        operation_id="create_finding",
        parameters=[IDEMPOTENCY_KEY],
        request=FindingIn,
        responses={201: FindingOut} | WRITE_PROBLEMS,
        tags=["complaints"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Record what the office found; it must be registered in two working days."""
        at = timezone.now()
        given = FindingIn(data=request.data, context=_context(request))
        given.is_valid(raise_exception=True)
        finding = record_finding(
            facts=finding_of(given.validated_data, on=at.date()),
            officer=access_of(request).client.user,
            at=at,
        )
        return Response(FindingOut(_finding(finding)).data, status=status.HTTP_201_CREATED)


class VaultKeysView(ClientView):
    """Public keys a reporter's name is sealed to, on the client's own machine."""

    scopes: ClassVar = {"GET": Scope.COMPLAINTS_WRITE}

    @extend_schema(
        operation_id="vault_keys",
        parameters=[KeysQueryIn],
        responses={200: VaultKeysOut, 422: PROBLEM} | PROBLEMS,
        tags=["complaints"],
    )
    def get(self, request: Request) -> Response:
        """Return today's certified keys for a report from there."""
        params = request.query_params
        told: dict[str, Any] = {name: params[name] for name in params}
        if "keep_from" in told:
            told["keep_from"] = params.getlist("keep_from")
        query = KeysQueryIn(data=told, context=_context(request))
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        keys = keys_for_relay(
            region=asked["region"],
            lane=Lane(asked["lane"]),
            keep_from=asked["keep_from"],
            at=timezone.now(),
        )
        return Response(VaultKeysOut(dict(keys.published)).data)


def read_complaint(request: Request, data: Any, *, at: datetime) -> Told:
    """Return what a client tells of a complaint. Raises ValidationError by field. One query at most."""
    given = ComplaintIn(data=data, context=_context(request))
    given.is_valid(raise_exception=True)
    return told_of(given.validated_data, on=at.date())


def relayed_out(relayed: Relayed) -> dict[str, Any]:
    """Return what the office gets for a relay."""
    known = relayed.complaint
    told: dict[str, object] = {
        "lane": relayed.lane,
        "id": known.public_id if known else None,
        "reference": known.reference if known else None,
        "received_on": relayed.received_on,
        "due_on": relayed.due_on,
        "receipt": relayed.receipt,
        "upload_token": relayed.upload_token or None,
    }
    return dict(RelayedOut(told).data)


def _finding(finding: Complaint) -> dict[str, Any]:
    return {
        "id": finding.public_id,
        "reference": finding.reference,
        "lane": finding.lane,
        "status": finding.status,
        "received_on": finding.received_on,
        "due_on": local_day(finding.due_at, finding.office) if finding.due_at else None,
    }


def _context(request: Request) -> dict[str, Any]:
    return {"office": access_of(request).client.office}
