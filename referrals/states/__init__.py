"""The declared tables of this app: a referral, its ways to its destinations, each PPK's follow-up."""

from referrals.states.dispatch import (
    ADMINISTRATORS,
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
    ENDED,
    FOLLOW_UP_LIFECYCLE,
    OWED,
    PROVEN_BY_FILE,
    AnswerKind,
    FollowUpAction,
    FollowUpStatus,
)
from referrals.states.ledger import (
    REPLACES_SANCTION,
    AppealOutcome,
    EntryKind,
    Gap,
    HoldKind,
    Remedy,
    Rung,
)
from referrals.states.referral import (
    PROPOSERS,
    REFERRAL_LIFECYCLE,
    REVIEWERS,
    ReferralAction,
    ReferralStatus,
)

__all__ = [
    "ADMINISTRATORS",
    "DESTINATION_LIFECYCLE",
    "DISPATCH_LIFECYCLE",
    "ENDED",
    "FOLLOW_UP_LIFECYCLE",
    "OWED",
    "PROPOSERS",
    "PROVEN_BY_FILE",
    "REFERRAL_LIFECYCLE",
    "REPLACES_SANCTION",
    "REVIEWERS",
    "SENDERS",
    "AnswerKind",
    "AppealOutcome",
    "Channel",
    "DestinationAction",
    "DestinationStatus",
    "DispatchAction",
    "DispatchStatus",
    "EntryKind",
    "FollowUpAction",
    "FollowUpStatus",
    "Gap",
    "HoldKind",
    "ReferralAction",
    "ReferralStatus",
    "Remedy",
    "Rung",
]
