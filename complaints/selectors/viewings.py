"""What of a record's evidence nobody of its office has opened yet."""

from django.db.models import Exists, OuterRef, Q

from complaints.models import Complaint, Evidence, EvidenceLink, EvidenceViewing
from complaints.states import EvidenceStatus


def unviewed_count(complaint: Complaint) -> int:
    """Return how many files and links of the record its own office has not opened. Two queries.

    An erased file cannot be opened any more and is not waited for. What another office opened does not
    count: a record that was handed on is looked at anew.
    """
    seen = EvidenceViewing.objects.filter(office=complaint.office_id)
    files = Evidence.objects.filter(complaint=complaint).exclude(status=EvidenceStatus.ERASED)
    links = EvidenceLink.objects.filter(complaint=complaint)
    return (
        files.exclude(Exists(seen.filter(evidence=OuterRef("pk")))).count()
        + links.exclude(Exists(seen.filter(link=OuterRef("pk")))).count()
    )


def viewed_keys(complaint: Complaint) -> set[tuple[str, int]]:
    """Return what of the record its own office has opened, as ("file" or "link", key). One query."""
    rows = EvidenceViewing.objects.filter(
        Q(evidence__complaint=complaint) | Q(link__complaint=complaint),
        office=complaint.office_id,
    )
    return {
        ("file", evidence_id) if evidence_id else ("link", link_id)
        for evidence_id, link_id in rows.values_list("evidence_id", "link_id")
    }
