"""Papers at the desk: what there is, a new draft, its preview, the second person, files and printing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.audit import services as audit
from bawaslu_cases.audit.reads import remark
from bawaslu_cases.shared.downloads import download
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import editable_case, editable_complaint, readable_document
from complaints.models import Case, CaseDocument, Complaint
from complaints.rules.document_forms import Numbering, Signer, form_named
from complaints.selectors.document_data import field_labels
from complaints.selectors.documents import documents_of, offers_of
from complaints.services.deadlines import local_day
from complaints.services.documents import (
    About,
    make_document,
    open_file,
    open_picture,
    printed_together,
    remake_document,
    sign_off,
)
from complaints.states import OFFICERS, PLENARY, DocumentStatus
from complaints.web.desk import desk_context, place_error
from complaints.web.forms_documents import NewDocumentForm, SignOffForm

READ_OR_WRITE = ["GET", "POST"]
MOST_PRINTED = 20
"""Papers in one print: more is a mistake, and each is opened in this process."""
TONES = {
    DocumentStatus.DRAFT: "amber",
    DocumentStatus.SIGNED: "amber",
    DocumentStatus.FINAL: "green",
    DocumentStatus.SUPERSEDED: "ink",
}


def papers_context(subject: Case | Complaint, *, user: User) -> dict[str, Any]:
    """Return the context of ``complaints/desk/case_documents.html``. One query."""
    kind = "case" if isinstance(subject, Case) else "record"
    return {
        "documents": [_line(row) for row in documents_of(subject)],
        "documents_url": reverse(f"desk:{kind}_documents", args=[subject.public_id]),
        "print_url": reverse(f"desk:{kind}_print", args=[subject.public_id]),
        "may_make_documents": user.has_role(*OFFICERS, *PLENARY),
    }


def _line(row: CaseDocument) -> dict[str, Any]:
    status = DocumentStatus(row.status)
    return {
        "row": row,
        "title": _title(row),
        "status": _("Perlu dilengkapi") if row.problem else status.label,
        "tone": TONES[status],
        "has_file": bool(row.storage_name),
    }


def _title(row: CaseDocument) -> str:
    form = form_named(row.code, of_case=row.case_id is not None)
    return f"{row.code} {form.title}" if form else row.code


@role_required(*BAWASLU_ROLES)
@require_http_methods(READ_OR_WRITE)
def record_documents(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show the papers of a record and start a new one."""
    return _papers(request, editable_complaint(public_id=public_id, user=request.user))


@role_required(*BAWASLU_ROLES)
@require_http_methods(READ_OR_WRITE)
def case_documents(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show the papers of a case and start a new one."""
    return _papers(request, editable_case(public_id=public_id, user=request.user))


def _papers(request: OfficerRequest, subject: Case | Complaint) -> HttpResponse:
    at = timezone.now()
    may_make = request.user.has_role(*OFFICERS, *PLENARY)
    offers = offers_of(subject, on=local_day(at, subject.office)) if may_make else []
    form = NewDocumentForm(request.POST if request.method == "POST" else None, offers=offers)
    if request.method == "POST" and form.is_valid():
        offer = form.offers[form.cleaned_data["paper"]]
        part = {} if offer.part is None else {offer.form.subject.value: offer.part}
        about = (
            About(case=subject, **part)
            if isinstance(subject, Case)
            else About(complaint=subject, **part)
        )
        try:
            made = make_document(
                about=about,
                code=offer.form.code,
                officer=request.user,
                at=at,
                addressee=form.cleaned_data.get("addressee", "") if offer.form.addressees else "",
            )
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, _("Konsep sedang dibuat. Muat ulang sebentar lagi."))
            return redirect("desk:document", document_id=made.public_id)
    context = desk_context(
        request.user,
        **papers_context(subject, user=request.user),
        form=form,
        offers=offers,
        reference=subject.reference,
        back_url=_file_url(subject),
        search_action=reverse("desk:queue"),
    )
    status = 409 if getattr(form, "conflict", "") else 200
    return render(request, "complaints/desk/documents.html", context, status=status)


def _file_url(subject: Case | Complaint) -> str:
    name = "desk:case" if isinstance(subject, Case) else "desk:record"
    return reverse(name, args=[subject.public_id])


def _subject(document: CaseDocument) -> Case | Complaint:
    subject = document.case or document.complaint
    if subject is None:
        raise Http404
    return subject


@role_required(*BAWASLU_ROLES)
@require_http_methods(READ_OR_WRITE)
def document(request: OfficerRequest, document_id: UUID) -> HttpResponse:
    """Show one paper page by page; make its draft anew or sign it off."""
    found = readable_document(public_id=document_id, user=request.user)
    spec = form_named(found.code, of_case=found.case_id is not None)
    if spec is None:
        raise Http404
    is_letter = spec.numbering is Numbering.LETTER
    posted = request.POST if request.method == "POST" else None
    form = SignOffForm(posted, initial={"seen": found.sha256}, is_letter=is_letter)
    if posted is not None and form.is_valid():
        try:
            said = _take(request, found, form, anew=posted.get("go") == "remake")
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, said)
            return redirect("desk:document", document_id=found.public_id)
        found = readable_document(public_id=document_id, user=request.user)
    subject = _subject(found)
    is_draft = found.status == DocumentStatus.DRAFT
    context = desk_context(
        request.user,
        document=found,
        line=_line(found),
        form=form,
        signer=spec.signer.value,
        is_making=found.rendered != found.revision,
        missing=field_labels(found.problem.split()) if found.problem else "",
        pages=range(1, len(found.pages) + 1),
        may_remake=is_draft and request.user.has_role(*OFFICERS, *PLENARY),
        may_sign=is_draft and not found.problem and _may_sign(request.user, found, spec.signer),
        reference=subject.reference,
        back_url=reverse(
            f"desk:{'case' if found.case else 'record'}_documents", args=[subject.public_id]
        ),
        file_url=_file_url(subject),
        search_action=reverse("desk:queue"),
    )
    status = 409 if getattr(form, "conflict", "") else 200
    return render(request, "complaints/desk/document.html", context, status=status)


def _may_sign(user: User, found: CaseDocument, signer: Signer) -> bool:
    """Say whether the page offers to sign off; the service decides."""
    roles = PLENARY if signer is Signer.CHAIR else OFFICERS | PLENARY
    return (
        user.has_role(*roles) and user.pk != found.made_by_id and found.rendered == found.revision
    )


def _take(request: OfficerRequest, found: CaseDocument, form: SignOffForm, *, anew: bool) -> str:
    """Carry out what was pressed and return what to say. Raises DomainError."""
    at, seen = timezone.now(), form.cleaned_data["seen"]
    if anew:
        revision = request.POST.get("revision", "")
        remake_document(
            document=found,
            officer=request.user,
            at=at,
            seen=int(revision) if revision.isascii() and revision.isdigit() else 0,
        )
        return _("Konsep sedang dibuat lagi. Muat ulang sebentar lagi.")
    sign_off(
        document=found,
        officer=request.user,
        at=at,
        seen=seen,
        number=form.cleaned_data.get("number", ""),
    )
    return _("Dokumen disahkan. Berkas finalnya sedang dibuat.")


@role_required(*BAWASLU_ROLES)
@require_GET
def document_file(request: OfficerRequest, document_id: UUID) -> HttpResponse:
    """Hand a paper out as a download, a draft too (it says so on every page)."""
    found = readable_document(public_id=document_id, user=request.user)
    if not found.storage_name:
        raise Http404
    form = found.code.replace(".", "").lower()
    return download(
        open_file(found),
        media_type="application/pdf",
        stem=f"{form}-{found.public_id.hex[:12]}",
    )


@role_required(*BAWASLU_ROLES)
@require_GET
def document_page(request: OfficerRequest, document_id: UUID, number: int) -> HttpResponse:
    """Show the picture of one page: our own typesetting, never a file somebody sent."""
    found = readable_document(public_id=document_id, user=request.user)
    try:
        picture = open_picture(found, number)
    except LookupError as error:
        raise Http404 from error
    response = HttpResponse(picture, content_type="image/png")
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@role_required(*BAWASLU_ROLES)
@require_POST
def record_print(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Hand the chosen papers of a record out as one file."""
    return _print(request, editable_complaint(public_id=public_id, user=request.user))


@role_required(*BAWASLU_ROLES)
@require_POST
def case_print(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Hand the chosen papers of a case out as one file."""
    return _print(request, editable_case(public_id=public_id, user=request.user))


def _print(request: OfficerRequest, subject: Case | Complaint) -> HttpResponse:
    if not request.user.has_role(*OFFICERS, *PLENARY):
        raise PermissionDenied
    asked = set(request.POST.getlist("paper"))
    chosen = [
        row for row in documents_of(subject) if row.public_id.hex in asked and row.storage_name
    ]
    if not chosen or len(chosen) > MOST_PRINTED:
        messages.warning(request, _("Pilih satu sampai dua puluh dokumen yang sudah dibuat."))
        kind = "case" if isinstance(subject, Case) else "record"
        return redirect(f"desk:{kind}_documents", public_id=subject.public_id)
    kind = "case" if isinstance(subject, Case) else "complaint"
    audit.record(
        actor=request.user.public_id,
        action="document.print",
        subject=f"{kind}:{subject.public_id.hex}",
        detail={"count": len(chosen), "codes": " ".join(row.code for row in chosen)},
    )
    remark(printed=len(chosen))
    return download(
        printed_together(chosen),
        media_type="application/pdf",
        stem=f"dokumen-{subject.public_id.hex[:12]}",
    )
