"""Links on the pages: cleaned for the reporter before sending, cleaned for officers ever after."""

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.shared.models import OutboxMessage
from complaints.models import LinkCapture
from complaints.services.captures import TOPIC, write_minutes
from complaints.services.cleaning import clean_evidence
from complaints.web.forms_intake import LinkField
from complaints.web.intake_summary import LONG_FORM, _link
from tests.factories import person, report, tip
from tests.support.evidence import photo
from tests.support.vault import signed_in

pytestmark = pytest.mark.django_db(databases=["default", "keyring", "audit"])

SHARED = "https://www.instagram.com/reel/AaBbCcDdEe1/?igsh=MWRahasiaPembagi"
SHORT = "https://vt.tiktok.com/ZSRahasiaPembagi/"
CLEAN = "https://www.instagram.com/p/AaBbCcDdEe1/"


@pytest.fixture
def sari(vault_keys) -> Client:
    client: Client = signed_in(Client(), person("sari"))
    return client


def at(name, *ids):
    return reverse(f"desk:{name}", args=[each.public_id for each in ids])


def typed(**changes):
    plain = {
        "act": "like",
        "account": "@camat.contoh",
        "captured_on": "2024-10-07",
        "captured_time": "09:30",
        "posted_on": "",
        "posted_time": "",
        "file": SimpleUploadedFile("tangkapan.jpg", photo(), content_type="image/jpeg"),
    }
    return plain | changes


@pytest.mark.parametrize(
    "text", [SHORT, SHARED, "instagram.com/p/AaBbCcDdEe1", "www.harian-contoh.id/a"]
)
def test_a_reporter_is_not_refused_for_a_short_or_bare_link(text):
    assert LinkField(required=False).clean(text).endswith(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("javascript:alert(1)", "http atau www"),
        ("https://warga@harian-contoh.id/a", "nama pengguna"),
        ("https://harian-contoh.id/" + "a" * 2100, "2048|2.048"),
        ("https://www.instagram.com/accounts/login/?next=/p/x/", "halaman masuk"),
    ],
)
def test_e29_what_is_no_link_is_refused_with_what_to_do(text, says):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError) as refused:
        LinkField(required=False).clean(text)
    assert re.search(says, " ".join(refused.value.messages))


def test_the_summary_shows_what_goes_on_and_asks_for_the_long_form():
    shown, remark = _link(SHARED)
    assert shown == CLEAN
    assert "dilepas" in str(remark)
    assert _link(CLEAN) == [CLEAN]
    assert _link(SHORT) == [SHORT, LONG_FORM]
    assert _link("") == []


@pytest.mark.parametrize("make", [tip, report])
def test_officers_see_links_cleaned_in_every_lane(sari, make):
    record = make(links=[SHARED, SHORT])
    hidden = record.links.get(key="")
    for address in (at("record", record), at("links", record), at("link", record, hidden)):
        page = sari.get(address).content.decode()
        assert "Rahasia" not in page
    page = sari.get(at("record", record)).content.decode()
    assert f"<code>{CLEAN}</code>" in page
    assert f'href="{CLEAN}' not in page
    assert at("link", record, hidden) in page


def test_an_officer_pastes_the_long_form(sari):
    record = tip(links=[SHORT])
    address = at("link", record, record.links.get())
    answer = sari.post(address, {"url": "https://www.tiktok.com/@guru/video/7000000000000000001"})
    assert answer.status_code == 302
    assert record.links.get().key == "tiktok:video:7000000000000000001"
    page = sari.get(address).content.decode()
    assert "Alamat panjang dicatat." in page
    assert "Catat tangkapan petugas" in page


def test_f15_the_long_form_that_a_colleague_pasted_meanwhile_stands(sari, client):
    record = tip(links=[SHORT])
    address = at("link", record, record.links.get())
    client.force_login(person("joko"))
    client.get(address)
    sari.post(address, {"url": "https://www.tiktok.com/@guru/video/7000000000000000001"})

    late = client.post(address, {"url": "https://www.tiktok.com/@guru/video/7000000000000000002"})

    assert late.status_code == 409
    page = late.content.decode()
    assert "Baru diubah oleh orang lain" in page
    assert "7000000000000000002" in page
    assert "Pilih perbuatannya" not in page
    assert record.links.get().key == "tiktok:video:7000000000000000001"
    assert AuditEvent.objects.filter(action="link.expand").count() == 1


def test_a_long_form_that_tells_nothing_is_refused_on_the_page(sari):
    record = tip(links=[SHORT])
    page = sari.post(at("link", record, record.links.get()), {"url": SHORT})
    assert page.status_code == 200
    assert "masih tautan pendek" in page.content.decode()


def test_an_officer_adds_a_link(sari):
    record = tip()
    answer = sari.post(at("links", record), {"url": SHARED})
    link = record.links.get()
    assert answer["Location"] == at("link", record, link)
    assert (link.clean_url, link.added_by) == (CLEAN, person("sari"))


def test_capture_minutes_download(sari):
    record = tip(links=[CLEAN])
    link = record.links.get()
    page = at("link", record, link)

    assert sari.post(page, typed()).status_code == 302
    capture = LinkCapture.objects.get()
    minutes = at("capture_minutes", record, link, capture)
    assert sari.get(minutes).status_code == 404
    assert "Menunggu salinan aman" in sari.get(page).content.decode()

    clean_evidence(subject_id=capture.evidence.public_id.hex)
    assert "Buat berita acara" in sari.get(page).content.decode()
    assert sari.post(minutes)["Location"] == page
    assert OutboxMessage.objects.filter(topic=TOPIC).count() == 1

    write_minutes(subject_id=capture.public_id.hex)
    assert minutes in sari.get(page).content.decode()
    paper = sari.get(minutes)
    assert paper["Content-Type"] == "application/pdf"
    assert paper["Content-Disposition"] == (
        f'attachment; filename="berita-acara-{capture.public_id.hex[:12]}.pdf"'
    )
    assert BytesIO(paper.content).read(5) == b"%PDF-"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"account": ""}, "Isi nama akun terlapor"),
        ({"act": ""}, "Pilih perbuatannya"),
        ({"file": ""}, "Pilih berkas tangkapannya"),
        ({"file": SimpleUploadedFile("a.txt", b"catatan")}, "Tangkapan harus gambar"),
        ({"file": SimpleUploadedFile("a.jpg", bytes(5 * 1024 * 1024 + 1))}, "lebih dari 5 MB"),
        ({"captured_on": "2999-01-01"}, "tidak boleh di depan"),
        ({"posted_time": "10:00"}, "Isi juga tanggal unggahannya"),
    ],
)
def test_a_capture_that_cannot_be_is_refused_on_the_page(sari, changes, says):
    record = tip(links=[CLEAN])
    page = sari.post(at("link", record, record.links.get()), typed(**changes))
    assert page.status_code == 200
    assert says in page.content.decode()
    assert LinkCapture.objects.count() == 0


def test_pages_of_links_cost_the_same_however_many_there_are(sari, django_assert_max_num_queries):
    few, many = (
        tip(links=[CLEAN]),
        tip(links=[f"https://x.com/dinas/status/18000000000000000{n:02}" for n in range(5)]),
    )
    sari.get(at("links", few))
    counted = []
    for record in (few, many):
        with django_assert_max_num_queries(40) as queries:
            sari.get(at("links", record))
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_the_plenary_reads_and_does_not_write(vault_keys):
    dewi = signed_in(Client(), person("dewi"))
    record = tip(links=[CLEAN])
    page = dewi.get(at("link", record, record.links.get()))
    assert page.status_code == 200
    assert "Catat tangkapan petugas" not in page.content.decode()
    assert dewi.post(at("links", record), {"url": SHARED}).status_code == 403
