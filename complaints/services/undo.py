"""Taking back what one did a moment ago: the last thing on the record, by oneself, within some minutes.

Nothing is erased: the step back is an event of its own. What others may have acted on is not taken back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import ConflictError
from complaints.models import Complaint, ComplaintEvent, OfficeChange, Tag, WorkAction, WorkEvent
from complaints.services.assignment import assign
from complaints.services.checklist import follow_repair_notice, untick_requirement
from complaints.services.deadlines import local_day
from complaints.services.office_changes import end_change
from complaints.services.snooze import snooze
from complaints.services.tags import add_tag, remove_tag
from complaints.services.transitions import move_complaint
from complaints.states import ComplaintAction, ComplaintStatus, Requirement

UNDO_WINDOW = timedelta(minutes=10)
"""How long a second thought is still one's own; the plenary's agenda shows a proposal at once."""

PROPOSALS = frozenset(
    {
        ComplaintAction.PROPOSE_TRACING,
        ComplaintAction.PROPOSE_ARCHIVE,
        ComplaintAction.PROPOSE_REGISTER,
        ComplaintAction.PROPOSE_REFUSAL,
        ComplaintAction.PROPOSE_FORWARD,
        ComplaintAction.PROPOSE_DELEGATION,
        ComplaintAction.PROPOSE_TAKEOVER,
    }
)
UNDOABLE_WORK = frozenset(
    {
        WorkAction.TICK,
        WorkAction.ASSIGN,
        WorkAction.HAND_OVER,
        WorkAction.RELEASE,
        WorkAction.SNOOZE,
        WorkAction.WAKE,
        WorkAction.TAG,
        WorkAction.UNTAG,
    }
)
ANSWERS: dict[str, bool | None] = {"open": None, "met": True, "unmet": False}


@dataclass(frozen=True)
class LastStep:
    """What can be taken back: a proposal or a piece of work, with its name for people."""

    event: ComplaintEvent | WorkEvent
    label: str


def was_lately(complaint: Any, *, at: datetime) -> bool:
    """Say whether anything happened to a record, read with its file, that somebody may take back still.

    No query: nobody needs to ask for the last step of a record that has been quiet for an hour.
    """
    moments = [datetime.fromisoformat(each["at"]) for each in complaint.event_rows[-1:]]
    if complaint.worked_at is not None:
        moments.append(complaint.worked_at)
    return any(at - moment <= UNDO_WINDOW for moment in moments)


def last_step(*, complaint: Complaint, officer: User, at: datetime) -> LastStep | None:
    """Return what this officer could take back of the record now, or None. Two queries."""
    step = complaint.events.order_by("-pk").first()
    # A note changes nothing, so whoever wrote one may still take back what came before it.
    work = complaint.work_events.exclude(action=WorkAction.NOTE).order_by("-pk").first()
    latest: ComplaintEvent | WorkEvent | None = step
    if work is not None and (step is None or work.at >= step.at):
        latest = work
    if latest is None or latest.actor_id != officer.pk or at - latest.at > UNDO_WINDOW:
        return None
    if isinstance(latest, WorkEvent):
        # A step back is not taken back in turn: it would swing for ever.
        known = latest.action in UNDOABLE_WORK and "undone" not in latest.detail
        return LastStep(latest, WorkAction(latest.action).label) if known else None
    if latest.action in PROPOSALS and complaint.status == ComplaintStatus.PROPOSED:
        return LastStep(latest, ComplaintAction(latest.action).label)
    return None


@transaction.atomic
def undo_last(*, complaint: Complaint, officer: User, at: datetime, seen: int) -> LastStep:
    """Take back the officer's own last step, the one whose event is ``seen``; return what it was.

    Raises ConflictError when it is not the last any more, not theirs, too long ago, or acted on.
    """
    Complaint.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=complaint.pk)
    complaint.refresh_from_db(fields=["status", "assignee", "snoozed_until"])
    step = last_step(complaint=complaint, officer=officer, at=at)
    if step is None or step.event.pk != seen:
        raise ConflictError(_("Tidak dapat dibatalkan lagi. Muat ulang halaman."))
    if isinstance(step.event, ComplaintEvent):
        take_back_proposal(complaint=complaint, officer=officer, at=at)
    else:
        _TAKE_BACK[WorkAction(step.event.action)](complaint, step.event, officer, at)
    return step


@transaction.atomic
def take_back_proposal(*, complaint: Complaint, officer: User, at: datetime) -> ComplaintEvent:
    """Take one's own fresh proposal back from the plenary's agenda; nobody has acted on it.

    Raises ConflictError when it is somebody else's, too old, or not the record's last event.
    """
    last = complaint.events.order_by("-pk").first()
    if (
        last is None
        or last.action not in PROPOSALS
        or last.actor_id != officer.pk
        or at - last.at > UNDO_WINDOW
    ):
        raise ConflictError(_("Tidak dapat dibatalkan lagi. Muat ulang halaman."))
    event = move_complaint(
        complaint=complaint, action=ComplaintAction.UNDO_PROPOSAL, actor=officer, at=at
    )
    if OfficeChange.objects.filter(complaint=complaint, ended_on=None).exists():
        end_change(complaint=complaint, on=local_day(at, complaint.office))
    # The proposal had ended the clock for telling the reporter what is missing.
    follow_repair_notice(complaint=complaint, at=at)
    return event


def _untick(complaint: Complaint, event: WorkEvent, officer: User, at: datetime) -> None:
    untick_requirement(
        complaint=complaint,
        requirement=Requirement(event.detail["requirement"]),
        was=ANSWERS[event.detail["was"]],
        officer=officer,
        at=at,
    )


def _give_back(complaint: Complaint, event: WorkEvent, officer: User, at: datetime) -> None:
    before = event.detail["from"]
    to = User.objects.filter(pk=before).first() if before is not None else None
    assign(subject=complaint, to=to, officer=officer, at=at, seen=event.detail["to"])


def _wake(complaint: Complaint, event: WorkEvent, officer: User, at: datetime) -> None:
    told = event.detail.get("until")
    seen = date.fromisoformat(told) if told else None
    before = event.detail.get("from")
    until = date.fromisoformat(before) if before else None
    snooze(complaint=complaint, until=until, officer=officer, at=at, seen=seen)


def _retag(complaint: Complaint, event: WorkEvent, officer: User, at: datetime) -> None:
    tag = Tag.objects.filter(public_id=event.detail["tag"]).first()
    if tag is None:
        raise ConflictError(_("Label ini sudah dihapus."))
    put_back = add_tag if event.action == WorkAction.UNTAG else remove_tag
    put_back(complaint=complaint, tag=tag, officer=officer, at=at, undone=True)


_TAKE_BACK: dict[WorkAction, Callable[[Complaint, Any, User, datetime], None]] = {
    WorkAction.TICK: _untick,
    WorkAction.ASSIGN: _give_back,
    WorkAction.HAND_OVER: _give_back,
    WorkAction.RELEASE: _give_back,
    WorkAction.SNOOZE: _wake,
    WorkAction.WAKE: _wake,
    WorkAction.TAG: _retag,
    WorkAction.UNTAG: _retag,
}
