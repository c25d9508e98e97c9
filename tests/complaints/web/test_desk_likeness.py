"""The panel "Mirip" and the page that compares two records; and that no reporter notices anything."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache

from complaints.models import Complaint, Likeness
from complaints.services.intake import ReportedPerson, submit_tip
from complaints.services.matching import Two, dismiss, join
from complaints.states import Lane, LikenessStatus
from tests.factories import AT, facts, finding, person, report, tip

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(AT + timedelta(days=1), tick=True):
        yield


def url(one: Complaint, other: Complaint) -> str:
    return f"/kerja/laporan/{one.public_id}/mirip/{other.public_id}/"


def sign_in(client, who="sari"):
    client.force_login(person(who))
    return client


def twin() -> Complaint:
    return tip(
        story="Saya dengar Pak Camat mengajak warga di balai desa supaya memilih nomor dua.",
        place="Balai Desa Sukamaju, RT 3",
    )


def test_the_record_page_offers_its_twin_with_reasons(client):
    one, other = tip(), twin()
    page = sign_in(client).get(f"/kerja/laporan/{one.public_id}/").content.decode()
    assert f'href="{url(one, other)}"' in page
    assert "Mungkin peristiwa yang sama" in page
    assert "NIP sama" in page


def test_who_decides_nothing_is_offered_nothing(client):
    one, _other = tip(), twin()
    assert (
        "likeness-title"
        not in sign_in(client, "dewi").get(f"/kerja/laporan/{one.public_id}/").content.decode()
    )


def test_fields_stand_side_by_side_and_differences_are_marked(client):
    one, other = tip(), twin()
    page = sign_in(client).get(url(one, other)).content.decode()
    rows = re.findall(r'<tr(| class="compare__differs")><th scope="row">([^<]+)', page)
    marked = {term for mark, term in rows if mark}
    assert marked == {"Tempat", "Uraian"}
    assert "197001012000011904" not in page
    assert "1970••••••••••1904" in page


def test_joining_and_taking_it_back(client):
    one, other = tip(), twin()
    client = sign_in(client)
    sent = client.post(
        url(one, other), {"action": "join", "lead": "other", "seen": "open", "reason": "Sama"}
    )
    assert (sent.status_code, sent["Location"]) == (302, url(one, other))
    page = client.get(f"/kerja/laporan/{one.public_id}/").content.decode()
    assert f"Digabung di bawah {other.reference}" in page
    assert "Mungkin peristiwa yang sama" not in page
    client.post(url(one, other), {"action": "undo", "seen": "joined"})
    assert Likeness.objects.get().status == LikenessStatus.OPEN
    page = client.get(url(one, other)).content.decode()
    assert "Digabung" not in page.split("<h1>")[1].split("<table")[0]
    assert "Sama" in page


def test_who_comes_too_late_is_told_who_was_faster(client):
    one, other = tip(), twin()
    dismiss(two=Two(one, other), officer=person("joko"), at=AT)
    answer = sign_in(client).post(
        url(one, other), {"action": "join", "lead": "one", "seen": "open"}
    )
    assert answer.status_code == 409
    assert "Baru diubah oleh Joko" in answer.content.decode()
    assert Likeness.objects.get().status == LikenessStatus.DISMISSED


@pytest.mark.parametrize("data", [{}, {"action": "x", "seen": "open"}, {"action": "join"}])
def test_a_form_without_a_decision_decides_nothing(client, data):
    one, other = tip(), twin()
    answer = sign_in(client).post(url(one, other), data)
    assert answer.status_code == 200
    assert "Pilih salah satu tindakan." in answer.content.decode()
    assert not Likeness.objects.exists()


def test_a_record_is_not_compared_with_itself(client):
    one = tip()
    assert sign_in(client).get(url(one, one)).status_code == 404


def test_a_record_of_another_desk_is_not_found_from_either_side(client):
    own, hidden = finding(officer="rudi"), tip()
    client = sign_in(client, "rudi")
    assert client.get(url(own, hidden)).status_code == 404
    assert client.get(url(hidden, own)).status_code == 404
    page = client.get(f"/kerja/laporan/{own.public_id}/").content.decode()
    assert hidden.reference not in page
    assert "Tidak ada laporan serupa di unit Anda." in page


@pytest.mark.usefixtures("vault_keys")
def test_sealed_words_stay_sealed_beside_open_ones(client):
    one, sealed = (
        tip(),
        report(lane=Lane.SEALED, story="Kalimat rahasia yang tidak boleh terbaca siapa pun."),
    )
    page = sign_in(client).get(url(one, sealed)).content.decode()
    assert "Kalimat rahasia" not in page


def test_a_reporters_page_is_the_same_byte_for_byte(client):
    sent = submit_tip(facts=facts(people=[ReportedPerson(position="Camat")]), at=AT)
    other = twin()

    def mailbox() -> str:
        client.logout()
        assert client.post("/s/", {"code": " ".join(sent.code)}).status_code == 303
        page = client.get("/s/isi").content.decode()
        assert "7 Oktober 2024" in page
        return re.sub(r'(?<=csrfmiddlewaretoken" value=")[^"]+|nonce="[^"]+"', "", page)

    before = mailbox()
    join(two=Two(sent.complaint, other), lead=other, officer=person("sari"), at=AT)
    assert mailbox() == before
