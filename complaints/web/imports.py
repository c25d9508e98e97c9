"""An office's old register on its way in: the file, its columns, what is wrong with it, the import.

Every stage is one page that works without JavaScript: while a worker is at it, the page asks again by
itself (``progress.js``, and the Refresh header where scripts do not run).
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.file_marks import file_mark, mark_head
from bawaslu_cases.audit.reads import remark
from bawaslu_cases.shared.envelope import UnsealError
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from bawaslu_cases.shared.spreadsheets import csv_download
from complaints.access import own_import
from complaints.imports.spreadsheet import MOST_BYTES
from complaints.models import LegacyImport
from complaints.rules.legacy_words import FAILURES
from complaints.selectors.legacy import (
    HeadOffer,
    column_offers,
    first_problems,
    problem_table,
    recent_imports,
    rows_of,
)
from complaints.services.legacy_imports import (
    choose_columns,
    drop_import,
    open_import,
    start_import,
    undo_import,
)
from complaints.states import OFFICERS
from complaints.web.desk import desk_context, place_error, refused
from complaints.web.forms_imports import ColumnsForm, SheetForm

Stage = LegacyImport.Stage
WORKING = frozenset({Stage.READING, Stage.CHECKING, Stage.IMPORTING})
LOOKS_AGAIN = "5"
"""Seconds after which the page asks again without scripts; ``progress.js`` asks sooner."""
_BODY_BYTES = MOST_BYTES + 64 * 1024
"""A form with the largest file, its token and the boundaries between them."""

View = Callable[..., HttpResponse]


class SheetUploadHandler(MemoryFileUploadHandler):
    """Hold one spreadsheet in memory until it is sealed: no file of it is written anywhere."""

    def handle_raw_input(
        self,
        input_data: Any,  # noqa: ARG002 -- Django's signature
        META: Any,  # noqa: ARG002, N803
        content_length: int,
        boundary: Any,  # noqa: ARG002
        encoding: str | None = None,  # noqa: ARG002
    ) -> None:
        """Take what is not larger than a spreadsheet may be; the rest passes by and the form says so."""
        self.activated = content_length <= _BODY_BYTES


def takes_a_sheet(view: View) -> View:
    """Decorate the page whose form brings a spreadsheet.

    The token stands in the same body as the file, so the handler must be in place before it is checked:
    exempt outside and protected inside, as Django's documentation has it.
    """
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def page(request: HttpRequest, **named: Any) -> HttpResponse:
        if request.method == "POST" and request.content_type == "multipart/form-data":
            request.upload_handlers = [SheetUploadHandler(request)]
        return protected(request, **named)

    return page


@takes_a_sheet
@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
def imports(request: OfficerRequest) -> HttpResponse:
    """List the office's imports and take a new file."""
    is_sent = request.method == "POST"
    form = SheetForm(request.POST, request.FILES) if is_sent else SheetForm()
    if is_sent and form.is_valid():
        try:
            found = open_import(
                content=form.cleaned_data["file"], officer=request.user, at=timezone.now()
            )
        except DomainError as error:
            place_error(form, error)
        else:
            return redirect("desk:import", import_id=found.public_id)
    context = {
        "form": form,
        "rows": recent_imports(request.user),
        "search_action": reverse("desk:queue"),
    }
    return render(request, "complaints/desk/imports.html", desk_context(request.user, **context))


@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
def import_page(request: OfficerRequest, import_id: UUID) -> HttpResponse:
    """Show where an import stands; POST says what its columns are."""
    found = own_import(public_id=import_id, user=request.user)
    offers = _offers(found)
    form = ColumnsForm(
        request.POST if request.method == "POST" else None,
        offers=offers,
        initial={"seen": found.turn},
    )
    if request.method == "POST" and form.is_valid():
        try:
            choose_columns(
                legacy_import=found,
                columns=form.columns,
                officer=request.user,
                seen=form.cleaned_data["seen"],
            )
        except DomainError as error:
            refused(form, error)
            found = own_import(public_id=import_id, user=request.user)
        else:
            return redirect("desk:import", import_id=found.public_id)
    total = found.total_rows
    context = {
        "found": found,
        "form": form,
        "offers": offers,
        "kept_out": [offer.head for offer in offers if offer.is_kept_out],
        "is_working": found.stage in WORKING,
        "percent": 100 * found.done_rows // total if total else 0,
        "failure": FAILURES.get(found.failure, ""),
        "problems": first_problems(found) if found.bad_rows else [],
        "search_action": reverse("desk:queue"),
    }
    response = render(
        request,
        "complaints/desk/import.html",
        desk_context(request.user, **context),
        status=409 if getattr(form, "conflict", "") else 200,
    )
    # What was refused stays to be read.
    if context["is_working"] and response.status_code == HTTPStatus.OK:
        response["Refresh"] = LOOKS_AGAIN
    return response


def _offers(found: LegacyImport) -> list[HeadOffer]:
    if found.stage not in {Stage.COLUMNS, Stage.CHECKED}:
        return []
    try:
        return column_offers(found, rows_of(found))
    except (FileNotFoundError, UnsealError):  # dropped in this moment
        return []


@role_required(*OFFICERS)
@require_POST
def import_start(request: OfficerRequest, import_id: UUID) -> HttpResponse:
    """Take in the rows that have nothing wrong."""
    found = own_import(public_id=import_id, user=request.user)
    seen = request.POST.get("seen", "")
    try:
        start_import(
            legacy_import=found,
            officer=request.user,
            seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 6 else -1,  # noqa: PLR2004 -- a turn has five digits at most
        )
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("desk:import", import_id=found.public_id)


@role_required(*OFFICERS)
@require_POST
def import_drop(request: OfficerRequest, import_id: UUID) -> HttpResponse:
    """Throw a file away."""
    found = own_import(public_id=import_id, user=request.user)
    try:
        drop_import(legacy_import=found, officer=request.user)
    except DomainError as error:
        messages.error(request, str(error.message))
        return redirect("desk:import", import_id=found.public_id)
    messages.success(request, _("Berkas dibuang. Tidak ada yang diimpor."))
    return redirect("desk:imports")


@role_required(*OFFICERS)
@require_POST
def import_undo(request: OfficerRequest, import_id: UUID) -> HttpResponse:
    """Delete what an import made."""
    found = own_import(public_id=import_id, user=request.user)
    try:
        number = undo_import(legacy_import=found, officer=request.user, at=timezone.now())
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(
            request, _("Impor dibatalkan: %(number)d perkara lama dihapus.") % {"number": number}
        )
    return redirect("desk:import", import_id=found.public_id)


@role_required(*OFFICERS)
@require_GET
def import_problems(request: OfficerRequest, import_id: UUID) -> HttpResponse:
    """Hand out the rows that cannot be taken, each cell safe, each row with who took the file."""
    user = request.user
    found = own_import(public_id=import_id, user=user)
    try:
        head, rows = problem_table(found)
    except (FileNotFoundError, UnsealError):  # it went in this moment
        found.storage_name = ""
        head, rows = problem_table(found)
    remark(rows=found.bad_rows, download=True)
    mark = file_mark(user, at=timezone.now(), rows=found.bad_rows, place=found.office)
    return csv_download(
        stem="perbaikan-impor",
        head=[*head[:2], mark_head(), *head[2:]],
        rows=([*row[:2], mark, *row[2:]] for row in rows),
    )
