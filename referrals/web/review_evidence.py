"""The evidence of a packet before the recipient body: the copies that left with it, one by one.

Each is shown as at Bawaslu's own desk: from an answer that can do nothing and, where ``EVIDENCE_ORIGIN``
is set, from an address that knows no session. A file goes by its number in the letter; no name or id of
the house leaves with it.
"""

from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.audit.reads import remark
from bawaslu_cases.audit.services import record
from bawaslu_cases.shared.http import OfficerRequest
from complaints.models import Derivative
from complaints.web.evidence import ADDRESS_SECONDS, SHOWN_INLINE, draws_copies, whole_copy
from referrals import access
from referrals.access import ReleasedCopy
from referrals.models import Referral

RAIL = {"section": "inbox"}
LONGEST_TEXT = 256 * 1024
"""Bytes of a text shown on the page; a longer one is a download."""
_ADDRESS = "packet-copy"


@require_GET
@role_required(Role.REVIEWER)
@draws_copies
def evidence(request: OfficerRequest, public_id: UUID, number: int) -> HttpResponse:
    """Show one file of the packet and the strip of the others."""
    referral = access.reviewable_referral(user=request.user, public_id=public_id)
    shown = access.released_file(referral=referral, number=number)
    remark(packet_file=shown.file.sha256[:16])
    copy = shown.copy
    context = {
        "rail": RAIL,
        "referral": referral,
        "shown": shown,
        "address": _address(referral, shown, request.user) if copy else "",
        "kind": copy.content_type.partition("/")[0] if copy else "",
        "text": _text(copy) if copy else "",
        "body": request.user.recipient_body,
    }
    return render(request, "referrals/review_evidence.html", context)


@require_GET
@role_required(Role.REVIEWER)
def evidence_file(request: OfficerRequest, public_id: UUID, number: int) -> HttpResponse:
    """Show a file of the packet, where copies have no address of their own."""
    referral = access.reviewable_referral(user=request.user, public_id=public_id)
    if settings.EVIDENCE_ORIGIN:
        raise Http404
    shown = access.released_file(referral=referral, number=number)
    remark(packet_file=shown.file.sha256[:16])
    return _bytes(shown)


@require_POST
@role_required(Role.REVIEWER)
def evidence_download(request: OfficerRequest, public_id: UUID, number: int) -> HttpResponse:
    """Hand a file out byte for byte, so that its digest is the one in the signed letter."""
    referral = access.reviewable_referral(user=request.user, public_id=public_id)
    shown = access.released_file(referral=referral, number=number)
    remark(packet_file=shown.file.sha256[:16])
    return _bytes(shown, is_download=True)


@require_GET
def file_at_its_own_address(request: HttpRequest, token: str) -> HttpResponse:
    """Show a file at the address that knows no session; the address itself is the permission.

    Signed for one person and one file, for two minutes. The reading is entered by hand: nobody is
    signed in here. Raises AuditUnavailableError.
    """
    try:
        who, public_id, number = signing.loads(token, salt=_ADDRESS, max_age=ADDRESS_SECONDS)
        user, referral = access.referral_at_an_address(
            person_id=UUID(who), public_id=UUID(public_id)
        )
    except (signing.BadSignature, ValueError) as error:
        raise Http404 from error
    if request.get_host() != urlsplit(settings.EVIDENCE_ORIGIN).netloc:
        raise Http404
    shown = access.released_file(referral=referral, number=number)
    record(
        actor=user.public_id,
        action="page.review:evidence_file",
        subject=f"case:{referral.case.public_id.hex}",
        detail={
            "part": f"referral:{referral.public_id.hex}",
            "packet_file": shown.file.sha256[:16],
        },
    )
    response = _bytes(shown)
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _address(referral: Referral, shown: ReleasedCopy, user: User) -> str:
    number = shown.file.number
    if not settings.EVIDENCE_ORIGIN:
        return reverse("review:evidence_file", args=[referral.public_id, number])
    token = signing.dumps([user.public_id.hex, referral.public_id.hex, number], salt=_ADDRESS)
    return settings.EVIDENCE_ORIGIN + reverse("packet_copies:file", args=[token])


def _bytes(shown: ReleasedCopy, *, is_download: bool = False) -> HttpResponse:
    if shown.copy is None:
        raise Http404
    inline = not is_download and shown.copy.content_type in SHOWN_INLINE
    answer = whole_copy(shown.copy, is_download=not inline)
    how = "inline" if inline else "attachment"
    # by its number in the letter: the house counts its own evidence otherwise
    answer["Content-Disposition"] = f'{how}; filename="{shown.file.name}"'
    return answer


def _text(copy: Derivative) -> str:
    if copy.content_type != "text/plain" or copy.size_bytes > LONGEST_TEXT:
        return ""
    answer = whole_copy(copy, is_download=False)
    return b"".join(answer.streaming_content).decode("utf-8", "replace")  # type: ignore[attr-defined]
