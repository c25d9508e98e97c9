"""The officer's desk: proposing, and what follows from the plenary."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from complaints.deadlines import DeadlineKind
from complaints.errors import RequirementsOpenError
from complaints.models import Complaint, ComplaintEvent, PlenaryDecision
from complaints.services.checklist import record_provable
from complaints.services.deadlines import (
    end_deadline,
    local_day,
    refresh_complaint_due,
    start_complaint_deadline,
)
from complaints.services.intake import Facts, record_finding
from complaints.services.milestones import reach_milestone
from complaints.services.plenary import Vote, check_seat, hold, keep_decision
from complaints.services.supervision import Supervision
from complaints.services.transitions import move_complaint
from complaints.states import (
    ComplaintAction,
    Lane,
    Milestone,
    requirements_of,
)


@transaction.atomic
def propose(
    *,
    complaint: Complaint,
    action: ComplaintAction,
    officer: User,
    at: datetime,
    reason: str = "",
) -> ComplaintEvent:
    """Lay the record before the plenary (PROPOSE_TRACING or PROPOSE_ARCHIVE).

    Raises RequirementsOpenError while a requirement was not looked at. Ends the review clock.
    """
    looked_at = set(record_provable(complaint=complaint, at=at))
    missing = tuple(item.value for item in requirements_of(complaint.lane) if item not in looked_at)
    if missing:
        raise RequirementsOpenError(
            _("%(count)d syarat lagi belum diperiksa.") % {"count": len(missing)}, codes=missing
        )
    event = move_complaint(complaint=complaint, action=action, actor=officer, at=at, reason=reason)
    reach_milestone(complaint=complaint, kind=Milestone.CHECKED, on=local_day(at, complaint.office))
    return event


PLENARY_OUTCOMES = {
    ComplaintAction.APPROVE_TRACING: Milestone.TRACING,
    ComplaintAction.DECLINE: Milestone.NOT_TRACED,
    ComplaintAction.RETURN_PROPOSAL: None,
}
"""What the plenary can do with a proposal, and what the reporter is told then."""


@transaction.atomic
def decide_on_tip(
    *,
    complaint: Complaint,
    action: ComplaintAction,
    member: User,
    at: datetime,
    minutes_number: str,
    decided_on: date,
    votes: Sequence[Vote],
    reason: str = "",
) -> PlenaryDecision:
    """Record what the plenary decided on a proposal and let it take effect.

    The review clock ends; tracing starts the clock for setting a finding (PB7 ps 5(1)).
    """
    check_seat(member=member, office=complaint.office)
    day = local_day(at, complaint.office)
    sitting = hold(
        office=complaint.office,
        subject=complaint,
        minutes_number=minutes_number,
        decided_on=decided_on,
        votes=votes,
        today=day,
    )
    event = move_complaint(complaint=complaint, action=action, actor=member, at=at, reason=reason)
    if action != ComplaintAction.RETURN_PROPOSAL:
        end_deadline(complaint.deadlines.filter(kind=DeadlineKind.INITIAL_REVIEW), on=day)
        refresh_complaint_due(complaint)
    if action == ComplaintAction.APPROVE_TRACING:
        start_complaint_deadline(complaint=complaint, kind=DeadlineKind.FINDING, starts_on=day)
    told = PLENARY_OUTCOMES[action]
    if told is not None:
        reach_milestone(complaint=complaint, kind=told, on=day)
    return keep_decision(
        sitting=sitting,
        outcome=event.action,
        note=event.reason,
        recorded_by=member,
        complaint=complaint,
    )


@transaction.atomic
def confirm_tip(
    *,
    complaint: Complaint,
    facts: Facts,
    officer: User,
    at: datetime,
    supervision: Supervision | None = None,
) -> Complaint:
    """Turn a traced tip into the office's own finding (temuan) and return that.

    The finding has its own facts, written by the officer: no reporter exists in its file.
    """
    move_complaint(complaint=complaint, action=ComplaintAction.CONFIRM, actor=officer, at=at)
    day = local_day(at, complaint.office)
    end_deadline(complaint.deadlines.filter(kind=DeadlineKind.FINDING), on=day)
    refresh_complaint_due(complaint)
    return record_finding(
        facts=facts, officer=officer, at=at, traced_from=complaint, supervision=supervision
    )


@transaction.atomic
def close_without_case(
    *, complaint: Complaint, officer: User, at: datetime, reason: str
) -> ComplaintEvent:
    """End a tracing that confirmed nothing, or cancel a finding that was not registered."""
    action = ComplaintAction.END_TRACING if complaint.lane == Lane.TIP else ComplaintAction.CANCEL
    event = move_complaint(complaint=complaint, action=action, actor=officer, at=at, reason=reason)
    day = local_day(at, complaint.office)
    end_deadline(complaint.deadlines.all(), on=day, status="cancelled")
    refresh_complaint_due(complaint)
    reach_milestone(complaint=complaint, kind=Milestone.CLOSED, on=day)
    return event
