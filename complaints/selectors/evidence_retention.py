"""Evidence whose time is over, and what of it lies where."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from complaints.models import (
    Case,
    CopyOrder,
    DerivativeFile,
    Evidence,
    EvidenceLink,
    IdentityCard,
    Upload,
    UploadPart,
)
from complaints.rules.retention import Ending
from complaints.states import CaseStatus, ComplaintStatus, EvidenceStatus

HOLDERS = (UploadPart, Upload, Evidence, DerivativeFile, CopyOrder, IdentityCard)
"""Whose rows name objects of the storage."""
_RECORDS = {Ending.ARCHIVED: ComplaintStatus.ARCHIVED, Ending.REFUSED: ComplaintStatus.REFUSED}
_CASES = {Ending.STOPPED: CaseStatus.STOPPED, Ending.CLOSED: CaseStatus.CLOSED}


def evidence_past_its_term(terms: Mapping[Ending, int], *, at: datetime) -> QuerySet[Evidence]:
    """Return files that outlived their record; nothing for an ending without a term. One query."""
    rows = Evidence.objects.exclude(status=EvidenceStatus.ERASED)
    return rows.filter(_outlived(terms, at=at))


def links_past_their_term(terms: Mapping[Ending, int], *, at: datetime) -> QuerySet[EvidenceLink]:
    """Return links that outlived their record, by the same terms as its files. One query."""
    return EvidenceLink.objects.filter(_outlived(terms, at=at), erased_on__isnull=True)


def _outlived(terms: Mapping[Ending, int], *, at: datetime) -> Q:
    """Return what holds for rows whose ``complaint`` ended longer ago than its term.

    A record that became a finding ends as that finding does, one that belongs to a case with the case:
    as long as that is open, or its own term is not over, what belongs to it is kept.
    """

    def ended(statuses: Mapping[Ending, str], record: str = "") -> Q:
        found = Q(pk__in=[])
        for ending in statuses.keys() & terms.keys():
            before = at - timedelta(days=terms[ending])
            status = {f"{record}status": statuses[ending], f"{record}status_at__lte": before}
            found |= Q(**status)
        return found

    cases = Case.objects.filter(
        Q(complaints=OuterRef("complaint")) | Q(complaints__traced_from=OuterRef("complaint"))
    )
    without_case = ~Exists(cases) & (
        ended(_RECORDS, "complaint__") | ended(_RECORDS, "complaint__finding__")
    )
    with_cases = Exists(cases) & ~Exists(cases.exclude(ended(_CASES)))
    return without_case | with_cases


def names_in_use() -> Iterator[str]:
    """Yield every object's name that a row knows, in order, from one moment of the database. One query."""
    rows = [
        model.objects.exclude(object_name="").order_by().values_list("object_name", flat=True)
        for model in HOLDERS
    ]
    yield from rows[0].union(*rows[1:], all=True).order_by("object_name").iterator(chunk_size=5000)


def names_still_in_use(names: list[str]) -> set[str]:
    """Return those of a few names that a row knows now. One query."""
    rows = [
        model.objects.filter(object_name__in=names).order_by().values_list("object_name", flat=True)
        for model in HOLDERS
    ]
    return set(rows[0].union(*rows[1:]))
