"""What a paper of the procedure is about: its rows, loaded as they are asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.functional import Promise

from bawaslu_cases.registry.models import ActKind, Contest, Office, OfficeLevel
from bawaslu_cases.shared.paper_dates import long_date
from complaints.models import (
    Allegation,
    Case,
    CaseComplaint,
    Complaint,
    CorrectionRequest,
    Hearing,
    Invitation,
    OfficeChange,
    Official,
    PlenaryDecision,
)
from complaints.selectors.vault import pseudonym
from complaints.states import ComplaintAction

UNKNOWN = "tidak diketahui"
DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")


@dataclass
class Source:
    """The rows a paper is about, loaded as they are asked for. ``on`` is the paper's day."""

    on: date
    complaint: Complaint | None = None
    case: Case | None = None
    change: OfficeChange | None = None
    hearing: Hearing | None = None
    invitation: Invitation | None = None
    correction: CorrectionRequest | None = None

    @cached_property
    def complaints(self) -> list[Complaint]:
        """The records the paper rests on. One query for a case."""
        if self.case is None:
            return [] if self.complaint is None else [self.complaint]
        links = CaseComplaint.objects.filter(case=self.case).order_by("pk")
        return [
            link.complaint
            for link in links.select_related("complaint__office", "complaint__contest")
        ]

    @cached_property
    def the_case(self) -> Case | None:
        """The case: the paper's own, or the one that came of its record. One query for a record."""
        if self.case is not None or self.complaint is None:
            return self.case
        return Case.objects.filter(complaints=self.complaint).first()

    @property
    def file(self) -> Complaint | Case:
        """The record or case that the paper lies in."""
        found = self.case or self.complaint
        assert found is not None  # noqa: S101 -- a paper has a subject
        return found

    @cached_property
    def office(self) -> Office:
        """Whose paper it is: who handles the file, who examines a correction, who hands a record over."""
        if self.change is not None:
            return self.change.source
        office = self.file.office
        if (
            self.correction is not None
            and office.level == OfficeLevel.REGENCY
            and office.parent is not None
        ):
            return office.parent
        return office

    @property
    def contest(self) -> Contest | None:
        """The election the file is about."""
        return self.file.contest

    @cached_property
    def allegations(self) -> list[Allegation]:
        """Who is said to have done what in the case. One query."""
        if self.case is None:
            return []
        return list(self.case.allegations.select_related("official__agency"))

    @cached_property
    def officials(self) -> list[Official]:
        """The reported persons, once each. One query."""
        if self.case is not None:
            return list({row.official_id: row.official for row in self.allegations}.values())
        assert self.complaint is not None  # noqa: S101 -- a paper has a subject
        links = self.complaint.official_links.select_related("official__agency").order_by("pk")
        return [link.official for link in links]

    @cached_property
    def acts(self) -> dict[str, str]:
        """Every act's words by its code. One query."""
        return dict(ActKind.objects.values_list("code", "label_id"))

    @cached_property
    def decision(self) -> PlenaryDecision | None:
        """What the plenary decided last on the paper's own subject. One query."""
        rows = PlenaryDecision.objects.order_by("-pk")
        if self.correction is not None:
            return rows.filter(correction=self.correction).first()
        if self.case is not None:
            return rows.filter(case=self.case).exclude(outcome="return_assessment").first()
        return rows.filter(complaint=self.complaint).exclude(outcome="return_proposal").first()

    def local(self, at: datetime) -> datetime:
        """Return the moment as the office's clock shows it."""
        return at.astimezone(ZoneInfo(self.office.time_zone))

    def moment(self, at: datetime) -> dict[str, str]:
        """Return day and hour in the office's zone, in words."""
        local = self.local(at)
        return {
            "day": day_words(local.date()),
            "hour": f"{local:%H.%M} {self.office.get_time_zone_display()}",
        }

    def event(self, *actions: ComplaintAction) -> Any:
        """Return the record's latest step of these, None when there was none. One query."""
        assert self.complaint is not None  # noqa: S101 -- asked of records only
        return self.complaint.events.filter(action__in=actions).order_by("-pk").first()


Field = tuple[str | Promise, Callable[[Source], Any]]
"""What a person calls a field, and what makes it."""


def day_words(day: date) -> str:
    """Return ``Senin, 7 Oktober 2024``."""
    return f"{DAYS[day.weekday()]}, {long_date(day)}"


def masked_reporter(complaint: Complaint) -> str:
    """Return what every paper calls a reporter: protected, with the code the desk knows them by."""
    return f"Pelapor (identitas dilindungi, kode {pseudonym(complaint.public_id)})"


def in_indonesian(label: str | Promise) -> str:
    """Return a choice's words as an official paper writes them."""
    # a worker has no language of its own, and the reader's must not change an official paper
    with translation.override("id"):
        return str(label)


def paragraphs(text: str) -> list[str]:
    """Return a text as its paragraphs, without empty ones."""
    return [part.strip() for part in text.splitlines() if part.strip()]


def complaint_of(source: Source) -> Complaint:
    """Return the record of a paper about a record."""
    assert source.complaint is not None  # noqa: S101 -- fields of records only
    return source.complaint


def hearing_of(source: Source) -> Hearing:
    """Return the hearing of a paper about one, or about an invitation to it."""
    found = source.hearing or (source.invitation.hearing if source.invitation else None)
    assert found is not None  # noqa: S101 -- fields of hearings only
    return found


def correction_of(source: Source) -> CorrectionRequest:
    """Return the request of a paper about a correction."""
    assert source.correction is not None  # noqa: S101 -- fields of corrections only
    return source.correction


def minutes_of(source: Source) -> str:
    """Name the minutes that the decision stands in."""
    held = source.decision
    if held is None:
        return ""
    return f"Berita acara pleno {held.minutes_number}, {long_date(held.decided_on)}"
