"""Where a recipient's system answers a delivered packet: signed by the secret of its destination."""

import hashlib
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bawaslu_cases.shared.webhook_signatures import SignatureError, verified_id
from referrals.api.serializers import ProblemOut
from referrals.models import Destination
from referrals.selectors.dispatches import active_destination
from referrals.services.line_answers import ANSWERS, MAX_ANSWER_REASON, take_answer
from referrals.states import Channel

PROBLEM = OpenApiResponse(ProblemOut, description="RFC 9457 problem details.")
SIGNED = [
    OpenApiParameter(name, str, OpenApiParameter.HEADER, required=True, description=text)
    for name, text in (
        ("webhook-id", "A word of your own that is new for each answer; at most 64 characters."),
        ("webhook-timestamp", "Seconds since 1970, within five minutes of ours."),
        ("webhook-signature", "`v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`."),
    )
]
MAX_ID = 64


class AnswerIn(serializers.Serializer[dict[str, object]]):
    """What a recipient's system says of one packet."""

    dispatch = serializers.UUIDField(
        help_text="The `webhook-id` the packet came with, without its last `-1`."
    )
    status = serializers.ChoiceField(
        choices=list(ANSWERS),
        help_text="`recommended` lays a draft before the reviewers of the body: it is in force only "
        "after two of them signed it in this system.",
    )
    reason = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=MAX_ANSWER_REASON,
        help_text="What is missing or why it is refused, needed for `returned` and `refused`; "
        "for `recommended` the words that every PPK would read.",
    )


class AnswerOut(serializers.Serializer[dict[str, object]]):
    """How it was taken."""

    is_applied = serializers.BooleanField(
        help_text="False for an answer that came after a later one: it is kept, nothing changed."
    )


class AnswersView(APIView):
    """Signed answers of one destination."""

    parser_classes = (JSONParser,)

    @extend_schema(
        operation_id="answer_referral",
        parameters=SIGNED,
        request=AnswerIn,
        responses={200: AnswerOut, **dict.fromkeys((400, 401, 404, 422), PROBLEM)},
        tags=["referrals"],
    )
    def post(self, request: Request, destination: str) -> Response:
        """Take an answer; the same `webhook-id` again changes nothing and answers as the first time."""
        at = timezone.now()
        raw = request._request.body  # noqa: SLF001 -- what was signed, byte for byte
        place, nonce = self._signed_by(request, destination, raw)
        told = AnswerIn(data=request.data)
        told.is_valid(raise_exception=True)
        data: dict[str, Any] = told.validated_data
        dispatch_id: UUID = data["dispatch"]
        row = take_answer(
            destination=place,
            nonce=nonce,
            dispatch_id=dispatch_id,
            told={
                "status": data["status"],
                "reason": data.get("reason", ""),
                "body_sha256": hashlib.sha256(raw).hexdigest(),
            },
            at=at,
        )
        return Response(AnswerOut({"is_applied": row.is_applied}).data)

    def get_authenticate_header(self, request: Request) -> str:  # noqa: ARG002 -- contract
        """Say how to prove who one is; with it a refusal is 401."""
        return "Signature"

    def _signed_by(self, request: Request, code: str, raw: bytes) -> tuple[Destination, str]:
        """Return the destination and the answer's id. An unknown one is refused like a wrong key."""
        refused = AuthenticationFailed(_("Tanda tangan tidak cocok."))
        place = active_destination(code)
        if place is None or place.channel != Channel.WEBHOOK:
            raise refused
        headers = {name.lower(): value for name, value in request.headers.items()}
        secret = str(place.address()["secret"])
        try:
            nonce = verified_id(secret=secret, headers=headers, body=raw, at=timezone.now())
        except SignatureError as error:
            raise refused from error
        if len(nonce) > MAX_ID:
            raise refused
        return place, nonce
