"""What passes between the desk and a reporter: messages, and asking for what is missing."""

from base64 import b64encode
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
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
from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import readable_complaint
from complaints.models import Complaint, LetterStep, Message, RepairRequest
from complaints.rules.refusals import CHANCE_IS_SPENT
from complaints.selectors.messages import ReadMessage, messages_for_desk
from complaints.selectors.refusals import had_its_chance
from complaints.selectors.wordings import Wording, wordings_for
from complaints.services.assignment import assign
from complaints.services.deadlines import local_day
from complaints.services.messages import mark_read, send_to_reporter
from complaints.services.reports import ask_repair
from complaints.states import OFFICERS, REPORT_LANES, ComplaintStatus, Lane, Requirement
from complaints.web.desk import check_seen, desk_context, place_error
from complaints.web.forms_desk import LetterForm, RepairForm
from complaints.web.record import place_url

LAST_DIGIT = 9

SEALED_TO = {
    Message.Scheme.MAILBOX: gettext_lazy("Tersegel untuk pelapor."),
    Message.Scheme.DESK: gettext_lazy("Tersegel untuk meja verifikasi."),
    Message.Scheme.LPSK: gettext_lazy("Tersegel untuk LPSK."),
}


@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
def letters(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show the correspondence of a record and send a message."""
    complaint, at = _with_mailbox(request, public_id), timezone.now()
    offered = wordings_for(
        office=complaint.office, step=LetterStep.MESSAGE, on=local_day(at, complaint.office)
    )
    form = LetterForm(_posted(request), initial=_worded(_chosen(request, offered)))
    if _is_sent(request) and form.is_valid():
        try:
            with transaction.atomic():
                send_to_reporter(
                    complaint=complaint,
                    officer=request.user,
                    text=form.cleaned_data["text"],
                    at=at,
                )
                _take_in_hand(_chosen(request, offered), complaint, request.user, at=at)
        except DomainError as error:
            place_error(form, error)
        else:
            notices.success(request, _("Pesan dikirim. Hanya pelapor yang dapat membacanya."))
            return redirect("desk:letters", public_id=complaint.public_id)
    context = _context(request, complaint, form=form, **_templates(request, offered, form))
    context["items"] = [
        _line(message, public_id=complaint.public_id) for message in messages_for_desk(complaint)
    ]
    mark_read(complaint=complaint, on=local_day(at, complaint.office))
    return render(request, "complaints/desk/letters.html", context)


def _posted(request: OfficerRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _is_sent(request: OfficerRequest) -> bool:
    """Say whether the form is to be sent, and not only to be seen as the reporter will see it."""
    return request.method == "POST" and "preview" not in request.POST


def _chosen(request: OfficerRequest, offered: list[Wording]) -> Wording | None:
    code = (request.POST if request.method == "POST" else request.GET).get("t", "")
    return next((row for row in offered if row.code == code), None)


def _worded(wording: Wording | None) -> dict[str, Any]:
    return {"text": wording.body} if wording else {}


def _take_in_hand(
    wording: Wording | None, complaint: Complaint, officer: User, *, at: datetime
) -> None:
    """Do the rest of a macro: whoever asks has the record in hand from then on."""
    if wording is None or not wording.assigns_sender or complaint.assignee_id == officer.pk:
        return
    assign(subject=complaint, to=officer, officer=officer, at=at, seen=complaint.assignee_id)


def _templates(request: OfficerRequest, offered: list[Wording], form: Any) -> dict[str, Any]:
    """Return the wordings with a digit each, and the message as the reporter will see it."""
    chosen = _chosen(request, offered)
    params = request.POST if request.method == "POST" else request.GET
    place = {name: params[name] for name in ("back", "then") if params.get(name)}
    preview = ""
    if request.method == "POST" and "preview" in request.POST:
        preview = form["text"].value() or ""
    elif chosen and request.method == "GET":
        preview = chosen.body
    return {
        "wordings": [
            {
                "code": row.code,
                "title": row.title,
                "key": str(number) if number <= LAST_DIGIT else "",
                "href": f"?{urlencode({'t': row.code, **place})}",
                "current": chosen is not None and row.code == chosen.code,
                "is_own": row.is_own,
                "is_macro": row.assigns_sender,
            }
            for number, row in enumerate(offered, start=1)
        ],
        "chosen": chosen.code if chosen else "",
        "preview": preview,
        "back": params.get("back", ""),
        "then": params.get("then", ""),
    }


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
    unmet = _unmet(complaint)
    offered = wordings_for(
        office=complaint.office,
        step=LetterStep.ASK_REPAIR,
        on=local_day(at, complaint.office),
        unmet=unmet,
    )
    chosen = _chosen(request, offered)
    asked_for = unmet or ([item.value for item in chosen.requirements] if chosen else [])
    form = RepairForm(
        _posted(request),
        lane=complaint.lane,
        initial={"seen": complaint.status, "requirements": asked_for, **_worded(chosen)},
    )
    if _is_sent(request) and form.is_valid():
        try:
            asked = _ask(request, complaint, form, chosen, at=at)
        except DomainError as error:
            place_error(form, error)
        else:
            day = dateformat.format(asked.due_on, "l j F Y")
            notices.success(
                request, _("Pelapor diminta melengkapi paling lambat %(day)s.") % {"day": day}
            )
            return redirect(place_url(request.POST, complaint, then=request.POST.get("then", "")))
    context = _context(
        request,
        complaint,
        form=form,
        waiting=complaint.status == ComplaintStatus.RECEIVED,
        spent=CHANCE_IS_SPENT if had_its_chance(complaint) else "",
        cancel_url=place_url(request.POST or request.GET, complaint),
        **_templates(request, offered, form),
    )
    conflict = bool(_is_sent(request) and form.errors.get("seen"))
    return render(request, "complaints/desk/repair.html", context, status=409 if conflict else 200)


@transaction.atomic
def _ask(
    request: OfficerRequest,
    complaint: Complaint,
    form: RepairForm,
    chosen: Wording | None,
    *,
    at: datetime,
) -> RepairRequest:
    """Send the words, take the step and, with a macro, the record: all of it or nothing."""
    check_seen(complaint, form.cleaned_data["seen"])
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
    _take_in_hand(chosen, complaint, request.user, at=at)
    return asked


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
