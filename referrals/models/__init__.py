"""The tables of this app."""

from referrals.models.candidacy import PpkCandidacy
from referrals.models.destination import (
    Destination,
    DestinationEvent,
    Dispatch,
    DispatchEvent,
    HandOver,
    ReceivedAnswer,
)
from referrals.models.figure import PublishedTable
from referrals.models.follow_up import FollowUp, FollowUpAnswer, FollowUpEvent
from referrals.models.ledger import (
    EscalationLetter,
    EscalationStep,
    Ladder,
    LadderHold,
    LedgerEntry,
)
from referrals.models.packet import Packet, PacketApproval, ReferralAttachment
from referrals.models.ppk_pass import PpkPass, PpkPassUse
from referrals.models.referral import (
    Delivery,
    Letter,
    Referral,
    ReferralDeadline,
    ReferralEvent,
    ReferralItem,
    ReferralVersion,
)
from referrals.models.review import (
    MissingItem,
    MissingItemAnswer,
    RecommendationDraft,
    RecommendationSignature,
    ReviewQuestion,
    ReviewReply,
)
from referrals.models.subject import CaseExport, SubjectRequest, SubjectRequestEvent

__all__ = [
    "CaseExport",
    "Delivery",
    "Destination",
    "DestinationEvent",
    "Dispatch",
    "DispatchEvent",
    "EscalationLetter",
    "EscalationStep",
    "FollowUp",
    "FollowUpAnswer",
    "FollowUpEvent",
    "HandOver",
    "Ladder",
    "LadderHold",
    "LedgerEntry",
    "Letter",
    "MissingItem",
    "MissingItemAnswer",
    "Packet",
    "PacketApproval",
    "PpkCandidacy",
    "PpkPass",
    "PpkPassUse",
    "PublishedTable",
    "ReceivedAnswer",
    "RecommendationDraft",
    "RecommendationSignature",
    "Referral",
    "ReferralAttachment",
    "ReferralDeadline",
    "ReferralEvent",
    "ReferralItem",
    "ReferralVersion",
    "ReviewQuestion",
    "ReviewReply",
    "SubjectRequest",
    "SubjectRequestEvent",
]
