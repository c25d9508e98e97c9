"""Who reaches which row: everybody else meets 404, as if it did not exist."""

import pytest
from django.http import Http404

from complaints.models import Recusal
from referrals import access
from referrals.models import FollowUp, Referral
from tests.factories import AT, decided_case, person
from tests.referrals import stages

pytestmark = pytest.mark.django_db

EVERYBODY = ("sari", "dewi", "rudi", "budi", "ratna", "anwar", "kasman", "putu", "made", "agus")


def _who_reaches(door, public_id):
    reached = set()
    for key in EVERYBODY:
        try:
            door(user=person(key), public_id=public_id)
        except Http404:
            continue
        reached.add(key)
    return reached


def test_case_is_read_by_office_and_those_above():
    case = decided_case()

    assert _who_reaches(access.readable_case, case.public_id) == {"sari", "dewi", "ratna", "agus"}


def test_referral_is_read_by_office_and_those_above_never_by_other_bodies():
    referral = stages.delivered()

    assert _who_reaches(access.readable_referral, referral.public_id) == {
        "sari",
        "dewi",
        "ratna",
        "agus",
    }


@pytest.mark.parametrize("build", [stages.proposed, stages.approved])
def test_unreleased_referral_is_not_the_recipients(build):
    referral = build()

    assert _who_reaches(access.reviewable_referral, referral.public_id) == set()


def test_delivered_referral_is_only_the_addressed_bodys():
    referral = stages.delivered()

    assert _who_reaches(access.reviewable_referral, referral.public_id) == {"anwar"}


def test_follow_up_is_watched_by_office_and_recipient():
    follow_up = stages.recommended()

    assert _who_reaches(access.readable_follow_up, follow_up.public_id) == {
        "sari",
        "dewi",
        "ratna",
        "agus",
        "anwar",
    }


def test_a20_recused_people_reach_no_referral_and_no_follow_up(django_assert_num_queries):
    """Of the case that they are recused from, in the house and at its recipients; others stay (check A20)."""
    kept, other = stages.recommended(), stages.recommended()
    case = kept.referral.case
    for key in ("sari", "agus", "anwar", "putu"):
        Recusal.objects.create(user=person(key), case=case, reason="declared", since=AT)

    assert _who_reaches(access.readable_referral, kept.referral.public_id) == {"dewi", "ratna"}
    assert _who_reaches(access.reviewable_referral, kept.referral.public_id) == set()
    assert _who_reaches(access.readable_follow_up, kept.public_id) == {"dewi", "ratna"}
    assert _who_reaches(access.answerable_follow_up, kept.public_id) == set()
    assert _who_reaches(access.readable_follow_up, other.public_id) >= {"sari", "anwar"}
    sari = person("sari")
    _warm = sari.scope_office_ids
    with django_assert_num_queries(2):
        assert list(Referral.objects.visible_to(sari)) == [other.referral]
        assert list(FollowUp.objects.visible_to(sari)) == [other]


def test_scope_is_one_anti_join_and_multiplies_no_row():
    """NOT EXISTS, not a join: ten people recused from a case leave one row for the eleventh."""
    follow_up = stages.recommended()
    for key in ("joko", "dewi", "rudi", "budi", "ratna", "agus", "nur", "vera", "vito", "wati"):
        Recusal.objects.create(
            user=person(key), case=follow_up.referral.case, reason="declared", since=AT
        )
    rows = FollowUp.objects.visible_to(person("sari"))

    assert list(rows) == [follow_up]
    assert 'JOIN "complaints_recusal"' not in str(rows.query)
    assert "NOT EXISTS" in str(rows.query) or "NOT (EXISTS" in str(rows.query)


def test_follow_up_is_answered_by_its_agency_only():
    follow_up = stages.recommended()

    assert _who_reaches(access.answerable_follow_up, follow_up.public_id) == {"putu"}


def test_proof_is_counted_from_one():
    follow_up = stages.answered()

    assert access.readable_proof(follow_up=follow_up, number=1) == follow_up.answers.get()
    for number in (0, 2):
        with pytest.raises(Http404):
            access.readable_proof(follow_up=follow_up, number=number)
