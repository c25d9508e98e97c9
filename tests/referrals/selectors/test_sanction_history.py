"""What a body may know of an official's former sanctions: proven, final, of its own kind."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bawaslu_cases.accounts.sight import see_as
from bawaslu_cases.registry.models import RecipientBody
from bawaslu_cases.shared.row_scopes import stretch_of_work
from complaints.models import Official, Recusal, ReportedPerson
from referrals.models import FollowUp, Referral
from referrals.selectors.sanction_history import prior_sanctions
from referrals.services.appeals import file_appeal
from referrals.services.follow_up import verify_answer
from tests.factories import AT, decided_case, facts, person
from tests.referrals import stages

pytestmark = pytest.mark.django_db

NIP = "197001012000011904"
LONG_AFTER = AT + timedelta(days=120)


def verified(**changes) -> FollowUp:
    follow_up = stages.answered(decided_case(place="Lapangan lama", **changes))
    verify_answer(follow_up=follow_up, officer=person("sari"), at=stages.LATER)
    return follow_up


def told(referral: Referral, *, who: str = "anwar", numbers=(NIP,), at=LONG_AFTER):
    with stretch_of_work():
        see_as(person(who))
        found = prior_sanctions(user=person(who), referral=referral, numbers=numbers, at=at)
    return [(each.name, each.decree_number, str(each.decided_on), each.agency) for each in found]


@pytest.fixture
def referral() -> Referral:
    return stages.delivered()


def test_a_proven_and_final_sanction_is_told(referral):
    former = verified()
    row = former.ledger.get(kind="imposed")
    assert row.sanction_type is not None

    assert told(referral) == [
        (row.sanction_type.name, "800/123/2024", "2024-10-10", former.agency.name)
    ]
    assert told(former.referral) == []  # the matter itself is no history of its own


def test_while_a_remedy_is_open_nothing_is_told(referral):
    former = verified()
    decided = former.ledger.get(kind="imposed").happened_on
    assert told(referral, at=stages.LATER + timedelta(days=1)) == []

    file_appeal(
        follow_up=former,
        officer=person("sari"),
        at=stages.LATER + timedelta(days=1),
        received_on=decided,
        filed_on=decided,
    )
    assert told(referral) == []


def test_what_is_not_verified_is_not_told(referral):
    stages.answered(decided_case(place="Lapangan lama"))
    stages.recommended(decided_case(place="Lapangan lain"))
    assert told(referral) == []


def test_other_people_and_people_without_a_number(referral):
    other = replace(facts().people[0], name="Contoh Lestari", nip="198001012000011901")
    nameless = replace(facts().people[0], name="Contoh Tanpa", nip="")
    verified(people=[other])
    former = stages.answered(decided_case(place="Lain lagi", people=[replace(nameless, nip=NIP)]))
    verify_answer(follow_up=former, officer=person("sari"), at=stages.LATER)
    Official.objects.filter(pk=former.official_id).update(nip="")

    assert told(referral) == []
    assert told(referral, numbers=()) == []


def test_an_officers_word_that_it_is_one_person_counts(referral):
    former = verified()
    Official.objects.filter(pk=former.official_id).update(nip="")
    assert told(referral) == []

    known = ReportedPerson.objects.create(
        name="Contoh Wiratama", name_key="contoh wiratama", since=AT.date()
    )
    Official.objects.update(person=known)
    assert len(told(referral)) == 1


def test_only_its_own_kind_of_body_and_those_it_came_after(referral):
    former = verified()
    kasn = RecipientBody.objects.get(code="KASN")
    crime = RecipientBody.objects.filter(kind="CRIME_CHECK").first()

    Referral.objects.filter(pk=former.referral_id).update(recipient=kasn)
    assert len(told(referral)) == 1
    assert told(referral, who="kasman") != []
    Referral.objects.filter(pk=former.referral_id).update(recipient=crime)
    assert told(referral) == []
    assert told(referral, who="sari") == []


def test_whoever_is_recused_from_the_former_matter_learns_nothing_of_it(referral):
    former = verified()
    Recusal.objects.create(
        user=person("anwar"), case=former.referral.case, reason="relative", since=AT
    )

    assert (told(referral), len(told(referral, who="bima"))) == ([], 1)
