"""The one search box: a number, a NIP, a link, or words. Never the reporter's own words."""

import re

from django.contrib.postgres.search import SearchQuery

from bawaslu_cases.shared.nip import LENGTH as NIP_LENGTH
from complaints.links import LinkRefusedError, read_link
from complaints.models import CaseComplaint, EvidenceLink
from complaints.models.complaint import ComplaintQuerySet

REFERENCE_SHAPE = re.compile(r"(IA|LS|LT|TM)-\d{4}-[0-9A-Z]{4,12}", re.IGNORECASE)
REGISTER_SHAPE = re.compile(r"\d{1,4}(/[0-9A-Za-z.()-]+){3,8}")
"""An official number such as 014/Reg/LP/PB/Kab/27.08/XI/2026."""
LINK_SHAPE = re.compile(
    r"(https?://|www\.)\S+|[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}/\S+", re.IGNORECASE
)


def matching(rows: ComplaintQuerySet, q: str) -> ComplaintQuerySet:
    """Keep what was searched for. A filter, no query.

    A reference or register number, a NIP (blanks and dots in it do not matter), a link in any of its
    forms, or words: all of them, ``"an exact phrase"``, ``or``, ``-without``. No ranking: it would read
    every match. How the matches are read stands at Order.SEARCHED.
    """
    q = q.strip()
    if REFERENCE_SHAPE.fullmatch(q):
        return rows.filter(reference=q.upper())
    if digits := _nip(q):
        return rows.filter(search=SearchQuery(digits, config="indonesian"))
    if REGISTER_SHAPE.fullmatch(q):
        named = CaseComplaint.objects.filter(case__register_number=q)
        return rows.filter(pk__in=named.values("complaint"))
    if LINK_SHAPE.fullmatch(q):
        return _with_link(rows, q)
    return in_words(rows, q)


def is_words(q: str) -> bool:
    """Whether :func:`matching` takes a search for words. No query."""
    q = q.strip()
    shapes = (REFERENCE_SHAPE, REGISTER_SHAPE, LINK_SHAPE)
    return not (_nip(q) or any(shape.fullmatch(q) for shape in shapes))


def _nip(q: str) -> str:
    """Return the NIP that a search is, "" where it is none."""
    digits = re.sub(r"[\s.\-]", "", q)
    return digits if digits.isdigit() and len(digits) == NIP_LENGTH else ""


def in_words(rows: ComplaintQuerySet, text: str) -> ComplaintQuerySet:
    """Keep the rows whose structured facts hold these words."""
    return rows.filter(search=SearchQuery(text, config="indonesian", search_type="websearch"))


def _with_link(rows: ComplaintQuerySet, text: str) -> ComplaintQuerySet:
    """Keep the rows with a link to the same thing, however either was copied."""
    try:
        link = read_link(text)
    except LinkRefusedError:
        return rows.none()
    if not link.key or not link.is_fact:
        return rows.none()
    return rows.filter(pk__in=EvidenceLink.objects.filter(key=link.key).values("complaint"))
