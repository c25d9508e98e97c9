"""The only writer of ``status`` in this app."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import ConflictError
from bawaslu_cases.shared.transitions import Machine, advance, open_history
from complaints.models import Case, CaseEvent, Complaint, ComplaintEvent, Recusal
from complaints.states import (
    CASE_LIFECYCLE,
    LIFECYCLES,
    CaseAction,
    CaseStatus,
    ComplaintAction,
    ComplaintStatus,
    Lane,
)

COMPLAINT_MACHINES = {
    lane: Machine(states, ComplaintStatus, ComplaintEvent, "complaint")
    for lane, states in LIFECYCLES.items()
}
CASE_MACHINE = Machine(CASE_LIFECYCLE, CaseStatus, CaseEvent, "case")


def move_complaint(
    *,
    complaint: Complaint,
    action: ComplaintAction,
    actor: User | None,
    at: datetime,
    reason: str = "",
    actor_kind: str = "",
    also: dict[str, Any] | None = None,
) -> ComplaintEvent:
    """Take one step of the record's lane. Errors as in :func:`advance`; nothing changes then."""
    event = advance(
        row=complaint,
        machine=COMPLAINT_MACHINES[Lane(complaint.lane)],
        action=action,
        actor=actor,
        at=at,
        reason=reason,
        actor_kind=actor_kind,
        also=also,
    )
    _check_not_recused(actor, complaint=complaint)
    assert isinstance(event, ComplaintEvent)  # noqa: S101 -- narrows the type for callers
    return event


def move_case(
    *,
    case: Case,
    action: CaseAction,
    actor: User | None,
    at: datetime,
    reason: str = "",
    also: dict[str, Any] | None = None,
) -> CaseEvent:
    """Take one step of the case. REFER and CLOSE are the referral side's, with ``actor=None``."""
    event = advance(
        row=case, machine=CASE_MACHINE, action=action, actor=actor, at=at, reason=reason, also=also
    )
    _check_not_recused(actor, case=case)
    assert isinstance(event, CaseEvent)  # noqa: S101 -- narrows the type for callers
    return event


def _check_not_recused(actor: User | None, **subject: Complaint | Case) -> None:
    """Undo the step of somebody who was recused while it was being posted. One query.

    Asked after the row was written and with it locked: a recusal locks the same row, so it is either
    done and seen here, or waits for this step.
    """
    if actor is not None and Recusal.objects.filter(user=actor, **subject).exists():
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))


def open_complaint_history(
    *, complaint: Complaint, actor: User | None, at: datetime, actor_kind: str = ""
) -> None:
    """Write the record's first event."""
    open_history(
        row=complaint,
        machine=COMPLAINT_MACHINES[Lane(complaint.lane)],
        actor=actor,
        at=at,
        actor_kind=actor_kind,
    )


def open_case_history(*, case: Case, actor: User | None, at: datetime) -> None:
    """Write the case's first event."""
    open_history(row=case, machine=CASE_MACHINE, actor=actor, at=at)
