"""Referral pages of the desk."""

import re
from dataclasses import replace

import pytest
from django.urls import reverse

from complaints.services.cases import complete_official
from complaints.services.intake import ReportedPerson
from referrals.models import Referral
from referrals.services.review import return_referral
from tests.factories import AT, case, decided_case, facts, person
from tests.referrals import stages

pytestmark = pytest.mark.django_db


def _as(client, key):
    client.force_login(person(key))
    return client


def _page(client, name, *args, **query):
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("key", "home"),
    [("anwar", "/penelaah/"), ("putu", "/instansi/"), ("vera", "/brankas/")],
)
def test_the_desk_leads_people_of_other_houses_to_their_own_first_page(client, key, home):
    response = _as(client, key).get(reverse("desk:today"))

    assert (response.status_code, response["Location"]) == (302, home)


def test_case_page_explains_each_line_and_proposes(client):
    found = decided_case()
    page = _page(_as(client, "sari"), "referrals:case", found.public_id)

    assert "Contoh Wiratama" in page
    assert "DS-08" in page
    assert "Hukuman disiplin berat" in page
    assert "PP 94/2021" in page
    assert "Penerima pada" in page
    assert "Bupati Magelang" in page

    response = client.post(reverse("referrals:case", args=[found.public_id]))

    referral = Referral.objects.get()
    assert response.url == reverse("referrals:detail", args=[referral.public_id])


def test_case_page_before_the_decision_offers_nothing(client):
    page = _page(_as(client, "sari"), "referrals:case", case().public_id)

    assert "Usulkan rujukan</button>" not in page
    assert "Pleno belum memutuskan" in page


def test_incomplete_case_says_what_is_missing_and_refuses(client):
    found = decided_case(
        place="", people=[ReportedPerson(position="Camat", agency_text="Kab. Magelang")]
    )
    page = _page(_as(client, "sari"), "referrals:case", found.public_id)

    assert "Camat: nama" in page
    assert "Camat: instansi" in page
    assert "Camat: tempat kejadian" in page

    response = client.post(reverse("referrals:case", args=[found.public_id]), follow=True)

    assert "Belum lengkap" in response.content.decode()
    assert Referral.objects.count() == 0


def test_officer_completes_the_data(client):
    found = decided_case(
        place="", people=[ReportedPerson(position="Camat", agency_text="Kab. Magelang")]
    )
    allegation = found.allegations.get()
    address = reverse("referrals:complete", args=[found.public_id, allegation.public_id])
    agency = person("putu").agency
    assert agency is not None

    response = _as(client, "sari").post(
        address,
        {
            "name": "Contoh Wiratama",
            "position": "Camat",
            "agency": agency.pk,
            "place": "Balai desa",
        },
    )

    assert response.url == reverse("referrals:case", args=[found.public_id])
    allegation.refresh_from_db()
    assert (allegation.official.name, allegation.official.agency) == ("Contoh Wiratama", agency)
    assert allegation.place == "Balai desa"


def test_two_officers_completing_at_once_lose_nothing(client):
    found = decided_case()
    allegation = found.allegations.get()
    address = reverse("referrals:complete", args=[found.public_id, allegation.public_id])
    page = _as(client, "sari").get(address)
    form = page.context["form"].initial | {"grade": "IV/b"}
    complete_official(
        case=found, official=allegation.official, officer=person("joko"), grade="IV/a"
    )

    response = client.post(address, form)

    assert "field__error" in response.content.decode()
    allegation.official.refresh_from_db()
    assert allegation.official.grade == "IV/a"


def test_case_without_a_rule_says_so(client):
    found = decided_case(
        people=[ReportedPerson(name="Contoh", position="Kepala desa", employment="NON_ASN")]
    )

    page = _page(_as(client, "sari"), "referrals:case", found.public_id)

    assert "Tidak ada aturan yang mencakup" in page


def test_proposer_sees_why_not_and_the_second_person_approves(client):
    referral = stages.proposed()
    address = reverse("referrals:detail", args=[referral.public_id])

    page = _page(_as(client, "sari"), "referrals:detail", referral.public_id)
    assert "Perlu orang kedua: Anda yang mengusulkan." in page
    assert 'value="approve"' not in page
    refused = client.post(address, stages.approval(referral))
    assert "orang kedua" in refused.content.decode()
    referral.refresh_from_db()
    assert referral.status == "proposed"

    response = _as(client, "dewi").post(address, stages.approval(referral))
    assert response.url == address
    referral.refresh_from_db()
    assert referral.status == "approved"


def test_detail_says_what_the_recipient_will_know_of_the_reporter(client):
    referral = stages.proposed()

    page = _page(_as(client, "dewi"), "referrals:detail", referral.public_id)

    box = page[page.index("Yang akan diketahui penerima") :]
    box = box[: box.index("</section>")]
    assert re.findall(r"<dd>(\w+)", box) == ["TIDAK"] * 5


def test_withdrawal_without_reason_keeps_the_page_and_says_so(client):
    referral = stages.proposed()
    address = reverse("referrals:detail", args=[referral.public_id])

    response = _as(client, "dewi").post(address, {"action": "withdraw", "withdraw-reason": ""})

    page = response.content.decode()
    assert "Tulis alasannya" in page
    assert 'href="#id_withdraw-reason"' in page
    referral.refresh_from_db()
    assert referral.status == "proposed"


def test_resubmission_after_return(client):
    referral = stages.delivered()
    return_referral(referral=referral, reviewer=person("anwar"), at=AT, reason="NIP kurang.")
    page = _page(_as(client, "sari"), "referrals:detail", referral.public_id)
    assert "NIP kurang." in page

    client.post(
        reverse("referrals:detail", args=[referral.public_id]),
        {
            "action": "resubmit",
            "resubmit-reason": "Dilengkapi.",
            "resubmit-summary": "Ringkasan kedua.",
        },
    )

    referral.refresh_from_db()
    assert (referral.status, referral.version, referral.summary) == (
        "proposed",
        2,
        "Ringkasan kedua.",
    )


def test_letter_is_a_download_nobody_may_keep(client):
    referral = stages.delivered()

    response = _as(client, "sari").get(reverse("referrals:letter", args=[referral.public_id, 1]))

    assert response.content.startswith(b"%PDF-")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="surat-1.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"
    missing = client.get(reverse("referrals:letter", args=[referral.public_id, 2]))
    assert missing.status_code == 404


@pytest.mark.parametrize("key", ["budi", "rudi"])
def test_other_offices_meet_404(client, key):
    referral = stages.delivered()
    _as(client, key)

    for name, args in (
        ("referrals:detail", [referral.public_id]),
        ("referrals:letter", [referral.public_id, 1]),
        ("referrals:case", [referral.case.public_id]),
    ):
        assert client.get(reverse(name, args=args)).status_code == 404
    assert referral.case.title not in _page(client, "referrals:list")


@pytest.mark.parametrize("key", ["anwar", "putu", "tono"])
def test_other_bodies_meet_403(client, key):
    referral = stages.delivered()
    _as(client, key)

    response = client.get(reverse("referrals:detail", args=[referral.public_id]))

    assert response.status_code == 403


def test_visitor_is_sent_to_sign_in(client):
    response = client.get(reverse("referrals:list"))

    assert response.status_code == 302
    assert response.url.startswith("/masuk/")


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_for_one_and_three(client, django_assert_num_queries, count):
    for index in range(count):
        stages.proposed(decided_case(place=f"Balai desa {index}"))
    _as(client, "sari")

    # session, person, offices in scope, referrals, cases that wait
    with django_assert_num_queries(LIST_QUERIES):
        page = _page(client, "referrals:list")

    assert page.count("data-row>") == count


LIST_QUERIES = 5


@pytest.mark.parametrize("people", [1, 3])
def test_detail_costs_the_same_for_one_and_three_people(client, django_assert_num_queries, people):
    first = facts().people[0]
    named = [
        replace(first, name=f"Contoh {number}", nip=f"19700101200001190{number}")
        for number in range(people)
    ]
    referral = stages.delivered(decided_case(people=named))
    _as(client, "sari")

    # session, person, scope, referral, history, items, letters, deadlines, and the
    # items once more for the letter's preview, its attachments, packets and deliveries, what
    # was named as missing, questions
    with django_assert_num_queries(DETAIL_QUERIES):
        page = _page(client, "referrals:detail", referral.public_id)

    assert page.count("Mengapa begitu") == people


DETAIL_QUERIES = 16
