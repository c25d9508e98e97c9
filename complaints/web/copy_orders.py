"""What an officer asks to be drawn of a copy: the download under their mark, and the page they wait at.

The evidence worker draws; this page looks again by itself, with the ``Refresh`` header alone, so that it
works without JavaScript (ADR 0030).
"""

from datetime import datetime
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.audit.reads import remark
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import own_copy_order, readable_complaint
from complaints.models import Complaint, CopyOrder
from complaints.rules.evidence_words import ORDER_WORDS
from complaints.services.copy_orders import MARKED_TYPES, fetch_marked_copy, order_marked_copy
from complaints.services.deadlines import local_day
from complaints.web.desk import desk_context
from complaints.web.evidence import copy_in_record, locked_answer, whole_copy

LOOKS_AGAIN = ((10, 2), (60, 5), (600, 15))
"""Up to so many seconds after asking, the page looks again after so many: pictures take one or two."""
LOOKS_SELDOM = 60
LATE_SECONDS = 60


@role_required(*BAWASLU_ROLES)
@require_POST
def evidence_download(request: OfficerRequest, public_id: UUID, copy_id: UUID) -> HttpResponse:
    """Let a copy be taken along: under the mark of its taker where one can be burnt in."""
    complaint = readable_complaint(public_id=public_id, user=request.user)
    copy = copy_in_record(complaint, copy_id)
    remark(evidence=copy.evidence.public_id, download=True)
    if copy.content_type not in MARKED_TYPES:
        return whole_copy(copy, is_download=True)
    now = timezone.now()
    day = local_day(now, complaint.office)
    words = (
        f"Salinan kerja {request.user.public_id.hex[:8]} · {complaint.reference} · {day:%d-%m-%Y}"
    )
    try:
        order = order_marked_copy(copy=copy, words=words, officer=request.user, at=now)
    except DomainError as refusal:
        notices.error(request, str(refusal.message))
        return _to_evidence(complaint, copy.evidence.number)
    return redirect("desk:copy_order", public_id=complaint.public_id, order_id=order.pk)


@role_required(*BAWASLU_ROLES)
@require_http_methods(["GET", "POST"])
def copy_order(request: OfficerRequest, public_id: UUID, order_id: UUID) -> HttpResponse:
    """Wait for what was ordered; POST takes a marked copy along, once."""
    now = timezone.now()
    complaint = readable_complaint(public_id=public_id, user=request.user)
    order = own_copy_order(order_id=order_id, complaint=complaint, user=request.user, at=now)
    is_taken = request.method == "POST"
    remark(evidence=order.copy.evidence.public_id, **({"download": True} if is_taken else {}))
    if is_taken:
        return _taken(request, complaint, order, now)
    is_redaction = order.purpose == CopyOrder.Purpose.REDACT
    if is_redaction and order.status == CopyOrder.Status.READY:
        notices.success(
            request, _("Bagian itu ditutup dalam salinan baru. Salinan lama tetap tercatat.")
        )
        return _to_evidence(complaint, order.copy.evidence.number)
    waited = (now - order.asked_at).total_seconds()
    context = desk_context(
        request.user,
        record=complaint,
        order=order,
        number=order.copy.evidence.number,
        is_redaction=is_redaction,
        is_late=waited >= LATE_SECONDS,
        why=ORDER_WORDS.get(order.failure, ""),
        search_action=reverse("desk:queue"),
    )
    response = render(request, "complaints/desk/copy_order.html", context)
    if order.status == CopyOrder.Status.WAITING:
        response["Refresh"] = str(_next_look(waited))
    return response


def _taken(
    request: OfficerRequest, complaint: Complaint, order: CopyOrder, at: datetime
) -> HttpResponse:
    copy = order.copy
    try:
        content = fetch_marked_copy(order=order, at=at)
    except DomainError as refusal:
        notices.error(request, str(refusal.message))
        return _to_evidence(complaint, copy.evidence.number)
    return locked_answer(content, copy, size=order.size_bytes or 0, is_download=True)


def _next_look(waited: float) -> int:
    for until, seconds in LOOKS_AGAIN:
        if waited < until:
            return seconds
    return LOOKS_SELDOM


def _to_evidence(complaint: Complaint, number: int) -> HttpResponse:
    return redirect("desk:evidence_item", public_id=complaint.public_id, number=number)
