"""The finding form: one page, errors keep what was typed, and what comes of a traced tip."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from complaints.models import Complaint
from complaints.selectors.case_file import opened_statement
from complaints.services.triage import close_without_case
from complaints.states import ComplaintStatus
from tests.factories import AT, STORY, finding, person, tip, traced_tip

OWN_WORDS = "Petugas melihat Camat mengajak warga memilih nomor dua di balai desa."


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(AT, tick=True):
        yield


def typed(**changes: Any) -> dict[str, Any]:
    """Return what an officer types for one plain finding."""
    return {
        "acts": ["PRESSURE_OTHERS"],
        "event_on": "2024-10-05",
        "known_on": "2024-10-06",
        "region": "33.08",
        "place": "Balai Desa Sukamaju",
        "platform": "",
        "links": "https://contoh.invalid/1\n\n https://contoh.invalid/2 ",
        "witness": "",
        "story": OWN_WORDS,
        "p-TOTAL_FORMS": "3",
        "p-INITIAL_FORMS": "0",
        "p-0-name": "Contoh Wiratama",
        "p-0-position": "Camat",
        "p-0-nip": "NIP. 19700101 200001 1 904",
        "p-0-agency": "pemerintah  kabupaten magelang",
        "p-0-unit_kind": "DISTRICT",
        "p-0-employment": "UNKNOWN",
        **changes,
    }


@pytest.mark.django_db
def test_finding_is_recorded_with_everything_typed(client):
    client.force_login(person("rudi"))

    answer = client.post("/kerja/temuan/baru/", typed())

    found = Complaint.objects.get()
    assert answer.headers["Location"] == f"/kerja/laporan/{found.public_id}/"
    assert (found.lane, found.status, found.office) == (
        "finding",
        ComplaintStatus.RECORDED,
        person("rudi").office,
    )
    assert found.reporter_kind == "officer"
    official = found.official_links.get().official
    assert official.nip == "197001012000011904"
    assert official.agency is not None
    assert official.agency.code == "R-33.08"
    assert official.agency_text == ""
    opened = opened_statement(complaint=found, viewer=person("rudi"))
    assert (opened.story, opened.links) == (
        OWN_WORDS,
        ("https://contoh.invalid/1", "https://contoh.invalid/2"),
    )


@pytest.mark.django_db
def test_what_a_finding_rests_on_is_kept_and_shown(client):
    client.force_login(person("rudi"))
    basis = {
        "report_on": "2024-10-06",
        "report_number": "012/LHP/X/2024",
        "assignment_number": "045/PM/X/2024",
    }

    page = client.post("/kerja/temuan/baru/", typed(**basis), follow=True)

    found = Complaint.objects.get()
    assert found.deadlines.get(kind="finding").due_on == date(2024, 10, 13)
    shown = page.content.decode()
    assert "012/LHP/X/2024, 045/PM/X/2024" in shown
    assert "6 Okt 2024" in shown
    assert "harus ditetapkan paling lambat" not in shown


@pytest.mark.django_db
def test_a_finding_that_is_set_too_late_says_so(client):
    client.force_login(person("rudi"))
    late = {"event_on": "2024-09-20", "known_on": "2024-09-21", "report_on": "2024-09-29"}

    page = client.post("/kerja/temuan/baru/", typed(**late), follow=True)

    told = "Menurut tanggal LHP-nya, temuan ini harus ditetapkan paling lambat"
    assert told in page.content.decode()
    assert Complaint.objects.get().status == ComplaintStatus.RECORDED


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("basis", "said"),
    [
        ({"report_number": "012/LHP/X/2024"}, "Isi tanggal laporannya"),
        ({"assignment_number": "045/PM/X/2024"}, "Isi tanggal laporannya"),
        ({"report_on": "2024-10-08"}, "Tanggal LHP tidak boleh setelah hari ini"),
        ({"report_on": "2024-10-01"}, "LHP dibuat sesudah kejadiannya"),
    ],
)
def test_what_a_finding_rests_on_is_asked_for_again(client, basis, said):
    client.force_login(person("rudi"))

    page = client.post("/kerja/temuan/baru/", typed(**basis))

    assert page.context["form"].errors["report_on"] == [said]
    assert OWN_WORDS in page.content.decode()
    assert not Complaint.objects.exists()


@pytest.mark.django_db
def test_next_page_offers_the_register_in_one_button(client):
    client.force_login(person("rudi"))

    page = client.post("/kerja/temuan/baru/", typed(), follow=True)

    assert page.context["decision"]["main"]["label"] == "Registrasi temuan"
    assert "dicatat." in page.content.decode()


@pytest.mark.django_db
def test_unknown_agency_is_kept_as_text_and_village_head_is_told_apart(client):
    client.force_login(person("rudi"))

    client.post(
        "/kerja/temuan/baru/",
        typed(**{"p-0-agency": "Desa Sukamaju", "p-0-position": "Kepala Desa"}),
    )

    official = Complaint.objects.get().official_links.get().official
    assert (official.agency, official.agency_text) == (None, "Desa Sukamaju")
    assert official.employment == "NON_ASN"


@pytest.mark.django_db
def test_three_people_are_three_officials(client):
    client.force_login(person("rudi"))

    client.post(
        "/kerja/temuan/baru/",
        typed(**{"p-1-name": "Orang Kedua", "p-2-account": "@orang_ketiga"}),
    )

    assert [
        str(link.official) for link in Complaint.objects.get().official_links.order_by("pk")
    ] == [
        "Contoh Wiratama",
        "Orang Kedua",
        "@orang_ketiga",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"acts": []}, "Pilih paling sedikit satu perbuatan"),
        ({"story": "Terlalu pendek"}, "Ceritakan sedikit lebih panjang, paling sedikit 20 huruf"),
        ({"event_on": "2024-10-09"}, "Tanggal kejadian tidak boleh setelah hari ini"),
        ({"known_on": "2024-10-04"}, "Anda tidak mungkin tahu sebelum kejadian"),
        ({"region": "51.71"}, "51.71"),
        ({"p-0-nip": "1234567890123456789"}, "NIP paling banyak 18 angka"),
        (
            {"p-0-name": "", "p-0-position": ""},
            "Tulis nama, jabatan, atau nama akun orang yang dilaporkan",
        ),
    ],
)
def test_errors_keep_what_was_typed(client, changes, message):
    client.force_login(person("rudi"))

    answer = client.post("/kerja/temuan/baru/", typed(place="Tempat yang diketik", **changes))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert message in page
    assert "Tempat yang diketik" in page
    assert not Complaint.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "status"), [("dewi", 403), ("anwar", 403), ("rudi", 200)])
def test_form_is_for_officers(client, who, status):
    client.force_login(person(who))

    assert client.get("/kerja/temuan/baru/").status_code == status


@pytest.mark.django_db
def test_form_starts_at_the_own_region_and_offers_its_agencies(client):
    client.force_login(person("rudi"))

    page = client.get("/kerja/temuan/baru/").content.decode()

    assert '<option value="33.08" selected>' in page
    assert "Pemerintah Kabupaten Magelang" in page
    assert "Pemerintah Kota Denpasar" not in page
    assert 'value="51.71"' not in page


@pytest.mark.django_db
def test_confirming_a_tip_prefills_its_facts_and_not_its_words(client):
    row = traced_tip()
    client.force_login(person("sari"))

    answer = client.get(f"/kerja/laporan/{row.public_id}/temuan/")

    form, people = answer.context["form"], answer.context["people"]
    assert (form["place"].value(), form["story"].value()) == ("Balai Desa Sukamaju", None)
    assert people.forms[0]["name"].value() == "Contoh Wiratama"
    assert STORY in answer.content.decode()


@pytest.mark.django_db
def test_confirmed_tip_becomes_a_finding_in_the_officers_own_words(client):
    row = traced_tip()
    client.force_login(person("sari"))

    client.post(
        f"/kerja/laporan/{row.public_id}/temuan/",
        typed(seen="tracing", **{"p-INITIAL_FORMS": "1"}),
    )

    row.refresh_from_db()
    found = Complaint.objects.get(traced_from=row)
    assert row.status == ComplaintStatus.FOUND
    assert opened_statement(complaint=found, viewer=person("sari")).story == OWN_WORDS


@pytest.mark.django_db
def test_late_confirmation_is_refused_and_keeps_the_words(client):
    row = traced_tip()
    client.force_login(person("sari"))
    close_without_case(complaint=row, officer=person("joko"), at=AT, reason="Tidak terbukti.")

    answer = client.post(
        f"/kerja/laporan/{row.public_id}/temuan/",
        typed(seen="tracing", **{"p-INITIAL_FORMS": "1"}),
    )

    assert answer.status_code == 409
    assert "Baru diubah oleh Joko" in answer.content.decode()
    assert OWN_WORDS in answer.content.decode()
    assert not Complaint.objects.filter(traced_from=row).exists()


@pytest.mark.django_db
def test_only_a_traced_tip_can_be_confirmed(client):
    row, strange = tip(), finding(officer="budi")
    client.force_login(person("sari"))

    answer = client.get(f"/kerja/laporan/{row.public_id}/temuan/")

    assert answer.headers["Location"] == f"/kerja/laporan/{row.public_id}/"
    assert client.get(f"/kerja/laporan/{strange.public_id}/temuan/").status_code == 404
