"""Noting that an officer opened a file or a link of a record: the checklist asks for it."""

from datetime import datetime

from bawaslu_cases.accounts.models import User
from complaints.models import Complaint, Evidence, EvidenceLink, EvidenceViewing
from complaints.states import OFFICERS, EvidenceStatus

STILL_CLOSED = frozenset({EvidenceStatus.QUEUED, EvidenceStatus.ERASED})
"""Where there is nothing to look at: no copy yet, or none any more."""


def note_viewing(*, thing: Evidence | EvidenceLink, viewer: User, at: datetime) -> bool:
    """Keep that the viewer opened this for the first time; say whether it is kept. One query at most.

    Only officers of an office judge evidence. A file without its safe copy was not seen, whoever opened
    its page. Harmless when told twice.
    """
    if viewer.office_id is None or not viewer.has_role(*OFFICERS):
        return False
    if isinstance(thing, Evidence):
        if thing.status in STILL_CLOSED:
            return False
        row = EvidenceViewing(evidence=thing, user=viewer, office_id=viewer.office_id, at=at)
    else:
        row = EvidenceViewing(link=thing, user=viewer, office_id=viewer.office_id, at=at)
    EvidenceViewing.objects.bulk_create([row], ignore_conflicts=True)
    return True


def note_all_viewings(*, complaint: Complaint, viewer: User, at: datetime) -> None:
    """Keep that the viewer went through all that can be looked at. Two queries and one for each."""
    for file in complaint.evidence.all():
        note_viewing(thing=file, viewer=viewer, at=at)
    for link in complaint.links.all():
        note_viewing(thing=link, viewer=viewer, at=at)
