"""What officers decided about records that are like each other, and the clusters that came of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from bawaslu_cases.accounts.models import User
from complaints.models import ClusterMember, Complaint, Likeness
from complaints.states import LikenessStatus


def likeness_of(one: Complaint, other: Complaint) -> Likeness | None:
    """Return what was decided about two records, if anybody did. One query."""
    first, second = sorted((one.pk, other.pk))
    return Likeness.objects.filter(first=first, second=second).first()


@dataclass(frozen=True)
class Cluster:
    """Records joined into one event, the lead first."""

    lead: Complaint
    members: Sequence[Complaint]


def cluster_of(*, complaint: Complaint, viewer: User) -> Cluster | None:
    """Return the cluster of a record, or None: it has none, or one member is not for this viewer.

    Whoever may not see every member learns of none (three queries).
    """
    lead = ClusterMember.objects.filter(complaint=complaint).values_list("lead", flat=True).first()
    lead_pk = complaint.pk if lead is None else lead
    ids = {
        lead_pk,
        *ClusterMember.objects.filter(lead=lead_pk).values_list("complaint", flat=True),
    }
    if len(ids) == 1:
        return None
    rows = {row.pk: row for row in Complaint.objects.visible_to(viewer).filter(pk__in=ids)}
    if len(rows) < len(ids):
        return None
    head = rows.pop(lead_pk)
    return Cluster(head, sorted(rows.values(), key=lambda row: row.pk))


def related_to(*, complaint: Complaint, viewer: User) -> Sequence[Complaint]:
    """Return the records that officers called related, as far as this viewer may see them. Two queries."""
    pairs = Likeness.objects.filter(
        Q(first=complaint) | Q(second=complaint), status=LikenessStatus.RELATED
    ).values_list("first_id", "second_id")
    ids = {pk for pair in pairs for pk in pair} - {complaint.pk}
    return list(Complaint.objects.visible_to(viewer).filter(pk__in=ids).order_by("pk"))


def offices_kept_away(complaint: Complaint) -> list[int]:
    """Return the offices that no reporter of the cluster wants to know of it. At most two queries.

    What is made of one member (a finding, a case) is made of all: the strictest wish counts.
    """
    lead = ClusterMember.objects.filter(complaint=complaint).values_list("lead", flat=True).first()
    lead_pk = complaint.pk if lead is None else lead
    rows = Complaint.objects.filter(Q(pk=lead_pk) | Q(cluster__lead=lead_pk))
    kept = rows.values_list("excluded_offices", flat=True)
    return sorted({office for offices in kept for office in offices})
