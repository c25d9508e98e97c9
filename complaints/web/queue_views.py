"""Saved views of the queue and the queue as a table for a spreadsheet."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.file_marks import file_mark, mark_head
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.audit.reads import looked_up, remark
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from bawaslu_cases.shared.spreadsheets import csv_download
from complaints.selectors.case_file import act_labels
from complaints.selectors.filters import Asker
from complaints.selectors.queue import (
    chips_of,
    export_rows,
    read_query,
    saved_view,
    saved_views,
)
from complaints.services.saved_views import delete_view, keep_view, rename_view, share_view
from complaints.states import ComplaintStatus, Lane
from complaints.web.desk import desk_context, place_error
from complaints.web.forms_queue import ViewForm


@role_required(*BAWASLU_ROLES)
@require_http_methods(["GET", "POST"])
def views(request: OfficerRequest) -> HttpResponse:
    """Keep the filters of the URL under a name; list the views there are."""
    asker = Asker(request.user, timezone.now())
    query = read_query(request.GET, asker)
    form = ViewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            view = keep_view(
                query=query,
                name=form.cleaned_data["name"],
                shared=form.cleaned_data["shared"],
                owner=request.user,
            )
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, _("Tampilan disimpan."))
            return redirect(f"{reverse('desk:queue')}?v={view.public_id}")
    context = {
        "form": form,
        "query": query,
        "filters": chips_of(query, asker),
        "saved": [
            {
                "view": view,
                "is_own": view.owner_id == request.user.pk,
                "href": f"{reverse('desk:queue')}?v={view.public_id}",
            }
            for view in saved_views(request.user)
        ],
        "back_href": f"{reverse('desk:queue')}?{query.encode()}",
        "search_action": reverse("desk:queue"),
    }
    return render(request, "complaints/desk/views.html", desk_context(request.user, **context))


@role_required(*BAWASLU_ROLES)
@require_POST
def view_change(request: OfficerRequest, view_id: UUID) -> HttpResponse:
    """Rename, share, take back or delete a saved view."""
    user = request.user
    looked_up("view", view_id)
    view = saved_view(str(view_id), user)
    if view is None:
        raise Http404
    step = request.POST.get("do", "")
    try:
        if step == "delete":
            delete_view(view=view, user=user)
            messages.success(request, _("Tampilan dihapus."))
        elif step in {"share", "keep"}:
            share_view(view=view, shared=step == "share", user=user)
            messages.success(
                request,
                _("Tampilan dibagikan ke rekan sekantor.")
                if step == "share"
                else _("Tampilan hanya untuk Anda."),
            )
        elif step == "rename":
            rename_view(view=view, name=request.POST.get("name", ""), user=user)
            messages.success(request, _("Nama tampilan diubah."))
        else:
            messages.error(request, _("Pilih apa yang diubah dari tampilan ini."))
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("desk:views")


@role_required(*BAWASLU_ROLES)
@require_GET
def queue_export(request: OfficerRequest) -> HttpResponse:
    """Hand the list out as CSV: what a row of the list shows, nobody's name, nothing of reporters.

    Each row bears the mark of who took it.
    """
    asker = Asker(request.user, timezone.now())
    query = read_query(request.GET, asker)
    rows = export_rows(query=query, asker=asker)
    mark = file_mark(request.user, at=asker.at, rows=len(rows))
    # The request's entry in the log is written before a byte leaves, or the file does not leave.
    remark(rows=len(rows), view=query.view.value, filters=sorted(query.values))
    acts = act_labels()
    return csv_download(
        stem="antrean",
        head=[
            _("Nomor"),
            _("Jalur"),
            _("Status"),
            _("Judul"),
            _("Perbuatan"),
            _("Wilayah"),
            _("Kantor"),
            _("Tanggal kejadian"),
            _("Diterima"),
            _("Tenggat"),
            _("Petugas"),
            mark_head(),
        ],
        rows=(
            [
                row.reference,
                Lane(row.lane).label,
                ComplaintStatus(row.status).label,
                row.title,
                "; ".join(str(acts.get(code, code)) for code in row.acts),
                row.region.name,
                row.office.name,
                row.event_on.isoformat() if row.event_on else "",
                row.received_on.isoformat(),
                timezone.localtime(row.due_at).strftime("%Y-%m-%d %H:%M") if row.due_at else "",
                row.in_hands or "",
                mark,
            ]
            for row in rows
        ),
    )
