"""The viewer of evidence: copies alone, from an answer that can do nothing (checks E14, E15)."""

import hashlib
import io
import json
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core import signing
from PIL import Image

from bawaslu_cases.audit.selectors import Filters, trail_page
from complaints.models import Derivative
from complaints.services.evidence import derivative_content
from complaints.web.forms_evidence import ROWS
from tests.complaints.web.walk import text
from tests.factories import AT, person, tip
from tests.support.evidence import cleaned_evidence, draw_orders, evidence_of, pdf, photo

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
def complaint(vault_keys):
    return tip()


def page_of(complaint, *rest):
    return f"/kerja/laporan/{complaint.public_id}/bukti/" + "".join(f"{each}/" for each in rest)


def copy_address(complaint, copy):
    return f"/kerja/laporan/{complaint.public_id}/salinan/{copy.public_id}/"


def body_of(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def boxes(*rows, seen=0):
    sent = {
        "form-TOTAL_FORMS": str(ROWS),
        "form-INITIAL_FORMS": "0",
        "seen": str(seen),
    }
    for number, row in enumerate(rows):
        for name, value in zip(("x", "y", "width", "height"), row, strict=True):
            sent[f"form-{number}-{name}"] = str(value)
    return sent


def taken(desk, complaint, copy):
    """Ask for a marked copy, let it be drawn, take it."""
    waiting = desk.post(copy_address(complaint, copy) + "unduh/")
    draw_orders()
    return desk.post(waiting["Location"])


def redacted(desk, complaint, *rows, query=""):
    """Order regions of the first file to be burnt out, let it be drawn, follow to where it ends."""
    waiting = desk.post(page_of(complaint, 1, "tutup") + query, boxes(*rows))
    draw_orders()
    return desk.get(waiting["Location"], follow=True)


def pixels(response):
    return Image.open(io.BytesIO(body_of(response))).convert("RGB")


def test_a_record_without_files_says_so(desk, complaint):
    assert "Belum ada berkas bukti" in text(desk.get(page_of(complaint)))
    assert "Tidak ada berkas bukti" in text(desk.get(f"/kerja/laporan/{complaint.public_id}/"))
    assert desk.get(page_of(complaint, 1)).status_code == 404


def test_the_viewer_shows_the_copy_and_what_was_left_behind(desk, complaint):
    evidence = cleaned_evidence(complaint, photo(), at=AT)
    cleaned_evidence(complaint, pdf(2), at=AT, name="surat.pdf")

    page = desk.get(page_of(complaint))

    shown = text(page)
    assert "Bukti 1: Foto atau gambar" in shown
    assert "data kamera (EXIF)" in shown
    assert "Tidak dipindai" in shown
    assert "2 berkas bukti" in text(desk.get(f"/kerja/laporan/{complaint.public_id}/"))
    (copy,) = evidence.derivatives.all()
    assert copy_address(complaint, copy) in page.content.decode()
    assert "layar.jpg" not in page.content.decode()
    assert bytes(evidence.object_id.bytes).hex() not in page.content.decode()


def test_e15_a_copy_comes_from_an_answer_that_can_do_nothing(desk, complaint):
    evidence = cleaned_evidence(complaint, photo(), at=AT)
    (copy,) = evidence.derivatives.all()

    response = desk.get(copy_address(complaint, copy))

    assert {
        name: response[name]
        for name in (
            "Content-Type",
            "Content-Disposition",
            "X-Content-Type-Options",
            "Content-Security-Policy",
            "Cross-Origin-Resource-Policy",
            "Cache-Control",
            "Accept-Ranges",
        )
    } == {
        "Content-Type": "image/jpeg",
        "Content-Disposition": 'inline; filename="bukti-1.jpg"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Accept-Ranges": "none",
    }
    assert body_of(response) == b"".join(derivative_content(copy))


def test_e15_only_what_the_cleaner_painted_is_shown_inline(desk, complaint):
    evidence = cleaned_evidence(complaint, pdf(1), at=AT, name="surat.pdf")
    main = evidence.derivatives.get(part="main")

    response = desk.get(copy_address(complaint, main))

    assert response["Content-Disposition"] == 'attachment; filename="bukti-1.pdf"'


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/abs/olut.jpg",
        "nol\0.jpg",
        "baris\r\nSet-Cookie: a=b.jpg",
        "x" * 300 + ".jpg",
        "gpj.\u202eexe",
        "con.jpg",
        "😀.jpg",
        "\"';--.jpg",
    ],
)
def test_e14_a_declared_name_reaches_no_header_and_no_page(desk, complaint, name):
    evidence = cleaned_evidence(complaint, photo(), at=AT, name=name)
    (copy,) = evidence.derivatives.all()

    response = desk.get(copy_address(complaint, copy))
    download = taken(desk, complaint, copy)

    assert response["Content-Disposition"] == 'inline; filename="bukti-1.jpg"'
    assert download["Content-Disposition"] == 'attachment; filename="bukti-1.jpg"'
    assert "Set-Cookie: a=b" not in str(download.headers)
    assert name not in desk.get(page_of(complaint)).content.decode()


def test_every_view_is_in_the_audit_log(desk, complaint):
    evidence = cleaned_evidence(complaint, photo(), at=AT)
    (copy,) = evidence.derivatives.all()

    desk.get(page_of(complaint, 1))
    desk.get(copy_address(complaint, copy))
    taken(desk, complaint, copy)

    entries = trail_page(
        reader=person("nur").public_id,
        filters=Filters(subjects=(f"complaint:{complaint.public_id.hex}",)),
    ).entries
    found = [
        (each.action, json.loads(each.detail).get("evidence"))
        for each in reversed(entries)
        if each.action.startswith("page.")
    ]
    assert found == [
        ("page.desk:evidence_item", evidence.public_id.hex),
        ("page.desk:evidence_copy", evidence.public_id.hex),
        ("page.desk:evidence_download", evidence.public_id.hex),
        ("page.desk:copy_order", evidence.public_id.hex),
    ]


def test_a_download_carries_the_mark_of_its_taker(desk, complaint):
    evidence = cleaned_evidence(complaint, photo(), at=AT)
    (copy,) = evidence.derivatives.all()

    marked = pixels(taken(desk, complaint, copy))
    plain = pixels(desk.get(copy_address(complaint, copy)))

    assert marked.size == plain.size
    changed = sum(
        max(abs(a - b) for a, b in zip(one, other, strict=True)) > 20
        for one, other in zip(marked.get_flattened_data(), plain.get_flattened_data(), strict=True)
    )
    assert changed > marked.width * marked.height * 0.01
    # No quarter of the picture is free of it: cropping does not take it off.
    for left in (0, marked.width // 2):
        for top in (0, marked.height // 2):
            frame = (left, top, left + marked.width // 2, top + marked.height // 2)
            pair = zip(
                marked.crop(frame).get_flattened_data(),
                plain.crop(frame).get_flattened_data(),
                strict=True,
            )
            assert any(abs(one[0] - other[0]) > 20 for one, other in pair)


def test_regions_are_burnt_out_of_the_next_generation(desk, complaint):
    evidence = cleaned_evidence(complaint, photo(), at=AT)
    first = evidence.derivatives.get()

    answer = redacted(desk, complaint, (25, 25, 50, 50))

    assert "Bagian itu ditutup dalam salinan baru." in text(answer)
    assert "sudah 1 kali ditutup sebagian" in text(answer)
    second = evidence.derivatives.get(generation=1)
    assert (second.made_of_id, second.made_by_id) == (first.pk, person("sari").pk)
    assert second.regions == [[1, 2500, 2500, 5000, 5000]]
    image = pixels(desk.get(copy_address(complaint, second)))
    assert max(image.getpixel((320, 240))) < 12
    assert min(image.getpixel((30, 440))) > 60
    assert list(evidence.events.values_list("action", flat=True)) == ["create", "clean", "redact"]
    assert hashlib.sha256(b"".join(derivative_content(first))).digest() == bytes(first.sha256)


def test_a_page_of_a_document_is_burnt_out_alone(desk, complaint):
    evidence = cleaned_evidence(complaint, pdf(2), at=AT, name="surat.pdf")

    redacted(desk, complaint, (0, 0, 100, 50), query="?hal=2")

    one, two = (
        pixels(desk.get(copy_address(complaint, copy)))
        for copy in evidence.derivatives.filter(generation=1, part="page").order_by("page")
    )
    assert min(one.getpixel((one.width // 2, one.height // 4))) > 240
    assert max(two.getpixel((two.width // 2, two.height // 4))) < 12
    assert min(two.getpixel((two.width // 2, two.height * 3 // 4))) > 240


def test_regions_drawn_on_an_older_copy_are_refused(desk, complaint):
    cleaned_evidence(complaint, photo(), at=AT)
    redacted(desk, complaint, (25, 25, 50, 50))

    answer = desk.post(page_of(complaint, 1, "tutup"), boxes((0, 0, 10, 10), seen=0))

    assert answer.status_code == 409
    assert "Salinan ini baru diubah orang lain." in text(answer)
    assert Derivative.objects.filter(generation=2).count() == 0
    assert 'value="10"' in answer.content.decode()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((10, 10, "", ""), "Isi keempat angkanya, atau kosongkan semuanya."),
        ((10, 10, 0, 5), "Bagian ini berada di luar gambar."),
        ((100, 0, 5, 5), "Bagian ini berada di luar gambar."),
    ],
)
def test_bad_regions_are_told_and_kept(desk, complaint, row, words):
    cleaned_evidence(complaint, photo(), at=AT)

    answer = desk.post(page_of(complaint, 1, "tutup"), boxes(row))

    assert words in text(answer)
    assert f'value="{row[0]}"' in answer.content.decode()
    assert not Derivative.objects.filter(generation=1).exists()


def test_no_region_at_all_is_told(desk, complaint):
    cleaned_evidence(complaint, photo(), at=AT)

    answer = desk.post(page_of(complaint, 1, "tutup"), boxes())

    assert answer.status_code == 409
    assert "Gambar dulu bagian yang ditutup." in text(answer)


@pytest.mark.parametrize("where", [("bukti/1/",), ("bukti/1/tutup/",)])
def test_another_office_sees_nothing(client, complaint, where):
    cleaned_evidence(complaint, photo(), at=AT)
    client.force_login(person("budi"))

    response = client.get(f"/kerja/laporan/{complaint.public_id}/{where[0]}")

    assert response.status_code == 404


def test_a_copy_is_asked_for_under_its_own_record(desk, complaint):
    (copy,) = cleaned_evidence(complaint, photo(), at=AT).derivatives.all()
    other = tip()

    assert desk.get(copy_address(other, copy)).status_code == 404


def test_what_waits_or_was_refused_is_said(desk, complaint):
    evidence_of(complaint, photo(), at=AT)
    cleaned_evidence(complaint, b"Rar!\x1a\x07\x00" + bytes(500), at=AT, name="a.docx")

    assert "Salinan aman sedang dibuat" in text(desk.get(page_of(complaint, 1)))
    refused = text(desk.get(page_of(complaint, 2)))
    assert "Jenis berkas tidak diterima" in refused
    assert "Berkas Word, Excel, ZIP, atau RAR tidak bisa diterima." in refused


ORIGIN = "https://salinan.contoh.test"


@pytest.fixture
def apart(settings):
    settings.EVIDENCE_ORIGIN = ORIGIN
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "salinan.contoh.test"]


@pytest.mark.usefixtures("apart")
def test_e15_copies_have_an_address_that_knows_no_session(desk, client, complaint):
    evidence = cleaned_evidence(complaint, photo(), at=AT)
    (copy,) = evidence.derivatives.all()

    page = desk.get(page_of(complaint, 1))
    html = page.content.decode()
    address = html.split('<img src="')[1].split('"')[0]

    assert address.startswith(f"{ORIGIN}/salinan/")
    assert ORIGIN in page["Content-Security-Policy"]
    assert desk.get(copy_address(complaint, copy)).status_code == 404
    path = urlsplit(address).path
    client.logout()
    answer = client.get(path, headers={"host": "salinan.contoh.test"})
    assert body_of(answer) == b"".join(derivative_content(copy))
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "Set-Cookie" not in answer.headers
    entries = trail_page(
        reader=person("nur").public_id,
        filters=Filters(subjects=(f"complaint:{complaint.public_id.hex}",)),
    ).entries
    assert [each.action for each in entries][1] == "page.desk:evidence_copy"


@pytest.mark.usefixtures("apart")
def test_e15_neither_address_serves_the_other(desk, complaint):
    cleaned_evidence(complaint, photo(), at=AT)
    html = desk.get(page_of(complaint, 1)).content.decode()
    path = urlsplit(html.split('<img src="')[1].split('"')[0]).path

    assert desk.get(path).status_code == 404
    assert desk.get(page_of(complaint), headers={"host": "salinan.contoh.test"}).status_code == 404
    assert desk.get("/", headers={"host": "salinan.contoh.test"}).status_code == 404


@pytest.mark.usefixtures("apart")
def test_e15_an_address_ends_and_cannot_be_made_up(desk, complaint):
    cleaned_evidence(complaint, photo(), at=AT)
    html = desk.get(page_of(complaint, 1)).content.decode()
    path = urlsplit(html.split('<img src="')[1].split('"')[0]).path
    host = {"host": "salinan.contoh.test"}
    token = path.rsplit("/", 1)[1]
    forged = signing.dumps(signing.loads(token, salt="evidence-copy"), salt="another")

    assert desk.get(f"/salinan/{forged}", headers=host).status_code == 404
    assert desk.get(f"/salinan/{token}x", headers=host).status_code == 404
    with time_machine.travel(AT.replace(minute=3), tick=False):
        assert desk.get(path, headers=host).status_code == 404
