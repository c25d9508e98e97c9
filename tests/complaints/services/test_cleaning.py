"""From a sealed original to the copy that officers see (checks E16, E19, E26, E27)."""

import hashlib
import io
import os
from datetime import timedelta

import pytest
from PIL import Image

from bawaslu_cases.audit.services import record
from bawaslu_cases.shared import object_storage
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.topics import PermanentError
from complaints.errors import DamagedFileError, KeysMissingError
from complaints.gateways import antivirus, sandbox
from complaints.models import CleanerJob, Derivative, Evidence
from complaints.services import evidence as service
from complaints.services.cleaning import clean_evidence
from complaints.services.evidence import chained, derivative_content, log_manifests
from complaints.vault.crypto import hpke
from complaints.vault.crypto.canonical import canonical_json
from complaints.vault.crypto.files import desk_file_context, open_manifest
from complaints.vault.crypto.streams import open_stream
from tests.factories import AT, report, tip
from tests.support.evidence import GPS_CANARY, cleaned_evidence, evidence_of, pdf, photo
from tests.support.vault import DESK

pytestmark = pytest.mark.django_db(databases=["default", "keyring", "audit"])


@pytest.fixture
def complaint(vault_keys):
    return tip()


def told(evidence):
    return list(evidence.alarms.values_list("why", "part"))


def content_of(copy: Derivative) -> bytes:
    return b"".join(derivative_content(copy))


def test_a_photo_becomes_a_copy_without_what_it_carried(complaint):
    original = photo()
    assert GPS_CANARY.encode() in original

    evidence = cleaned_evidence(complaint, original, at=AT)

    assert (evidence.status, evidence.kind, evidence.number) == ("ready", "image", 1)
    (copy,) = evidence.derivatives.all()
    content = content_of(copy)
    assert GPS_CANARY.encode() not in content
    assert Image.open(io.BytesIO(content)).size == (640, 480)
    assert (copy.size_bytes, bytes(copy.sha256)) == (
        len(content),
        hashlib.sha256(content).digest(),
    )
    assert copy.log == ["exif"]
    assert len(evidence.image_hashes) == 1
    assert evidence.scan == "not_scanned"


def test_a_document_becomes_pictures_of_its_pages(complaint):
    evidence = cleaned_evidence(complaint, pdf(3), at=AT, name="surat.pdf")

    parts = list(evidence.derivatives.values_list("part", "page", "content_type"))
    assert parts == [
        ("main", 0, "application/pdf"),
        ("page", 1, "image/jpeg"),
        ("page", 2, "image/jpeg"),
        ("page", 3, "image/jpeg"),
    ]


def test_copies_are_chained_to_the_manifest(complaint):
    evidence = cleaned_evidence(complaint, pdf(2), at=AT, name="surat.pdf")

    before = bytes(evidence.manifest_sha256)
    for copy in evidence.derivatives.order_by("pk"):
        assert bytes(copy.chain_sha256) == chained(before, copy)
        before = bytes(copy.chain_sha256)


def test_e27_the_cleaners_key_opens_nothing_afterwards(complaint):
    evidence = evidence_of(complaint, photo(), at=AT)
    assert CleanerJob.objects.filter(evidence=evidence).exists()

    clean_evidence(subject_id=evidence.public_id.hex, at=AT)

    assert not CleanerJob.objects.exists()


def test_cleaning_twice_changes_nothing(complaint):
    evidence = cleaned_evidence(complaint, photo(), at=AT)
    events = list(evidence.events.values_list("action", flat=True))

    clean_evidence(subject_id=evidence.public_id.hex, at=AT + timedelta(days=1))

    assert list(evidence.events.values_list("action", flat=True)) == events == ["create", "clean"]
    assert evidence.derivatives.count() == 1


def test_only_the_day_is_known_of_a_reporters_file(complaint):
    evidence = cleaned_evidence(complaint, photo(), at=AT + timedelta(hours=2, minutes=17))

    moments = {evidence.status_at, *evidence.events.values_list("at", flat=True)}
    assert {(moment - AT.replace(hour=17, minute=0) + timedelta(days=1)) for moment in moments} == {
        timedelta(0)
    }


def test_e19_the_manifest_holds_the_digest_and_opens_at_the_desk_alone(complaint, vault_keys):
    original = photo()
    evidence = evidence_of(complaint, original, at=AT, name="IMG_2210.jpg")
    desk = vault_keys.groups[DESK]
    assert evidence.wrap is not None
    assert evidence.manifest is not None
    object_id = evidence.object_id.hex

    key = hpke.unseal(
        desk.private,
        bytes(evidence.wrap),
        info=desk_file_context(object_id=object_id, group=desk.code, epoch=desk.epoch),
    )
    manifest = open_manifest(bytes(evidence.manifest), key=key, object_id=object_id)

    assert manifest["sha256"] == hashlib.sha256(original).hexdigest()
    assert (manifest["size"], manifest["name"]) == (len(original), "IMG_2210.jpg")
    assert hashlib.sha256(canonical_json(manifest)).digest() == bytes(evidence.manifest_sha256)
    blocks = object_storage.read(evidence.object_name)
    assert b"".join(open_stream(blocks, key=key, object_id=object_id)) == original


def test_the_originals_digest_lies_nowhere_in_clear(complaint):
    original = photo()
    evidence = cleaned_evidence(complaint, original, at=AT)
    digest = hashlib.sha256(original)

    for row in (evidence, *evidence.derivatives.all()):
        for field in row._meta.fields:
            value = getattr(row, field.attname)
            held = bytes(value) if isinstance(value, memoryview | bytes) else str(value).encode()
            assert digest.digest() not in held
            assert digest.hexdigest().encode() not in held


def test_e19_manifests_reach_the_audit_log_a_day_later_and_once(complaint, monkeypatch):
    first = evidence_of(complaint, photo(), at=AT)
    evidence_of(complaint, photo(colour="#123"), at=AT + timedelta(days=1))
    told = []

    def recorded(**words):
        told.append(words)
        return record(**words)

    monkeypatch.setattr(service, "record", recorded)

    assert log_manifests(at=AT) == 0
    assert log_manifests(at=AT + timedelta(days=1)) == 1
    assert log_manifests(at=AT + timedelta(days=1)) == 0

    assert [each["subject"] for each in told] == [f"evidence:{first.public_id.hex}"]
    assert told[0]["detail"] == {"sha256": bytes(first.manifest_sha256).hex()}


def test_what_is_no_evidence_is_refused_with_its_reason(complaint):
    evidence = cleaned_evidence(complaint, b"PK\x03\x04" + os.urandom(2000), at=AT)

    assert (evidence.status, evidence.refusal) == ("refused", "archive")
    assert evidence.wrap is not None
    assert not evidence.derivatives.exists()


@pytest.mark.parametrize("code", ["crashed", "time", "memory"])
def test_e26_a_cleaner_that_fails_leaves_it_to_the_desk(complaint, monkeypatch, code):
    def fails(*_args, **_more):
        raise sandbox.CleanerFailedError(code)

    monkeypatch.setattr(sandbox, "clean", fails)
    evidence = cleaned_evidence(complaint, photo(), at=AT)

    assert (evidence.status, evidence.refusal) == ("manual", code)
    assert b"".join(object_storage.read(evidence.object_name)).startswith(b"BKS1")
    assert not CleanerJob.objects.exists()


def test_without_a_sandbox_it_waits(complaint, monkeypatch):
    def fails(*_args, **_more):
        raise sandbox.CleanerFailedError("unavailable")

    monkeypatch.setattr(sandbox, "clean", fails)
    evidence = evidence_of(complaint, photo(), at=AT)

    with pytest.raises(sandbox.CleanerFailedError):
        clean_evidence(subject_id=evidence.public_id.hex, at=AT)
    evidence.refresh_from_db()
    assert evidence.status == "queued"
    assert CleanerJob.objects.filter(evidence=evidence).exists()


def test_e16_what_the_scanner_finds_is_held_back(complaint, monkeypatch):
    monkeypatch.setattr(antivirus, "scan", lambda _content: antivirus.Scan.HIT)

    evidence = cleaned_evidence(complaint, photo(), at=AT)

    assert (evidence.status, evidence.scan) == ("blocked", "hit")
    assert not evidence.derivatives.exists()
    assert told(evidence) == [("virus", "original")]


def test_e16_with_old_signatures_the_copy_waits(complaint, monkeypatch):
    monkeypatch.setattr(antivirus, "scan", lambda _content: antivirus.Scan.STALE)
    evidence = evidence_of(complaint, photo(), at=AT)

    with pytest.raises(antivirus.ScannerDownError):
        clean_evidence(subject_id=evidence.public_id.hex, at=AT)
    evidence.refresh_from_db()
    assert evidence.status == "queued"
    assert CleanerJob.objects.filter(evidence=evidence).exists()


def test_e16_without_its_scanner_intake_goes_on_and_the_copy_waits(complaint, settings):
    settings.CLAMD_SOCKET = "/nowhere/clamd"
    evidence = evidence_of(complaint, photo(), at=AT)

    with pytest.raises(antivirus.ScannerDownError):
        clean_evidence(subject_id=evidence.public_id.hex, at=AT)
    evidence.refresh_from_db()
    assert evidence.status == "queued"
    assert not evidence.derivatives.exists()

    settings.CLAMD_SOCKET = ""
    clean_evidence(subject_id=evidence.public_id.hex, at=AT)
    evidence.refresh_from_db()
    assert (evidence.status, evidence.scan) == ("ready", "not_scanned")


def test_a_process_without_the_key_cleans_nothing(complaint, settings):
    settings.CLEANER_PRIVATE_KEY = ""
    evidence = evidence_of(complaint, photo(), at=AT)

    with pytest.raises(PermanentError):
        clean_evidence(subject_id=evidence.public_id.hex, at=AT)


def test_a_key_that_was_changed_parks_what_waited(complaint, settings):
    evidence = evidence_of(complaint, photo(), at=AT)
    settings.CLEANER_PRIVATE_KEY = "d2" * 32

    clean_evidence(subject_id=evidence.public_id.hex, at=AT)

    evidence.refresh_from_db()
    assert (evidence.status, evidence.refusal) == ("manual", "does_not_open")
    assert told(evidence) == []


def test_e18_an_altered_original_is_parked(complaint):
    evidence = evidence_of(complaint, photo(), at=AT)
    blob = b"".join(object_storage.read(evidence.object_name))
    evidence.object_name = object_storage.new_object_name()
    object_storage.write(evidence.object_name, [blob[:-9]])
    evidence.save(update_fields=["object_name"])

    clean_evidence(subject_id=evidence.public_id.hex, at=AT)

    evidence.refresh_from_db()
    assert (evidence.status, evidence.refusal) == ("manual", "damaged")
    assert told(evidence) == [("damaged", "original")]


def test_e18_an_original_that_is_gone_is_parked(complaint):
    evidence = evidence_of(complaint, photo(), at=AT)
    object_storage.delete([evidence.object_name])

    clean_evidence(subject_id=evidence.public_id.hex, at=AT)

    evidence.refresh_from_db()
    assert (evidence.status, evidence.refusal) == ("manual", "missing")
    assert told(evidence) == [("missing", "original")]


def test_e18_an_altered_copy_is_not_served_as_whole(complaint):
    evidence = cleaned_evidence(complaint, photo(), at=AT)
    (copy,) = evidence.derivatives.all()
    blob = b"".join(object_storage.read(copy.file.object_name))
    copy.file.object_name = object_storage.new_object_name()
    object_storage.write(copy.file.object_name, [blob[:-9]])

    with pytest.raises(DamagedFileError):
        content_of(copy)
    assert told(evidence) == [("damaged", "copy")]


def test_nobody_is_refused_while_no_desk_has_a_key(complaint, monkeypatch):
    def missing(**_words):
        raise KeysMissingError("tidak ada")

    monkeypatch.setattr(service, "sealing_keys", missing)
    evidence = cleaned_evidence(complaint, photo(), at=AT)

    assert (evidence.status, evidence.scheme, evidence.group) == ("ready", "envelope", "")


def test_files_are_numbered_in_their_record(complaint, vault_keys):
    other = report()

    numbers = [evidence_of(complaint, photo(), at=AT).number for _ in range(3)]

    assert numbers == [1, 2, 3]
    assert evidence_of(other, photo(), at=AT).number == 1


def test_the_copy_is_promised_with_the_evidence(complaint):
    evidence = evidence_of(complaint, photo(), at=AT)

    message = OutboxMessage.objects.get(topic="complaints.clean_evidence")
    assert (message.subject_id, message.destination) == (evidence.public_id.hex, "")
    assert Evidence.objects.get().status == "queued"
