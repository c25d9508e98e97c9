"""The only writer of ``status`` in this app."""

from datetime import datetime
from typing import Any

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.transitions import Machine, advance, open_history
from referrals.models import (
    Destination,
    DestinationEvent,
    Dispatch,
    DispatchEvent,
    FollowUp,
    FollowUpEvent,
    Referral,
    ReferralEvent,
    SubjectRequest,
    SubjectRequestEvent,
)
from referrals.states import (
    DESTINATION_LIFECYCLE,
    DISPATCH_LIFECYCLE,
    FOLLOW_UP_LIFECYCLE,
    REFERRAL_LIFECYCLE,
    SUBJECT_LIFECYCLE,
    DestinationAction,
    DestinationStatus,
    DispatchAction,
    DispatchStatus,
    FollowUpAction,
    FollowUpStatus,
    ReferralAction,
    ReferralStatus,
    SubjectAction,
    SubjectStatus,
)

REFERRAL_MACHINE = Machine(REFERRAL_LIFECYCLE, ReferralStatus, ReferralEvent, "referral")
FOLLOW_UP_MACHINE = Machine(FOLLOW_UP_LIFECYCLE, FollowUpStatus, FollowUpEvent, "follow_up")

DESTINATION_MACHINE = Machine(
    DESTINATION_LIFECYCLE, DestinationStatus, DestinationEvent, "destination"
)
SUBJECT_MACHINE = Machine(SUBJECT_LIFECYCLE, SubjectStatus, SubjectRequestEvent, "request")
DISPATCH_MACHINE = Machine(DISPATCH_LIFECYCLE, DispatchStatus, DispatchEvent, "dispatch")


def move_referral(
    *,
    referral: Referral,
    action: ReferralAction,
    actor: User | None,
    at: datetime,
    reason: str = "",
    also: dict[str, Any] | None = None,
) -> None:
    """Take one step of a referral. Errors as in :func:`advance`; nothing changes then."""
    advance(
        row=referral,
        machine=REFERRAL_MACHINE,
        action=action,
        actor=actor,
        at=at,
        reason=reason,
        also=also,
    )


def move_follow_up(
    *,
    follow_up: FollowUp,
    action: FollowUpAction,
    actor: User,
    at: datetime,
    reason: str = "",
    also: dict[str, Any] | None = None,
) -> None:
    """Take one step of a follow-up."""
    advance(
        row=follow_up,
        machine=FOLLOW_UP_MACHINE,
        action=action,
        actor=actor,
        at=at,
        reason=reason,
        also=also,
    )


def open_referral_history(
    *, referral: Referral, actor: User, at: datetime, reason: str = ""
) -> None:
    """Write the referral's first event."""
    open_history(row=referral, machine=REFERRAL_MACHINE, actor=actor, at=at, reason=reason)


def open_follow_up_history(*, follow_up: FollowUp, actor: User, at: datetime) -> None:
    """Write the follow-up's first event."""
    open_history(row=follow_up, machine=FOLLOW_UP_MACHINE, actor=actor, at=at)


def move_destination(
    *,
    destination: Destination,
    action: DestinationAction,
    actor: User,
    at: datetime,
    reason: str = "",
) -> None:
    """Take one step of a destination."""
    advance(
        row=destination,
        machine=DESTINATION_MACHINE,
        action=action,
        actor=actor,
        at=at,
        reason=reason,
    )


def open_destination_history(*, destination: Destination, actor: User, at: datetime) -> None:
    """Write the destination's first event."""
    open_history(row=destination, machine=DESTINATION_MACHINE, actor=actor, at=at)


def move_dispatch(
    *,
    dispatch: Dispatch,
    action: DispatchAction,
    actor: User | None,
    at: datetime,
    reason: str = "",
    also: dict[str, Any] | None = None,
) -> None:
    """Take one step of a dispatch."""
    advance(
        row=dispatch,
        machine=DISPATCH_MACHINE,
        action=action,
        actor=actor,
        at=at,
        reason=reason,
        also=also,
    )


def open_dispatch_history(*, dispatch: Dispatch, at: datetime) -> None:
    """Write the dispatch's first event."""
    open_history(row=dispatch, machine=DISPATCH_MACHINE, actor=None, at=at)


def move_subject(
    *,
    request: SubjectRequest,
    action: SubjectAction,
    actor: User,
    at: datetime,
    reason: str = "",
    also: dict[str, Any] | None = None,
) -> None:
    """Take one step of a data subject's request. Errors as in :func:`advance`."""
    advance(
        row=request,
        machine=SUBJECT_MACHINE,
        action=action,
        actor=actor,
        at=at,
        reason=reason,
        also=also,
    )


def open_subject_history(*, request: SubjectRequest, actor: User, at: datetime) -> None:
    """Write the request's first event."""
    open_history(row=request, machine=SUBJECT_MACHINE, actor=actor, at=at)
