"""Sanctions an official already has: proven, final, and of the kind this body itself recommends.

Nothing of a matter that is still open is told, and nothing of another kind of body: not even that there
is something.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.row_scopes import beyond
from complaints.models import Recusal
from referrals.models import FollowUp, LedgerEntry, Referral
from referrals.rules.remedies import remedy_against
from referrals.rules.standing import standing
from referrals.selectors.remedies import last_day_to_file
from referrals.states import EntryKind, FollowUpStatus

MOST_SHOWN = 20


@dataclass(frozen=True)
class PriorSanction:
    """One sanction as it stands: what, by which decree, when, at which agency."""

    name: str
    sanction_class: str
    decree_number: str
    decided_on: date
    agency: str
    who: str


@beyond("the task of a body that ended went to the next one; its referrals name the old one")
def prior_sanctions(
    *, user: User, referral: Referral, numbers: Collection[str], at: datetime
) -> list[PriorSanction]:
    """Return the sanctions of the people of a referral, newest first.

    People are one by the NIP that left with the packet, or by an officer's word that two files name one
    person. Two queries; for each sanction nobody appealed against up to four for its last day.
    """
    found = []
    for follow_up in _candidates(user, referral, numbers):
        sanction = _final(follow_up, at)
        if sanction is not None:
            found.append(sanction)
    return sorted(found, key=lambda each: each.decided_on, reverse=True)


def _candidates(user: User, referral: Referral, numbers: Collection[str]) -> "QuerySet[FollowUp]":
    body = user.recipient_body
    if body is None:
        return FollowUp.objects.none()
    # the task of a body that ended went to this one (Perpres 92/2024); the next one's is not known here
    bodies = Q(referral__recipient=body)
    if body.valid_from is not None:
        bodies |= Q(
            referral__recipient__kind=body.kind, referral__recipient__valid_to__lt=body.valid_from
        )
    recused = Recusal.objects.filter(user=user, case=OuterRef("referral__case"))
    known = referral.lines().exclude(official__person=None).values("official__person")
    return (
        FollowUp.objects.filter(bodies, ~Exists(recused), status=FollowUpStatus.VERIFIED)
        .filter(Q(official__nip__in=numbers) | Q(official__person__in=known))
        .exclude(referral=referral)
        .select_related("official", "agency", "referral__case__office")
        .prefetch_related("ledger__sanction_type")
        .order_by("-pk")[:MOST_SHOWN]
    )


def _final(follow_up: FollowUp, at: datetime) -> PriorSanction | None:
    """Return what was imposed once nobody can put it in question any more, else None."""
    entries = list(follow_up.ledger.all())
    held = standing(entries)
    row = held.imposed
    if not isinstance(row, LedgerEntry) or row.sanction_type is None:
        return None
    if held.is_appealed or not held.is_verified:
        return None
    if not any(entry.kind == EntryKind.APPEAL_DECIDED for entry in entries):
        last_day = last_day_to_file(
            remedy=remedy_against(row.sanction_type),
            received_on=row.happened_on,
            office=follow_up.referral.case.office,
        )
        if at.date() <= last_day:
            return None
    return PriorSanction(
        name=row.sanction_type.name,
        sanction_class=str(row.get_sanction_class_display()),
        decree_number=row.decree_number,
        decided_on=row.happened_on,
        agency=follow_up.agency.name,
        who=str(follow_up.official),
    )
