"""The only way from an id to a row. Hidden and absent are both 404.

What is asked for is named to the audit log before it is looked up; once found, its entry stands under
the case it belongs to.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.sight import see_as
from bawaslu_cases.audit.reads import looked_up, part_of
from complaints.models import Allegation, Case, Derivative
from referrals.models import (
    CaseExport,
    Destination,
    Dispatch,
    EscalationLetter,
    FollowUp,
    FollowUpAnswer,
    Letter,
    PpkCandidacy,
    Referral,
    SubjectRequest,
)
from referrals.selectors import desk, follow_ups, ppk, review
from referrals.selectors.api_records import referral_as_told
from referrals.selectors.dispatches import visible_dispatches
from referrals.selectors.packets import copies_of_case
from referrals.selectors.released import ReleasedFile, released, released_copy

LONGEST_KEY = 19
"""Digits of a row's key; more fit no column."""


def readable_case(*, user: User, public_id: UUID) -> Case:
    """Return a case of the person's own office or below. One query."""
    looked_up("case", public_id)
    cases = Case.objects.visible_to(user).select_related("office__region", "contest")
    return get_object_or_404(cases, public_id=public_id)


def completable_allegation(*, case: Case, public_id: UUID) -> Allegation:
    """Return an allegation of a case the person may read. One query."""
    allegations = case.allegations.select_related("official__agency")
    return get_object_or_404(allegations, public_id=public_id)


def noted_candidacy(*, case: Case, number: str) -> PpkCandidacy:
    """Return an open note on a candidate in the contest of a case the person may read. One query."""
    key = (
        int(number) if number.isascii() and number.isdecimal() and len(number) < LONGEST_KEY else 0
    )
    noted = PpkCandidacy.objects.filter(contest=case.contest_id, ended_on__isnull=True)
    return get_object_or_404(noted, pk=key)


def readable_referral(*, user: User, public_id: UUID) -> Referral:
    """Return a referral of the person's own office or below. One query."""
    looked_up("referral", public_id)
    found = get_object_or_404(desk.referral_queue(user), public_id=public_id)
    part_of("case", found.case.public_id)
    return found


def referral_for_client(*, public_id: UUID, user: User) -> dict[str, Any]:
    """Return a referral as a client of the API is given it, or raise Http404. One query.

    Stands in the audit log under its case.
    """
    looked_up("referral", public_id)
    found = referral_as_told(public_id=public_id, user=user)
    if found is None:
        raise Http404
    part_of("case", found["case"])
    return found


def reviewable_referral(*, user: User, public_id: UUID) -> Referral:
    """Return a referral that was delivered to the person's recipient body. One query."""
    looked_up("referral", public_id)
    found = get_object_or_404(review.delivered_referrals(user), public_id=public_id)
    part_of("case", found.case.public_id)
    return found


def referral_at_an_address(*, person_id: UUID, public_id: UUID) -> tuple[User, Referral]:
    """Return whom a signed address was made for and the referral it names, or raise Http404.

    Two queries. Whoever was suspended, moved on or was recused meanwhile gets nothing.
    """
    people = User.objects.select_related("office")
    user = get_object_or_404(people, public_id=person_id, is_active=True)
    see_as(user)
    return user, get_object_or_404(review.delivered_referrals(user), public_id=public_id)


@dataclass(frozen=True)
class ReleasedCopy:
    """One file of a packet before its reader: the copy (None once erased), and its neighbours."""

    file: ReleasedFile
    copy: Derivative | None
    files: list[ReleasedFile]


def released_file(*, referral: Referral, number: int) -> ReleasedCopy:
    """Return a file of the version that was delivered, by its number in the letter. Two queries."""
    packet = released(referral)
    files = packet.files if packet else []
    for file in files:
        if file.number == number:
            return ReleasedCopy(file, released_copy(referral, file), files)
    raise Http404


def readable_letter(*, referral: Referral, version: int) -> Letter:
    """Return one version of the letter of a referral the person may read. One query."""
    return get_object_or_404(referral.letters, version=version)


def delivered_letter(*, referral: Referral, version: int) -> Letter:
    """Return a version that reached the recipient, never one still inside the house. One query."""
    return get_object_or_404(review.delivered_letters(referral), version=version)


def attachable_copy(*, referral: Referral, public_id: UUID) -> Derivative:
    """Return a safe copy of the evidence of a referral the person may read. One query."""
    return get_object_or_404(copies_of_case(referral), public_id=public_id)


def readable_follow_up(*, user: User, public_id: UUID) -> FollowUp:
    """Return a follow-up that the officer or reviewer may watch. One query."""
    looked_up("follow_up", public_id)
    if user.agency_id is not None:
        raise Http404
    found = get_object_or_404(follow_ups.watched_follow_ups(user), public_id=public_id)
    part_of("case", found.referral.case.public_id)
    return found


def answerable_follow_up(*, user: User, public_id: UUID) -> FollowUp:
    """Return a follow-up of the PPK staff's own agency. One query."""
    looked_up("follow_up", public_id)
    found = get_object_or_404(ppk.agency_follow_ups(user), public_id=public_id)
    part_of("case", found.referral.case.public_id)
    return found


def readable_proof(*, follow_up: FollowUp, number: int) -> FollowUpAnswer:
    """Return the n-th answer of a follow-up the person may read, counted from 1. One query."""
    answers = follow_up.answers.filter(~Q(proof_name="")).order_by("pk")
    # cut here and not in the query: the number of an address may be beyond any offset
    found = list(answers)[number - 1 : number] if number > 0 else []
    if not found:
        raise Http404
    return found[0]


def readable_dispatch(*, user: User, public_id: UUID) -> Dispatch:
    """Return one version's way to a destination, of a referral in scope. One query."""
    looked_up("dispatch", public_id)
    found = get_object_or_404(visible_dispatches(user), public_id=public_id)
    part_of("case", found.referral.case.public_id)
    return found


def known_destination(*, public_id: UUID) -> Destination:
    """Return an address of a recipient body; the door lets administrators in alone. One query."""
    looked_up("destination", public_id)
    return get_object_or_404(Destination.objects.select_related("recipient"), public_id=public_id)


def readable_escalation_letter(*, follow_up: FollowUp, turn: int, rung: int) -> EscalationLetter:
    """Return the letter of one rung of a follow-up the person may read. One query."""
    # an address may hold a number that no column can
    if not (0 < turn < _SMALL and 0 < rung < _SMALL):
        raise Http404
    letters = EscalationLetter.objects.filter(step__follow_up=follow_up)
    return get_object_or_404(letters, step__round=turn, step__rung=rung)


_SMALL = 2**15


def readable_request(*, user: User, public_id: UUID) -> SubjectRequest:
    """Return a data subject's request that the person's office or one below received. One query."""
    looked_up("subject", public_id)
    rows = SubjectRequest.objects.visible_to(user).select_related("office__region", "received_by")
    return get_object_or_404(rows, public_id=public_id)


def own_export(*, user: User, case: Case, export_id: UUID, at: datetime) -> CaseExport:
    """Return a case file that this person ordered and may still fetch, or raise Http404. One query."""
    rows = CaseExport.objects.filter(officer=user, case=case, expires_at__gt=at)
    return get_object_or_404(rows, pk=export_id)
