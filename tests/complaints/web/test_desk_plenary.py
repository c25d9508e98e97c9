"""The plenary's agenda and its decisions."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from complaints.models import PlenaryDecision
from complaints.states import CaseStatus, ComplaintStatus
from tests.factories import AT, assessed_case, office, person, plenary_of, proposed_tip


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(AT, tick=True):
        yield


def minutes(outcome: str, **changes: Any) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "minutes_number": "12/BA/X/2024",
        "decided_on": "2024-10-07",
        "present": [str(member.public_id) for member in plenary_of(office("33"))],
        "reason": "",
        **changes,
    }


@pytest.mark.django_db
def test_agenda_briefs_without_naming_anybody(client):
    row, found = proposed_tip(), assessed_case()
    client.force_login(person("dewi"))

    response = client.get("/kerja/pleno/")

    page = response.content.decode()
    assert "Contoh Wiratama" not in page
    assert "Penelusuran diusulkan oleh Sari. Kejadian Sabtu 5 Okt 2024 di Magelang; " in page
    assert "syarat terpenuhi 5 dari 5." in page
    assert found.summary in page
    assert [item["reference"] for item in response.context["proposals"]] == [row.reference]
    assert [item["reference"] for item in response.context["assessments"]] == [
        found.register_number
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_agenda_costs_the_same_for_one_and_for_three(client, django_assert_num_queries, count):
    for _number in range(count):
        proposed_tip()
        assessed_case()
    client.force_login(person("dewi"))

    with django_assert_num_queries(8):
        assert client.get("/kerja/pleno/").status_code == 200


@pytest.mark.django_db
def test_agenda_shows_the_own_scope_only(client):
    proposed_tip()
    below = assessed_case(officer="rudi")
    client.force_login(person("lina"))

    response = client.get("/kerja/pleno/")

    assert response.context["proposals"] == []
    assert [item["reference"] for item in response.context["assessments"]] == [
        below.register_number
    ]


@pytest.mark.django_db
def test_each_outcome_says_where_the_law_provides_for_it(client):
    client.force_login(person("dewi"))

    response = client.get(f"/kerja/pleno/perkara/{assessed_case().public_id}/")

    notes = response.context["form"].fields["outcome"].widget.notes
    assert notes["decide_refer"] == {"text": "Perbawaslu 7/2022 ps 37(3) huruf b, ps 49"}
    page = response.content.decode()
    assert page.count("Perbawaslu 7/2022 ps 37(3) huruf b, ps 49") == 1
    assert "PB7 " not in page


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["sari", "anwar", "agus"])
def test_agenda_is_for_the_plenary(client, who):
    client.force_login(person(who))

    assert client.get("/kerja/pleno/").status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("outcome", "reason", "status"),
    [
        ("approve_tracing", "", ComplaintStatus.TRACING),
        ("decline", "Bukan ASN.", ComplaintStatus.ARCHIVED),
        ("return_proposal", "Lengkapi tempat.", ComplaintStatus.RECEIVED),
    ],
)
def test_decision_on_a_proposal_takes_effect(client, outcome, reason, status):
    row = proposed_tip()
    client.force_login(person("dewi"))

    answer = client.post(
        f"/kerja/pleno/laporan/{row.public_id}/",
        minutes(outcome, seen="proposed", reason=reason),
    )

    assert answer.headers["Location"] == "/kerja/pleno/"
    row.refresh_from_db()
    decision = PlenaryDecision.objects.get(complaint=row)
    assert row.status == status
    assert (decision.outcome, decision.minutes_number, decision.members_present) == (
        outcome,
        "12/BA/X/2024",
        3,
    )
    assert decision.recorded_by == person("dewi")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"present": []}, "Pilih anggota yang hadir"),
        ({"minutes_number": ""}, "Isi nomor berita acara"),
        ({"outcome": ""}, "Pilih putusan"),
        ({"outcome": "decline"}, "Tulis alasannya."),
    ],
)
def test_incomplete_decisions_change_nothing(client, changes, message):
    row = proposed_tip()
    client.force_login(person("dewi"))

    answer = client.post(
        f"/kerja/pleno/laporan/{row.public_id}/",
        minutes("approve_tracing", seen="proposed") | changes,
    )

    assert message in answer.content.decode()
    row.refresh_from_db()
    assert row.status == ComplaintStatus.PROPOSED
    assert not PlenaryDecision.objects.exists()


@pytest.mark.django_db
def test_button_of_a_record_comes_preselected(client):
    row = proposed_tip()
    client.force_login(person("dewi"))

    response = client.get(f"/kerja/pleno/laporan/{row.public_id}/decline/")

    assert response.context["form"]["outcome"].value() == "decline"
    assert client.get(f"/kerja/pleno/laporan/{row.public_id}/confirm/").status_code == 404


@pytest.mark.django_db
def test_second_decision_on_the_same_proposal_is_told_so(client):
    row = proposed_tip()
    client.force_login(person("dewi"))
    data = minutes("approve_tracing", seen="proposed")
    client.post(f"/kerja/pleno/laporan/{row.public_id}/", data)

    answer = client.post(f"/kerja/pleno/laporan/{row.public_id}/", data)

    assert answer.status_code == 409
    assert "Baru diubah oleh Dewi" in answer.content.decode()
    assert PlenaryDecision.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("outcome", "reason", "status"),
    [
        ("decide_refer", "", CaseStatus.DECIDED),
        ("decide_stop", "Bukan pelanggaran.", CaseStatus.STOPPED),
        ("return_assessment", "Perjelas unsur.", CaseStatus.REGISTERED),
    ],
)
def test_decision_on_an_assessment_takes_effect(client, outcome, reason, status):
    found = assessed_case()
    client.force_login(person("dewi"))

    client.post(
        f"/kerja/pleno/perkara/{found.public_id}/",
        minutes(outcome, seen="assessed", reason=reason),
    )

    found.refresh_from_db()
    assert found.status == status
    assert PlenaryDecision.objects.get(case=found).outcome == outcome


@pytest.mark.django_db
def test_strangers_do_not_decide(client):
    row, found = proposed_tip(), assessed_case()
    paths = [
        f"/kerja/pleno/laporan/{row.public_id}/",
        f"/kerja/pleno/perkara/{found.public_id}/",
    ]

    for who, status in (("lina", 404), ("sari", 403)):
        client.force_login(person(who))
        for path in paths:
            assert client.post(path, minutes("approve_tracing")).status_code == status
    assert not PlenaryDecision.objects.exists()
