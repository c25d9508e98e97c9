"""Pages of a PPK's office: the recommendation, and nothing behind it."""

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from bawaslu_cases.registry.models import Agency, SanctionType
from complaints.services.triage import confirm_tip
from referrals.services.follow_up import return_answer
from tests.factories import AT, decided_case, facts, person, traced_tip, with_grades
from tests.referrals import stages

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    client.force_login(person("putu"))
    return client


def _page(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def _form(**changes):
    return {
        "kind": "sanction",
        "sanction_type": SanctionType.objects.get(code="TJ_12").pk,
        "decree_number": "800/123/2024",
        "decree_on_day": "14",
        "decree_on_month": "okt",
        "decree_on_year": "2024",
        "explanation": "",
        "proof": SimpleUploadedFile("sk.pdf", stages.pdf()),
    } | changes


def test_nothing_owed_says_so(staff):
    assert "Tidak ada tunggakan" in _page(staff, reverse("ppk:inbox"))


def test_answer_with_decree_and_proof_is_recorded(staff):
    follow_up = stages.recommended()
    address = reverse("ppk:detail", args=[follow_up.public_id])

    response = staff.post(address, _form())

    assert response.url == address
    answer = follow_up.answers.get()
    assert (answer.decree_number, answer.decree_on) == ("800/123/2024", date(2024, 10, 14))
    assert answer.proof_type == "application/pdf"
    page = _page(staff, address)
    assert "800/123/2024" in page
    assert "Kirim jawaban" not in page
    assert "Tidak ada tunggakan" in _page(staff, reverse("ppk:inbox"))
    assert "Contoh Wiratama" in _page(staff, reverse("ppk:inbox") + "?lihat=selesai")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"decree_number": ""}, "Tulis nomor keputusan"),
        ({"sanction_type": ""}, "Pilih jenis sanksi"),
        ({"decree_on_day": "31", "decree_on_month": "2"}, "Tanggal itu tidak ada"),
        ({"proof": ""}, "Pilih berkas bukti"),
        ({"proof": SimpleUploadedFile("sk.pdf", b"MZ program")}, "yang utuh"),
        ({"proof": SimpleUploadedFile("sk.pdf", b"")}, "Berkas kosong"),
        ({"kind": ""}, "Pilih hasilnya"),
        ({"kind": "left_service"}, "Jelaskan hasil pemeriksaan"),
    ],
)
def test_error_names_the_field_and_keeps_the_rest(staff, changes, words):
    follow_up = stages.recommended()
    address = reverse("ppk:detail", args=[follow_up.public_id])

    response = staff.post(address, _form(**({"explanation": ""} | changes)))

    page = response.content.decode()
    assert response.status_code == 200
    assert page.count(words) == 2  # in the summary and at the field
    if "decree_number" not in changes:
        assert 'value="800/123/2024"' in page
    assert follow_up.answers.count() == 0


def test_recommended_class_comes_first(staff):
    follow_up = stages.recommended()

    page = _page(staff, reverse("ppk:detail", args=[follow_up.public_id]))

    groups = [part.split('"')[0] for part in page.split('<optgroup label="')[1:]]
    assert groups == [
        "Hukuman disiplin berat",
        "Sanksi moral",
        "Hukuman disiplin ringan",
        "Hukuman disiplin sedang",
        "Pemberhentian tidak dengan hormat",
    ]


def test_reason_of_a_returned_answer_is_read(staff):
    follow_up = stages.answered()
    return_answer(
        follow_up=follow_up, officer=person("sari"), at=timezone.now(), reason="SK tak terbaca."
    )

    page = _page(staff, reverse("ppk:detail", args=[follow_up.public_id]))

    assert "SK tak terbaca." in page
    assert "Kirim jawaban" in page
    assert "Sari" not in page


def test_page_shows_only_the_recommendation(staff):
    """No day of a report, no source, no place of a reporter, no evidence, no other agency (check A28)."""
    tip = traced_tip(reporter_kind="asn_same", known_on=date(2024, 10, 6))
    finding = with_grades(confirm_tip(complaint=tip, facts=facts(), officer=person("sari"), at=AT))
    follow_up = stages.recommended(stages.decided(finding))
    referral = follow_up.referral

    pages = _page(staff, reverse("ppk:detail", args=[follow_up.public_id])) + _page(
        staff, reverse("ppk:inbox")
    )

    # names of agencies to choose from tell nothing of the case
    pages = re.sub(r"<option [^>]*>[^<]*</option>", "", pages)
    assert stages.RECOMMENDATION in pages
    for hidden in (
        tip.reference,
        finding.reference,
        str(referral.case.register_number),
        str(referral.number),
        referral.summary,
        "/TM/",
        "satu instansi",
        "asn_same",
        "6 Oktober 2024",
        "2024-10-06",
        "nformasi awal",
        " temuan",
        "Temuan",
        "elapor",
        "Diteruskan",
        "Bawaslu Provinsi",
        "Denpasar",
        "· Sari",
        "· Joko",
        "· Anwar",
    ):
        at = pages.find(hidden)
        assert hidden not in pages, pages[max(at - 80, 0) : at + 60]


@pytest.mark.parametrize(("key", "status"), [("made", 404), ("sari", 403), ("anwar", 403)])
def test_strangers(client, key, status):
    follow_up = stages.recommended()
    client.force_login(person(key))
    address = reverse("ppk:detail", args=[follow_up.public_id])

    assert client.get(address).status_code == status
    assert client.post(address, _form()).status_code == status
    assert follow_up.answers.count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_inbox_costs_the_same_for_one_and_three(staff, django_assert_num_queries, count):
    for index in range(count):
        stages.recommended(decided_case(place=f"Balai desa {index}"))

    # session, person, agency, one page of rows
    with django_assert_num_queries(INBOX_QUERIES):
        page = _page(staff, reverse("ppk:inbox"))

    assert page.count("/instansi/") >= count


INBOX_QUERIES = 4


@pytest.mark.parametrize(
    ("kind", "status"),
    [("accepted", "accepted"), ("more_time", "accepted"), ("objection", "objected")],
)
def test_what_will_come_is_said_without_a_file(staff, time_machine, kind, status):
    follow_up = stages.recommended()
    address = reverse("ppk:detail", args=[follow_up.public_id])

    time_machine.move_to(stages.LATER)
    staff.post(address, {"kind": kind, "explanation": "Majelis sedang dibentuk."})

    follow_up.refresh_from_db()
    assert follow_up.status == status
    assert ("Kirim jawaban" in _page(staff, address)) == (status == "accepted")


@pytest.mark.parametrize("kind", ["sanction", "not_proven", "left_service", "transferred"])
def test_what_ends_the_duty_needs_its_file(staff, kind):
    follow_up = stages.recommended()
    given = {name: value for name, value in _form(kind=kind).items() if name != "proof"}

    page = staff.post(reverse("ppk:detail", args=[follow_up.public_id]), given).content.decode()

    assert "Pilih berkas bukti" in page
    follow_up.refresh_from_db()
    assert follow_up.status == "awaiting"


def test_whoever_moved_is_reported_with_the_new_agency(staff):
    follow_up = stages.recommended()
    address = reverse("ppk:detail", args=[follow_up.public_id])
    given = _form(kind="transferred", explanation="Pindah tugas.", decree_number="")

    assert "Pilih instansi yang baru" in staff.post(address, given).content.decode()
    unknown = staff.post(address, given | {"new_agency": "Pemkot Antah"}).content.decode()
    assert "Pilih instansi dari daftar." in unknown
    assert 'value="Pemkot Antah"' in unknown
    denpasar = Agency.objects.get(code="R-51.71")
    assert f'<option value="{denpasar.name}">' in unknown
    proof = SimpleUploadedFile("sk.pdf", stages.pdf())
    staff.post(address, given | {"new_agency": denpasar.name.upper(), "proof": proof})

    assert follow_up.answers.get().new_agency == denpasar


def test_a_decision_on_an_appeal_is_not_the_ppks_to_send(staff):
    follow_up = stages.recommended()

    page = staff.post(reverse("ppk:detail", args=[follow_up.public_id]), _form(kind="appeal"))

    assert page.status_code == 200
    assert follow_up.answers.count() == 0
