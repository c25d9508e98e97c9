"""Many complaints in one request: each judged, kept and answered by itself, under a key of its own.

Nothing of the whole is kept. A request that broke off is sent again, with the same item keys: what was
taken in answers as before, the rest goes on. Where receipts run out the request ends before the line
does, and what was not reached says so.
"""

import hashlib
import json
import time
from typing import Any, ClassVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from bawaslu_cases.accounts.api.authentication import access_of
from bawaslu_cases.accounts.api.idempotency import checked_key, needed_key
from bawaslu_cases.accounts.api.schema import IDEMPOTENCY_KEY, WRITE_PROBLEMS
from bawaslu_cases.accounts.api.views import ClientView
from bawaslu_cases.accounts.api_selectors import kept_answer
from bawaslu_cases.accounts.models import ApiClient
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.accounts.services.kept_answers import (
    begin_write,
    keep_answer,
    key_digest_of,
    opened_body,
)
from bawaslu_cases.shared.api_errors import problem_response
from complaints.api.inputs import BatchIn
from complaints.api.outputs import BatchOut
from complaints.api.writes import read_complaint, relayed_out
from complaints.services.receipts import prepare_receipt
from complaints.services.relays import relay_complaint

SECONDS = 20
"""After which no further item is begun: a worker answers within thirty."""
ITEM = "complaint"
"""What the digest of an item's request begins with, so that it is no request of another kind."""


class NotReachedError(APIException):
    """The time of this request was over before the item's turn. 503: send it again."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "not_reached"
    default_detail = _("Belum sempat dikerjakan. Kirim lagi dengan kunci yang sama.")


class TwiceInBatchError(APIException):
    """Two items of one request with one key. 422."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "key_twice"
    default_detail = _("Kunci ini dipakai dua kali dalam permintaan yang sama.")


class BatchView(ClientView):
    """Complaints at once."""

    scopes: ClassVar = {"POST": Scope.COMPLAINTS_WRITE}

    @extend_schema(
        operation_id="create_complaints",
        parameters=[IDEMPOTENCY_KEY],
        request=BatchIn,
        responses={200: BatchOut} | WRITE_PROBLEMS,
        tags=["complaints"],
    )
    def post(self, request: Request) -> Response:
        """Take in up to 100 complaints; one that is refused stops no other."""
        needed_key(request)
        given = BatchIn(data=request.data)
        given.is_valid(raise_exception=True)
        until = time.monotonic() + SECONDS
        seen: set[str] = set()
        results = []
        for item in given.validated_data["items"]:
            results.append(self._result(request, item, seen=seen, until=until))
            seen.add(item["key"])
        replayed = all(each["replayed"] for each in results)
        headers = {"Idempotency-Replayed": "true"} if replayed else {}
        told = {"items": results, "server_time": timezone.now()}
        return Response(BatchOut(told).data, headers=headers)

    def _result(
        self, request: Request, item: dict[str, Any], *, seen: set[str], until: float
    ) -> dict[str, Any]:
        """Return what became of one item; only a real failure is raised, and ends the request."""
        result: dict[str, Any] = {
            "key": item["key"],
            "status": status.HTTP_201_CREATED,
            "replayed": False,
            "id": None,
            "reference": None,
            "complaint": None,
            "problem": None,
        }
        try:
            _check_turn(item["key"], seen=seen, until=until)
            told, result["replayed"] = _taken(request, item)
        except Exception as error:
            answer = problem_response(error, {})
            if answer is None:
                raise
            return result | {"status": answer.status_code, "problem": answer.data}
        return result | {
            "complaint": told,
            "id": told["id"],
            "reference": told["reference"],
        }


def _check_turn(key: str, *, seen: set[str], until: float) -> None:
    if key in seen:
        raise TwiceInBatchError
    if time.monotonic() > until:
        raise NotReachedError


def _taken(request: Request, item: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return the answer for one item and whether it was taken in before."""
    client: ApiClient = access_of(request).client
    key = checked_key(item["key"])
    at = timezone.now()
    names: dict[str, Any] = {
        "client": client,
        "key_digest": key_digest_of(key),
        "request_digest": _digest(key, item["complaint"]),
    }
    prepared = None
    told = None
    if kept_answer(client=client, key_digest=names["key_digest"]) is None:
        told = read_complaint(request, item["complaint"], at=at)
        prepared = prepare_receipt()
    with transaction.atomic():
        kept = begin_write(**names)
        if kept is not None:
            return json.loads(opened_body(kept, key=key)), True
        relayed = relay_complaint(
            told=told or read_complaint(request, item["complaint"], at=at),
            system=client.user,
            prepared=prepared or prepare_receipt(),
            at=at,
        )
        answer = relayed_out(relayed)
        keep_answer(
            **names,
            key=key,
            status=status.HTTP_201_CREATED,
            body=json.dumps(answer).encode(),
            headers={},
            at=at,
        )
    return answer, False


def _digest(key: str, complaint: dict[str, Any]) -> str:
    text = json.dumps([ITEM, key, complaint], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
