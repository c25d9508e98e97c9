"""The recipient body's judgement."""

from dataclasses import replace

import pytest

from bawaslu_cases.registry.models import Agency
from bawaslu_cases.shared.errors import (
    ConflictError,
    DomainError,
    NotPermittedError,
    ReasonNeededError,
)
from complaints.states import CaseStatus, Milestone
from referrals.models import FollowUp
from referrals.services.review import (
    accept_referral,
    find_not_proven,
    return_referral,
)
from referrals.services.signing import draft_recommendation
from tests.factories import AT, decided_case, facts, person
from tests.referrals import stages

pytestmark = pytest.mark.django_db


def test_only_the_addressed_body_reviews():
    referral = stages.delivered()

    with pytest.raises(NotPermittedError):
        accept_referral(referral=referral, reviewer=person("kasman"), at=AT)
    with pytest.raises(NotPermittedError):
        accept_referral(referral=referral, reviewer=person("sari"), at=AT)

    accept_referral(referral=referral, reviewer=person("anwar"), at=AT)
    assert referral.status == "accepted"


def test_return_needs_words_and_ends_the_clock():
    referral = stages.accepted()

    with pytest.raises(ReasonNeededError):
        return_referral(referral=referral, reviewer=person("anwar"), at=AT, reason=" ")
    return_referral(referral=referral, reviewer=person("anwar"), at=AT, reason="NIP kurang.")

    assert (referral.status, referral.due_at) == ("returned", None)
    assert referral.deadlines.get().status == "met"


def test_recommendation_opens_one_follow_up_with_its_clock():
    follow_up = stages.recommended()

    assert (follow_up.agency.code, follow_up.status) == ("R-33.08", "awaiting")
    assert follow_up.recommended_class == "SEVERE"
    # 14 working days after Monday 7 October 2024
    assert str(follow_up.deadlines.get().due_on) == "2024-10-25"
    complaint = follow_up.referral.case.complaints.get()
    assert complaint.milestones.filter(kind=Milestone.AT_AGENCY).count() == 1


def test_recommendation_without_words_is_refused():
    referral = stages.accepted()

    with pytest.raises(DomainError) as refused:
        draft_recommendation(referral=referral, reviewer=person("anwar"), at=AT, text=" ")

    assert refused.value.field == "text"
    assert FollowUp.objects.count() == 0


def test_two_officials_are_two_follow_ups():
    first = facts().people[0]
    second = replace(
        first,
        name="Contoh Lestari",
        nip="197001012000011905",
        agency=Agency.objects.get(code="R-51.71"),
    )
    referral = stages.accepted(decided_case(people=[first, second]))

    found = stages.both_sign(referral)

    assert [each.agency.code for each in found] == ["R-33.08", "R-51.71"]


def test_not_proven_closes_referral_and_case():
    referral = stages.accepted()

    find_not_proven(referral=referral, reviewer=person("anwar"), at=AT, reason="Bukan ASN.")

    referral.case.refresh_from_db()
    assert referral.status == "closed"
    assert referral.case.status == CaseStatus.CLOSED


def test_acting_on_a_stale_page_changes_nothing():
    referral = stages.delivered()
    stale = stages.fresh(referral)
    accept_referral(referral=referral, reviewer=person("anwar"), at=AT)

    with pytest.raises(ConflictError):
        accept_referral(referral=stale, reviewer=person("anwar"), at=AT)

    assert referral.events.filter(action="accept").count() == 1
