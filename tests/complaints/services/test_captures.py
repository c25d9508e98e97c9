"""An officer's capture of a post, and minutes that hold two digests and nothing of a reporter."""

import hashlib
import io
from dataclasses import replace
from datetime import date, time, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from pypdf import PdfReader

from bawaslu_cases.shared import object_storage, sealed_files
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from bawaslu_cases.shared.models import OutboxMessage
from complaints.errors import DamagedFileError
from complaints.letters import ShownCopy, capture_minutes, minutes_data
from complaints.models import CaptureMinutes, Derivative, Evidence, LinkCapture
from complaints.selectors.links import captures_of, links_of
from complaints.services.captures import (
    PURPOSE,
    TOPIC,
    Seen,
    ask_minutes,
    record_capture,
    write_minutes,
)
from complaints.services.cleaning import clean_evidence
from complaints.services.evidence import derivative_content
from complaints.services.links import add_link
from tests.factories import AT, STORY, person, tip
from tests.support.evidence import GPS_CANARY, pdf, photo
from tests.support.links import POST_URL, capture_with_minutes, captured

pytestmark = pytest.mark.django_db(databases=["default", "keyring", "audit"])

SEEN = Seen(
    act="like",
    account="@camat.contoh",
    captured_on=date(2024, 10, 7),
    captured_time=time(9, 30),
    posted_on=date(2024, 10, 6),
    posted_time=time(20, 15),
)
"""AT is 10.00 WIB on 7 October 2024."""


@pytest.fixture
def link(vault_keys):
    return add_link(complaint=tip(), url=POST_URL, officer=person("sari"), at=AT)


def record(link, seen=SEEN, content=None, who="sari"):
    return record_capture(
        link=link,
        seen=seen,
        content=BytesIO(photo() if content is None else content),
        name="tangkapan.jpg",
        officer=person(who),
        at=AT,
    )


def words(content: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_a_capture_becomes_evidence_of_the_record(link):
    capture = record(link)
    evidence = Evidence.objects.get()
    assert (capture.evidence, evidence.complaint, evidence.added_by) == (
        evidence,
        link.complaint,
        person("sari"),
    )
    assert evidence.status == "queued"
    assert [row.captures for row in links_of(link.complaint)] == [1]
    assert captures_of(link) == [capture]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"account": "  "}, "account"),
        ({"captured_time": time(10, 1)}, "captured_time"),
        ({"captured_on": date(2024, 10, 8)}, "captured_time"),
        ({"posted_on": date(2024, 10, 8)}, "posted_on"),
        ({"posted_on": date(2024, 10, 7), "posted_time": time(9, 31)}, "posted_on"),
        ({"posted_on": None}, "posted_on"),
    ],
)
def test_an_hour_that_cannot_be_is_refused(link, changes, field):
    with pytest.raises(DomainError) as refused:
        record(link, replace(SEEN, **changes))
    assert refused.value.field == field
    assert Evidence.objects.count() == 0


@pytest.mark.parametrize("content", [b"", b"catatan biasa", b"PK\x03\x04" + bytes(200)])
def test_what_is_no_capture_is_refused(link, content):
    with pytest.raises(DomainError) as refused:
        record(link, content=content)
    assert refused.value.field == "file"
    assert (Evidence.objects.count(), LinkCapture.objects.count()) == (0, 0)


def test_a_hidden_link_has_nothing_to_capture(vault_keys):
    hidden = tip(links=["https://fb.watch/rahasia123/"]).links.get()
    with pytest.raises(DomainError) as refused:
        record(hidden)
    assert refused.value.field == "url"


@pytest.mark.parametrize("who", ["dewi", "vera", "anwar"])
def test_only_officers_capture(link, who):
    with pytest.raises(NotPermittedError):
        record(link, who=who)


def test_minutes_wait_for_the_safe_copy(link):
    capture = captured(link, person("sari"), at=AT, clean=False)
    with pytest.raises(DomainError, match="belum siap"):
        ask_minutes(capture=capture, officer=person("sari"))
    write_minutes(subject_id=capture.public_id.hex, at=AT)
    assert CaptureMinutes.objects.count() == 0


def test_minutes_are_promised_by_id_alone_and_made_once(link):
    capture = captured(link, person("sari"), at=AT)
    ask_minutes(capture=capture, officer=person("sari"))
    assert OutboxMessage.objects.get(topic=TOPIC).subject_id == capture.public_id.hex

    for _attempt in range(2):
        write_minutes(subject_id=capture.public_id.hex, at=AT)
    ask_minutes(capture=capture, officer=person("sari"))

    assert CaptureMinutes.objects.count() == 1
    assert OutboxMessage.objects.filter(topic=TOPIC).count() == 1


def test_minutes_hold_both_digests_and_never_that_of_the_original(link):
    original = photo()
    capture = capture_with_minutes(tip(), person("sari"), at=AT)
    stored = CaptureMinutes.objects.get()
    content = sealed_files.load(stored.storage_name, purpose=PURPOSE)
    copy = Derivative.objects.get(evidence=capture.evidence)
    said = words(content)
    digits = said.replace(" ", "").replace("\n", "")

    assert hashlib.sha256(content).hexdigest() == stored.sha256
    assert bytes(copy.sha256).hex() in digits
    assert bytes(capture.evidence.manifest_sha256).hex() in digits
    assert hashlib.sha256(original).hexdigest() not in digits
    for part in ("@camat.contoh", "Menyukai unggahan", "Sari", "Bawaslu Provinsi Jawa Tengah"):
        assert part in said
    assert "instagram.com/p/AaBbCcDdEe1/" in said


def test_minutes_say_nothing_of_the_record_or_its_reporter(link):
    capture = capture_with_minutes(tip(), person("sari"), at=AT)
    said = words(sealed_files.load(CaptureMinutes.objects.get().storage_name, purpose=PURPOSE))
    complaint = capture.link.complaint
    for secret in (complaint.reference, complaint.public_id.hex, STORY[:20], "Sukamaju"):
        assert secret not in said


def test_what_the_minutes_can_say(link):
    capture = record(link)
    copy = Derivative(sha256=b"\x01" * 32, content_type="image/jpeg", size_bytes=1234, generation=0)
    assert minutes_data(capture=capture, copy=copy, at=AT) == {
        "number": capture.public_id.hex[:12].upper(),
        "office": link.complaint.office.name,
        "place": link.complaint.office.region.short_name,
        "day": "7 Oktober 2024",
        "officer": "Sari",
        "platform": "Instagram",
        "account": "@camat.contoh",
        "url": POST_URL,
        "act": "Menyukai unggahan",
        "posted": "6 Oktober 2024 pukul 20.15 WIB",
        "captured": "7 Oktober 2024 pukul 09.30 WIB",
        "copy": {"sha256": "01" * 32, "type": "image/jpeg", "bytes": 1234, "generation": 0},
        "manifest_sha256": bytes(capture.evidence.manifest_sha256).hex(),
        "picture": None,
    }


def minutes_of(link, content):
    """Let an officer capture a file; return its minutes as they are read, and the evidence."""
    capture = record(link, content=content)
    clean_evidence(subject_id=capture.evidence.public_id.hex, at=AT)
    write_minutes(subject_id=capture.public_id.hex, at=AT)
    name = CaptureMinutes.objects.get().storage_name
    return sealed_files.load(name, purpose=PURPOSE), capture.evidence


def test_the_minutes_show_the_safe_copy_and_never_the_original(link):
    original = photo()
    content, evidence = minutes_of(link, original)
    copy = evidence.derivatives.get()
    (image,) = PdfReader(io.BytesIO(content)).pages[1].images

    assert b"".join(derivative_content(copy)) in content
    assert image.image is not None
    assert image.image.size == (640, 480)
    assert GPS_CANARY.encode() in original
    assert GPS_CANARY.encode() not in content
    assert original not in content
    appendix = PdfReader(io.BytesIO(content)).pages[1].extract_text().replace("\n", " ")
    digits = appendix.replace(" ", "")
    assert "Lampiran: gambar tangkapan" in appendix
    assert "Salinan aman seluruhnya." in appendix
    assert digits.count(bytes(copy.sha256).hex()) == 2  # the picture is the copy
    assert bytes(evidence.manifest_sha256).hex() in digits


def test_of_a_document_the_minutes_show_the_first_page(link):
    content, evidence = minutes_of(link, pdf(3))
    page, main = (
        evidence.derivatives.get(part=part, page=n) for part, n in (("page", 1), ("main", 0))
    )
    appendix = PdfReader(io.BytesIO(content)).pages[1].extract_text().replace("\n", " ")
    digits = appendix.replace(" ", "")

    assert b"".join(derivative_content(page)) in content
    assert "Halaman pertama salinan aman. Salinan itu 3 halaman." in appendix
    for row in (page, main):
        assert digits.count(bytes(row.sha256).hex()) == 1


def test_the_same_capture_gives_the_same_bytes(link):
    capture = record(link)
    copy = Derivative(
        sha256=b"\x01" * 32,
        content_type="image/jpeg",
        size_bytes=1,
        generation=0,
        width=640,
        height=480,
    )
    shown = ShownCopy(copy, photo())
    first, second = (
        capture_minutes(capture=capture, copy=copy, at=AT, shown=shown) for _turn in range(2)
    )
    assert first == second


def test_of_a_copy_that_is_not_whole_no_minutes_are_made(link):
    capture = captured(link, person("sari"), at=AT)
    object_storage.delete([capture.evidence.derivatives.get().file.object_name])
    with pytest.raises(DamagedFileError):
        write_minutes(subject_id=capture.public_id.hex, at=AT)
    assert CaptureMinutes.objects.count() == 0


@pytest.mark.parametrize("model", [LinkCapture, CaptureMinutes])
def test_captures_and_minutes_never_change(link, model):
    capture_with_minutes(tip(), person("sari"), at=AT)
    row = model.objects.first()
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()
    column = "recorded_at" if model is LinkCapture else "rendered_at"
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.filter(pk=row.pk).update(**{column: AT + timedelta(days=1)})


@pytest.mark.parametrize("model", [LinkCapture, CaptureMinutes])
def test_nothing_of_a_capture_changes_by_the_way_of_erasing(link, model):
    capture_with_minutes(tip(), person("sari"), at=AT)
    rows = model.objects.all()
    changes: list[dict[str, Any]] = (
        [{"account": ""}, {"account": "@lain", "posted_on": None}, {"captured_on": AT.date()}]
        if model is LinkCapture
        else [{"storage_name": "aa/bb"}, {"storage_name": "", "sha256": "0" * 64}]
    )
    for change in changes:  # the day of the post alone would stay, or more than may go is touched
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
