"""Handing a matter to another level: delegation down, takeover up (PB7 ps 38-41; B.5, B.6).

Only one level up or down. A report whose reporter asked to be sealed, and a tip, stay with the desk they
were routed to: handing them down would bring them where the threat may sit (ADR 0005).
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.errors import ConflictError, DomainError
from bawaslu_cases.shared.row_scopes import beyond
from complaints.deadlines import DeadlineKind
from complaints.models import Complaint, ComplaintEvent, OfficeChange, PlenaryDecision
from complaints.services.deadlines import (
    end_deadline,
    local_day,
    refresh_complaint_due,
    start_complaint_deadline,
)
from complaints.services.milestones import reach_milestone
from complaints.services.plenary import Vote, check_seat, hold, keep_decision
from complaints.services.transitions import move_complaint
from complaints.states import ComplaintAction, Lane, Milestone, TakeoverGround

Direction = OfficeChange.Direction


def propose_change(
    *,
    complaint: Complaint,
    event: ComplaintEvent,
    officer: User,
    on: date,
    target: Office | None,
    ground: str,
) -> OfficeChange:
    """Keep where an officer proposes to hand the record, checked; the plenary decides.

    DomainError: a lane that does not leave its desk, an office that is not right below, one that the
    reporter keeps away, no level above, an unknown ground.
    """
    if event.action == ComplaintAction.PROPOSE_DELEGATION:
        return _save(complaint, event, officer, on, Direction.DOWN, _below(complaint, target), "")
    return _save(complaint, event, officer, on, Direction.UP, _above(complaint), _known(ground))


def _below(complaint: Complaint, target: Office | None) -> Office:
    if complaint.lane != Lane.OPEN:
        raise DomainError(
            _("Laporan tersegel tidak dilimpahkan: kantor di bawah dapat mengenali pelapornya."),
            field="target",
            code="stays_at_its_desk",
        )
    if target is None or target.parent_id != complaint.office_id:
        raise DomainError(_("Pilih kantor tepat satu tingkat di bawah"), field="target")
    if target.pk in complaint.excluded_offices:
        raise DomainError(
            _("Pelapor meminta kantor itu tidak melihat laporan ini."), field="target"
        )
    return target


def _above(complaint: Complaint) -> Office:
    parent = complaint.office.parent
    if parent is None:
        raise DomainError(_("Tidak ada tingkat di atas kantor ini"), field="ground")
    if parent.pk in complaint.excluded_offices:
        raise DomainError(
            _("Pelapor meminta kantor itu tidak melihat laporan ini."), field="ground"
        )
    return parent


def _known(ground: str) -> str:
    if ground not in TakeoverGround.values:
        raise DomainError(_("Pilih alasan pengambilalihan"), field="ground")
    return ground


def _save(
    complaint: Complaint,
    event: ComplaintEvent,
    officer: User,
    on: date,
    direction: OfficeChange.Direction,
    target: Office,
    ground: str,
) -> OfficeChange:
    return OfficeChange.objects.create(
        complaint=complaint,
        direction=direction,
        source=complaint.office,
        target=target,
        ground=ground,
        reason=event.reason,
        proposed_by=officer,
        proposed_on=on,
    )


def end_change(*, complaint: Complaint, on: date) -> None:
    """Close a proposal that the plenary did not follow; harmless when there is none. Two queries."""
    complaint.office_changes.filter(ended_on=None).update(ended_on=on)
    if end_deadline(complaint.deadlines.filter(kind=DeadlineKind.DELEGATION), on=on):
        refresh_complaint_due(complaint)


def take_change(*, complaint: Complaint, at: datetime) -> OfficeChange:
    """Put the record into the other office's hands: its clocks start there, nobody has it yet."""
    change = complaint.office_changes.select_related("target").filter(ended_on=None).first()
    if change is None:
        raise ConflictError(_("Perpindahan kantor belum diusulkan petugas."))
    _hand(complaint, change, at=at)
    return change


@beyond("a record changes hands")
def _hand(complaint: Complaint, change: OfficeChange, *, at: datetime) -> None:
    day = local_day(at, change.target)
    kinds = (DeadlineKind.DELEGATION, DeadlineKind.INITIAL_REVIEW, DeadlineKind.REPAIR_NOTICE)
    end_deadline(complaint.deadlines.filter(kind__in=kinds), on=day)
    change.ended_on, change.taken = day, True
    change.save(update_fields=["ended_on", "taken"])
    complaint.office, complaint.assignee = change.target, None
    complaint.save(update_fields=["office", "assignee"])
    start_complaint_deadline(complaint=complaint, kind=DeadlineKind.INITIAL_REVIEW, starts_on=day)


TAKEOVER_OUTCOMES = (ComplaintAction.ACCEPT_TAKEOVER, ComplaintAction.DECLINE_TAKEOVER)


@transaction.atomic
def answer_takeover(
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
    """Answer, by the plenary one level up, a request to take a matter over (PB7 ps 41)."""
    change = complaint.office_changes.select_related("target").filter(ended_on=None).first()
    if change is None or action not in TAKEOVER_OUTCOMES:
        raise ConflictError(_("Tidak ada permintaan pengambilalihan yang menunggu."))
    check_seat(member=member, office=change.target)
    day = local_day(at, change.target)
    sitting = hold(
        office=change.target,
        subject=complaint,
        minutes_number=minutes_number,
        decided_on=decided_on,
        votes=votes,
        today=day,
    )
    event = move_complaint(complaint=complaint, action=action, actor=member, at=at, reason=reason)
    if action == ComplaintAction.ACCEPT_TAKEOVER:
        _hand(complaint, change, at=at)
        reach_milestone(complaint=complaint, kind=Milestone.HANDED_OVER, on=day)
    else:
        end_change(complaint=complaint, on=day)
    return keep_decision(
        sitting=sitting,
        outcome=event.action,
        note=event.reason,
        recorded_by=member,
        complaint=complaint,
    )


@transaction.atomic
def take_over(
    *,
    complaint: Complaint,
    member: User,
    at: datetime,
    minutes_number: str,
    decided_on: date,
    votes: Sequence[Vote],
    ground: str,
    reason: str,
) -> PlenaryDecision:
    """Take a matter over from the office right below without being asked (PB7 ps 40(3)).

    An open request for completion ends without blame: the new office asks anew if it must.
    ConflictError where another office has the record by now, or it moved.
    """
    # "received" before and after: the status alone would let two take it over.
    held = Complaint.objects.select_for_update(of=("self",), no_key=True).only("status", "office")
    row = held.get(pk=complaint.pk)
    if (row.status, row.office_id) != (complaint.status, complaint.office_id):
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    target = _above(complaint)
    check_seat(member=member, office=target)
    day = local_day(at, target)
    sitting = hold(
        office=target,
        subject=complaint,
        minutes_number=minutes_number,
        decided_on=decided_on,
        votes=votes,
        today=day,
    )
    end_change(complaint=complaint, on=day)
    repairs = complaint.repair_requests.filter(answered_on=None, lapsed_on=None)
    repairs.update(lapsed_on=day)
    end_deadline(complaint.deadlines.filter(kind=DeadlineKind.REPAIR), on=day, status="cancelled")
    event = move_complaint(
        complaint=complaint,
        action=ComplaintAction.TAKE_OVER,
        actor=member,
        at=at,
        reason=reason,
    )
    change = _save(complaint, event, member, day, Direction.UP, target, _known(ground))
    _hand(complaint, change, at=at)
    reach_milestone(complaint=complaint, kind=Milestone.HANDED_OVER, on=day)
    return keep_decision(
        sitting=sitting,
        outcome=event.action,
        note=event.reason,
        recorded_by=member,
        complaint=complaint,
    )
