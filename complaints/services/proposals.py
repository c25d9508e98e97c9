"""Steps that an office's own system suggests (API): kept beside the record, decided by an officer alone.

A proposal moves nothing. Taking one is the officer's ordinary step of the record; the proposal is marked
in the same transaction. One that was made of an earlier state of the record is stale and cannot be taken.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import ConflictError, DomainError
from bawaslu_cases.shared.state_machine import IllegalTransitionError
from bawaslu_cases.shared.transitions import Machine, advance, open_history
from complaints.models import Complaint, StepProposal, StepProposalEvent
from complaints.states import (
    LIFECYCLES,
    PROPOSAL_LIFECYCLE,
    ComplaintAction,
    ComplaintStatus,
    Lane,
    ProposalAction,
    ProposalStatus,
    requirements_of,
)

PROPOSAL_MACHINE = Machine(PROPOSAL_LIFECYCLE, ProposalStatus, StepProposalEvent, "proposal")
PROPOSABLE: Mapping[Lane, frozenset[ComplaintAction]] = {
    Lane.OPEN: frozenset(
        {
            ComplaintAction.PROPOSE_REGISTER,
            ComplaintAction.PROPOSE_REFUSAL,
            ComplaintAction.PROPOSE_FORWARD,
            ComplaintAction.PROPOSE_DELEGATION,
            ComplaintAction.PROPOSE_TAKEOVER,
        }
    ),
    Lane.FINDING: frozenset({ComplaintAction.REGISTER, ComplaintAction.CANCEL}),
}
"""What a system may suggest, by lane. Of tips and sealed reports it sees nothing to suggest about."""
MIN_REASON, MAX_REASON = 10, 1500
"""Characters. Shorter than an officer's own: the ground of the law comes before it in the form."""

T = TypeVar("T")


@transaction.atomic
def propose_step(
    *,
    complaint: Complaint,
    action: ComplaintAction,
    reason: str,
    requirements: Mapping[str, bool],
    system: User,
    at: datetime,
) -> StepProposal:
    """Keep what a system suggests for this record. Five queries.

    ``requirements`` maps codes of the lane's requirements to whether each is met. Raises DomainError for
    what no officer could do of such a record or a proposal of the same system that still waits,
    ConflictError for a step that the record's status does not allow now.
    """
    lane = Lane(complaint.lane)
    if action not in PROPOSABLE.get(lane, frozenset()):
        raise DomainError(_("Langkah ini tidak dapat diusulkan untuk laporan ini"), field="action")
    if not requirements.keys() <= {item.value for item in requirements_of(lane)}:
        raise DomainError(_("Syarat ini tidak berlaku untuk laporan ini"), field="requirements")
    row = Complaint.objects.select_for_update(of=("self",), no_key=True).only("status", "status_at")
    now = row.get(pk=complaint.pk)
    if now.status_at != complaint.status_at:
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    try:
        LIFECYCLES[lane].step(ComplaintStatus(now.status), action)
    except IllegalTransitionError as error:
        raise ConflictError(
            _("Langkah ini tidak berlaku pada status laporan sekarang."), field="action"
        ) from error
    waiting = StepProposal.objects.filter(
        complaint=complaint, made_by=system, status=ProposalStatus.OPEN, seen_at=now.status_at
    )
    if waiting.exists():
        raise DomainError(
            _("Usulan sebelumnya untuk laporan ini masih menunggu petugas."), code="proposal_open"
        )
    proposal = StepProposal.objects.create(
        complaint=complaint,
        made_by=system,
        made_at=at,
        action=action,
        reason=reason.strip(),
        requirements=dict(requirements),
        seen_at=now.status_at,
        status_at=at,
    )
    open_history(row=proposal, machine=PROPOSAL_MACHINE, actor=system, at=at, reason=action.value)
    return proposal


@transaction.atomic
def take_proposal(
    *, proposal: StepProposal, step: Callable[[], T], officer: User, at: datetime
) -> T:
    """Take the officer's own ``step`` of the record and mark the proposal as taken, both or neither.

    Raises ConflictError for a stale proposal or one that was settled, and what the step raises.
    """
    if proposal.is_stale:
        raise ConflictError(_("Laporan sudah berubah sejak usulan ini dibuat."))
    result = step()
    advance(
        row=proposal,
        machine=PROPOSAL_MACHINE,
        action=ProposalAction.TAKE,
        actor=officer,
        at=at,
    )
    return result


@transaction.atomic
def dismiss_proposal(
    *, proposal: StepProposal, officer: User, at: datetime, reason: str
) -> StepProposal:
    """Say why a proposal is not followed; its system reads the reason. Raises as ``advance`` does."""
    advance(
        row=proposal,
        machine=PROPOSAL_MACHINE,
        action=ProposalAction.DISMISS,
        actor=officer,
        at=at,
        reason=reason,
    )
    return proposal
