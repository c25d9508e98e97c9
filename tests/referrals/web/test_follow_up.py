"""The follow-up board and the verification of proofs."""

import pytest
from django.urls import reverse

from tests.factories import decided_case, person
from tests.referrals import stages

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(client):
    client.force_login(person("sari"))
    return client


def _page(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_board_and_table_hold_the_same_links(officer):
    waiting = stages.recommended()
    answered = stages.answered(decided_case(place="Lapangan"))
    links = [reverse("followup:detail", args=[each.public_id]) for each in (waiting, answered)]

    for address in (reverse("followup:list"), reverse("followup:list") + "?lihat=tabel"):
        page = _page(officer, address)
        assert [page.count(f'href="{link}"') for link in links] == [1, 1]


def test_verification_closes(officer):
    follow_up = stages.answered()
    address = reverse("followup:detail", args=[follow_up.public_id])

    assert officer.post(address, {"action": "verify"}).url == address

    follow_up.refresh_from_db()
    assert follow_up.status == "verified"
    assert "Terverifikasi" in _page(officer, address)


def test_sending_back_needs_words(officer):
    follow_up = stages.answered()
    address = reverse("followup:detail", args=[follow_up.public_id])

    refused = officer.post(address, {"action": "return_answer", "return_answer-reason": ""})
    assert "Tulis alasannya" in refused.content.decode()
    officer.post(address, {"action": "return_answer", "return_answer-reason": "SK tak terbaca."})

    follow_up.refresh_from_db()
    assert follow_up.status == "awaiting"


def test_proof_is_a_download(officer):
    follow_up = stages.answered()
    address = reverse("followup:proof", args=[follow_up.public_id, 1])

    response = officer.get(address)

    assert response.content == stages.pdf()
    assert response["Content-Disposition"] == 'attachment; filename="bukti-1.pdf"'
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert officer.get(address.replace("/1/", "/2/")).status_code == 404


def test_plenary_member_watches_but_does_not_verify(client):
    follow_up = stages.answered()
    client.force_login(person("dewi"))
    address = reverse("followup:detail", args=[follow_up.public_id])

    assert 'value="verify"' not in _page(client, address)
    client.post(address, {"action": "verify"})

    follow_up.refresh_from_db()
    assert follow_up.status == "answered"


def test_recipient_body_reads_no_names_of_the_house(client):
    follow_up = stages.answered()
    client.force_login(person("anwar"))

    page = _page(client, reverse("followup:detail", args=[follow_up.public_id]))

    assert "800/123/2024" in page
    assert "Putu" not in page


@pytest.mark.parametrize(("key", "status"), [("budi", 404), ("kasman", 404), ("putu", 403)])
def test_strangers(client, key, status):
    follow_up = stages.answered()
    client.force_login(person(key))

    for name, args in (
        ("followup:detail", [follow_up.public_id]),
        ("followup:proof", [follow_up.public_id, 1]),
    ):
        assert client.get(reverse(name, args=args)).status_code == status


@pytest.mark.parametrize("count", [1, 3])
def test_board_costs_the_same_for_one_and_three(officer, django_assert_num_queries, count):
    for index in range(count):
        stages.recommended(decided_case(place=f"Balai desa {index}"))

    # session, user, roles, office, offices in scope, seven columns
    with django_assert_num_queries(BOARD_QUERIES):
        page = _page(officer, reverse("followup:list"))

    assert page.count('class="tile"') == count


BOARD_QUERIES = 12
