"""More evidence from the return page: it joins the record, and its reporter reads what became of it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from complaints.models import Evidence, Upload
from complaints.services import upload_room
from complaints.states import EvidenceStatus
from tests.complaints.web.test_mailbox_page import opened
from tests.complaints.web.test_uploads import announce, bring, picture
from tests.complaints.web.walk import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vault_keys")]


def more(client: Client, *names: str) -> str:
    """Bring files with the page and return what it says then."""
    client.post(
        "/s/isi",
        {
            "page": "files",
            "do": "add",
            "upload": [SimpleUploadedFile(name, picture(9_000)) for name in names],
            "whole": "1",
        },
    )
    return text(client.get("/s/isi"))


def test_files_join_the_record(client):
    opened(client)
    client.post("/s/isi", {"do": "go:files"})
    assert "Tambah bukti" in text(client.get("/s/isi"))
    shown = more(client, "rapat.jpg", "spanduk.jpg")
    assert "Berkas 1 · " in shown
    assert "Berkas 2 · " in shown
    assert "rapat" not in shown  # the name lies in the sealed manifest alone
    assert (Evidence.objects.count(), Upload.objects.count()) == (2, 0)


def test_files_in_pieces_too(client):
    opened(client)
    client.post("/s/isi", {"do": "go:files"})
    url = announce(client, 9_000)["Location"]
    assert bring(client, url, 0, picture(9_000)).status_code == 204
    assert Evidence.objects.count() == 1
    assert "Berkas 1 · " in text(client.get("/s/isi"))


@pytest.mark.parametrize(
    ("status", "refusal", "said"),
    [
        (EvidenceStatus.QUEUED, "", "Salinan aman sedang dibuat."),
        (EvidenceStatus.READY, "", "Salinan aman sudah dibuat untuk petugas."),
        (EvidenceStatus.MANUAL, "crashed", "Perlu diperiksa petugas secara khusus."),
        (EvidenceStatus.REFUSED, "password", "Berkas terkunci kata sandi. Simpan lagi tanpa kata"),
        (EvidenceStatus.REFUSED, "office", "Simpan sebagai PDF atau gambar"),
        (EvidenceStatus.BLOCKED, "", "mengandung virus"),
    ],
)
def test_its_reporter_reads_what_became_of_it(client, status, refusal, said):
    opened(client)
    client.post("/s/isi", {"do": "go:files"})
    more(client, "a.jpg")
    Evidence.objects.update(status=status, refusal=refusal)
    client.post("/s/isi", {"page": "files", "do": "go:home"})
    assert said in text(client.get("/s/isi"))


def test_ten_a_report_whenever_they_come(client, monkeypatch):
    monkeypatch.setattr(upload_room, "MAX_FILES", 2)
    opened(client)
    client.post("/s/isi", {"do": "go:files"})
    shown = more(client, "a.jpg", "b.jpg", "c.jpg")
    assert "c.jpg: Paling banyak 10 berkas" in shown
    assert Evidence.objects.count() == 2


def test_closing_erases_what_was_on_its_way(client):
    opened(client)
    client.post("/s/isi", {"do": "go:files"})
    url = announce(client, 90_000)["Location"]
    bring(client, url, 0, picture(9_000))
    client.post("/s/tutup")
    assert Upload.objects.count() == 0
