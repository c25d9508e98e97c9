"""Files in a plain form post: kept as they come, refused beside their name, never left behind."""

import hashlib
import re
import tracemalloc
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from complaints.models import Complaint, Evidence, Upload
from complaints.services import upload_room
from tests.complaints.web.test_uploads import files, picture
from tests.complaints.web.walk import ANSWERS, answer, send, step_of, text, walk_to

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("form_clock", "vault_keys")]


def file(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.fixture
def client() -> Client:
    """Return a browser at the page that asks for evidence."""
    client = Client()
    walk_to(client, "links")
    return client


def test_files_come_with_the_page_and_it_goes_on(client):
    first, second = picture(30_000), b"%PDF-1.7\n" + bytes(range(256)) * 80
    page = answer(client, "links", upload=[file("a.jpg", first), file("b.pdf", second)], whole="1")
    assert step_of(page) == "witness"
    kept = files(client)
    assert [(each["name"], each["length"]) for each in kept] == [
        ("a.jpg", 30_000),
        ("b.pdf", 20_489),
    ]
    assert [each["sha256"] for each in kept] == [
        hashlib.sha256(content).hexdigest() for content in (first, second)
    ]
    page = answer(client, "witness")
    assert step_of(page) == "check"
    assert "a.jpg (29,3 KB)" in text(page).replace("\xa0", " ")
    send(client)
    assert Evidence.objects.filter(complaint=Complaint.objects.get()).count() == 2
    assert Upload.objects.count() == 0


def test_a_refused_file_leaves_the_others_and_the_answers(client):
    page = answer(
        client,
        "links",
        link_0="https://contoh.id/lain/2",
        upload=[
            file("baik.jpg", picture(9_000)),
            file("surat.docx", b"PK\x03\x04" + bytes(9000)),
            file("kosong.jpg", b""),
            file("juga.jpg", picture(9_001)),
        ],
        whole="1",
    )
    assert step_of(page) == "links"
    shown = text(page)
    assert "surat.docx: Berkas Word, Excel, ZIP, atau RAR tidak bisa diterima." in shown
    assert "kosong.jpg: Berkas ini kosong." in shown
    assert [each["name"] for each in files(client)] == ["baik.jpg", "juga.jpg"]
    assert 'value="https://contoh.id/lain/2"' in page.content.decode()
    assert page.content.decode().count('value="drop:') == 2
    # pressed again without a file, it goes on
    assert step_of(answer(client, "links", whole="1")) == "witness"


def test_hapus_takes_one_back_and_keeps_what_was_typed(client):
    page = answer(client, "links", do="add", upload=[file("a.jpg", picture(9_000))], whole="1")
    (entry,) = files(client)
    page = answer(client, "links", do=f"drop:{entry['id']}", link_0="https://contoh.id/x")
    assert step_of(page) == "links"
    assert (files(client), Upload.objects.count()) == ([], 0)
    assert 'value="https://contoh.id/x"' in page.content.decode()


def test_more_than_ten_and_more_than_there_is_room_for(client, monkeypatch):
    monkeypatch.setattr(upload_room, "MAX_REPORT_BYTES", 100_000)
    many = [file(f"{n}.jpg", picture(9_000)) for n in range(8)]
    page = answer(client, "links", upload=[*many, file("besar.jpg", picture(60_000))], whole="1")
    assert "besar.jpg: Berkas terlalu besar." in text(page)
    assert len(files(client)) == 8
    page = answer(
        client, "links", upload=[file(f"x{n}.jpg", picture(500)) for n in range(3)], whole="1"
    )
    assert "x2.jpg: Paling banyak 10 berkas" in text(page)
    assert (len(files(client)), Upload.objects.count()) == (10, 10)


def test_e11_a_body_that_breaks_off_keeps_no_half_file(client):
    boundary = "batas"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="step"\r\n\r\nlinks\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="upload"; filename="a.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    ).encode() + picture(50_000)
    answered = client.generic(
        "POST",
        "/f/",
        body,
        content_type=f"multipart/form-data; boundary={boundary}",
        CONTENT_LENGTH=str(len(body) + 90_000),
        **{"wsgi.input": BytesIO(body)},
    )
    assert answered.status_code in {303, 400}
    assert (files(client), Upload.objects.count()) == ([], 0)


def test_without_the_token_nothing_stays(client):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    data = {"step": "links", "do": "next", "upload": file("a.jpg", picture(9_000)), "whole": "1"}
    assert strict.post("/f/", data).status_code == 403
    assert (files(client), Upload.objects.count()) == ([], 0)
    page = client.get("/f/")
    found = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    assert found
    strict.cookies = client.cookies
    data |= {"csrfmiddlewaretoken": found[1], "upload": file("a.jpg", picture(9_000))}
    assert strict.post("/f/", data | ANSWERS["links"]).status_code == 303
    assert len(files(client)) == 1


def test_a_stranger_brings_nothing():
    data = {"step": "links", "do": "next", "upload": file("a.jpg", picture(9_000)), "whole": "1"}
    assert Client().post("/f/", data).status_code == 303
    assert Upload.objects.count() == 0


def test_keluar_and_hapus_erase_at_once(client):
    for leave in (
        lambda: client.post("/keluar"),
        lambda: client.post("/f/", {"step": "check", "do": "discard"}),
    ):
        answer(client, "links", do="add", upload=[file("a.jpg", picture(9_000))], whole="1")
        assert Upload.objects.count() == 1
        leave()
        assert Upload.objects.count() == 0
        client.cookies.clear()
        walk_to(client, "links")


def test_a_draft_put_aside_keeps_its_files(client):
    answer(client, "links", do="save", upload=[file("a.jpg", picture(9_000))], whole="1")
    digits = "".join(client.get("/f/").context["groups"])
    client.post("/keluar")
    assert Upload.objects.count() == 1
    other = Client()
    other.post("/f/", {"do": "resume", "code": digits})
    assert [each["name"] for each in files(other)] == ["a.jpg"]


class Tape:
    """A body of 200 MB that is made while it is read."""

    def __init__(self, head: bytes, length: int, tail: bytes) -> None:
        self.head, self.left, self.tail = BytesIO(head), length, BytesIO(tail)
        self.size = len(head) + length + len(tail)

    def read(self, size: int = -1) -> bytes:
        if given := self.head.read(size):
            return given
        if self.left:
            count = min(size, self.left)
            self.left -= count
            return bytes(count)
        return self.tail.read(size)

    def readline(self, size: int = -1) -> bytes:
        return self.read(size)


@pytest.mark.long
def test_two_hundred_megabytes_cost_a_worker_less_than_64(client):
    length = 200 * 1024 * 1024 - 64
    head = (
        b'--b\r\nContent-Disposition: form-data; name="upload"; filename="v.mp4"\r\n\r\n'
        b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
    )
    told: dict[str, Any] = ANSWERS["links"] | {"step": "links", "do": "next", "whole": "1"}
    tail = (
        "".join(
            f'\r\n--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}'
            for name, value in told.items()
        ).encode()
        + b"\r\n--b--\r\n"
    )
    tape = Tape(head, length, tail)
    tracemalloc.start()
    try:
        answered = client.generic(
            "POST",
            "/f/",
            b"",
            **{
                "wsgi.input": tape,
                "CONTENT_LENGTH": str(tape.size),
                "CONTENT_TYPE": "multipart/form-data; boundary=b",
            },
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answered.status_code == 303
    assert peak < 64 * 1024 * 1024
    (entry,) = files(client)
    assert entry["length"] == length + 24
