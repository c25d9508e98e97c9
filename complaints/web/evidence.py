"""Evidence at the desk: copies to look at, regions to burn out, a marked copy to take along.

Only copies are shown, from an answer that can do nothing: where ``EVIDENCE_ORIGIN`` is set from an
address of its own, which knows no session (protection.md C, check E15). Every picture that leaves is an
entry in the audit log.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.audit.reads import part_of, remark
from bawaslu_cases.audit.services import record
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import readable_complaint, record_at_an_address
from complaints.cleaner.marks import Box
from complaints.models import Complaint, Derivative
from complaints.rules.evidence_words import REMOVED_WORDS, WAITING_WORDS
from complaints.selectors.evidence import EvidenceItem, copy_of, evidence_items
from complaints.selectors.evidence_alarms import alarms_of
from complaints.services import evidence as kept
from complaints.services.copy_orders import MARKED_TYPES, order_redaction
from complaints.services.file_refusals import REFUSALS
from complaints.services.viewings import note_viewing
from complaints.states import OFFICERS, EvidenceStatus
from complaints.web.desk import desk_context
from complaints.web.forms_evidence import RegionFormSet, shares_of

Text = str | Promise
SHOWN_INLINE = frozenset({"image/jpeg"})
"""Only what the cleaner painted itself; everything else is a download for whoever opens its address."""
ADDRESS_SECONDS = 120
_ADDRESS = "evidence-copy"

LEFT_BEHIND: tuple[Text, ...] = (
    gettext_lazy("Sisi obrolan: gelembung di kanan berasal dari HP pelapor."),
    gettext_lazy("Nama kontak seperti yang disimpan pelapor."),
    gettext_lazy("Foto profil atau nama akun pelapor."),
    gettext_lazy("Bilah status: operator, baterai, jam."),
    gettext_lazy("Daftar anggota grup, atau unggahan yang hanya terlihat oleh sedikit orang."),
    gettext_lazy("Pantulan, tulisan tangan, latar ruangan."),
    gettext_lazy("Titik printer, tanda air, nomor dokumen."),
    gettext_lazy("Suara pelapor."),
)
"""What taking metadata away cannot take away (protection.md C)."""


@dataclass(frozen=True)
class Tab:
    """One piece of evidence in the strip under the picture."""

    number: int
    label: Text
    note: Text
    href: str
    is_open: bool


View = Callable[..., HttpResponse]


def draws_copies(view: View) -> View:
    """Let a page load pictures and media from where copies lie, and no other page."""

    @wraps(view)
    def page(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        origin = settings.EVIDENCE_ORIGIN
        more = {"media-src": [origin], "img-src": [origin]} if origin else {"media-src": ["'self'"]}
        response._csp_update = more  # type: ignore[attr-defined]  # noqa: SLF001 -- what csp.decorators set
        return response

    return page


@role_required(*BAWASLU_ROLES)
@require_GET
@draws_copies
def evidence(request: OfficerRequest, public_id: UUID, number: int = 0) -> HttpResponse:
    """Show one piece of evidence and the strip of the others."""
    complaint = readable_complaint(public_id=public_id, user=request.user)
    items = evidence_items(complaint)
    shown = _chosen(items, number)
    if shown:
        remark(evidence=shown.evidence.public_id)
        note_viewing(thing=shown.evidence, viewer=request.user, at=timezone.now())
    context = _context(request, complaint, items, shown)
    return render(request, "complaints/desk/evidence.html", context)


@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
@draws_copies
def redact(request: OfficerRequest, public_id: UUID, number: int) -> HttpResponse:
    """Draw regions on a picture or a page and burn them out of a new copy."""
    complaint = readable_complaint(public_id=public_id, user=request.user)
    items = evidence_items(complaint)
    shown = _chosen(items, number)
    if shown is None or shown.copy is None or not shown.can_be_redacted:
        raise Http404
    remark(evidence=shown.evidence.public_id)
    page = _page(request, shown)
    regions = RegionFormSet(request.POST if request.method == "POST" else None)
    error = ""
    if request.method == "POST" and regions.is_valid():
        boxes = [Box(page, *shares) for shares in shares_of(regions)]
        try:
            _check_newest(request, shown)
            order = order_redaction(
                copy=shown.copy, boxes=boxes, officer=request.user, at=timezone.now()
            )
        except DomainError as refusal:
            error = str(refusal.message)
        else:
            return redirect("desk:copy_order", public_id=complaint.public_id, order_id=order.pk)
    context = _context(request, complaint, items, shown) | {
        "regions": regions,
        "page_number": page,
        "picture": copy_address(shown.pictures[page - 1], complaint, request.user),
        "picture_facts": shown.pictures[page - 1],
        "error": error,
    }
    status = 409 if error else 200
    return render(request, "complaints/desk/evidence_redact.html", context, status=status)


@role_required(*BAWASLU_ROLES)
@require_GET
def evidence_copy(request: OfficerRequest, public_id: UUID, copy_id: UUID) -> HttpResponse:
    """Show a copy, where copies have no address of their own."""
    complaint = readable_complaint(public_id=public_id, user=request.user)
    if settings.EVIDENCE_ORIGIN:
        raise Http404
    copy = copy_in_record(complaint, copy_id)
    remark(evidence=copy.evidence.public_id)
    return whole_copy(copy, is_download=copy.content_type not in SHOWN_INLINE)


@require_GET
def copy_at_its_own_address(request: HttpRequest, token: str) -> HttpResponse:
    """Show a copy at the address that knows no session; the address itself is the permission.

    It is signed for one person and one copy and ends after two minutes. Only here is the reading entered
    in the log by hand: nobody is signed in. Raises AuditUnavailableError.
    """
    try:
        who, record_id, copy_id = signing.loads(token, salt=_ADDRESS, max_age=ADDRESS_SECONDS)
        user, complaint = record_at_an_address(person_id=UUID(who), public_id=UUID(record_id))
    except (signing.BadSignature, ValueError) as error:
        raise Http404 from error
    if request.get_host() != urlsplit(settings.EVIDENCE_ORIGIN).netloc:
        raise Http404
    copy = copy_in_record(complaint, UUID(copy_id))
    record(
        actor=user.public_id,
        action="page.desk:evidence_copy",
        subject=f"complaint:{complaint.public_id.hex}",
        detail={"part": f"evidence:{copy.evidence.public_id.hex}"},
    )
    response = whole_copy(copy, is_download=copy.content_type not in SHOWN_INLINE)
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _chosen(items: list[EvidenceItem], number: int) -> EvidenceItem | None:
    if not items and not number:
        return None
    for item in items:
        if number in {0, item.evidence.number}:
            return item
    raise Http404


def copy_in_record(complaint: Complaint, copy_id: UUID) -> Derivative:
    """Return a copy of this record with its file, or raise Http404. One query."""
    part_of("complaint", complaint.public_id)
    copy = copy_of(complaint, copy_id)
    if copy is None:
        raise Http404
    return copy


def _page(request: HttpRequest, shown: EvidenceItem) -> int:
    text = request.GET.get("hal", "1")
    page = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0  # noqa: PLR2004 -- digits
    if not 1 <= page <= len(shown.pictures):
        raise Http404
    return page


def _check_newest(request: HttpRequest, shown: EvidenceItem) -> None:
    """Refuse regions that were drawn on a copy which is no longer the newest."""
    if request.POST.get("seen") != str(shown.earlier):
        raise DomainError(
            _("Salinan ini baru diubah orang lain. Periksa lagi, lalu tutup bagiannya.")
        )


def copy_address(copy: Derivative, complaint: Complaint, user: User) -> str:
    """Return where this person's browser finds a copy: for two minutes, where copies lie apart. No query."""
    if not settings.EVIDENCE_ORIGIN:
        return reverse("desk:evidence_copy", args=[complaint.public_id, copy.public_id])
    token = signing.dumps(
        [user.public_id.hex, complaint.public_id.hex, copy.public_id.hex], salt=_ADDRESS
    )
    return settings.EVIDENCE_ORIGIN + reverse("copies:copy", args=[token])


def whole_copy(copy: Derivative, *, is_download: bool) -> HttpResponse:
    """Return a copy as it is kept, or say that it is not whole: never a part of it (check E18)."""
    try:
        content = kept.whole_copy(copy)
    except DomainError as error:
        remark(code=error.code)
        words = str(error.message).encode()
        answer = locked_answer(iter([words]), copy, size=len(words), is_download=False)
        answer["Content-Type"] = "text/plain; charset=utf-8"
        answer.status_code = 410
        return answer
    return locked_answer(content, copy, size=copy.size_bytes, is_download=is_download)


def locked_answer(
    content: Iterator[bytes], copy: Derivative, *, size: int, is_download: bool
) -> HttpResponse:
    """Return bytes of a copy in an answer that can do nothing.

    A frame that does not open breaks the answer off, never shortens it.
    """
    response = cast("HttpResponse", StreamingHttpResponse(content, content_type=copy.content_type))
    response["Content-Length"] = str(size)
    how = "attachment" if is_download else "inline"
    name = f"bukti-{copy.evidence.number}.{copy.extension}"
    response["Content-Disposition"] = f'{how}; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Accept-Ranges"] = "none"
    return response


def _context(
    request: OfficerRequest,
    complaint: Complaint,
    items: list[EvidenceItem],
    shown: EvidenceItem | None,
) -> dict[str, Any]:
    context = desk_context(
        request.user,
        record=complaint,
        item=shown,
        tabs=[_tab(item, complaint, shown) for item in items],
        left_behind=LEFT_BEHIND,
        search_action=reverse("desk:queue"),
    )
    if shown is None:
        return context
    position = items.index(shown)
    pictures = [
        {"address": copy_address(copy, complaint, request.user), "copy": copy}
        for copy in shown.pictures
    ]
    code = shown.evidence.refusal
    text = _text_of(shown)  # before the alarms: reading may raise one
    return context | {
        "alarms": alarms_of(shown.evidence),
        "may_settle": request.user.has_role(*OFFICERS),
        "pictures": pictures,
        "media": copy_address(shown.copy, complaint, request.user) if shown.copy else "",
        "poster": copy_address(shown.poster, complaint, request.user) if shown.poster else "",
        "text": text,
        "why": REFUSALS.get(code) or WAITING_WORDS.get(code) or "",
        "is_marked": bool(shown.copy and shown.copy.content_type in MARKED_TYPES),
        "before": _href(items[position - 1], complaint) if position else "",
        "after": _href(items[position + 1], complaint) if position + 1 < len(items) else "",
        "may_redact": shown.can_be_redacted and request.user.has_role(*OFFICERS),
        "total": len(items),
        "removed": [REMOVED_WORDS[code] for code in (shown.copy.log if shown.copy else [])],
        "manifest_digest": _digest(shown.evidence.manifest_sha256),
        "copy_digest": _digest(shown.copy.sha256) if shown.copy else "",
    }


def _digest(value: Any) -> str:
    """Return the beginning of a digest in groups of four, as people compare it."""
    text = bytes(value).hex()[:16]
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _text_of(shown: EvidenceItem) -> str:
    if shown.copy is None or shown.copy.content_type != "text/plain":
        return ""
    try:
        return b"".join(kept.derivative_content(shown.copy)).decode("utf-8", "replace")
    except DomainError as error:
        return str(error.message)


def _tab(item: EvidenceItem, complaint: Complaint, shown: EvidenceItem | None) -> Tab:
    row = item.evidence
    is_ready = row.status == EvidenceStatus.READY and item.copy is not None
    note: Text = _size(item.copy) if is_ready and item.copy else row.get_status_display()
    return Tab(
        row.number,
        row.get_kind_display() if row.kind else _("Berkas"),
        note,
        _href(item, complaint),
        is_open=shown is not None and shown.evidence.pk == row.pk,
    )


def _href(item: EvidenceItem, complaint: Complaint) -> str:
    return reverse("desk:evidence_item", args=[complaint.public_id, item.evidence.number])


def _size(copy: Derivative) -> str:
    """Return type and size in words, as "JPG 412 KB"."""
    kilobytes = max(1, round(copy.size_bytes / 1024))
    size = f"{kilobytes} KB" if kilobytes < 1024 else f"{copy.size_bytes / 1024**2:.1f} MB"  # noqa: PLR2004 -- units
    pages = f"{copy.pages} hal." if copy.pages else ""
    return " ".join(
        word for word in (copy.extension.upper(), pages, size.replace(".", ",")) if word
    )
