"""The plenary's agenda and its decisions."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from complaints.models import PlenaryDecision
from complaints.services.reports import propose_report
from complaints.states import CaseAction, CaseStatus, ComplaintAction, ComplaintStatus
from tests.factories import (
    AT,
    assessed_case,
    case,
    office,
    person,
    plenary_of,
    proposed_tip,
    report,
)
from tests.support.documents import assessed, decided, looked_at


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
@pytest.mark.parametrize(
    ("outcome", "ground", "said"),
    [
        ("refuse", "late", "lewat waktu belum dapat menjadi dasar"),
        ("refuse", "incomplete", "Tidak ada syarat yang dapat dilengkapi"),
        ("refuse", "withdrawn", "Pelapor tidak mencabut laporan ini."),
        ("keep_as_tip", "", "Hanya laporan yang tidak memenuhi syarat formal"),
    ],
)
def test_what_the_record_contradicts_is_told_and_nothing_typed_is_lost(
    client, vault_keys, outcome, ground, said
):
    row = looked_at(report())
    propose_report(
        complaint=row,
        action=ComplaintAction.PROPOSE_REFUSAL,
        officer=person("sari"),
        at=AT,
        reason="Sudah diselesaikan.",
        ground="settled",
    )
    client.force_login(person("dewi"))

    answer = client.post(
        f"/kerja/pleno/laporan/{row.public_id}/",
        minutes(outcome, ground=ground, reason="Kata-kata pleno.", seen="proposed"),
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert said in page
    assert "Kata-kata pleno." in page
    assert "12/BA/X/2024" in page
    assert answer.context["form"]["ground"].value() == ground
    row.refresh_from_db()
    assert row.status == ComplaintStatus.PROPOSED
    assert not PlenaryDecision.objects.exists()


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
        ("decide_administrative", "", CaseStatus.DECIDED),
        ("decide_ethics", "", CaseStatus.DECIDED),
        ("decide_crime", "", CaseStatus.DECIDED),
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


LETTERS = {
    "decide_administrative": "Putuskan pelanggaran administratif",
    "decide_ethics": "Putuskan pelanggaran kode etik penyelenggara",
    "decide_crime": "Putuskan tindak pidana pemilihan",
}


@pytest.mark.django_db
@pytest.mark.parametrize("outcome", LETTERS)
@pytest.mark.parametrize("with_others", [False, True])
def test_each_kind_walks_through_the_pages_to_the_end(client, outcome, with_others):
    found = assessed_case()
    others = sorted({*LETTERS} - {outcome}) if with_others else []
    page = f"/kerja/perkara/{found.public_id}/"
    door = f"/kerja/rujukan/perkara/{found.public_id}/tutup/"
    client.force_login(person("dewi"))
    client.post(
        f"/kerja/pleno/perkara/{found.public_id}/", minutes(outcome, seen="assessed", also=others)
    )

    client.force_login(person("sari"))
    decided = client.get(page)
    sent = client.post(f"{page}terkirim/")
    shown = client.get(page)
    twice = client.post(f"{page}terkirim/")
    with time_machine.travel(AT + timedelta(days=7), tick=True):
        client.force_login(person("sari"))
        seen = client.get(door).context["form"]["seen"].value()
        closed = client.post(door, {"reason": "Dijawab lisan.", "seen": seen})

    assert PlenaryDecision.objects.get(case=found).also == others
    assert decided.context["page"].decision == LETTERS[outcome]
    assert decided.context["page"].also == [LETTERS[each] for each in others]
    assert decided.context["page"].kinds == {outcome, *others}
    assert (decided.context["may_send_on"], decided.context["close_url"]) == (True, "")
    assert decided.context["referral_url"] == ""
    assert sent.headers["Location"] == page
    assert (shown.context["may_send_on"], shown.context["close_url"]) == (False, door)
    assert twice.status_code == 409
    assert closed.headers["Location"] == page
    found.refresh_from_db()
    assert found.status == CaseStatus.CLOSED
    assert list(found.events.values_list("action", flat=True))[-3:] == [
        outcome,
        "send_on",
        "close_by_hand",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("outcome", ["decide_refer", *LETTERS])
def test_recommendation_beside_it_is_not_sent_by_the_button(client, outcome):
    found = assessed_case()
    others = ["decide_ethics"] if outcome == "decide_refer" else ["decide_refer"]
    page = f"/kerja/perkara/{found.public_id}/"
    client.force_login(person("dewi"))
    client.post(
        f"/kerja/pleno/perkara/{found.public_id}/", minutes(outcome, seen="assessed", also=others)
    )
    client.force_login(person("sari"))

    shown = client.get(page)
    sent = client.post(f"{page}terkirim/")

    assert shown.context["may_send_on"] is False
    assert shown.context["referral_url"] == f"/kerja/rujukan/perkara/{found.public_id}/"
    assert f"{page}terkirim/" not in shown.content.decode()
    assert "Rekomendasi ke instansi dikirim lewat rujukannya." in sent.content.decode()
    found.refresh_from_db()
    assert found.status == CaseStatus.DECIDED
    assert found.events.latest("pk").action == outcome


@pytest.mark.django_db
@pytest.mark.parametrize("outcome", ["decide_stop", "return_assessment"])
def test_what_is_stopped_or_returned_has_no_other_kind(client, outcome):
    found = assessed_case()
    client.force_login(person("dewi"))

    answer = client.post(
        f"/kerja/pleno/perkara/{found.public_id}/",
        minutes(outcome, seen="assessed", reason="Sebab.", also=["decide_ethics"]),
    )

    assert "Perkara yang dihentikan tidak punya putusan lain" in answer.content.decode()
    found.refresh_from_db()
    assert found.status == CaseStatus.ASSESSED


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "status"), [("dewi", 403), ("lina", 403), ("vera", 403), ("budi", 404)]
)
def test_strangers_send_nothing_on(client, who, status):
    found = decided(assessed(case()), CaseAction.DECIDE_ADMINISTRATIVE)
    client.force_login(person(who))

    assert client.post(f"/kerja/perkara/{found.public_id}/terkirim/").status_code == status
    found.refresh_from_db()
    assert found.status == CaseStatus.DECIDED


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
