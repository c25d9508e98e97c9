"""Files in pieces: the core of tus 1.0 with creation, termination and checksum, at two neutral addresses.

A tus server knows an upload by its address; here the address alone opens nothing. The reporter's cookie
does, which holds the file's key, so a stranger's address is as unknown as one that never was (404).
The cookie is SameSite=Strict and every change needs the form's token in ``X-CSRFToken``, which no page
of another site can read or send. Nothing here is logged but the route.

A request brings at most PART_BYTES. What came before a line broke is sealed and kept, and ``HEAD`` tells
how far it is (protection.md C, checks E11 and E21).
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.tus import (
    CHECKSUM_MISMATCH,
    CHECKSUMS,
    PART_TYPE,
    VERSION,
    checksum,
    is_number,
    metadata,
    what_came,
)
from complaints.cleaner.limits import LARGEST_BYTES
from complaints.errors import (
    DraftGoneError,
    UploadGoneError,
    UploadOffsetError,
    UploadRefusedError,
)
from complaints.services.file_refusals import refusal_words
from complaints.services.sent_files import close_when_done
from complaints.services.uploads import (
    PART_BYTES,
    append_part,
    forget_upload,
    open_upload,
    progress_of,
)
from complaints.web.reporter_page import reporter_door, take_all_cookies, token_of

_TOO_LARGE = frozenset({"too_large", "report_full", "longer_than_told"})

Answer = Callable[..., HttpResponse]


def tus(view: Answer) -> Answer:
    """Decorate a resource of the protocol: its version, and refusals in the reporter's language."""

    @wraps(view)
    def resource(request: HttpRequest, **named: UUID) -> HttpResponse:
        if request.method == "OPTIONS":
            response = HttpResponse(status=HTTPStatus.NO_CONTENT)
            response["Tus-Version"] = VERSION
            response["Tus-Extension"] = "creation,termination,checksum"
            response["Tus-Checksum-Algorithm"] = ",".join(CHECKSUMS)
            response["Tus-Max-Size"] = str(LARGEST_BYTES)
        elif request.headers.get("Tus-Resumable") != VERSION:
            response = _refused(
                HTTPStatus.PRECONDITION_FAILED, "version", _("Versi pengiriman ini tidak dikenal.")
            )
            response["Tus-Version"] = VERSION
        else:
            try:
                response = view(request, **named)
            except DomainError as error:
                response = _refusal(error)
        response["Tus-Resumable"] = VERSION
        return response

    return resource


@reporter_door("POST", "OPTIONS")
@tus
def files(request: HttpRequest) -> HttpResponse:
    """Announce a file; its address is in the answer."""
    length = request.headers.get("Upload-Length", "")
    if not is_number(length):
        return _refused(HTTPStatus.BAD_REQUEST, "length", _("Ukuran berkas tidak disebut."))
    told = metadata(request.headers.get("Upload-Metadata", ""))
    upload_id = open_upload(
        token=token_of(request),
        name=told.get("filename", ""),
        length=int(length),
        mark=told.get("mark", ""),
        at=timezone.now(),
    )
    response = HttpResponse(status=HTTPStatus.CREATED)
    response["Location"] = reverse("intake:file", kwargs={"upload": upload_id})
    return response


@reporter_door("HEAD", "PATCH", "DELETE", "OPTIONS")
@tus
def file(request: HttpRequest, upload: UUID) -> HttpResponse:
    """Say how far a file is, take its next piece, or take it back."""
    at, token = timezone.now(), token_of(request)
    if request.method == "PATCH":
        return _take_part(request, token, upload, at=at)
    response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    if request.method == "DELETE":
        progress_of(token=token, upload_id=upload, at=at)
        forget_upload(token=token, upload_id=upload, at=at)
        return _last_words(response, token, at=at)
    progress = progress_of(token=token, upload_id=upload, at=at)
    response.status_code = HTTPStatus.OK
    response["Upload-Offset"] = str(progress.received)
    response["Upload-Length"] = str(progress.length)
    return response


def _take_part(request: HttpRequest, token: str, upload: UUID, *, at: datetime) -> HttpResponse:
    if refusal := _unfit(request):
        return refusal
    length, offset = int(request.META["CONTENT_LENGTH"]), int(request.headers["Upload-Offset"])
    # Asked first, so that nobody without the cookie makes the server read and hold five megabytes.
    known = progress_of(token=token, upload_id=upload, at=at)
    if known.received != offset:
        raise UploadOffsetError(
            _("Bagian berkas ini tidak menyambung. Lanjutkan dari yang terakhir diterima."),
            received=known.received,
        )
    content = what_came(request, length)
    matches = checksum(request)
    if matches and not matches(content):
        # What broke off cannot be checked either: of a part that says what it is, all or nothing is kept.
        return _refused(
            CHECKSUM_MISMATCH,
            "checksum_mismatch",
            _("Bagian berkas ini rusak di jalan. Kirim lagi."),
        )
    try:
        progress = append_part(token=token, upload_id=upload, offset=offset, content=content, at=at)
    except UploadRefusedError:
        forget_upload(token=token, upload_id=upload, at=at)
        raise
    response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    response["Upload-Offset"] = str(progress.received)
    return _last_words(response, token, at=at)


def _unfit(request: HttpRequest) -> HttpResponse | None:
    """Return what to answer to a part whose headers do not tell what it is; None where they do."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if request.content_type != PART_TYPE:
        return _refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content_type", _("Bagian berkas ini tidak dikenal.")
        )
    if not is_number(length):
        return _refused(HTTPStatus.LENGTH_REQUIRED, "length", _("Ukuran bagian ini tidak disebut."))
    if int(length) > PART_BYTES:
        return _refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "part_too_large",
            _("Bagian berkas ini terlalu besar untuk satu kali kirim."),
        )
    if not is_number(request.headers.get("Upload-Offset", "")):
        return _refused(HTTPStatus.BAD_REQUEST, "offset", _("Awal bagian ini tidak disebut."))
    if checksum(request) is None:
        return _refused(
            HTTPStatus.BAD_REQUEST, "checksum", _("Tanda periksa bagian ini tidak dikenal.")
        )
    return None


def _last_words(response: HttpResponse, token: str, *, at: datetime) -> HttpResponse:
    """Take the cookies of a session that lived on for its last file alone."""
    if close_when_done(token=token, at=at):
        take_all_cookies(response)
    return response


def _refusal(error: DomainError) -> HttpResponse:
    match error:
        case UploadGoneError() | DraftGoneError():
            return _refused(HTTPStatus.NOT_FOUND, error.code, error.message)
        case UploadOffsetError():
            response = _refused(HTTPStatus.CONFLICT, error.code, error.message)
            response["Upload-Offset"] = str(error.received)
            return response
        case UploadRefusedError():
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            if error.code in _TOO_LARGE:
                status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            return _refused(status, error.code, refusal_words(error.code, error.message))
    return _refused(HTTPStatus.SERVICE_UNAVAILABLE, error.code, error.message)


def _refused(status: int, code: str, detail: "str | Promise") -> HttpResponse:
    """Answer with problem details (RFC 9457)."""
    problem = {"type": "about:blank", "status": int(status), "code": code, "detail": str(detail)}
    return JsonResponse(problem, status=status, content_type="application/problem+json")
