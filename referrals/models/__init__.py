"""The tables of this app."""

from referrals.models.figure import PublicFigure
from referrals.models.follow_up import FollowUp, FollowUpAnswer, FollowUpEvent
from referrals.models.referral import (
    Delivery,
    Letter,
    Referral,
    ReferralDeadline,
    ReferralEvent,
    ReferralItem,
)

__all__ = [
    "Delivery",
    "FollowUp",
    "FollowUpAnswer",
    "FollowUpEvent",
    "Letter",
    "PublicFigure",
    "Referral",
    "ReferralDeadline",
    "ReferralEvent",
    "ReferralItem",
]
