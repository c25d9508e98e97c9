"""Links of a record at the desk: cleaned addresses, long forms, captures and their minutes."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.shared.downloads import sealed_download
from bawaslu_cases.shared.errors import ConflictError, DomainError
from bawaslu_cases.shared.http import OfficerRequest
from bawaslu_cases.shared.kept_words import kept_words
from complaints.access import capture_at_link, editable_complaint, link_in_record
from complaints.models import Complaint, EvidenceLink, LinkCapture
from complaints.selectors.links import captures_of, copy_for_minutes, label_of, links_of
from complaints.services.captures import PURPOSE, Seen, ask_minutes, record_capture
from complaints.services.links import add_link, expand_link
from complaints.services.viewings import note_viewing
from complaints.states import OFFICERS
from complaints.web.desk import desk_context, place_error
from complaints.web.forms_links import CaptureForm, LongLinkForm

READ_OR_WRITE = ["GET", "POST"]


@role_required(*BAWASLU_ROLES)
@require_http_methods(READ_OR_WRITE)
def links(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show the links of a record and add one that an officer found."""
    complaint = editable_complaint(public_id=public_id, user=request.user)
    form = LongLinkForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            row = add_link(
                complaint=complaint,
                url=form.cleaned_data["url"],
                officer=request.user,
                at=timezone.now(),
            )
        except DomainError as error:
            place_error(form, error)
        else:
            notices.success(request, _("Tautan ditambahkan."))
            return redirect("desk:link", public_id=complaint.public_id, link_id=row.public_id)
    context = _context(request, complaint, form=form, rows=links_of(complaint))
    return render(request, "complaints/desk/links.html", context)


@role_required(*BAWASLU_ROLES)
@require_http_methods(READ_OR_WRITE)
def link(request: OfficerRequest, public_id: UUID, link_id: UUID) -> HttpResponse:
    """Show one link: ask for its long form, or take down what an officer saw there."""
    complaint = editable_complaint(public_id=public_id, user=request.user)
    row = link_in_record(public_id=link_id, complaint=complaint)
    at = timezone.now()
    note_viewing(thing=row, viewer=request.user, at=at)
    # Somebody gave it its long form meanwhile: what was sent is still that form, and is refused as such.
    is_late = bool(row.key) and "url" in (_posted(request) or {})
    is_long = is_late or not row.key
    form = LongLinkForm(_posted(request)) if is_long else _capture_form(request, complaint, at=at)
    if request.method == "POST" and form.is_valid():
        try:
            said = _take(request, row, form, at=at)
        except DomainError as error:
            place_error(form, error)
        else:
            notices.success(request, said)
            return redirect("desk:link", public_id=complaint.public_id, link_id=row.public_id)
    context = _context(
        request,
        complaint,
        form=form,
        link=row,
        label=label_of(row.platform, row.kind),
        captures=[_capture(each) for each in captures_of(row)],
        kept=kept_words(_posted(request) or {}) if is_late else [],
        zone=complaint.office.get_time_zone_display(),
    )
    if is_late:
        context["form"] = _capture_form(request, complaint, at=at, is_sent=False)
        context["conflict"] = _("Baru diubah oleh orang lain. Muat ulang halaman.")
    conflict = is_late or bool(form.is_bound and form.errors.get("seen"))
    return render(request, "complaints/desk/link.html", context, status=409 if conflict else 200)


@role_required(*BAWASLU_ROLES)
@require_http_methods(READ_OR_WRITE)
def minutes(
    request: OfficerRequest, public_id: UUID, link_id: UUID, capture_id: UUID
) -> HttpResponse:
    """Ask for the minutes of a capture, or hand them out."""
    complaint = editable_complaint(public_id=public_id, user=request.user)
    row = link_in_record(public_id=link_id, complaint=complaint)
    capture = capture_at_link(public_id=capture_id, link=row)
    if _posted(request) is not None:
        try:
            ask_minutes(capture=capture, officer=request.user)
        except DomainError as error:
            notices.warning(request, str(error.message))
        else:
            notices.success(request, _("Berita acara sedang dibuat. Muat ulang sebentar lagi."))
        return redirect("desk:link", public_id=complaint.public_id, link_id=row.public_id)
    if not hasattr(capture, "minutes") or not capture.minutes.storage_name:
        raise Http404
    return sealed_download(
        storage_name=capture.minutes.storage_name,
        purpose=PURPOSE,
        media_type="application/pdf",
        stem=f"berita-acara-{capture.public_id.hex[:12]}",
    )


def _posted(request: OfficerRequest) -> Any:
    """Return what was posted by somebody who may change a record, None for a mere look."""
    if request.method != "POST":
        return None
    if not request.user.has_role(*OFFICERS):
        raise PermissionDenied
    return request.POST


def _capture_form(
    request: OfficerRequest, complaint: Complaint, *, at: datetime, is_sent: bool = True
) -> CaptureForm:
    now = at.astimezone(ZoneInfo(complaint.office.time_zone))
    data = _posted(request) if is_sent else None
    return CaptureForm(
        data,
        request.FILES if data is not None else None,
        initial={"captured_on": now.date(), "captured_time": now.time()},
    )


def _take(request: OfficerRequest, row: EvidenceLink, form: Any, *, at: datetime) -> str:
    """Carry out the form of a link and return what to say. Raises DomainError."""
    typed = dict(form.cleaned_data)
    if isinstance(form, LongLinkForm):
        expand_link(link=row, url=typed["url"], officer=request.user, at=at)
        return _("Alamat panjang dicatat.")
    if not row.key:
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    file = typed.pop("file")
    record_capture(
        link=row, seen=Seen(**typed), content=file, name=file.name, officer=request.user, at=at
    )
    return _("Tangkapan dicatat. Salinan amannya sedang dibuat.")


def _capture(capture: LinkCapture) -> dict[str, Any]:
    """Return one capture as the page shows it. One query while it has no minutes."""
    has_minutes = hasattr(capture, "minutes")
    return {
        "row": capture,
        "has_minutes": has_minutes,
        "may_ask": not has_minutes and copy_for_minutes(capture) is not None,
    }


def _context(request: OfficerRequest, complaint: Complaint, **more: Any) -> dict[str, Any]:
    return desk_context(
        request.user,
        record=complaint,
        may_change=request.user.has_role(*OFFICERS),
        search_action=reverse("desk:queue"),
        **more,
    )
