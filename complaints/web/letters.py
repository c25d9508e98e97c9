"""What passes between the desk and a reporter: messages, and asking for what is missing."""

from base64 import b64encode
from typing import Any
from uuid import UUID

from django.contrib import messages as notices
from django.db import transaction
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import readable_complaint
from complaints.models import Complaint, Message
from complaints.selectors.messages import ReadMessage, messages_for_desk
from complaints.services.deadlines import local_day
from complaints.services.messages import mark_read, send_to_reporter
from complaints.services.reports import ask_repair
from complaints.states import OFFICERS, REPORT_LANES, ComplaintStatus, Lane, Requirement
from complaints.web.desk import check_seen, desk_context, place_error
from complaints.web.forms_desk import LetterForm, RepairForm

SEALED_TO = {
    Message.Scheme.MAILBOX: gettext_lazy("Tersegel untuk pelapor."),
    Message.Scheme.DESK: gettext_lazy("Tersegel untuk meja verifikasi."),
    Message.Scheme.LPSK: gettext_lazy("Tersegel untuk LPSK."),
}


@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
def letters(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show the correspondence of a record and send a message."""
    complaint = _with_mailbox(request, public_id)
    form = LetterForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            send_to_reporter(
                complaint=complaint,
                officer=request.user,
                text=form.cleaned_data["text"],
                at=timezone.now(),
            )
        except DomainError as error:
            place_error(form, error)
        else:
            notices.success(request, _("Pesan dikirim. Hanya pelapor yang dapat membacanya."))
            return redirect("desk:letters", public_id=complaint.public_id)
    context = _context(request, complaint, form=form)
    context["items"] = [
        _line(message, public_id=complaint.public_id) for message in messages_for_desk(complaint)
    ]
    mark_read(complaint=complaint, on=local_day(timezone.now(), complaint.office))
    return render(request, "complaints/desk/letters.html", context)


@role_required(*OFFICERS)
@require_GET
def parcel(request: OfficerRequest, public_id: UUID, message_id: UUID) -> HttpResponse:
    """Hand out a request to LPSK as it was sealed, to be passed on: only LPSK's key opens it."""
    complaint = _with_mailbox(request, public_id)
    row = get_object_or_404(complaint.messages.filter(scheme="lpsk"), public_id=message_id)
    response = JsonResponse(
        {
            "report": complaint.public_id.hex,
            "given_on": row.on.isoformat(),
            "parcel": b64encode(bytes(row.sealed)).decode(),
        }
    )
    response["Content-Disposition"] = 'attachment; filename="lpsk.json"'
    return response


@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
def repair(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Ask the reporter to complete the report; the clock starts with it."""
    complaint = _with_mailbox(request, public_id)
    if complaint.lane not in REPORT_LANES:
        raise Http404
    at = timezone.now()
    form = RepairForm(
        request.POST if request.method == "POST" else None,
        lane=complaint.lane,
        initial={"seen": complaint.status, "requirements": _unmet(complaint)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            check_seen(complaint, form.cleaned_data["seen"])
            with transaction.atomic():
                message = send_to_reporter(
                    complaint=complaint,
                    officer=request.user,
                    text=form.cleaned_data["text"],
                    at=at,
                    kind=Message.Kind.REPAIR_REQUEST,
                )
                asked = ask_repair(
                    complaint=complaint,
                    requirements=[Requirement(code) for code in form.cleaned_data["requirements"]],
                    officer=request.user,
                    at=at,
                    message=message,
                )
        except DomainError as error:
            place_error(form, error)
        else:
            day = dateformat.format(asked.due_on, "l j F Y")
            notices.success(
                request, _("Pelapor diminta melengkapi paling lambat %(day)s.") % {"day": day}
            )
            return redirect("desk:record", public_id=complaint.public_id)
    context = _context(
        request,
        complaint,
        form=form,
        waiting=complaint.status == ComplaintStatus.RECEIVED,
    )
    conflict = bool(form.is_bound and form.errors.get("seen"))
    return render(request, "complaints/desk/repair.html", context, status=409 if conflict else 200)


def _with_mailbox(request: OfficerRequest, public_id: UUID) -> Complaint:
    complaint = readable_complaint(public_id=public_id, user=request.user)
    if complaint.lane == Lane.FINDING:
        raise Http404
    return complaint


def _context(request: OfficerRequest, complaint: Complaint, **more: Any) -> dict[str, Any]:
    return desk_context(request.user, record=complaint, search_action=reverse("desk:queue"), **more)


def _unmet(complaint: Any) -> list[str]:
    return [row["requirement"] for row in complaint.check_rows if not row["is_met"]]


def _line(message: ReadMessage, *, public_id: UUID) -> dict[str, Any]:
    text = message.text if message.text is not None else str(SEALED_TO[message.scheme])
    return {
        "mine": not message.is_from_reporter,
        "who": _("Pelapor") if message.is_from_reporter else _("Meja kerja"),
        "when": f"{dateformat.format(message.on, 'j M Y')} · {message.kind.label}",
        "text": text,
        "href": reverse("desk:parcel", args=[public_id, message.public_id])
        if message.kind == Message.Kind.LPSK
        else "",
    }
