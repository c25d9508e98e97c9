"""The declared tables of this app: a referral, its ways to its destinations, each PPK's follow-up."""

from referrals.states.dispatch import (
    DESTINATION_LIFECYCLE,
    DISPATCH_LIFECYCLE,
    SENDERS,
    Channel,
    DestinationAction,
    DestinationStatus,
    DispatchAction,
    DispatchStatus,
)
from referrals.states.follow_up import (
    FOLLOW_UP_LIFECYCLE,
    AnswerKind,
    FollowUpAction,
    FollowUpStatus,
)
from referrals.states.referral import (
    PROPOSERS,
    REFERRAL_LIFECYCLE,
    REVIEWERS,
    ReferralAction,
    ReferralStatus,
)

__all__ = [
    "DESTINATION_LIFECYCLE",
    "DISPATCH_LIFECYCLE",
    "FOLLOW_UP_LIFECYCLE",
    "PROPOSERS",
    "REFERRAL_LIFECYCLE",
    "REVIEWERS",
    "SENDERS",
    "AnswerKind",
    "Channel",
    "DestinationAction",
    "DestinationStatus",
    "DispatchAction",
    "DispatchStatus",
    "FollowUpAction",
    "FollowUpStatus",
    "ReferralAction",
    "ReferralStatus",
]
