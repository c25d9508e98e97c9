"""Reports (laporan): completing them, laying them before the plenary, and what follows.

Perbawaslu 7/2022 ps 15-17, 24, 25. The reporter's name is never read here: that it is there and
right is said by a verifier's signed attestation.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.keyring.models import Erasure
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.errors import ConflictError, DomainError
from complaints.deadlines import DeadlineKind
from complaints.errors import RequirementsOpenError
from complaints.models import (
    Case,
    Complaint,
    ComplaintEvent,
    Deadline,
    Message,
    PlenaryDecision,
    RepairRequest,
)
from complaints.rules.refusals import CHANCE_IS_SPENT
from complaints.selectors.refusals import had_its_chance
from complaints.services.case_complaints import add_complaint_to_case
from complaints.services.cases import open_case, open_forwarded_case
from complaints.services.checklist import record_provable
from complaints.services.deadlines import (
    end_deadline,
    local_day,
    refresh_complaint_due,
    start_complaint_deadline,
)
from complaints.services.messages import send_to_desk
from complaints.services.milestones import reach_milestone
from complaints.services.office_changes import end_change, propose_change, take_change
from complaints.services.plenary import (
    Vote,
    check_ground,
    check_refusal,
    check_seat,
    hold,
    keep_decision,
)
from complaints.services.transitions import move_complaint
from complaints.services.vault import erase_identity
from complaints.states import (
    ComplaintAction,
    ComplaintStatus,
    Lane,
    Milestone,
    Requirement,
    requirements_of,
)

REPORTER = "reporter"


@transaction.atomic
def ask_repair(
    *,
    complaint: Complaint,
    requirements: Collection[Requirement],
    officer: User,
    at: datetime,
    message: Message | None = None,
) -> RepairRequest:
    """Ask the reporter to complete the report (PB7 ps 24(1)); their clock starts (ps 24(4)).

    ``requirements`` says what is missing by code; words for the reporter are a sealed ``message``.
    Raises DomainError when nothing is asked for, the report came too late, or its reporter had the one
    chance that ps 24(4) gives.
    """
    if not requirements:
        raise DomainError(_("Pilih apa yang perlu dilengkapi"), field="requirements")
    if complaint.checks.filter(requirement=Requirement.IN_TIME, is_met=False).exists():
        # Lateness cannot be repaired (PB7 ps 24(3)): asking would only cost the reporter time.
        raise DomainError(
            _("Laporan yang lewat waktu tidak dapat diperbaiki."), code="not_repairable"
        )
    # Locked: an answer that comes in while an old page is posted is seen here.
    Complaint.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=complaint.pk)
    if had_its_chance(complaint):
        raise DomainError(CHANCE_IS_SPENT, code="chance_is_spent")
    move_complaint(complaint=complaint, action=ComplaintAction.ASK_REPAIR, actor=officer, at=at)
    day = local_day(at, complaint.office)
    kinds = (DeadlineKind.INITIAL_REVIEW, DeadlineKind.REPAIR_NOTICE)
    end_deadline(complaint.deadlines.filter(kind__in=kinds), on=day)
    clock = start_complaint_deadline(complaint=complaint, kind=DeadlineKind.REPAIR, starts_on=day)
    reach_milestone(complaint=complaint, kind=Milestone.REPAIR, on=day)
    return RepairRequest.objects.create(
        complaint=complaint,
        requirements=[item.value for item in Requirement if item in requirements],
        message=message,
        asked_on=day,
        due_on=clock.due_on,
    )


@transaction.atomic
def answer_repair(*, complaint: Complaint, at: datetime) -> RepairRequest:
    """Take note that the reporter completed the report: the desk looks again, on a new clock."""
    day = local_day(at, complaint.office)
    move_complaint(
        complaint=complaint,
        action=ComplaintAction.REPAIR,
        actor=None,
        actor_kind=REPORTER,
        at=start_of(day, complaint.office.time_zone),
    )
    request = complaint.repair_requests.get(answered_on__isnull=True, lapsed_on__isnull=True)
    request.answered_on = day
    request.save(update_fields=["answered_on"])
    _look_again(complaint, on=day)
    return request


@transaction.atomic
def complete_report(*, complaint: Complaint, text: str, at: datetime) -> RepairRequest:
    """Take a reporter's answer to what was asked: the words for the desk, and the step."""
    send_to_desk(complaint=complaint, text=text, at=at, kind=Message.Kind.REPAIR_ANSWER)
    return answer_repair(complaint=complaint, at=at)


@transaction.atomic
def lapse_repair(*, complaint: Complaint, at: datetime) -> RepairRequest:
    """End the wait for a reporter whose time to complete the report is over (PB7 ps 24(7))."""
    move_complaint(complaint=complaint, action=ComplaintAction.REPAIR_LAPSED, actor=None, at=at)
    day = local_day(at, complaint.office)
    request = complaint.repair_requests.get(answered_on__isnull=True, lapsed_on__isnull=True)
    request.lapsed_on = day
    request.save(update_fields=["lapsed_on"])
    _look_again(complaint, on=day)
    return request


def lapse_repairs(*, at: datetime) -> int:
    """End every wait whose clock has passed; return how many. Harmless when run twice."""
    rows = Deadline.objects.filter(
        kind=DeadlineKind.REPAIR, status=Deadline.Status.OPEN, due_at__lte=at
    )
    lapsed = 0
    for complaint_id in list(rows.values_list("complaint_id", flat=True)):
        with transaction.atomic():
            complaint = (
                Complaint.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
                .select_related("office", "contest")
                .filter(pk=complaint_id, status=ComplaintStatus.AWAITING)
                .first()
            )
            if complaint is not None:
                lapse_repair(complaint=complaint, at=at)
                lapsed += 1
    return lapsed


def _look_again(complaint: Complaint, *, on: date) -> None:
    end_deadline(complaint.deadlines.filter(kind=DeadlineKind.REPAIR), on=on)
    start_complaint_deadline(complaint=complaint, kind=DeadlineKind.INITIAL_REVIEW, starts_on=on)


NEEDS_EVERYTHING = frozenset({ComplaintAction.PROPOSE_REGISTER, ComplaintAction.PROPOSE_FORWARD})
"""What is proposed only of a report that meets every requirement (PB7 ps 16(1), ps 22)."""

HANDED_ON = frozenset({ComplaintAction.PROPOSE_DELEGATION, ComplaintAction.PROPOSE_TAKEOVER})
"""Proposals that another office decide the matter: the review of its requirements is theirs."""


@transaction.atomic
def propose_report(
    *,
    complaint: Complaint,
    action: ComplaintAction,
    officer: User,
    at: datetime,
    reason: str = "",
    target: Office | None = None,
    ground: str = "",
) -> ComplaintEvent:
    """Lay a report before the plenary: register, forward, refuse, delegate down or have it taken over.

    ``target`` is the office that a delegation names; ``ground`` a TakeoverGround, of a refusal a
    RefusalGround, AS_TIP, or "" where only the reason says why. Raises RequirementsOpenError while a
    requirement was not looked at, or for a registration or a forwarding with one that is not met;
    DomainError for a ground that the record contradicts.
    """
    if action not in HANDED_ON:
        _check_requirements(complaint, action, record_provable(complaint=complaint, at=at))
    if action == ComplaintAction.PROPOSE_REFUSAL:
        check_refusal(complaint=complaint, ground=ground)
    event = move_complaint(complaint=complaint, action=action, actor=officer, at=at, reason=reason)
    day = local_day(at, complaint.office)
    end_deadline(complaint.deadlines.filter(kind=DeadlineKind.REPAIR_NOTICE), on=day)
    if action in HANDED_ON:
        propose_change(
            complaint=complaint, event=event, officer=officer, on=day, target=target, ground=ground
        )
        start_complaint_deadline(complaint=complaint, kind=DeadlineKind.DELEGATION, starts_on=day)
    else:
        refresh_complaint_due(complaint)
        reach_milestone(complaint=complaint, kind=Milestone.CHECKED, on=day)
    return event


def _check_requirements(
    complaint: Complaint, action: ComplaintAction, checks: Mapping[str, bool]
) -> None:
    asked = requirements_of(complaint.lane)
    missing = tuple(item.value for item in asked if item.value not in checks)
    if missing:
        raise RequirementsOpenError(
            _("%(count)d syarat lagi belum diperiksa.") % {"count": len(missing)}, codes=missing
        )
    unmet = tuple(item.value for item in asked if not checks[item.value])
    if unmet and action in NEEDS_EVERYTHING:
        text = (
            _("%(count)d syarat belum terpenuhi, jadi laporan belum dapat diregistrasi.")
            if action == ComplaintAction.PROPOSE_REGISTER
            else _("%(count)d syarat belum terpenuhi, jadi laporan belum dapat diteruskan.")
        )
        raise RequirementsOpenError(text % {"count": len(unmet)}, codes=unmet)


REPORT_OUTCOMES = {
    ComplaintAction.APPROVE_REGISTER: None,
    ComplaintAction.APPROVE_FORWARD: None,
    ComplaintAction.REFUSE: Milestone.NOT_REGISTERED,
    ComplaintAction.KEEP_AS_TIP: None,
    ComplaintAction.APPROVE_DELEGATION: Milestone.HANDED_OVER,
    ComplaintAction.ASK_TAKEOVER: None,
    ComplaintAction.RETURN_PROPOSAL: None,
}
"""What the plenary can do with a proposal about a report, and what the reporter is told then.

A registered or forwarded report opens a case, which tells the reporter itself.
"""


@transaction.atomic
def decide_on_report(  # noqa: PLR0913 -- the minutes' own columns
    *,
    complaint: Complaint,
    action: ComplaintAction,
    member: User,
    at: datetime,
    minutes_number: str,
    decided_on: date,
    votes: Sequence[Vote],
    reason: str = "",
    ground: str = "",
    into: Case | None = None,
) -> tuple[PlenaryDecision, Case | None]:
    """Record what the plenary decided on a report and let it take effect; a case when it opens one.

    A registered report joins the case ``into`` where one is named, instead of opening its own.

    ``ground`` (RefusalGround) says why a report is not registered. A delegation or a request to take
    over needs its proposal; anything else ends it. RequirementsOpenError for a registration or a forwarding
    with a requirement that is not met or was not looked at.
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
    ground = check_ground(complaint=complaint, action=action, ground=ground)
    if action in NEEDED_BY:
        # Locked: a verifier's answer that comes in while the plenary sits waits, or is seen here.
        Complaint.objects.select_for_update(of=("self",), no_key=True).only("pk").get(
            pk=complaint.pk
        )
        checks = dict(complaint.checks.values_list("requirement", "is_met"))
        _check_requirements(complaint, NEEDED_BY[action], checks)
    also = {"lane": Lane.TIP.value} if action == ComplaintAction.KEEP_AS_TIP else None
    event = move_complaint(
        complaint=complaint, action=action, actor=member, at=at, reason=reason, also=also
    )
    case = _take_effect(
        complaint=complaint, action=action, member=member, at=at, day=day, into=into
    )
    told = REPORT_OUTCOMES[action]
    if told is not None:
        reach_milestone(complaint=complaint, kind=told, on=day)
    decision = keep_decision(
        sitting=sitting,
        outcome=event.action,
        ground=ground,
        note=event.reason,
        recorded_by=member,
        complaint=complaint,
    )
    return decision, case


NEEDED_BY = {
    ComplaintAction.APPROVE_REGISTER: ComplaintAction.PROPOSE_REGISTER,
    ComplaintAction.APPROVE_FORWARD: ComplaintAction.PROPOSE_FORWARD,
}
"""Whatever was proposed, what the plenary registers or forwards meets every requirement (ps 16(1)a)."""

STAYS_IN_REVIEW = frozenset({ComplaintAction.RETURN_PROPOSAL, ComplaintAction.ASK_TAKEOVER})
"""Outcomes after which the review's own clock goes on."""


def _take_effect(
    *,
    complaint: Complaint,
    action: ComplaintAction,
    member: User,
    at: datetime,
    day: date,
    into: Case | None,
) -> Case | None:
    if action not in STAYS_IN_REVIEW:
        end_deadline(complaint.deadlines.filter(kind=DeadlineKind.INITIAL_REVIEW), on=day)
        refresh_complaint_due(complaint)
    if action == ComplaintAction.APPROVE_DELEGATION:
        take_change(complaint=complaint, at=at)
    elif action == ComplaintAction.ASK_TAKEOVER:
        # Nothing can be asked that was not proposed: the level above is told on what ground.
        if not complaint.office_changes.filter(ended_on=None, direction="up").exists():
            raise ConflictError(_("Pengambilalihan belum diusulkan petugas."))
    else:
        end_change(complaint=complaint, on=day)
    if action == ComplaintAction.APPROVE_REGISTER and into is not None:
        add_complaint_to_case(complaint=complaint, case=into, officer=member, at=at)
        return into
    if action == ComplaintAction.APPROVE_REGISTER:
        return open_case(complaint=complaint, officer=member, at=at)
    if action == ComplaintAction.APPROVE_FORWARD:
        return open_forwarded_case(complaint=complaint, officer=member, at=at)
    if action == ComplaintAction.KEEP_AS_TIP:
        erase_identity(complaint=complaint, why=Erasure.Why.KEPT_AS_TIP, at=at)
        start_complaint_deadline(
            complaint=complaint, kind=DeadlineKind.INITIAL_REVIEW, starts_on=day
        )
    return None


def start_of(day: date, time_zone: str) -> datetime:
    """Return the first moment of a day: a reporter's own step is kept by day, never by hour."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(time_zone))
