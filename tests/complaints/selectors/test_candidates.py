"""Records that may tell of one event: found, ranked, and offered only to who may open them."""

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bawaslu_cases.registry.models import Region
from complaints.matching.scoring import Reason, Verdict
from complaints.models import ClusterMember, Complaint, EvidenceLink, MatchKey
from complaints.selectors.candidates import ROWS_A_KEY, candidates
from complaints.selectors.clusters import cluster_of, offices_kept_away
from complaints.services.intake import ReportedPerson
from complaints.services.match_keys import refresh_keys
from complaints.services.matching import Two, dismiss, join
from complaints.states import Lane
from tests.factories import AT, STORY, finding, office, person, report, tip

pytestmark = pytest.mark.django_db


def offered(complaint: Complaint, who: str = "sari") -> list[int]:
    found = candidates(complaint=complaint, viewer=person(who), limit=10)
    return [each.complaint.pk for each in found]


def camat(name: str = "", unit: str = "Kecamatan Tirta Jaya", **more: Any) -> list[ReportedPerson]:
    return [ReportedPerson(name=name, position="Camat", unit=unit, **more)]


def test_a_second_report_of_one_event_is_offered_with_its_reasons():
    first = tip(people=camat("Contoh Wiratama"))
    second = tip(
        at=AT + timedelta(days=1),
        people=camat("H. Contoh Wiratama, S.Sos."),
        story="Di balai desa Pak Camat mengajak warga supaya memilih nomor dua.",
    )
    (found,) = candidates(complaint=second, viewer=person("sari"))
    assert found.complaint == first
    assert found.match.verdict == Verdict.SAME
    assert {Reason.SAME_NAME, Reason.SAME_DAY, Reason.SAME_WORDS} <= set(found.match.reasons)


def test_the_same_words_from_another_kabupaten_are_at_most_related():
    first = tip(people=camat())
    second = tip(people=camat(), region=Region.objects.get(code="33.10"))
    (found,) = candidates(complaint=second, viewer=person("sari"))
    assert (found.complaint, found.match.verdict) == (first, Verdict.RELATED)


def test_what_lies_outside_the_scope_is_neither_offered_nor_hinted_at():
    hidden = tip()  # at the province
    own = finding(officer="rudi")
    assert offered(own, "sari") == [hidden.pk]
    assert offered(own, "rudi") == []


@pytest.mark.usefixtures("vault_keys")
def test_whom_a_reporter_keeps_away_is_not_offered_the_report():
    kept = office("33")
    hidden = tip()
    Complaint.objects.filter(pk=hidden.pk).update(excluded_offices=[kept.pk])
    own = finding(officer="sari")
    assert offered(own, "sari") == []
    assert offered(own, "ratna") == [hidden.pk]


@pytest.mark.usefixtures("vault_keys")
def test_sealed_words_play_no_part_until_a_verifier_summed_them_up():
    first = tip(people=camat())
    sealed = report(lane=Lane.SEALED, people=camat())
    (found,) = candidates(complaint=sealed, viewer=person("sari"))
    assert found.complaint == first
    assert Reason.SAME_WORDS not in found.match.reasons
    assert found.match.verdict == Verdict.RELATED
    Complaint.objects.filter(pk=sealed.pk).update(summary=STORY)
    sealed.refresh_from_db()
    (found,) = candidates(complaint=sealed, viewer=person("sari"))
    assert found.match.verdict == Verdict.SAME


def test_what_was_dismissed_or_joined_is_not_offered_again():
    first, second, third = tip(), tip(), tip()
    sari = person("sari")
    dismiss(two=Two(first, second), officer=sari, at=AT)
    join(two=Two(first, third), lead=first, officer=sari, at=AT)
    assert offered(first) == []
    # Of the cluster one stands for all: its lead or the member that is nearest.
    assert len(offered(second)) == 1


def test_no_word_of_a_reporter_is_kept_for_looking_up():
    plain = tip(story="Lapangan kuda lumping penuh sekali waktu itu, Pak Sugondo berpidato.")
    other = tip(story="Sama sekali lain ceritanya dan tidak menyebut siapa-siapa di sini.")
    keys = [
        set(MatchKey.objects.filter(complaint=row).values_list("key", flat=True))
        for row in (plain, other)
    ]
    assert keys[0] == keys[1]


def test_a_post_that_is_learnt_later_finds_its_twin():
    region = Region.objects.get(code="33.10")
    first = tip(links=["https://www.instagram.com/p/Cxyz12345ab/"], people=camat("", ""))
    second = tip(region=region, people=[ReportedPerson(position="Guru")], acts=["POST_SUPPORT"])
    assert offered(second) == []
    for row in (first, second):
        EvidenceLink.objects.get_or_create(
            complaint=row,
            key="instagram:media:Cxyz12345ab",
            defaults={"platform": "instagram", "kind": "media", "added_on": AT.date()},
        )
        refresh_keys(complaint=row)
    (found,) = candidates(complaint=second, viewer=person("sari"))
    assert found.complaint == first
    assert Reason.SAME_POST in found.match.reasons


def test_refreshing_twice_changes_nothing_and_leaves_what_is_right():
    row = tip()
    before = set(MatchKey.objects.values_list("key", "near_on", "complaint"))
    refresh_keys(complaint=row)
    assert set(MatchKey.objects.values_list("key", "near_on", "complaint")) == before
    Complaint.objects.filter(pk=row.pk).update(event_on=date(2024, 10, 1))
    refresh_keys(complaint=row)
    assert set(MatchKey.objects.values_list("near_on", flat=True)) == {date(2024, 10, 1)}
    assert MatchKey.objects.count() == len(before)


def test_keys_can_be_written_anew():
    tip()
    before = set(MatchKey.objects.values_list("key", "near_on", "complaint"))
    MatchKey.objects.all().delete()
    call_command("rebuild_match_keys", stdout=StringIO())
    assert set(MatchKey.objects.values_list("key", "near_on", "complaint")) == before


def test_the_number_of_queries_does_not_grow():
    first, viewer = tip(), person("sari")
    tip()
    candidates(complaint=first, viewer=viewer)  # the person's own office and roles are read once
    with CaptureQueriesContext(connection) as few:
        assert len(candidates(complaint=first, viewer=viewer)) == 1
    for _each in range(6):
        tip()
    with CaptureQueriesContext(connection) as many:
        assert len(candidates(complaint=first, viewer=viewer)) == 3
    assert len(few) == len(many) == 6


def test_a_storm_of_one_event_hides_no_twin_of_another():
    twin = tip(
        people=camat("Sumarno", ""),
        acts=["GIVE_GOODS"],
        story="Camat membagi beras berisi kartu calon.",
    )
    for _each in range(ROWS_A_KEY + 5):
        tip(people=[ReportedPerson(position="Guru")], acts=["ATTEND_EVENT"])
    second = tip(
        people=camat("", ""),
        acts=["GIVE_GOODS"],
        story="Beras bantuan dari camat berisi kartu calon itu.",
    )
    assert offered(second)[0] == twin.pk


def test_a_cluster_is_seen_only_by_who_sees_every_member():
    lead, member = finding(officer="rudi"), tip()
    join(two=Two(lead, member), lead=lead, officer=person("sari"), at=AT)
    seen = cluster_of(complaint=lead, viewer=person("sari"))
    assert seen is not None
    assert (seen.lead, list(seen.members)) == (lead, [member])
    assert cluster_of(complaint=lead, viewer=person("rudi")) is None


def test_what_is_made_of_a_cluster_keeps_every_reporters_wish():
    one, other = tip(), tip()
    Complaint.objects.filter(pk=one.pk).update(excluded_offices=[7])
    Complaint.objects.filter(pk=other.pk).update(excluded_offices=[9])
    assert offices_kept_away(other) == [9]
    ClusterMember.objects.create(complaint=other, lead=one)
    assert offices_kept_away(one) == offices_kept_away(other) == [7, 9]
