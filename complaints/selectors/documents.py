"""Papers of a record or case: what there is, what may be made, what a paper is about."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models

from complaints.models import Case, CaseDocument, Complaint, Hearing
from complaints.rules.document_forms import (
    DocumentForm,
    Subject,
    forms_of_cases,
    forms_of_complaints,
)
from complaints.selectors.document_data import can_be_made
from complaints.selectors.document_source import Source
from complaints.states import OPEN_DOCUMENT_STATUSES

PARTS = ("hearing", "invitation", "correction", "change")


@dataclass(frozen=True)
class Offer:
    """One paper that may be made now: its form and the part of the file that it is about."""

    form: DocumentForm
    part: Any
    about: str

    @property
    def value(self) -> str:
        """Return what a page calls it: code, kind and id of the part."""
        if self.part is None:
            return f"{self.form.code}::"
        return f"{self.form.code}:{self.form.subject.value}:{self.part.pk}"


def _papers() -> models.QuerySet[CaseDocument]:
    return CaseDocument.objects.select_related(
        "made_by", "signed_off_by", "hearing__official", "replaced_by", "case", "complaint"
    ).defer("content")


def documents_of(subject: Case | Complaint) -> models.QuerySet[CaseDocument]:
    """Return the papers of a case or record, the newest of each form first. One query."""
    rows = _papers()
    rows = (
        rows.filter(case=subject) if isinstance(subject, Case) else rows.filter(complaint=subject)
    )
    return rows.order_by("pk")


def source_of(document: CaseDocument, *, at: datetime) -> Source:
    """Return what a paper is about. A query for each row that was not loaded."""
    subject: Any = document.case or document.complaint
    return Source(
        on=at.astimezone(ZoneInfo(subject.office.time_zone)).date(),
        complaint=document.complaint,
        case=document.case,
        **{name: getattr(document, name) for name in PARTS},
    )


def offers_of(subject: Case | Complaint, *, on: date) -> list[Offer]:
    """Return the papers that may be made of a file now and are not being made already.

    One query for what is being made, one for each kind of part, and one or two for each form.
    """
    busy = {
        (row.code, *(getattr(row, f"{name}_id") for name in PARTS))
        for row in documents_of(subject).filter(
            status__in=[status.value for status in OPEN_DOCUMENT_STATUSES]
        )
    }
    forms = forms_of_cases() if isinstance(subject, Case) else forms_of_complaints()
    base = {"case": subject} if isinstance(subject, Case) else {"complaint": subject}
    found = []
    parts = _Parts(subject)
    for form in forms:
        for part, about in parts.of(form.subject):
            links = dict.fromkeys(PARTS) | ({form.subject.value: part} if part is not None else {})
            key = (form.code, *(getattr(links[name], "pk", None) for name in PARTS))
            if key in busy:
                continue
            if can_be_made(form=form, source=Source(on=on, **base, **links)):
                found.append(Offer(form, part, about))
    return found


class _Parts:
    """The parts of a file, each kind loaded once."""

    def __init__(self, subject: Case | Complaint) -> None:
        self.subject = subject
        self._held: dict[Subject, list[tuple[Any, str]]] = {}

    def of(self, kind: Subject) -> list[tuple[Any, str]]:
        if kind in {Subject.CASE, Subject.COMPLAINT}:
            return [(None, "")]
        if kind not in self._held:
            self._held[kind] = list(self._load(kind))
        return self._held[kind]

    def _load(self, kind: Subject) -> list[tuple[Any, str]]:
        subject = self.subject
        if isinstance(subject, Complaint):
            changes = subject.office_changes.select_related("source", "target")
            return [(row, row.target.name) for row in changes]
        if kind is Subject.CORRECTION:
            rows = subject.corrections.select_related("official")
            return [(row, row.get_requester_display()) for row in rows]
        hearings = list(
            subject.hearings.select_related("official").prefetch_related("invitations__invited_by")
        )
        if kind is Subject.HEARING:
            return [(row, heard_name(row)) for row in hearings]
        letters = []
        for hearing in hearings:
            for letter in hearing.invitations.all():
                letter.hearing = hearing
                letters.append((letter, f"{heard_name(hearing)} ({letter.number})"))
        return letters


def heard_name(hearing: Hearing) -> str:
    """Return who a hearing is of, as lists call them. No query when the official is loaded."""
    return str(hearing.official) if hearing.official else hearing.person
