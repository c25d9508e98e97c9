"""Files from offices' systems: pieces over a line that breaks, whose they are, and what is refused."""

import base64
import hashlib
import random
import socket
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from bawaslu_cases.shared import envelope, object_storage
from complaints.models import Complaint, Evidence, Upload, UploadPart
from complaints.services import upload_room
from complaints.services.file_keys import server_key_context
from complaints.services.triage import close_without_case
from complaints.states import Lane
from complaints.vault.crypto.files import open_manifest
from complaints.vault.crypto.streams import open_stream
from tests.complaints.api.test_writes import told
from tests.complaints.web.test_uploads import picture
from tests.factories import finding, office, person, report, tip
from tests.support.api_clients import BASE, ApiPeer, api_client

pytestmark = [pytest.mark.django_db(databases="__all__")]
PART = "application/offset+octet-stream"
TUS = {"tus_resumable": "1.0.0"}


def named(name: str) -> str:
    return f"filename {base64.b64encode(name.encode()).decode()}"


def begin(peer: ApiPeer, path: str, length: int | str, *, key: str = "", **headers: str) -> Any:
    """Announce a file and return the answer."""
    return peer.post(
        path,
        key=key,
        upload_length=str(length),
        upload_metadata=named("acara.jpg"),
        **TUS,
        **headers,
    )


def bring(peer: ApiPeer, begun: Any, offset: int, content: bytes, **headers: str) -> Any:
    """Send one part."""
    return Client().patch(
        begun["Location"],
        content,
        content_type=PART,
        headers={
            "Authorization": f"Bearer {peer.token}",
            "Upload-Token": begun.json()["token"],
            "Upload-Offset": str(offset),
            "Tus-Resumable": "1.0.0",
        }
        | headers,
    )


@pytest.fixture
def peer() -> ApiPeer:
    return api_client(office("33"))


@pytest.fixture
def record() -> Complaint:
    return finding(timezone.now())


def test_a_file_comes_in_pieces_and_becomes_the_offices_evidence(peer, record):
    content = picture(300_000)
    begun = begin(peer, f"/complaints/{record.public_id}/uploads", len(content))
    assert (begun.status_code, begun["Tus-Resumable"]) == (201, "1.0.0")
    assert begun["Location"] == f"{BASE}/uploads/{begun.json()['id']}"

    first = bring(peer, begun, 0, content[:100_000])
    assert (first.status_code, first["Upload-Offset"]) == (204, "100000")
    head = peer.call(
        "head", begun["Location"], upload_token=begun.json()["token"], tus_resumable="1.0.0"
    )
    assert (head["Upload-Offset"], head["Upload-Length"]) == ("100000", "300000")
    last = bring(peer, begun, 100_000, content[100_000:])

    assert (last.status_code, last["Upload-Offset"]) == (204, "300000")
    evidence = Evidence.objects.get()
    assert (evidence.complaint, evidence.added_by_id) == (record, peer.user.pk)
    assert not Upload.objects.exists()
    assert not UploadPart.objects.exists()


def test_the_same_key_begins_one_file(peer, record):
    path, key = f"/complaints/{record.public_id}/uploads", uuid4().hex

    first, again = (begin(peer, path, 1000, key=key) for _time in range(2))
    other = begin(peer, path, 1001, key=key)

    assert (first.content, first["Location"]) == (again.content, again["Location"])
    assert other.json()["code"] == "idempotency_key_reused"
    assert Upload.objects.count() == 1


def test_files_of_a_relayed_tip_are_its_reporters(peer):
    answer = peer.post("/complaints", told(has_files=True)).json()
    content = picture(50_000)
    begun = begin(peer, "/uploads", len(content), upload_token=answer["upload_token"])
    assert begun.status_code == 201, begun.content

    bring(peer, begun, 0, content)

    evidence = Evidence.objects.get()
    assert (evidence.complaint, evidence.added_by) == (Complaint.objects.get(), None)
    # Of a reporter's file the day is known, and no hour.
    assert evidence.status_at.astimezone(timezone.get_default_timezone()).hour == 0


@pytest.mark.usefixtures("vault_keys")
def test_no_record_is_found_that_the_client_may_not_read(peer):
    at = timezone.now()
    rows = [tip(at), report(at, Lane.SEALED), finding(at, "budi", region=office("51").region)]

    answers = [begin(peer, f"/complaints/{row.public_id}/uploads", 1000) for row in rows]
    answers.append(begin(peer, f"/complaints/{uuid4()}/uploads", 1000))

    assert [each.status_code for each in answers] == [404] * 4
    assert len({each.content for each in answers}) == 1


def test_a_closed_record_takes_no_files(peer, record):
    close_without_case(
        complaint=record, officer=person("sari"), at=timezone.now(), reason="Salah catat."
    )

    answer = begin(peer, f"/complaints/{record.public_id}/uploads", 1000)

    assert (answer.status_code, answer.json()["code"]) == (409, "record_closed")


def test_without_its_token_an_upload_is_unknown(peer, record):
    begun = begin(peer, f"/complaints/{record.public_id}/uploads", 1000)
    stranger = begin(peer, f"/complaints/{record.public_id}/uploads", 1000).json()["token"]

    for token in ("", "x" * 43, stranger):
        answer = peer.call("head", begun["Location"], upload_token=token, **TUS)
        assert answer.status_code == 404
    answer = bring(peer, begun, 0, picture(1000), **{"Upload-Token": stranger})
    assert answer.status_code == 404
    assert Upload.objects.filter(received__gt=0).count() == 0


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Upload-Offset": "5"}, 409, "upload_offset"),
        ({"Upload-Offset": "-1"}, 400, "offset"),
        ({"Content-Type": "application/json"}, 415, "content_type"),
        ({"Tus-Resumable": "0.2.2"}, 412, "version"),
        ({"Upload-Checksum": "sha256 " + "A" * 43 + "="}, 460, "checksum_mismatch"),
        ({"Upload-Checksum": "md4 AAAA"}, 400, "checksum"),
    ],
)
def test_a_part_that_does_not_fit_changes_nothing(peer, record, headers, status, code):
    begun = begin(peer, f"/complaints/{record.public_id}/uploads", 1000)

    answer = bring(peer, begun, 0, picture(1000), **headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["status"] == status
    assert Upload.objects.get().received == 0


def test_kinds_and_sizes_are_those_of_the_form(peer, record, monkeypatch):
    path = f"/complaints/{record.public_id}/uploads"
    program = begin(peer, path, 5000)
    refused = bring(peer, program, 0, b"MZ" + bytes(4998))
    assert (refused.status_code, refused.json()["code"]) == (422, "program")
    assert refused.json()["detail"] == "Berkas program tidak bisa diterima."
    monkeypatch.setattr(upload_room, "MAX_REPORT_BYTES", 1000)
    too_much, empty = begin(peer, path, 1001), begin(peer, path, 0)
    assert (too_much.status_code, empty.status_code) == (413, 422)
    assert begin(peer, path, "many").status_code == 400
    assert not Upload.objects.exists()


def test_a_file_taken_back_is_gone(peer, record):
    begun = begin(peer, f"/complaints/{record.public_id}/uploads", 1000)
    bring(peer, begun, 0, picture(500))

    gone = peer.call("delete", begun["Location"], upload_token=begun.json()["token"], **TUS)

    assert gone.status_code == 204
    assert not Upload.objects.exists()


def test_the_line_may_be_down_for_most_of_a_day(peer, record):
    content = picture(2000)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        begun = begin(peer, f"/complaints/{record.public_id}/uploads", len(content))
        bring(peer, begun, 0, content[:1000])
        clock.shift(timedelta(hours=20))
        late = api_client(office("33"))
        assert bring(late, begun, 1000, content[1000:]).status_code == 204
    assert Evidence.objects.count() == 1


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_twenty_broken_lines_and_the_file_is_whole(live_server, peer):
    record = finding(timezone.now())
    content = picture(400_000)
    begun = begin(peer, f"/complaints/{record.public_id}/uploads", len(content))
    place, chance = urlsplit(live_server.url), random.Random(7)
    token = begun.json()["token"]

    def offset() -> int:
        head = peer.call("head", begun["Location"], upload_token=token, **TUS)
        return int(head["Upload-Offset"])

    def broken(at: int, sent: int) -> None:
        """Announce the rest of the file, send ``sent`` bytes of it, and cut the line."""
        lines = [
            f"PATCH {begun['Location']} HTTP/1.1",
            f"Host: {place.netloc}",
            f"Authorization: Bearer {peer.token}",
            f"Upload-Token: {token}",
            f"Upload-Offset: {at}",
            "Tus-Resumable: 1.0.0",
            f"Content-Type: {PART}",
            f"Content-Length: {len(content) - at}",
        ]
        with socket.create_connection((place.hostname, place.port), timeout=60) as line:
            line.sendall("\r\n".join([*lines, "", ""]).encode() + content[at : at + sent])
            line.shutdown(socket.SHUT_WR)
            while line.recv(4096):
                pass

    kept = []
    for _cut in range(20):
        at = offset()
        sent = chance.randrange(1, 20_000)
        broken(at, sent)
        kept.append(offset() - at == sent)
    assert kept == [True] * 20
    assert bring(peer, begun, offset(), content[offset() :]).status_code == 204

    evidence = Evidence.objects.get()
    assert _digest(evidence) == hashlib.sha256(content).hexdigest()


def _digest(evidence: Evidence) -> str:
    """Return the digest of the original as it lies in the storage, which its manifest must say too."""
    object_id = evidence.object_id.hex
    assert evidence.wrap is not None
    assert evidence.manifest is not None
    key = envelope.unseal(bytes(evidence.wrap), context=server_key_context(object_id))
    manifest = open_manifest(bytes(evidence.manifest), key=key, object_id=object_id)
    stored = open_stream(object_storage.read(evidence.object_name), key=key, object_id=object_id)
    found = hashlib.sha256(b"".join(stored)).hexdigest()
    assert manifest["sha256"] == found
    return found
