"""Files for records over bad lines: tus 1.0 with creation, termination and checksum (ADR 0027, 0043).

An upload opens with its ``Upload-Token``, which the server keeps as a digest alone: what has come so far
is sealed under it, as a reporter's own files are under their cookie. HEAD tells how far it is; a part
that a broken line cut short is kept as far as it came.
"""

from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from bawaslu_cases.accounts.api.authentication import access_of
from bawaslu_cases.accounts.api.idempotency import idempotent
from bawaslu_cases.accounts.api.schema import (
    IDEMPOTENCY_KEY,
    PROBLEM,
    PROBLEMS,
    WRITE_PROBLEMS,
)
from bawaslu_cases.accounts.api.views import ClientView
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.shared import tus
from bawaslu_cases.shared.api_errors import problem_response
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.object_storage import StorageFullError, StorageUnavailableError
from complaints.access import complaint_of_client
from complaints.api.outputs import UploadOut
from complaints.errors import (
    DraftGoneError,
    UploadGoneError,
    UploadOffsetError,
    UploadRefusedError,
)
from complaints.services.file_refusals import refusal_words
from complaints.services.uploads import (
    PART_BYTES,
    Progress,
    append_part,
    forget_upload,
    open_upload,
    open_upload_session,
    progress_of,
)

MAX_TOKEN = 100
_TOO_LARGE = frozenset({"too_large", "report_full", "longer_than_told"})
TOKEN = OpenApiParameter(
    "Upload-Token",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="From the answer that began the upload, or the `upload_token` of a relayed complaint.",
)
ANNOUNCED = [
    OpenApiParameter(
        "Tus-Resumable", str, OpenApiParameter.HEADER, required=True, description="`1.0.0`"
    ),
    OpenApiParameter(
        "Upload-Length", int, OpenApiParameter.HEADER, required=True, description="Bytes to come."
    ),
    OpenApiParameter(
        "Upload-Metadata",
        str,
        OpenApiParameter.HEADER,
        description="`filename` and its base64; at most 2,000 signs.",
    ),
]
PART = [
    TOKEN,
    ANNOUNCED[0],
    OpenApiParameter(
        "Upload-Offset",
        int,
        OpenApiParameter.HEADER,
        required=True,
        description="Where this part begins: what HEAD said.",
    ),
    OpenApiParameter(
        "Upload-Checksum",
        str,
        OpenApiParameter.HEADER,
        description="`sha256` or `sha1` and the base64 of the part's digest. With it a part is kept "
        "whole or not at all.",
    ),
]
LOCATED = OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201])
OFFSET = OpenApiParameter("Upload-Offset", int, OpenApiParameter.HEADER, response=[200, 204])
FILE_PROBLEMS = PROBLEMS | dict.fromkeys((404, 409, 411, 412, 413, 415, 422, 460), PROBLEM)


class RefusedError(APIException):
    """A request that is not the protocol, with the status that the protocol names."""

    def __init__(self, code: str, detail: Any, status_code: int) -> None:
        super().__init__(detail)
        self.status_code = status_code
        self.default_code = code
        self.default_detail = detail


class UploadsView(ClientView):
    """The base of what takes files; says the protocol's version in every answer."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse another version of the protocol, after who calls is known."""
        super().initial(request, *args, **kwargs)
        if request.method != "GET" and request.headers.get("Tus-Resumable") != tus.VERSION:
            raise RefusedError(
                "version", _("Versi pengiriman ini tidak dikenal."), HTTPStatus.PRECONDITION_FAILED
            )

    def handle_exception(self, exc: Exception) -> Response:
        """Answer a refusal of a file with the protocol's own statuses, in the same words as the form."""
        if not isinstance(exc, DomainError):
            return super().handle_exception(exc)
        return _refusal(exc)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Add the version."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Tus-Resumable"] = tus.VERSION
        return answer


class RecordUploadsView(UploadsView):
    """Files that the office itself adds to a record it may read."""

    scopes: ClassVar = {"POST": Scope.EVIDENCE_WRITE}

    @extend_schema(
        operation_id="begin_upload",
        parameters=[IDEMPOTENCY_KEY, *ANNOUNCED, LOCATED],
        request=None,
        responses={201: UploadOut, 404: PROBLEM, 412: PROBLEM} | WRITE_PROBLEMS,
        tags=["evidence"],
    )
    @idempotent
    def post(self, request: Request, public_id: UUID) -> Response:
        """Announce a file for an open report or a finding that still waits for a decision."""
        system = access_of(request).client.user
        complaint = complaint_of_client(public_id=public_id, user=system)
        token = open_upload_session(complaint=complaint, at=timezone.now(), brought_by=system)
        return _begun(request, token)


class RelayedUploadsView(UploadsView):
    """Files of a reporter whose report the office relayed; only the token says for which."""

    scopes: ClassVar = {"POST": Scope.EVIDENCE_WRITE}

    @extend_schema(
        operation_id="begin_relayed_upload",
        parameters=[IDEMPOTENCY_KEY, TOKEN, *ANNOUNCED, LOCATED],
        request=None,
        responses={201: UploadOut, 404: PROBLEM, 412: PROBLEM} | WRITE_PROBLEMS,
        tags=["evidence"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Announce a file under a token that is there already."""
        return _begun(request, _token(request))


class UploadView(UploadsView):
    """One file on its way."""

    scopes: ClassVar = dict.fromkeys(("GET", "PATCH", "DELETE"), Scope.EVIDENCE_WRITE)

    @extend_schema(
        operation_id="upload_progress",
        parameters=[TOKEN, OFFSET],
        responses={200: UploadOut, 404: PROBLEM} | PROBLEMS,
        tags=["evidence"],
    )
    def get(self, request: Request, upload_id: UUID) -> Response:
        """Say how far a file is; HEAD tells the same in its headers."""
        progress = progress_of(token=_token(request), upload_id=upload_id, at=timezone.now())
        headers = {
            "Upload-Offset": str(progress.received),
            "Upload-Length": str(progress.length),
            "Cache-Control": "no-store",
        }
        return Response(UploadOut(_told(progress)).data, headers=headers)

    @extend_schema(
        operation_id="send_part",
        parameters=[*PART, OFFSET],
        request={tus.PART_TYPE: OpenApiTypes.BINARY},
        responses={204: None} | FILE_PROBLEMS,
        tags=["evidence"],
    )
    def patch(self, request: Request, upload_id: UUID) -> Response:
        """Take the next part, at most 5 MiB. The last one makes evidence of the file."""
        token, at = _token(request), timezone.now()
        plain = request._request  # noqa: SLF001 -- bytes as they come, no parser
        length, offset = _fit(plain)
        # Asked first, so that nobody without the token makes the server hold five megabytes.
        known = progress_of(token=token, upload_id=upload_id, at=at)
        if known.received != offset:
            raise UploadOffsetError(
                _("Bagian berkas ini tidak menyambung. Lanjutkan dari yang terakhir diterima."),
                received=known.received,
            )
        content = tus.what_came(plain, length)
        matches = tus.checksum(plain)
        if matches and not matches(content):
            raise RefusedError(
                "checksum_mismatch",
                _("Bagian berkas ini rusak di jalan. Kirim lagi."),
                tus.CHECKSUM_MISMATCH,
            )
        try:
            progress = append_part(
                token=token, upload_id=upload_id, offset=offset, content=content, at=at
            )
        except UploadRefusedError:
            forget_upload(token=token, upload_id=upload_id, at=at)
            raise
        headers = {"Upload-Offset": str(progress.received)}
        return Response(status=status.HTTP_204_NO_CONTENT, headers=headers)

    @extend_schema(
        operation_id="forget_upload",
        parameters=[TOKEN, ANNOUNCED[0]],
        responses={204: None, 404: PROBLEM, 412: PROBLEM} | PROBLEMS,
        tags=["evidence"],
    )
    def delete(self, request: Request, upload_id: UUID) -> Response:
        """Take a file back while it is on its way: nothing of it remains."""
        token, at = _token(request), timezone.now()
        progress_of(token=token, upload_id=upload_id, at=at)
        forget_upload(token=token, upload_id=upload_id, at=at)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _token(request: Request) -> str:
    token = request.headers.get("Upload-Token", "")
    if not 0 < len(token) <= MAX_TOKEN or not token.isascii():
        raise UploadGoneError(_("Header Upload-Token tidak membuka pengiriman apa pun."))
    return token


def _begun(request: Request, token: str) -> Response:
    """Announce a file under a token and say where it goes on."""
    length = request.headers.get("Upload-Length", "")
    if not tus.is_number(length):
        raise RefusedError("length", _("Ukuran berkas tidak disebut."), HTTPStatus.BAD_REQUEST)
    at = timezone.now()
    told = tus.metadata(request.headers.get("Upload-Metadata", ""))
    upload_id = open_upload(token=token, name=told.get("filename", ""), length=int(length), at=at)
    progress = progress_of(token=token, upload_id=upload_id, at=at)
    where = reverse("api_complaints:upload", kwargs={"upload_id": upload_id})
    return Response(
        UploadOut(_told(progress) | {"token": token}).data,
        status=status.HTTP_201_CREATED,
        headers={"Location": where},
    )


def _told(progress: Progress) -> dict[str, object]:
    return {
        "id": progress.id,
        "length": progress.length,
        "received": progress.received,
        "is_whole": progress.received == progress.length,
    }


def _fit(request: HttpRequest) -> tuple[int, int]:
    """Return how long a part is and where it begins. Raises RefusedError for headers that do not say."""
    length = request.META.get("CONTENT_LENGTH") or ""
    offset = request.headers.get("Upload-Offset", "")
    if request.content_type != tus.PART_TYPE:
        raise RefusedError(
            "content_type",
            _("Bagian berkas ini tidak dikenal."),
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        )
    if not tus.is_number(length):
        raise RefusedError(
            "length", _("Ukuran bagian ini tidak disebut."), HTTPStatus.LENGTH_REQUIRED
        )
    if int(length) > PART_BYTES:
        raise RefusedError(
            "part_too_large",
            _("Bagian berkas ini terlalu besar untuk satu kali kirim."),
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )
    if not tus.is_number(offset):
        raise RefusedError("offset", _("Awal bagian ini tidak disebut."), HTTPStatus.BAD_REQUEST)
    if tus.checksum(request) is None:
        raise RefusedError(
            "checksum", _("Tanda periksa bagian ini tidak dikenal."), HTTPStatus.BAD_REQUEST
        )
    return int(length), int(offset)


def _refusal(error: DomainError) -> Response:
    """Return the problem of a file that is not taken."""
    answer = problem_response(error, {})
    assert answer is not None  # noqa: S101 -- a DomainError always has one
    match error:
        case UploadGoneError() | DraftGoneError():
            answer.status_code = HTTPStatus.NOT_FOUND
        case UploadOffsetError():
            answer.status_code = HTTPStatus.CONFLICT
            answer["Upload-Offset"] = str(error.received)
        case UploadRefusedError():
            if error.code in _TOO_LARGE:
                answer.status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            words = str(refusal_words(error.code, error.message))
            answer.data |= {"title": words, "detail": words}
        case StorageFullError() | StorageUnavailableError():
            answer.status_code = HTTPStatus.SERVICE_UNAVAILABLE
            answer["Retry-After"] = "60"
    answer.data["status"] = int(answer.status_code)
    return answer
