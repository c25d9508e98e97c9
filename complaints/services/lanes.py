"""What a reporter decides about their own name: giving it later, or taking the report back."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.keyring.models import Erasure
from bawaslu_cases.shared.errors import DomainError
from complaints.deadlines import DeadlineKind
from complaints.models import Complaint, SealedIdentity
from complaints.services.deadlines import end_deadline, local_day, start_complaint_deadline
from complaints.services.intake import SealedName, check_name
from complaints.services.milestones import reach_milestone
from complaints.services.office_changes import end_change
from complaints.services.reports import REPORTER, start_of
from complaints.services.transitions import move_complaint
from complaints.services.vault import erase_identity, forget_card, keep_identity
from complaints.states import (
    LANE_ORDER,
    LIFECYCLES,
    ComplaintAction,
    ComplaintStatus,
    Lane,
    Milestone,
)


def higher_lanes(complaint: Complaint) -> Sequence[Lane]:
    """Return the lanes a reporter may go on to from here; none once it is too late for a name."""
    lane = Lane(complaint.lane)
    if lane not in LANE_ORDER:
        return ()
    raising = LIFECYCLES[lane].table[ComplaintAction.RAISE]
    if ComplaintStatus(complaint.status) not in raising.sources:
        return ()
    return LANE_ORDER[LANE_ORDER.index(lane) + 1 :]


def raise_lane(*, complaint: Complaint, lane: Lane, name: SealedName, at: datetime) -> None:
    """Let the reporter give a name, or more people the right to see it. Cannot be taken back.

    A tip becomes a report on that day, so its review clock starts anew (PB7 ps 15(1)). Raises
    DomainError when the lane is not a higher one or it is too late, IdentityMissingError when the
    name does not fit.
    """
    if lane not in higher_lanes(complaint):
        raise DomainError(_("Tingkat ini tidak bisa dipilih lagi."), code="lane_not_open")
    check_name(name, lane=lane, public_id=complaint.public_id)
    day = local_day(at, complaint.office)
    with transaction.atomic():
        move_complaint(
            complaint=complaint,
            action=ComplaintAction.RAISE,
            actor=None,
            actor_kind=REPORTER,
            at=start_of(day, complaint.office.time_zone),
            also={"lane": lane.value},
        )
        forget_card(complaint=complaint)
        former, _kinds = SealedIdentity.objects.filter(complaint=complaint).delete()
        keep_identity(
            complaint=complaint,
            blob=name.blob,
            mode=name.mode,
            card_key=name.card_key,
            on=day,
            replaces=bool(former),
        )
        complaint.checks.filter(requirement="reporter").delete()
        end_deadline(
            complaint.deadlines.filter(kind=DeadlineKind.INITIAL_REVIEW), on=day, status="cancelled"
        )
        start_complaint_deadline(
            complaint=complaint, kind=DeadlineKind.INITIAL_REVIEW, starts_on=day
        )


def may_withdraw(complaint: Complaint) -> bool:
    """Say whether a withdrawal still takes the report back, or can only be noted."""
    lane = Lane(complaint.lane)
    table = LIFECYCLES[lane].table
    withdrawing = table.get(ComplaintAction.WITHDRAW)
    return withdrawing is not None and ComplaintStatus(complaint.status) in withdrawing.sources


def note_withdrawal(*, complaint: Complaint, at: datetime) -> None:
    """Keep that the reporter of a registered report withdrew; the case goes on (PB7 ps 17(3)).

    The name stays sealed, for the law still asks for it,
    so the mailbox must not say that the report was taken back. Said twice it is kept once;
    nothing is kept of a record that is in no register.
    """
    day = local_day(at, complaint.office)
    with transaction.atomic():
        held = Complaint.objects.select_for_update(of=("self",), no_key=True).get(pk=complaint.pk)
        noted = held.events.filter(action=ComplaintAction.NOTE_WITHDRAWAL)
        if held.status != ComplaintStatus.REGISTERED or noted.exists():
            return
        move_complaint(
            complaint=complaint,
            action=ComplaintAction.NOTE_WITHDRAWAL,
            actor=None,
            actor_kind=REPORTER,
            at=start_of(day, complaint.office.time_zone),
        )


def withdraw_report(*, complaint: Complaint, at: datetime) -> None:
    """Take a report back before it is registered (PB7 ps 14): the name is erased, the content stays.

    The record goes on as informasi awal (ps 14(4)). Raises ConflictError once it is registered.
    """
    day = local_day(at, complaint.office)
    with transaction.atomic():
        move_complaint(
            complaint=complaint,
            action=ComplaintAction.WITHDRAW,
            actor=None,
            actor_kind=REPORTER,
            at=start_of(day, complaint.office.time_zone),
            also={"lane": Lane.TIP.value},
        )
        complaint.repair_requests.filter(answered_on__isnull=True, lapsed_on__isnull=True).update(
            lapsed_on=day
        )
        complaint.checks.filter(requirement="reporter").delete()
        end_change(complaint=complaint, on=day)
        end_deadline(complaint.deadlines.all(), on=day, status="cancelled")
        start_complaint_deadline(
            complaint=complaint, kind=DeadlineKind.INITIAL_REVIEW, starts_on=day
        )
        reach_milestone(complaint=complaint, kind=Milestone.WITHDRAWN, on=day)
        erase_identity(complaint=complaint, why=Erasure.Why.WITHDRAWN, at=at)
