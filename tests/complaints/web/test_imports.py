"""The pages of an import, from the file to what it made, without JavaScript."""

import csv
import io

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bawaslu_cases.audit.models import AuditEvent
from complaints.models import Complaint, LegacyCase, LegacyImport
from complaints.services.legacy_imports import adopt_legacy
from tests.factories import AT, facts, person
from tests.support.sheets import BAD, GOOD, comma_file, rows, workbook
from tests.support.ways_in_and_out import carry_on_imports, checked_import, imported, uploaded

pytestmark = pytest.mark.django_db
PAGE = "/kerja/impor/"


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(AT, tick=True):
        yield


def columns_read_by(who, here):
    """Return the form of the columns as somebody reads it, to be sent."""
    colleague = Client()
    colleague.force_login(person(who))
    form = colleague.get(here).context["form"]
    return colleague, {name: form[name].value() for name in form.fields}


@pytest.mark.parametrize("carried", [False, True])
def test_f15_columns_that_a_colleague_chose_meanwhile_stand(desk, carried):
    """Whether the worker still looks at the rows or is done with them."""
    send(desk, workbook([GOOD, BAD]))
    carry_on_imports(AT)
    here = f"{PAGE}{LegacyImport.objects.get().public_id}/"
    (first, one), (second, other) = (columns_read_by(who, here) for who in ("sari", "joko"))
    assert first.post(here, one).status_code == 302
    if carried:
        carry_on_imports(AT)
    stood = LegacyImport.objects.values().get()

    late = second.post(here, other)

    assert late.status_code == 409
    assert "Baru diubah oleh orang lain" in late.content.decode()
    assert "Refresh" not in late
    assert "js/progress.js" not in late.content.decode()
    assert LegacyImport.objects.values().get() == stood


@pytest.fixture
def desk(client):
    client.force_login(person("sari"))
    return client


def send(client, content: bytes, name: str = "register.xlsx"):
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content)})


def test_from_the_file_to_old_cases(desk):
    answer = send(desk, workbook([GOOD, BAD]))
    found = LegacyImport.objects.get()
    here = f"{PAGE}{found.public_id}/"
    assert answer["Location"] == here
    waiting = desk.get(here)
    assert waiting["Refresh"] == "5"
    assert "js/progress.js" in waiting.content.decode()
    carry_on_imports(AT)
    asked = desk.get(here).content.decode()
    assert '<option value="name" selected>Nama terlapor</option>' in asked
    assert "Sumberwati" not in asked
    assert "Refresh" not in desk.get(here)

    columns = {f"column-{at}": name for at, name in enumerate(LegacyImport.objects.get().columns)}
    assert desk.post(here, {"seen": "0", **columns})["Location"] == here
    carry_on_imports(AT)
    told = desk.get(here).content.decode()
    assert "NIP harus 18 angka" in told
    desk.post(f"{here}mulai/", {"seen": "1"})
    carry_on_imports(AT)

    assert "Impor selesai" in desk.get(here).content.decode()
    assert LegacyCase.objects.get().name == "Contoh Lamasari"


def test_a_file_of_more_than_six_megabytes_comes_whole_and_touches_no_disk(
    desk, tmp_path, settings
):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    content = b"Nama;Perbuatan;Tanggal\r\n" + b"x" * (9 * 1024 * 1024)

    assert send(desk, content, "besar.csv").status_code == 302
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "Berkas ini kosong"), (b"x" * (20 * 1024 * 1024 + 1), "paling besar 20 MB")],
)
def test_what_is_refused_at_the_door(desk, content, words):
    assert words in send(desk, content).content.decode()
    assert not LegacyImport.objects.exists()


def test_the_form_is_protected():
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("sari"))

    assert send(client, workbook([GOOD])).status_code == 403


def test_columns_that_are_missing_are_told_at_the_form(desk):
    found = uploaded(workbook([GOOD]), AT)

    page = desk.post(f"{PAGE}{found.public_id}/", {"seen": "0", "column-3": "name"})

    assert "Pilih kolom untuk Perbuatan" in page.content.decode()


def test_somebody_elses_import_is_not_there(client):
    found = uploaded(workbook([GOOD]), AT)
    for who, status in (("rudi", 404), ("budi", 404), ("dewi", 403)):
        client.force_login(person(who))
        assert client.get(f"{PAGE}{found.public_id}/").status_code == status


def test_the_error_file_is_safe_marked_and_logged(desk):
    line = (*BAD[:9], "=HYPERLINK(1)", *BAD[10:])
    found = checked_import(comma_file([line]), AT)

    answer = desk.get(f"{PAGE}{found.public_id}/galat/")

    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert table[0][:4] == ["Baris", "Yang perlu diperbaiki", "Diunduh oleh", "No"]
    assert "Nama Pelapor" not in table[0]
    assert table[1][2].startswith("Sari · Bawaslu Provinsi Jawa Tengah · 2024-10-07")
    assert "'=HYPERLINK(1)" in table[1]
    entry = AuditEvent.objects.filter(action="page.desk:import_problems").latest("pk")
    assert '"download":true' in entry.detail
    assert found.public_id.hex in entry.subject


def test_dropping_and_undoing(desk):
    found = uploaded(workbook([GOOD]), AT)
    desk.post(f"{PAGE}{found.public_id}/buang/")
    made = imported(workbook(rows(2)), AT)
    assert LegacyCase.objects.count() == 2

    page = desk.post(f"{PAGE}{made.public_id}/batalkan/", follow=True)

    assert "Impor dibatalkan: 2 perkara lama dihapus." in page.content.decode()
    assert not LegacyCase.objects.exists()


def test_an_old_case_becomes_a_finding_of_todays_office(desk):
    imported(workbook([GOOD]), AT)
    legacy = LegacyCase.objects.get()
    address = f"/kerja/perkara-lama/{legacy.public_id}/"
    assert "Catat sebagai temuan" in desk.get(address).content.decode()
    page = desk.get(f"{address}temuan/")
    assert page.context["form"].initial["place"] == "Balai Desa"

    adopt_legacy(legacy=legacy, facts=facts(), officer=person("sari"), at=AT)

    assert Complaint.objects.get().lane == "finding"
    assert Complaint.objects.get().reference in desk.get(address).content.decode()
    assert desk.get(f"{address}temuan/")["Location"] == address


def test_the_list_costs_the_same_with_more_rows(desk):
    imported(workbook(rows(2)), AT)
    desk.get("/kerja/perkara-lama/")
    with CaptureQueriesContext(connection) as few:
        desk.get("/kerja/perkara-lama/")
    imported(workbook(rows(30)), AT)
    with CaptureQueriesContext(connection) as many:
        page = desk.get("/kerja/perkara-lama/")

    assert len(many) == len(few)
    assert len(page.context["rows"]) == 30
    assert len(desk.get("/kerja/perkara-lama/?q=lama").context["rows"]) == 30
