"""Files in pieces (tus 1.0 core): what is kept, what is refused, and what nobody else can do."""

import base64
import hashlib
import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.utils import timezone

from bawaslu_cases.shared import object_storage
from bawaslu_cases.shared.object_storage import StorageFullError
from complaints.models import Complaint, Evidence, Upload, UploadPart
from complaints.selectors.evidence_storage import daily_volume, storage_state
from complaints.services import upload_room, uploads
from complaints.services.reporter_session import read_session
from complaints.services.upload_room import check_volume
from complaints.vault.crypto.streams import open_stream
from tests.complaints.web.walk import send, start, walk_to
from tests.factories import AT

pytestmark = [pytest.mark.django_db]

TUS = {"Tus-Resumable": "1.0.0"}
PART = "application/offset+octet-stream"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
MIB = 1024 * 1024


def picture(size: int) -> bytes:
    """Return bytes that begin like a JPEG and differ everywhere."""
    count = size // 32 + 1
    tail = b"".join(hashlib.sha256(str(number).encode()).digest() for number in range(count))
    return (JPEG + tail)[:size]


@pytest.fixture
def reporter() -> Client:
    """Return a browser with a draft open."""
    client = Client()
    start(client)
    return client


def announce(client: Client, length: int, name: str = "foto.jpg", **told: str) -> Any:
    """Ask for a place for a file."""
    pairs = {"filename": name, **told}
    metadata = ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items()
    )
    headers = TUS | {"Upload-Length": str(length), "Upload-Metadata": metadata}
    return client.post("/f/berkas/", headers=headers)


def bring(client: Client, url: str, offset: int, content: bytes, **headers: str) -> Any:
    """Send one piece."""
    told = TUS | {"Upload-Offset": str(offset)} | headers
    return client.patch(url, content, content_type=PART, headers=told)


def upload(client: Client, content: bytes, name: str = "foto.jpg") -> Any:
    """Send a whole file and return the last answer."""
    url = announce(client, len(content), name)["Location"]
    answers = [
        bring(client, url, at, content[at : at + 4 * MIB]) for at in range(0, len(content), 4 * MIB)
    ]
    return answers[-1]


def files(client: Client) -> list[dict[str, Any]]:
    """Return what the session holds of files."""
    token = client.cookies["l"].value if "l" in client.cookies else ""
    token = token or next(each.value for name, each in client.cookies.items() if name.endswith("l"))
    held = read_session(token=token, at=timezone.now())
    return uploads.files_of(held or {})


def test_options_tells_the_protocol(reporter):
    answer = reporter.options("/f/berkas/")
    assert answer.status_code == 204
    assert answer["Tus-Version"] == "1.0.0"
    assert answer["Tus-Extension"] == "creation,termination,checksum"
    assert answer["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert answer["Cache-Control"] == "no-store"


def test_a_file_comes_in_pieces_and_is_whole(reporter):
    content = picture(300_000)
    made = announce(reporter, len(content), "acara.jpg")
    assert (made.status_code, made["Tus-Resumable"]) == (201, "1.0.0")
    url = made["Location"]
    assert url.startswith("/f/berkas/")
    assert bring(reporter, url, 0, content[:100_000])["Upload-Offset"] == "100000"
    told = reporter.head(url, headers=TUS)
    assert (told["Upload-Offset"], told["Upload-Length"]) == ("100000", "300000")
    last = bring(reporter, url, 100_000, content[100_000:])
    assert (last.status_code, last["Upload-Offset"]) == (204, "300000")

    (entry,) = files(reporter)
    assert entry["name"] == "acara.jpg"
    assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    row = Upload.objects.get()
    sealed = b"".join(object_storage.read(row.object_name))
    assert content[1000:1016] not in sealed
    opened = open_stream([sealed], key=base64.b64decode(entry["key"]), object_id=entry["object"])
    assert b"".join(opened) == content
    assert UploadPart.objects.count() == 0


def test_e11_sizes_at_the_limit(reporter, monkeypatch):
    monkeypatch.setattr(upload_room, "MAX_REPORT_BYTES", 1000)
    assert announce(reporter, 1001).status_code == 413
    assert announce(reporter, 999).status_code == 201
    assert announce(reporter, 2).status_code == 413
    assert announce(reporter, 1).status_code == 201
    assert announce(reporter, 1).status_code == 413
    assert announce(reporter, 0).json()["code"] == "empty"
    assert Upload.objects.count() == 2


def test_e11_a_file_of_its_kinds_largest_size(reporter):
    most = 15 * 1024 * 1024
    for length, status in ((most - 1, 204), (most, 204), (most + 1, 413)):
        url = announce(reporter, length)["Location"]
        answer = bring(reporter, url, 0, picture(10_000))
        assert answer.status_code == status, length
        assert reporter.delete(url, headers=TUS).status_code == (204 if status == 204 else 404)
    assert Upload.objects.count() == 0


@pytest.mark.parametrize("told", ["", "-1", "1e3", "9" * 20, "٣"])
def test_e11_a_length_that_is_none(reporter, told):
    headers = TUS | {"Upload-Length": told}
    assert reporter.post("/f/berkas/", headers=headers).status_code == 400
    assert Upload.objects.count() == 0


def test_e11_content_length_lies(reporter):
    content = picture(50_000)
    url = announce(reporter, len(content))["Location"]
    short = bring(reporter, url, 0, content[:20_000] + b"", **{"Upload-Offset": "0"})
    assert short["Upload-Offset"] == "20000"
    # the line breaks: fewer bytes come than were told, and those are kept
    torn = reporter.generic(
        "PATCH",
        url,
        content[20_000:],
        content_type=PART,
        headers=TUS | {"Upload-Offset": "20000"},
        **{"wsgi.input": io.BytesIO(content[20_000:30_000])},
    )
    assert torn["Upload-Offset"] == "30000"
    # without a length (a chunked body) nothing is read
    chunked = reporter.generic(
        "PATCH", url, content[30_000:], content_type=PART,
        headers=TUS | {"Upload-Offset": "30000"}, CONTENT_LENGTH="",
    )  # fmt: skip
    assert chunked.status_code == 411
    over = bring(reporter, url, 30_000, content[30_000:] + b"x")
    assert over.status_code == 413
    assert Upload.objects.count() == 0  # a file that lies about its length is not kept
    assert files(reporter) == []


def test_a_piece_too_large_for_one_request(reporter):
    url = announce(reporter, 20 * 1024 * 1024)["Location"]
    assert bring(reporter, url, 0, bytes(uploads.PART_BYTES + 1)).status_code == 413
    assert reporter.head(url, headers=TUS)["Upload-Offset"] == "0"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_part_that_was_damaged_on_the_way_is_not_kept(reporter, algorithm):
    content = picture(1000)
    url = announce(reporter, 1000)["Location"]
    right = base64.b64encode(hashlib.new(algorithm, content[:600]).digest()).decode()
    told = {"Upload-Checksum": f"{algorithm} {right}"}

    damaged = bring(reporter, url, 0, content[:599] + b"?", **told)

    assert (damaged.status_code, damaged.json()["code"]) == (460, "checksum_mismatch")
    assert reporter.head(url, headers=TUS)["Upload-Offset"] == "0"
    # What broke off is not kept either: nobody can say whether it is right.
    assert bring(reporter, url, 0, content[:500], **told).status_code == 460
    assert bring(reporter, url, 0, content[:600], **told)["Upload-Offset"] == "600"
    assert bring(reporter, url, 600, content[600:]).status_code == 204
    assert files(reporter)[0]["sha256"] == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("told", ["md5 Og==", "sha1", "sha1 %%%", "sha1 Og", "SHA1 Og=="])
def test_a_checksum_that_nobody_knows_is_told(reporter, told):
    url = announce(reporter, 1000)["Location"]

    answer = bring(reporter, url, 0, picture(1000), **{"Upload-Checksum": told})

    assert (answer.status_code, answer.json()["code"]) == (400, "checksum")
    assert reporter.head(url, headers=TUS)["Upload-Offset"] == "0"


def test_a_session_brings_so_much_and_taking_back_gives_nothing_back(reporter, monkeypatch):
    monkeypatch.setattr(upload_room, "MAX_SESSION_BYTES", 2500)
    first = announce(reporter, 1000)["Location"]
    bring(reporter, first, 0, picture(1000)[:700])
    assert reporter.delete(first, headers=TUS).status_code == 204
    assert upload(reporter, picture(1000)).status_code == 204

    refused = announce(reporter, 801)

    assert (refused.status_code, refused.json()["code"]) == (422, "session_full")
    assert announce(reporter, 800).status_code == 201


def test_a_day_brings_so_much_and_the_next_one_anew(settings):
    with time_machine.travel(AT, tick=False):
        settings.UPLOADS_DAILY_BYTES = daily_volume(at=AT) + 1500
        reporter, other = Client(), Client()
        for client in (reporter, other):
            start(client)
        begun = announce(reporter, 3000)["Location"]
        assert bring(reporter, begun, 0, picture(3000)[:1499]).status_code == 204
        assert announce(other, 1000).status_code == 201
        assert storage_state().code != "volume"
        assert bring(reporter, begun, 1499, picture(3000)[1499:1500]).status_code == 204

        refused = announce(other, 1000)

        assert (refused.status_code, refused.json()["code"]) == (503, "storage_full")
        assert storage_state().code == "volume"
        # What is on its way goes on.
        assert bring(reporter, begun, 1500, picture(3000)[1500:]).status_code == 204
    tomorrow = AT + timedelta(days=1)
    settings.UPLOADS_DAILY_BYTES = daily_volume(at=tomorrow) + 1
    check_volume(at=tomorrow)
    with pytest.raises(StorageFullError):
        check_volume(at=AT)


@pytest.mark.parametrize("offset", ["0", "99999", "100001", "200000"])
def test_e21_an_offset_that_lies(reporter, offset):
    content = picture(200_000)
    url = announce(reporter, len(content))["Location"]
    bring(reporter, url, 0, content[:100_000])
    answer = bring(reporter, url, 0, content[100_000:], **{"Upload-Offset": offset})
    assert (answer.status_code, answer["Upload-Offset"]) == (409, "100000")
    assert bring(reporter, url, 100_000, content[100_000:]).status_code == 204
    assert files(reporter)[0]["sha256"] == hashlib.sha256(content).hexdigest()


def test_another_version_another_content_type(reporter):
    url = announce(reporter, 10)["Location"]
    wrong = reporter.head(url, headers={"Tus-Resumable": "0.2.2"})
    assert (wrong.status_code, wrong["Tus-Version"]) == (412, "1.0.0")
    assert reporter.post("/f/berkas/", headers={"Upload-Length": "1"}).status_code == 412
    plain = reporter.patch(
        url, b"x", content_type="application/octet-stream", headers=TUS | {"Upload-Offset": "0"}
    )
    assert plain.status_code == 415
    assert reporter.get(url, headers=TUS).status_code == 405


def test_nobody_else_has_this_file(reporter):
    content = picture(20_000)
    url = announce(reporter, len(content))["Location"]
    stranger = Client()
    start(stranger)
    for client in (stranger, Client()):
        assert client.head(url, headers=TUS).status_code == 404
        assert bring(client, url, 0, content).status_code == 404
        assert client.delete(url, headers=TUS).status_code == 404
    assert reporter.head(f"/f/berkas/{uuid4()}", headers=TUS).status_code == 404
    assert announce(Client(), 10).status_code == 404
    assert reporter.head(url, headers=TUS)["Upload-Offset"] == "0"


def test_the_token_of_the_form_is_asked_for(reporter):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = reporter.cookies
    assert announce(strict, 10).status_code == 403
    url = announce(reporter, 10)["Location"]
    assert bring(strict, url, 0, b"x" * 10).status_code == 403
    assert strict.delete(url, headers=TUS).status_code == 403
    page = reporter.get("/f/")
    found = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    assert found
    strict.cookies = reporter.cookies
    headers = TUS | {"Upload-Length": "10", "X-CSRFToken": found[1]}
    assert strict.post("/f/berkas/", headers=headers).status_code == 201


REFUSED = {
    "office": b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00" + bytes(20) + b"word/document.xml",
    "archive": b"7z\xbc\xaf\x27\x1c" + bytes(200),
    "program": b"MZ" + bytes(300),
    "picture": b"GIF89a" + bytes(100),
}


@pytest.mark.parametrize("kind", sorted(REFUSED))
def test_e08_what_is_not_taken_is_refused_by_its_first_bytes(reporter, kind):
    content = REFUSED[kind]
    answer = upload(reporter, content, "foto.jpg")
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert "Simpan" in answer.json()["detail"] or kind in {"archive", "program"}
    assert (Upload.objects.count(), files(reporter)) == (0, [])


def test_e08_the_first_bytes_may_come_one_by_one(reporter):
    content = REFUSED["program"]
    url = announce(reporter, len(content))["Location"]
    for at in range(5):
        assert bring(reporter, url, at, content[at : at + 1]).status_code == 204
    assert bring(reporter, url, 5, content[5:]).status_code == 422
    assert Upload.objects.count() == 0


def test_a_mark_given_twice_makes_one_file(reporter):
    first = announce(reporter, 500, mark="abc")
    again = announce(reporter, 500, mark="abc")
    assert first["Location"] == again["Location"]
    assert announce(reporter, 501, mark="abc")["Location"] != first["Location"]
    assert Upload.objects.count() == 2


def test_three_at_once_and_no_more(reporter):
    for _number in range(3):
        assert announce(reporter, 5000).status_code == 201
    refused = announce(reporter, 5000)
    assert (refused.status_code, refused.json()["code"]) == (422, "too_many_open")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\foto\\a.jpg", "a.jpg"),
        ("a\x00b\r\nc.jpg", "abc.jpg"),
        ("gpj.\u202eexe.jpg", "gpj.exe.jpg"),
        ("x" * 300, "x" * 200),
        ("foto \U0001f600 'a\".jpg", "foto \U0001f600 'a\".jpg"),
        ("con.jpg", "con.jpg"),
    ],
)
def test_e14_names_lie_under_the_seal_alone(reporter, name, shown):
    announce(reporter, 500, name)
    assert files(reporter)[0]["name"] == shown
    assert str(Upload.objects.get().pk) not in shown


def test_e23_what_was_abandoned_goes_with_what_lies_on_the_disk(
    reporter, django_capture_on_commit_callbacks
):
    url = announce(reporter, 100_000)["Location"]
    bring(reporter, url, 0, picture(50_000))
    name = UploadPart.objects.get().object_name
    now = timezone.now()
    assert uploads.expire_uploads(at=now + timedelta(hours=23)) == 0
    assert b"".join(object_storage.read(name))
    with django_capture_on_commit_callbacks(execute=True):
        assert uploads.expire_uploads(at=now + timedelta(hours=25)) == 1
    with pytest.raises(object_storage.ObjectMissingError):
        b"".join(object_storage.read(name))
    assert reporter.head(url, headers=TUS).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_e12_twenty_at_once_pass_no_limit(monkeypatch):
    monkeypatch.setattr(upload_room, "MAX_OPEN", 100)
    client = Client()
    start(client)

    def one(_number: int) -> int:
        own = Client()
        own.cookies = client.cookies
        try:
            return int(announce(own, 31 * 1024 * 1024).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        codes = sorted(pool.map(one, range(20)))
    assert codes == [201] * 9 + [413] * 11  # 9 x 31 MB fit into 300, ten do not
    monkeypatch.setattr(upload_room, "MAX_REPORT_BYTES", 10_000 * 1024 * 1024)
    with ThreadPoolExecutor(20) as pool:
        codes = sorted(pool.map(one, range(20)))
    assert codes == [201] + [422] * 19
    assert (Upload.objects.count(), len(files(client))) == (10, 10)


@pytest.mark.django_db(transaction=True)
def test_the_same_piece_sent_by_many_at_once_is_kept_once():
    client = Client()
    start(client)
    content = picture(400_000)
    url = announce(client, len(content))["Location"]

    def one(_number: int) -> int:
        own = Client()
        own.cookies = client.cookies
        try:
            return int(bring(own, url, 0, content[:200_000]).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(one, range(8)))
    assert codes == [204] + [409] * 7
    assert bring(client, url, 200_000, content[200_000:]).status_code == 204
    assert files(client)[0]["sha256"] == hashlib.sha256(content).hexdigest()


@pytest.mark.usefixtures("form_clock", "vault_keys")
class TestSentFirst:
    """The report goes ahead; a file that is still on its way finds it."""

    def send(self) -> tuple[Client, str, bytes]:
        client, content = Client(), picture(60_000)
        walk_to(client, "check")
        whole = picture(9_000)
        assert upload(client, whole).status_code == 204
        url = announce(client, len(content))["Location"]
        bring(client, url, 0, content[:30_000])
        send(client)
        return client, url, content

    def test_what_is_whole_is_evidence_and_the_rest_follows(self):
        client, url, content = self.send()
        evidence = Evidence.objects.get()
        assert evidence.complaint == Complaint.objects.get()
        assert "code" in (client.get("/f/").context or {}) or client.get("/f/").status_code == 200
        assert bring(client, url, 30_000, content[30_000:]).status_code == 204
        assert Evidence.objects.count() == 2
        assert Upload.objects.count() == 0
        assert files(client) == []
