"""What officers decided about records that are like each other, and the clusters that came of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.row_scopes import beyond
from complaints.models import ClusterMember, Complaint, Likeness
from complaints.states import LikenessStatus


def likeness_of(one: Complaint, other: Complaint) -> Likeness | None:
    """Return what was decided about two records, if anybody did. One query."""
    first, second = sorted((one.pk, other.pk))
    return Likeness.objects.filter(first=first, second=second).first()


@dataclass(frozen=True)
class Standing:
    """What was decided about a record and others, by keys. Scope is not applied: never shown as it is.

    ``cluster`` holds the keys of its cluster, the record itself and the ``lead`` among them.
    """

    own: int
    lead: int
    cluster: frozenset[int]
    related: frozenset[int]
    settled: frozenset[int]


def standing_of(complaint: Complaint) -> Standing:
    """Return what was decided about a record and others. Two queries."""
    pairs = Likeness.objects.filter(Q(first=complaint) | Q(second=complaint))
    decided = list(pairs.values_list("first_id", "second_id", "status"))
    mine = ClusterMember.objects.filter(complaint=complaint).values("lead")
    joined = dict(
        ClusterMember.objects.filter(
            Q(complaint=complaint) | Q(lead=complaint) | Q(lead__in=mine)
        ).values_list("complaint", "lead")
    )
    own = complaint.pk
    lead = joined.get(own, own)
    cluster = {own, lead, *(member for member, head in joined.items() if head == lead)}
    related, settled = set(), set(cluster)
    for first, second, status in decided:
        if status == LikenessStatus.RELATED:
            related |= {first, second}
        if status != LikenessStatus.OPEN:
            settled |= {first, second}
    return Standing(
        own, lead, frozenset(cluster), frozenset(related - {own}), frozenset(settled - {own})
    )


@dataclass(frozen=True)
class Cluster:
    """Records joined into one event, the lead first."""

    lead: Complaint
    members: Sequence[Complaint]


def cluster_of(
    *, complaint: Complaint, viewer: User, standing: Standing | None = None
) -> Cluster | None:
    """Return the cluster of a record, or None: it has none, or one member is not for this viewer.

    Whoever may not see every member learns of none. Three queries; with its ``standing`` at hand one, none
    for a record on its own.
    """
    known = standing or standing_of(complaint)
    if len(known.cluster) == 1:
        return None
    found = Complaint.objects.visible_to(viewer).filter(pk__in=known.cluster)
    rows = {row.pk: row for row in found}
    if len(rows) < len(known.cluster):
        return None
    head = rows.pop(known.lead)
    return Cluster(head, sorted(rows.values(), key=lambda row: row.pk))


def related_to(
    *, complaint: Complaint, viewer: User, standing: Standing | None = None
) -> Sequence[Complaint]:
    """Return the records that officers called related, as far as this viewer may see them.

    Three queries; with its ``standing`` at hand one, none where nothing is related.
    """
    known = standing or standing_of(complaint)
    if not known.related:
        return []
    rows = Complaint.objects.visible_to(viewer).filter(pk__in=known.related)
    return list(rows.order_by("pk"))


def offices_kept_away(complaint: Complaint) -> list[int]:
    """Return the offices that no reporter of the cluster wants to know of it. At most two queries.

    What is made of one member (a finding, a case) is made of all: the strictest wish counts.
    """
    lead = ClusterMember.objects.filter(complaint=complaint).values_list("lead", flat=True).first()
    lead_pk = complaint.pk if lead is None else lead
    rows = Complaint.objects.filter(Q(pk=lead_pk) | Q(cluster__lead=lead_pk))
    with beyond("whom any reporter of one event keeps away, in whatever office the record lies"):
        kept = list(rows.values_list("excluded_offices", flat=True))
    return sorted({office for offices in kept for office in offices})
