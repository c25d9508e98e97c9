"""How the OpenAPI document describes the access of clients."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from bawaslu_cases.accounts.scopes import Scope

ENGLISH = {
    Scope.COMPLAINTS_READ: "Read complaints and findings.",
    Scope.COMPLAINTS_WRITE: "Send complaints and findings.",
    Scope.EVIDENCE_WRITE: "Add evidence.",
    Scope.PROPOSALS_WRITE: "Propose a triage decision; an officer takes it or does not.",
    Scope.CASES_READ: "Read cases and deadlines.",
    Scope.REFERRALS_READ: "Read referrals and follow-ups.",
    Scope.REGISTRY_READ: "Read reference data.",
    Scope.FIGURES_READ: "Read figures.",
    Scope.WEBHOOKS_MANAGE: "Manage webhook subscriptions.",
}


class ClientProblemOut(serializers.Serializer[dict[str, object]]):
    """RFC 9457 problem details."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField(help_text="Stable; the words are not.")
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Field → messages; `items.0.title` inside lists.",
    )


PROBLEM = OpenApiResponse(ClientProblemOut, description="RFC 9457 problem details.")
PROBLEMS: dict[int, OpenApiResponse] = dict.fromkeys((400, 401, 403, 406, 429, 503), PROBLEM)
"""What every call of a client may be answered with."""
WRITE_PROBLEMS: dict[int, OpenApiResponse] = PROBLEMS | dict.fromkeys((409, 413, 415, 422), PROBLEM)
"""What every POST may be answered with besides."""

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="1 to 255 printable ASCII characters, new for each thing to do. The same key with the "
    "same request gives the same answer with `Idempotency-Replayed: true`, for 14 days.",
)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the base registers itself
    """OAuth 2.0 client credentials, with the scope that each method needs."""

    target_class = "bawaslu_cases.accounts.api.authentication.BearerAuthentication"
    name = "client_credentials"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002 -- contract
        """Return the scheme."""
        flow = {
            "tokenUrl": "/api/v1/token",
            "scopes": {scope.value: words for scope, words in ENGLISH.items()},
        }
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[str]]:
        """Return what this operation needs."""
        needed: Scope | None = auto_schema.view.scopes[auto_schema.method]  # type: ignore[attr-defined]  # of a ClientView
        return {self.name: [needed.value] if needed is not None else []}
