"""What bodies, agencies and officers of one office see in the database itself, and what goes beyond it."""

import pytest

from bawaslu_cases.accounts.sight import see_as
from bawaslu_cases.shared.row_scopes import stretch_of_work
from complaints.models import (
    Case,
    ClusterMember,
    Complaint,
    ComplaintMilestone,
    ComplaintOfficial,
    Message,
    Statement,
)
from complaints.selectors.clusters import offices_kept_away
from complaints.selectors.trail import find_file
from complaints.services.cases import complete_official
from complaints.services.milestones import reach_case_milestone
from complaints.states import Milestone
from referrals.models import FollowUp, Letter, Referral, ReferralItem
from referrals.packets.sources import case_leak_sources
from tests.factories import AT, case, finding, office, person, tip
from tests.referrals import stages

pytestmark = pytest.mark.django_db


def seen(*models):
    return [set(model.objects.values_list("pk", flat=True)) for model in models]


def test_a_body_sees_the_referrals_it_was_sent_and_what_hangs_on_them():
    referral = stages.delivered()
    other = stages.proposed(place="Lapangan lain")
    Referral.objects.filter(pk=other.pk).update(recipient=person("kartika").recipient_body)
    finding(AT, "budi")
    complaint = referral.case.complaints.get()

    with stretch_of_work():
        see_as(person("anwar"))
        assert seen(Referral, Case, Complaint) == [
            {referral.pk},
            {referral.case_id},
            {complaint.pk},
        ]
        assert not ReferralItem.objects.exclude(referral=referral).exists()
        assert Letter.objects.filter(referral=referral).exists()
        assert not Statement.objects.exists()
        see_as(person("kartika"))
        assert seen(Referral, Case) == [{other.pk}, {other.case_id}]


def test_an_agency_sees_its_own_recommendations():
    follow_up = stages.recommended()
    stages.delivered(place="Lapangan lain")

    with stretch_of_work():
        see_as(person("putu"))
        assert seen(FollowUp, Referral, Case) == [
            {follow_up.pk},
            {follow_up.referral_id},
            {follow_up.referral.case_id},
        ]
        assert not Statement.objects.exists()
        see_as(person("made"))
        assert seen(FollowUp, Referral, Case, Complaint) == [set(), set(), set(), set()]


def moved_below(made: Case) -> Complaint:
    """Let a case and its finding lie with Magelang while the tip it was traced from stays where it was."""
    told, found = tip(AT), made.complaints.get()
    Case.objects.filter(pk=made.pk).update(office=office("33.08"))
    Complaint.objects.filter(pk=found.pk).update(office=office("33.08"), traced_from=told)
    return told


def test_a_packet_is_compared_with_words_told_to_another_office():
    made = case(AT, "sari")
    moved_below(made)
    everything = case_leak_sources(made)
    assert everything.copied

    with stretch_of_work():
        see_as(person("rudi"))
        assert seen(Case) == [{made.pk}]
        assert not Statement.objects.filter(complaint__lane="tip").exists()
        assert case_leak_sources(made) == everything


def test_every_reporter_of_a_case_is_told_whoever_takes_the_step():
    made = case(AT, "sari")
    told = moved_below(made)
    with stretch_of_work():
        see_as(person("rudi"))
        reach_case_milestone(case=made, kind=Milestone.FORWARDED, on=AT.date())
    assert ComplaintMilestone.objects.filter(complaint=told, kind=Milestone.FORWARDED).exists()


def test_whom_a_reporter_of_another_office_keeps_away_stays_away():
    here, there = finding(AT, "sari"), finding(AT, "budi")
    Complaint.objects.filter(pk=there.pk).update(excluded_offices=[office("33").pk])
    ClusterMember.objects.create(complaint=here, lead=there)
    with stretch_of_work():
        see_as(person("sari"))
        assert seen(Complaint) == [{here.pk}]
        assert offices_kept_away(here) == [office("33").pk]


def test_a_name_filled_in_here_finds_the_record_of_another_office():
    made, there = case(AT, "sari"), finding(AT, "budi")
    official = made.allegations.get().official
    ComplaintOfficial.objects.create(complaint=there, official=official)
    with stretch_of_work():
        see_as(person("sari"))
        complete_official(case=made, official=official, officer=person("sari"), name="Zulkarnain")
    there.refresh_from_db()
    assert "Zulkarnain" in there.search_text


def test_an_auditor_of_any_office_finds_a_file_by_its_number():
    made = case(AT, "budi")
    with stretch_of_work():
        see_as(person("rudi"))
        assert not Case.objects.exists()
        assert not Message.objects.exists()
        assert find_file(made.reference) == f"case:{made.public_id.hex}"
