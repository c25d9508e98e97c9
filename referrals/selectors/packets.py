"""What an officer reads before something leaves: copies to choose from, what was made of a version."""

from dataclasses import dataclass

from django.db.models import QuerySet

from complaints.models import Derivative
from complaints.states import EvidenceStatus
from referrals.models import Packet, Referral, ReferralAttachment
from referrals.packets.record import NEVER_FROM_REPORTERS


@dataclass(frozen=True)
class AttachableCopy:
    """The newest copy of one piece of evidence. ``is_reporters``: an officer did not put it in."""

    copy: Derivative
    is_attached: bool
    is_reporters: bool
    may_leave: bool


def copies_of_case(referral: Referral) -> "QuerySet[Derivative]":
    """Return every whole copy of the case's evidence that still has its file; a filter, no query."""
    return (
        Derivative.objects.filter(
            evidence__complaint__cases=referral.case_id,
            evidence__status=EvidenceStatus.READY,
            part=Derivative.Part.MAIN,
            file__isnull=False,
        )
        .select_related("evidence", "file")
        .order_by("evidence_id", "-generation")
    )


def attachable_copies(referral: Referral) -> list[AttachableCopy]:
    """Return the newest copy of each piece of evidence. Two queries."""
    chosen = set(
        ReferralAttachment.objects.filter(referral=referral).values_list("copy_id", flat=True)
    )
    newest: dict[int, AttachableCopy] = {}
    for copy in copies_of_case(referral):
        if copy.evidence_id in newest and copy.pk not in chosen:
            continue
        is_reporters = copy.evidence.added_by_id is None
        newest[copy.evidence_id] = AttachableCopy(
            copy,
            is_attached=copy.pk in chosen,
            is_reporters=is_reporters,
            may_leave=not is_reporters or copy.evidence.kind not in NEVER_FROM_REPORTERS,
        )
    return list(newest.values())


def packets_of(referral: Referral) -> list[Packet]:
    """Return what was made of each version, newest first, without its record. One query."""
    return list(Packet.objects.filter(referral=referral).defer("record", "manifest"))
