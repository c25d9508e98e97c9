"""Papers of the procedure: a draft, a second person who signs it off, the final sealed file (ADR 0033).

A worker typesets (outbox topic ``complaints.render_document``); its message carries the paper's id and
revision, so that it may run twice and a worker killed at any line leaves either nothing or the file.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from io import BytesIO
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared import envelope, numbering, official_numbers, sealed_files
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.outbox.services import publish
from bawaslu_cases.shared.transitions import Machine, advance, open_history
from complaints.errors import FieldsMissingError
from complaints.letters import form_paper, form_pictures
from complaints.models import (
    Case,
    CaseDocument,
    Complaint,
    CorrectionRequest,
    DocumentEvent,
    Hearing,
    Invitation,
    OfficeChange,
    SubmissionNumber,
    WorkAction,
    WorkEvent,
)
from complaints.models.document import OPEN
from complaints.rules.document_forms import (
    RECOMMENDATIONS,
    DocumentForm,
    Numbering,
    Signer,
    form_named,
)
from complaints.selectors.document_data import (
    can_be_made,
    document_data,
    field_labels,
    missing_fields,
)
from complaints.selectors.document_source import Source
from complaints.selectors.documents import source_of
from complaints.services.cases import election_code, number_series
from complaints.services.deadlines import local_day
from complaints.states import (
    DOCUMENT_LIFECYCLE,
    OFFICERS,
    PLENARY,
    REPORT_LANES,
    DocumentAction,
    DocumentStatus,
)

TOPIC = "complaints.render_document"
PURPOSE = "case-document"
PICTURE_PURPOSE = "case-document-page"
MACHINE = Machine(DOCUMENT_LIFECYCLE, DocumentStatus, DocumentEvent, "document")
MAX_LETTER_NUMBER = 60


@dataclass(frozen=True)
class About:
    """What a paper is about: one record or case, and the part of it that the form names."""

    complaint: Complaint | None = None
    case: Case | None = None
    hearing: Hearing | None = None
    invitation: Invitation | None = None
    correction: CorrectionRequest | None = None
    change: OfficeChange | None = None

    @property
    def links(self) -> dict[str, Any]:
        """Return the paper's own columns."""
        return vars(self).copy()


@transaction.atomic
def make_document(
    *, about: About, code: str, officer: User, at: datetime, addressee: str = ""
) -> CaseDocument:
    """Start the draft of one paper; a worker typesets it.

    A report's first numbered paper draws its submission number, a request's first one its correction
    number. DomainError: no such form, not now; FieldsMissingError naming what lacks; ConflictError when a
    draft of the same kind is open. Nothing is changed then.
    """
    _check_role(officer)
    form = form_named(code, of_case=about.case is not None)
    if form is None:
        raise DomainError(_("Formulir ini tidak dikenal"), field="code")
    _hold(about)
    if CaseDocument.objects.filter(**about.links, code=code, status__in=OPEN).exists():
        raise ConflictError(_("Konsep formulir ini sudah ada. Perbarui konsep itu."))
    source = Source(on=at.date(), **about.links)
    if not can_be_made(form=form, source=source):
        raise DomainError(_("Formulir ini belum atau tidak lagi dapat dibuat"), field="code")
    if addressee and addressee not in form.addressees:
        raise DomainError(_("Pilih alamat tujuan dari daftar"), field="addressee")
    _draw_first_number(form, about, at)
    _refuse_gaps(form, document_data(form=form, source=source, addressee=addressee))
    versions = CaseDocument.objects.filter(**about.links, code=code)
    document = CaseDocument(
        **about.links,
        code=code,
        template=form.template,
        version=1 + (versions.aggregate(last=models.Max("version"))["last"] or 0),
        addressee=addressee,
        status=DOCUMENT_LIFECYCLE.initial,
        status_at=at,
        made_by=officer,
    )
    document.save(force_insert=True)
    open_history(row=document, machine=MACHINE, actor=officer, at=at)
    _note(document, officer, at, did="make")
    _promise(document)
    return document


@transaction.atomic
def remake_document(
    *, document: CaseDocument, officer: User, at: datetime, seen: int
) -> CaseDocument:
    """Typeset a draft anew from what the file says now; whoever asks is its maker from then on.

    ``seen`` is the revision the person looked at. ConflictError when somebody was faster or it is no
    draft any more, FieldsMissingError when something lacks now.
    """
    _check_role(officer)
    held = _held(document)
    if held.revision != seen:
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    form = _form(held)
    _refuse_gaps(
        form, document_data(form=form, source=source_of(held, at=at), addressee=held.addressee)
    )
    advance(
        row=held,
        machine=MACHINE,
        action=DocumentAction.REMAKE,
        actor=officer,
        at=at,
        also={"revision": held.revision + 1, "made_by": officer, "problem": ""},
    )
    _note(held, officer, at, did="remake")
    _promise(held)
    return held


@transaction.atomic
def sign_off(
    *, document: CaseDocument, officer: User, at: datetime, seen: str, number: str = ""
) -> CaseDocument:
    """Agree to a draft as the second person; the worker numbers and freezes exactly what was seen.

    ``seen`` is the digest of the file that was looked at; ``number`` the secretariat's for a letter. A
    chair's paper is signed off in the plenary of the office whose paper it is. ConflictError when the
    file is another by now, or what it tells of changed since; SamePersonError for its maker.
    """
    held = _held(document)
    form, source = _form(held), source_of(held, at=at)
    _check_signer(form, source, officer)
    if held.problem or held.rendered != held.revision or not seen or held.sha256 != seen:
        raise ConflictError(_("Konsep ini sudah berganti. Lihat dulu yang terbaru."))
    data = document_data(form=form, source=source, addressee=held.addressee)
    if _canonical(data) != _opened(held):
        raise ConflictError(_("Data perkara berubah sejak konsep dibuat. Perbarui konsep dulu."))
    advance(
        row=held,
        machine=MACHINE,
        action=DocumentAction.SIGN_OFF,
        actor=officer,
        at=at,
        also={
            "signed_off_by": officer,
            "revision": held.revision + 1,
            "number": _letter_number(form, number) or held.number,
        },
    )
    _note(held, officer, at, did="sign_off")
    _promise(held)
    return held


@transaction.atomic
def write_document(*, subject_id: str, at: datetime | None = None) -> None:
    """Outbox handler: typeset one revision of a paper. Twice is harmless, an old message too."""
    public_id, _colon, revision = subject_id.partition(":")
    document = (
        CaseDocument.objects.select_for_update(of=("self",))
        .filter(public_id=UUID(public_id), revision=int(revision), rendered__lt=int(revision))
        .first()
    )
    if document is None:
        return
    at = at or timezone.now()
    if document.status == DocumentStatus.SIGNED:
        _freeze(document, at)
    elif document.status == DocumentStatus.DRAFT:
        _draft(document, at)


def _draft(document: CaseDocument, at: datetime) -> None:
    form = _form(document)
    source = source_of(document, at=at)
    data = document_data(form=form, source=source, addressee=document.addressee)
    lacking = missing_fields(form, data)
    if lacking:
        # told on the page by name; asking again is the officer's step, not the queue's
        document.problem = " ".join(lacking)
        document.rendered = document.revision
        document.save(update_fields=["problem", "rendered"])
        return
    document.number = _known_number(form, document, source)
    document.content = envelope.seal(_canonical(data), context=content_context(document))
    _store(document, data, draft=True, at=at)
    document.save()


def _freeze(document: CaseDocument, at: datetime) -> None:
    """Give a number to what was signed off and typeset it; the former final one is superseded."""
    form = _form(document)
    former = (
        CaseDocument.objects.select_for_update(of=("self",))
        .filter(**_links(document), code=document.code, status=DocumentStatus.FINAL)
        .first()
    )
    if former is not None:
        advance(row=former, machine=MACHINE, action=DocumentAction.SUPERSEDE, actor=None, at=at)
        document.replaces = former
        document.number = document.number or former.number
    if form.numbering in RECOMMENDATIONS and not document.number:
        document.number = _recommendation_number(form, document, at)
    _store(document, json.loads(_opened(document)), draft=False, at=at)
    document.save()
    advance(row=document, machine=MACHINE, action=DocumentAction.FREEZE, actor=None, at=at)


def _store(document: CaseDocument, data: Mapping[str, Any], *, draft: bool, at: datetime) -> None:
    """Typeset and seal; what the draft before left behind goes once this one is certain."""
    told: dict[str, Any] = {
        "template": document.template,
        "data": data,
        "number": document.number,
        "on": local_day(at, _office(document)),
        "draft": draft,
    }
    content = form_paper(**told, at=at)
    shown = form_pictures(**told)
    old = [name for name in (document.storage_name, *document.pages) if name]
    stored = sealed_files.store(content, purpose=PURPOSE)
    document.storage_name, document.size_bytes = stored.name, stored.size_bytes
    document.sha256 = stored.sha256
    document.pages = [
        sealed_files.store(picture, purpose=PICTURE_PURPOSE).name for picture in shown
    ]
    document.rendered, document.rendered_at, document.problem = document.revision, at, ""
    transaction.on_commit(partial(_remove, old), robust=True)


def _remove(names: Iterable[str]) -> None:
    for name in names:
        sealed_files.remove(name)


def _check_role(officer: User) -> None:
    if not officer.has_role(*OFFICERS, *PLENARY):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))


def _check_signer(form: DocumentForm, source: Source, officer: User) -> None:
    _check_role(officer)
    if form.signer is not Signer.CHAIR:
        return
    if not officer.has_role(*PLENARY) or officer.office_id != source.office.pk:
        raise NotPermittedError(
            _("Surat ketua disahkan oleh ketua atau anggota pleno kantor yang menerbitkan.")
        )


def _refuse_gaps(form: DocumentForm, data: Mapping[str, Any]) -> None:
    lacking = missing_fields(form, data)
    if lacking:
        raise FieldsMissingError(
            _("Belum ada: %(fields)s.") % {"fields": field_labels(lacking)}, names=tuple(lacking)
        )


def _hold(about: About) -> None:
    """Lock the file: two people who start the same paper at once are one after the other."""
    if about.case is not None:
        Case.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=about.case.pk)
    elif about.complaint is not None:
        Complaint.objects.select_for_update(of=("self",), no_key=True).only("pk").get(
            pk=about.complaint.pk
        )


def _held(document: CaseDocument) -> CaseDocument:
    return CaseDocument.objects.select_for_update(of=("self",)).get(pk=document.pk)


def _form(document: CaseDocument) -> DocumentForm:
    form = form_named(document.code, of_case=document.case_id is not None)
    if form is None:
        raise LookupError(f"no form {document.code}")
    return form


def _office(document: CaseDocument) -> Any:
    return (document.case or document.complaint).office  # type: ignore[union-attr]


def _links(document: CaseDocument) -> dict[str, Any]:
    names = ("complaint_id", "case_id", "hearing_id", "invitation_id", "correction_id", "change_id")
    return {name: getattr(document, name) for name in names}


def _promise(document: CaseDocument) -> None:
    publish(topic=TOPIC, subject_id=f"{document.public_id.hex}:{document.revision}")


def _note(document: CaseDocument, actor: User, at: datetime, *, did: str) -> None:
    WorkEvent.objects.create(
        complaint_id=document.complaint_id,
        case_id=document.case_id,
        action=WorkAction.DOCUMENT,
        actor=actor,
        at=at,
        detail={"document": document.public_id.hex, "code": document.code, "did": did},
    )


def _canonical(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def content_context(document: CaseDocument) -> tuple[str, ...]:
    """Return what the sealed words of one paper are bound to."""
    return ("document", document.public_id.hex)


def _opened(document: CaseDocument) -> bytes:
    return envelope.unseal(bytes(document.content or b""), context=content_context(document))


def open_file(document: CaseDocument) -> bytes:
    """Return the bytes of a paper. Raises UnsealError when the file was altered."""
    return sealed_files.load(document.storage_name, purpose=PURPOSE)


def open_picture(document: CaseDocument, number: int) -> bytes:
    """Return the PNG of one page, counted from 1. Raises LookupError for a page there is not."""
    if not 1 <= number <= len(document.pages):
        raise LookupError("no such page")
    return sealed_files.load(document.pages[number - 1], purpose=PICTURE_PURPOSE)


def printed_together(documents: Iterable[CaseDocument]) -> bytes:
    """Return the chosen papers as one PDF, in their order, to be printed at once.

    Only for the printer: tags and archive marks stay with each paper's own file.
    """
    import pikepdf  # noqa: PLC0415 -- memory: only who prints needs it

    with pikepdf.new() as together:
        for document in documents:
            with pikepdf.open(BytesIO(open_file(document))) as paper:
                together.pages.extend(paper.pages)
        target = BytesIO()
        together.save(target, deterministic_id=True)
        return target.getvalue()


def digest_of(document: CaseDocument) -> str:
    """Return the SHA-256 (hex) of a paper's stored bytes, to be held against the row's."""
    return hashlib.sha256(open_file(document)).hexdigest()


def _letter_number(form: DocumentForm, number: str) -> str:
    """Return the secretariat's number of a letter, which the regulation gives no format for."""
    if form.numbering is not Numbering.LETTER:
        return ""
    number = " ".join(number.split())
    if not number:
        raise DomainError(_("Tulis nomor surat dari sekretariat"), field="number")
    if len(number) > MAX_LETTER_NUMBER:
        raise DomainError(_("Nomor surat paling banyak 60 huruf"), field="number")
    return number


def _known_number(form: DocumentForm, document: CaseDocument, source: Source) -> str:
    if form.numbering is Numbering.SUBMISSION:
        held = SubmissionNumber.objects.filter(complaint=document.complaint_id).first()
        return held.number if held else ""
    if form.numbering is Numbering.REGISTER:
        return (source.the_case.register_number or "") if source.the_case else ""
    if form.numbering is Numbering.CORRECTION and source.correction is not None:
        return source.correction.number
    return ""


CITES_SUBMISSION = "submission_number"


def _draw_first_number(form: DocumentForm, about: About, at: datetime) -> None:
    complaint, correction = about.complaint, about.correction
    if complaint is not None and (
        form.numbering is Numbering.SUBMISSION or CITES_SUBMISSION in form.fields
    ):
        _draw_submission(complaint, about.change.source if about.change else complaint.office, at)
    if correction is not None and form.numbering is Numbering.CORRECTION and not correction.number:
        _draw_correction(correction, at)


def _draw_submission(complaint: Complaint, office: Office, at: datetime) -> None:
    """Give a report its number under the office that received it, wherever it is handed later."""
    if SubmissionNumber.objects.filter(complaint=complaint).exists():
        return
    day = local_day(at, office)
    election = election_code(complaint)
    number = official_numbers.submission_number(
        sequence=numbering.next_number(series=f"LP/{election}/{office.path}/{day.year}"),
        election=election,
        level=office.level_code,
        region=office.number_region,
        on=day,
    )
    SubmissionNumber.objects.create(complaint=complaint, number=number, drawn_on=day)


def _draw_correction(correction: CorrectionRequest, at: datetime) -> None:
    case = correction.case
    source = Source(on=at.date(), case=case, correction=correction)
    office, day = source.office, local_day(at, source.office)
    source_code = "LP" if any(row.lane in REPORT_LANES for row in source.complaints) else "TM"
    series = f"K/{source_code}/{election_code(case)}/{office.path}/{day.year}"
    correction.number = official_numbers.correction_number(
        sequence=numbering.next_number(series=series),
        source=source_code,
        election=election_code(case),
        level=office.level_code,
        region=office.number_region,
        on=day,
    )
    correction.save(update_fields=["number"])


def _recommendation_number(form: DocumentForm, document: CaseDocument, at: datetime) -> str:
    case = document.case
    if case is None:
        raise LookupError("a recommendation belongs to a case")
    day = local_day(at, case.office)
    source = source_of(document, at=at)
    kind = str(form.numbering.value)
    return official_numbers.recommendation_number(
        sequence=numbering.next_number(series=number_series(kind, case, day.year)),
        kind=kind,
        source="LP" if any(row.lane in REPORT_LANES for row in source.complaints) else "TM",
        election=election_code(case),
        level=case.office.level_code,
        region=case.office.number_region,
        on=day,
    )
