"""Evidence as people see it: copies and where they stand, never an original."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from bawaslu_cases.accounts.models import User
from complaints.models import Complaint, Derivative, Evidence, EvidenceAlarm
from complaints.selectors.vault import desk_code, turns_of
from complaints.states import EvidenceStatus

Part = Derivative.Part
MOST_LISTED = 100


@dataclass(frozen=True)
class EvidenceItem:
    """One piece of evidence and the newest generation of its copy; ``copy`` is None without one.

    ``pages`` are pictures of a document's pages, ``poster`` a video's still. ``earlier`` tells how many
    generations came before.
    """

    evidence: Evidence
    copy: Derivative | None
    pages: tuple[Derivative, ...]
    poster: Derivative | None
    earlier: int

    @property
    def pictures(self) -> tuple[Derivative, ...]:
        """Return what can be drawn on a page: an image itself, or a document's pages."""
        if self.pages:
            return self.pages
        is_image = self.copy is not None and self.evidence.kind == Evidence.Kind.IMAGE
        return (self.copy,) if is_image and self.copy else ()

    @property
    def can_be_redacted(self) -> bool:
        """Whether regions can be burnt out: of pictures and documents."""
        return self.evidence.status == EvidenceStatus.READY and bool(self.pictures)


def evidence_items(complaint: Complaint) -> list[EvidenceItem]:
    """Return the record's evidence in its order. Two queries."""
    rows = list(complaint.evidence.order_by("number"))
    copies: dict[int, list[Derivative]] = defaultdict(list)
    if rows:
        for copy in Derivative.objects.filter(evidence__in=rows):
            copies[copy.evidence_id].append(copy)
    return [_item(row, copies[row.pk]) for row in rows]


def evidence_counts(complaint_ids: list[int]) -> Mapping[int, int]:
    """Return how much evidence each record has that was not erased; absent is none. One query."""
    found: dict[int, int] = defaultdict(int)
    rows = Evidence.objects.filter(complaint_id__in=complaint_ids)
    for each in rows.exclude(status=EvidenceStatus.ERASED).values_list("complaint_id", flat=True):
        found[each] += 1
    return found


def copy_of(complaint: Complaint, copy_id: UUID) -> Derivative | None:
    """Return one copy of a record's evidence with its file; None once erased. One query."""
    return (
        Derivative.objects.filter(evidence__complaint=complaint, public_id=copy_id)
        .exclude(evidence__status=EvidenceStatus.ERASED)
        .select_related("evidence", "file")
        .filter(file__isnull=False)
        .first()
    )


def originals_in_hand(user: User) -> "QuerySet[Evidence]":
    """Return what is sealed to the desk, of records the verifier has in hand, and not erased.

    A filter, no query.
    """
    if user.office is None:
        return Evidence.objects.none()
    desk = desk_code(user.office)
    visible = Complaint.objects.visible_to(user).values("pk")
    turns = turns_of(user, group=desk).filter(complaint=OuterRef("complaint"))
    rows = Evidence.objects.filter(Exists(turns), group=desk, complaint__in=visible)
    return rows.exclude(status=EvidenceStatus.ERASED).select_related("complaint")


def waiting_originals(user: User) -> "QuerySet[Evidence]":
    """Return what a verifier must look at, at most a hundred. One query when read."""
    rows = originals_in_hand(user).filter(waiting_at_a_desk())
    return rows.order_by("received_on", "public_id")[:MOST_LISTED]


def waiting_at_a_desk() -> Q:
    """Return the condition that somebody of its desk must look at an original; no query.

    That is what the cleaner could not copy, what the scanner held back and what is not whole any more.
    """
    broken = EvidenceAlarm.objects.filter(
        evidence=OuterRef("pk"),
        part=EvidenceAlarm.Part.ORIGINAL,
        seen_on__isnull=True,
        ended_on__isnull=True,
    )
    return Q(status__in=[EvidenceStatus.MANUAL, EvidenceStatus.BLOCKED]) | Q(Exists(broken))


def _item(evidence: Evidence, copies: list[Derivative]) -> EvidenceItem:
    newest = max((copy.generation for copy in copies), default=0)
    shown = [copy for copy in copies if copy.generation == newest]
    if evidence.status == EvidenceStatus.ERASED:
        shown = []
    pages = sorted((copy for copy in shown if copy.part == Part.PAGE), key=lambda copy: copy.page)
    return EvidenceItem(
        evidence,
        copy=next((copy for copy in shown if copy.part == Part.MAIN), None),
        pages=tuple(pages),
        poster=next((copy for copy in shown if copy.part == Part.POSTER), None),
        earlier=newest,
    )
