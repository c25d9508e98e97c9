"""What people see of an alarm about a file, and what a page answers for one that is not whole."""

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from bawaslu_cases.shared import object_storage
from complaints.gateways import antivirus
from complaints.models import EvidenceAlarm
from tests.complaints.web.walk import text
from tests.factories import AT, in_hand, person, report, tip
from tests.support.evidence import cleaned_evidence, evidence_of, photo
from tests.support.vault import signed_in

pytestmark = [
    pytest.mark.django_db(databases=["default", "keyring", "audit"]),
    pytest.mark.usefixtures("vault_keys"),
]


@pytest.fixture
def desk(client):
    client.force_login(person("sari"))
    with time_machine.travel(AT, tick=False):
        yield client


@pytest.fixture
def virus(monkeypatch):
    monkeypatch.setattr(antivirus, "scan", lambda _content: antivirus.Scan.HIT)


def page_of(complaint, *rest):
    return f"/kerja/laporan/{complaint.public_id}/bukti/" + "".join(f"{each}/" for each in rest)


def verifier(*, stepped_up=True):
    return signed_in(Client(), person("vera"), stepped_up=stepped_up)


def test_e16_a_hit_stands_on_the_offices_first_page(desk, virus):
    complaint = tip()
    evidence = cleaned_evidence(complaint, photo(), at=AT, name="kenari-bukti.jpg")

    page = desk.get("/kerja/")

    shown = text(page)
    assert "Peringatan berkas bukti" in shown
    assert f"{complaint.reference} · Bukti 1" in shown
    assert "Terdeteksi berbahaya, ditahan" in shown
    assert page_of(complaint, 1) in page.content.decode()
    assert "kenari" not in page.content.decode()
    assert evidence.object_id.hex not in page.content.decode()
    other = Client()
    other.force_login(person("budi"))
    assert "Peringatan berkas bukti" not in text(other.get("/kerja/"))


def test_e16_the_desk_lists_what_is_held_back(virus):
    complaint = in_hand(report(timezone.now()))
    evidence = cleaned_evidence(complaint, photo(), at=timezone.now(), name="kenari-bukti.jpg")

    page = verifier().get("/brankas/berkas/")

    assert [row["evidence"] for row in page.context["rows"]] == [evidence]
    assert "Ditahan" in text(page)
    assert "kenari" not in page.content.decode()
    assert "1 berkas menunggu diperiksa." in text(verifier().get("/brankas/"))
    assert verifier().get(f"/brankas/berkas/{evidence.public_id}/").status_code == 200
    stranger = signed_in(Client(), person("retno"), stepped_up=True)
    assert stranger.get("/brankas/berkas/").context["rows"] == []


def test_e16_the_administrator_reads_counts_alone(client, virus):
    complaint = tip()
    cleaned_evidence(complaint, photo(), at=AT)
    client.force_login(person("agus"))

    page = client.get("/kerja/sistem/")

    assert "1 berbahaya, 0 tidak utuh, 0 hilang" in text(page)
    assert "Ada berkas yang ditahan karena berbahaya" in text(page)
    assert complaint.reference not in page.content.decode()


def test_an_alarm_is_settled_from_the_files_page(desk, virus):
    complaint = tip()
    cleaned_evidence(complaint, photo(), at=AT)
    assert "Jangan minta pelapor mengirimnya lagi" in text(desk.get(page_of(complaint, 1)))

    page = desk.post(page_of(complaint, 1, "peringatan"), follow=True)

    assert "Peringatan berkas ini ditandai selesai." in text(page)
    assert "Jangan minta pelapor mengirimnya lagi" not in text(page)
    assert "Peringatan berkas bukti" not in text(desk.get("/kerja/"))
    assert EvidenceAlarm.objects.get().seen_by == person("sari")


def test_an_alarm_of_another_office_is_not_settled(virus):
    complaint = tip()
    cleaned_evidence(complaint, photo(), at=AT)
    other = Client()
    other.force_login(person("budi"))

    assert other.post(page_of(complaint, 1, "peringatan")).status_code == 404
    other.force_login(person("sari"))
    assert other.post(page_of(complaint, 2, "peringatan")).status_code == 404
    assert EvidenceAlarm.objects.get().seen_by is None


@pytest.mark.parametrize(("cut", "why"), [(True, "Tidak utuh"), (False, "Hilang dari penyimpanan")])
def test_e18_a_copy_that_is_not_whole_is_said_not_half_sent(desk, cut, why):
    complaint = tip()
    evidence = cleaned_evidence(complaint, photo(1600, 1200), at=AT)
    (copy,) = evidence.derivatives.all()
    break_object(copy.file, cut=cut)

    address = f"/kerja/laporan/{complaint.public_id}/salinan/{copy.public_id}/"
    answer = desk.get(address)

    assert (answer.status_code, answer["Content-Type"]) == (410, "text/plain; charset=utf-8")
    assert "tidak utuh lagi di penyimpanan" in b"".join(answer.streaming_content).decode()
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert why in text(desk.get(page_of(complaint, 1)))


def test_e18_a_text_that_is_not_whole_is_said_on_its_page(desk):
    complaint = tip()
    evidence = cleaned_evidence(complaint, b"Catatan saya tentang camat.\n" * 20, at=AT)
    (copy,) = evidence.derivatives.all()
    break_object(copy.file, cut=True)

    shown = text(desk.get(page_of(complaint, 1)))

    assert "Catatan saya" not in shown
    assert "tidak utuh lagi di penyimpanan" in shown
    assert "Tidak utuh: isinya berubah" in shown


@pytest.mark.parametrize("cut", [True, False])
def test_e18_an_original_that_is_not_whole_does_not_leave(cut):
    complaint = in_hand(report(timezone.now()))
    evidence = evidence_of(complaint, photo(), at=timezone.now())
    vera = verifier()
    address = f"/brankas/berkas/{evidence.public_id}/"
    asked = {"purpose": "compare", "reason": "Membandingkan dengan salinannya."}
    assert vera.post(address, asked).status_code == 302
    assert b"".join(vera.get(f"{address}isi/").streaming_content).startswith(b"BKS1")
    break_object(evidence, cut=cut)

    answer = vera.get(f"{address}isi/", follow=True)

    assert answer.redirect_chain == [(address, 302)]
    assert "tidak utuh lagi di penyimpanan" in text(answer)
    assert [row["evidence"] for row in vera.get("/brankas/berkas/").context["rows"]] == [evidence]


def break_object(row, *, cut):
    """Cut the last bytes of a stored object off, or remove it."""
    blob = b"".join(object_storage.read(row.object_name))
    object_storage.delete([row.object_name])
    if cut:
        object_storage.write(row.object_name, [blob[:-9]])
