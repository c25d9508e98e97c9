"""What a recipient's system answers over its line: signed, once, in whatever order it comes."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.row_scopes import Scope, Sight, take
from complaints.services.deadlines import end_deadline, local_day
from referrals.models import Destination, Dispatch, ReceivedAnswer, Referral
from referrals.services.missing_items import Missing, name_missing
from referrals.services.signing import draft_by_line
from referrals.services.transitions import move_dispatch, move_referral
from referrals.states import (
    AT_RECIPIENT,
    DISPATCH_LIFECYCLE,
    REFERRAL_LIFECYCLE,
    DispatchAction,
    DispatchStatus,
    MissingKind,
    ReferralAction,
)

MAX_ANSWER_REASON = 2000

RECOMMENDED = "recommended"
ANSWERS = {
    "acknowledged": DispatchAction.ACKNOWLEDGE,
    "returned": DispatchAction.RETURN,
    "refused": DispatchAction.REFUSE,
    # whoever recommends has it in hand
    RECOMMENDED: DispatchAction.ACKNOWLEDGE,
}
"""What a system may say, and what it says of the way the packet came."""

TOLD_BACK = {
    DispatchAction.RETURN: gettext_lazy("Dikembalikan: %(reason)s"),
    DispatchAction.REFUSE: gettext_lazy("Ditolak: %(reason)s"),
}


@transaction.atomic
def take_answer(
    *, destination: Destination, nonce: str, dispatch_id: UUID, told: dict[str, str], at: datetime
) -> ReceivedAnswer:
    """Take a recipient's signed answer in (``told``: status, reason, body_sha256).

    The same nonce again gives the row of the first time and changes nothing; an answer that comes out
    of order is kept and not applied. "recommended" becomes a draft that two reviewers make theirs, never
    a recommendation. Raises DomainError for what the destination may not answer.
    """
    # Its signature was verified: from here on the recipient asks.
    take(Scope(Sight.RECIPIENT, str(destination.recipient_id)))
    known = ReceivedAnswer.objects.filter(destination=destination, nonce=nonce).first()
    if known is not None:
        return known
    action = ANSWERS[told["status"]]
    is_draft = told["status"] == RECOMMENDED
    reason = told.get("reason", "").strip()[:MAX_ANSWER_REASON]
    if (action in TOLD_BACK or is_draft) and not reason:
        raise DomainError(_("Tulis alasannya."), field="reason")
    dispatch = (
        Dispatch.objects.select_for_update(of=("self",))
        .select_related("referral__case__office")
        .filter(public_id=dispatch_id, destination=destination.code)
        .first()
    )
    if dispatch is None:
        raise DomainError(_("Tidak dikenal."), field="dispatch", code="unknown")
    is_applied = (
        _drafted(dispatch, reason, at) if is_draft else _applied(dispatch, action, reason, at)
    )
    row, _made = ReceivedAnswer.objects.get_or_create(
        destination=destination,
        nonce=nonce,
        defaults={
            "dispatch": dispatch,
            "kind": told["status"],
            "is_applied": is_applied,
            "body_sha256": told.get("body_sha256", hashlib.sha256(b"").hexdigest()),
            "received_at": at,
        },
    )
    return row


def _applied(dispatch: Dispatch, action: DispatchAction, reason: str, at: datetime) -> bool:
    is_applied = dispatch.status in {
        each.value for each in DISPATCH_LIFECYCLE.table[action].sources
    }
    if is_applied:
        move_dispatch(dispatch=dispatch, action=action, actor=None, at=at, reason=reason)
        if action in TOLD_BACK:
            _told_back(dispatch, action, reason, at)
    return is_applied


def _drafted(dispatch: Dispatch, text: str, at: datetime) -> bool:
    """Keep a recommendation of a line as a draft while this is the version that waits for one."""
    if dispatch.status not in {DispatchStatus.SENT, DispatchStatus.ACKNOWLEDGED}:
        return False
    referral = (
        Referral.objects.select_for_update(of=("self",), no_key=True)
        .select_related("recipient", "case__office")
        .get(pk=dispatch.referral_id)
    )
    waiting = REFERRAL_LIFECYCLE.table[ReferralAction.DRAFT_BY_LINE].sources
    # what a person of the body laid down is not overwritten by a machine
    if referral.version != dispatch.version or referral.status not in waiting:
        return False
    if dispatch.status == DispatchStatus.SENT:
        move_dispatch(dispatch=dispatch, action=DispatchAction.ACKNOWLEDGE, actor=None, at=at)
    draft_by_line(referral=referral, at=at, text=text)
    return True


def _told_back(dispatch: Dispatch, action: DispatchAction, reason: str, at: datetime) -> None:
    """Return the referral itself while this is its version and nobody there decided otherwise."""
    referral = Referral.objects.select_for_update(no_key=True).get(pk=dispatch.referral_id)
    if referral.version != dispatch.version or referral.status not in AT_RECIPIENT:
        return
    move_referral(
        referral=referral,
        action=ReferralAction.RETURN_BY_LINE,
        actor=None,
        at=at,
        reason=TOLD_BACK[action] % {"reason": reason},
    )
    name_missing(referral=referral, by=None, at=at, missing=[Missing(MissingKind.OTHER, reason)])
    end_deadline(referral.deadlines.all(), on=local_day(at, dispatch.referral.case.office))
