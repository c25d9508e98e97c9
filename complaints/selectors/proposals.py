"""Steps that systems suggested, as the desk and the system itself read them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from bawaslu_cases.accounts.models import User
from complaints.models import Complaint, StepProposal, StepProposalEvent
from complaints.selectors.api_records import api_complaints
from complaints.states import ProposalStatus, Requirement


@dataclass(frozen=True)
class ProposalLine:
    """One proposal, ready to draw. ``settled_by`` and ``why`` are empty while it waits."""

    proposal: StepProposal
    system: str
    met: list[str]
    unmet: list[str]
    settled_by: str
    settled_at: datetime | None
    why: str

    @property
    def is_waiting(self) -> bool:
        """Whether an officer may still take or dismiss it."""
        return self.proposal.status == ProposalStatus.OPEN


def proposals_of(complaint: Complaint) -> list[ProposalLine]:
    """Return what systems suggested for a record, the newest first. Two queries, one where none is."""
    rows = _rows().filter(complaint=complaint).order_by("-pk")
    lines = []
    for row in rows:
        row.complaint = complaint
        lines.append(_line(row))
    return lines


def waiting_proposal(*, complaint: Complaint, proposal_id: UUID) -> StepProposal | None:
    """Return a proposal for this record that was not settled yet, or None. One query."""
    rows = StepProposal.objects.select_related("made_by")
    row = rows.filter(
        complaint=complaint, public_id=proposal_id, status=ProposalStatus.OPEN
    ).first()
    if row is not None:
        row.complaint = complaint
    return row


def own_proposal(*, proposal_id: UUID, system: User) -> ProposalLine | None:
    """Return what this system suggested, of a record that it may still see, or None. Two queries."""
    row = (
        _rows()
        .select_related("complaint")
        .filter(
            public_id=proposal_id,
            made_by=system,
            complaint__in=api_complaints(system).values("pk"),
        )
        .first()
    )
    return _line(row) if row is not None else None


def _rows() -> "QuerySet[StepProposal]":
    settled = StepProposalEvent.objects.exclude(action="create").select_related("actor")
    return StepProposal.objects.select_related("made_by").prefetch_related(
        Prefetch("events", queryset=settled, to_attr="settlements")
    )


def _line(row: StepProposal) -> ProposalLine:
    settled = row.settlements[0] if row.settlements else None  # type: ignore[attr-defined]
    labels = {item.value: str(item.label) for item in Requirement}
    return ProposalLine(
        proposal=row,
        system=row.made_by.name,
        met=[labels[code] for code, is_met in row.requirements.items() if is_met],
        unmet=[labels[code] for code, is_met in row.requirements.items() if not is_met],
        settled_by=settled.actor.name if settled and settled.actor else "",
        settled_at=settled.at if settled else None,
        why=settled.reason if settled else "",
    )
