"""Storage and database agree; evidence ends by its term or by order; a full disk stops files only."""

import json
import math
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from bawaslu_cases.audit.errors import AuditUnavailableError
from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.shared import object_storage
from bawaslu_cases.shared.errors import ConflictError
from bawaslu_cases.shared.object_storage import (
    ObjectMissingError,
    StorageFullError,
    StorageUnavailableError,
    evidence_storage,
    new_object_name,
)
from complaints.errors import DamagedFileError
from complaints.models import (
    CleanerJob,
    Complaint,
    Derivative,
    DerivativeFile,
    Evidence,
    Upload,
    UploadPart,
)
from complaints.rules.retention import Ending, ErasureReason, kept_days
from complaints.selectors.evidence_retention import names_in_use
from complaints.selectors.evidence_storage import last_sweep, storage_state
from complaints.services import evidence_retention
from complaints.services.drafts import Submission, submit_draft
from complaints.services.evidence import (
    WholeFile,
    add_evidence,
    derivative_content,
    keep_derivative,
)
from complaints.services.evidence_retention import erase_evidence, erase_past_terms
from complaints.services.evidence_sweep import Sweep, sweep_evidence
from complaints.services.intake import submit_tip
from complaints.services.reporter_session import read_session, start_session
from complaints.services.uploads import append_part, files_of, finish_upload, open_upload
from complaints.states import CaseStatus, ComplaintStatus, EvidenceStatus
from complaints.tasks import sweep_evidence_task, watch_storage_task
from complaints.vault.crypto.files import new_file_key
from complaints.vault.crypto.streams import SealingStream
from tests import factories
from tests.factories import AT
from tests.support.disks import small_disk

pytestmark = pytest.mark.django_db(transaction=True)

MIB = 1024 * 1024
NOTHING = Sweep(orphans=0, orphan_bytes=0, broken=0, missing=0, expired=0, erased=0, not_whole=0)
DISK = "bawaslu_cases.shared.object_storage_disk.DiskStorage"


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    """Give each test a storage of its own."""
    place_at(settings, tmp_path / "evidence")
    return tmp_path / "evidence"


def place_at(settings, folder, reserve_bytes=0):
    evidence = {"BACKEND": DISK, "OPTIONS": {"location": folder, "reserve_bytes": reserve_bytes}}
    settings.STORAGES = {**settings.STORAGES, "evidence": evidence}


def evidence_of(complaint, size=1000):
    """Return evidence with its original and two copies in the storage."""
    key, object_id, name = new_file_key(), uuid4(), new_object_name()
    stream = SealingStream(key, object_id.hex)
    sealed = object_storage.write(name, [stream.push(os.urandom(size)), stream.finish()])
    with transaction.atomic():
        row = add_evidence(
            complaint=complaint,
            file=WholeFile(
                object_id=object_id,
                object_name=name,
                key=key,
                name="kenari.jpg",
                sha256=stream.sha256,
                size=size,
                sealed_bytes=sealed,
            ),
            at=AT,
        )
    for page in range(2):
        facts = {"page": page, "made_on": AT.date(), "content_type": "image/jpeg"}
        with transaction.atomic():
            keep_derivative(
                evidence=row,
                content=BytesIO(b"copy"),
                chained_to=b"",
                facts={**facts, "part": Derivative.Part.PAGE, "extension": "jpg"},
            )
    return row


def stored():
    return {found.name for found in evidence_storage().objects()}


def age(root, days=3):
    """Let everything in the storage have been written days ago."""
    day = datetime.combine(datetime.now(tz=UTC).date() - timedelta(days=days), datetime.min.time())
    moment = day.replace(tzinfo=UTC).timestamp()
    for name in stored():
        os.utime(root / name, (moment, moment))


def now():
    """Ten in the morning in Jakarta: the same day there and in UTC, whatever the hour is."""
    return datetime.now(tz=UTC).replace(hour=3, minute=0)


def alarms():
    rows = AuditEvent.objects.filter(action="evidence.alarm").order_by("pk")
    return [json.loads(row.detail) for row in rows]


# --- the sweep ------------------------------------------------------------------------------------


def test_a_storage_that_agrees_is_left_alone(root):
    evidence_of(factories.tip())
    before = stored()
    age(root)

    assert sweep_evidence(at=now()) == NOTHING
    assert stored() == before
    assert len(before) == 3


def test_objects_without_a_row_go_after_a_whole_day(root):
    evidence_of(factories.tip())
    kept = stored()
    names = [new_object_name() for _ in range(1200)]
    for name in names[:3]:
        object_storage.write(name, [b"x" * 10])

    assert sweep_evidence(at=now()).orphans == 0
    age(root, days=1)
    assert sweep_evidence(at=now()).orphans == 0
    age(root, days=2)
    assert sweep_evidence(at=now(), dry_run=True) == Sweep(3, 30, 0, 0, 0, 0, 0)
    assert stored() == kept | set(names[:3])
    assert sweep_evidence(at=now()) == Sweep(3, 30, 0, 0, 0, 0, 0)
    assert stored() == kept
    assert sweep_evidence(at=now()) == NOTHING


def test_more_orphans_than_one_batch_all_go(root, monkeypatch):
    monkeypatch.setattr("complaints.services.evidence_sweep.BATCH", 7)
    evidence_of(factories.tip())
    kept = stored()
    for _ in range(40):
        object_storage.write(new_object_name(), [b""])
    age(root)

    assert sweep_evidence(at=now()).orphans == 40
    assert stored() == kept


def test_parts_and_whole_uploads_are_no_orphans(root):
    upload = Upload.objects.create(
        length=5, object_name=new_object_name(), expires_at=now() + timedelta(hours=1)
    )
    part = UploadPart.objects.create(upload=upload, offset=0, size=5, object_name=new_object_name())
    for name in (upload.object_name, part.object_name):
        object_storage.write(name, [b"x"])
    age(root)

    assert sweep_evidence(at=now()) == NOTHING
    assert stored() == {upload.object_name, part.object_name}


def test_a_row_that_comes_during_the_sweep_keeps_its_object(root, monkeypatch):
    """The object is old, its row is committed after the sweep began to read rows."""
    from complaints.services import evidence_sweep

    name = new_object_name()
    object_storage.write(name, [b"x"])
    age(root)
    asked = names_in_use

    def and_then_a_row():
        yield from list(asked())
        Upload.objects.create(length=1, object_name=name, expires_at=now() + timedelta(hours=1))

    monkeypatch.setattr(evidence_sweep, "names_in_use", and_then_a_row)

    assert sweep_evidence(at=now()) == NOTHING
    assert stored() == {name}


def test_a_row_that_goes_during_the_sweep_is_not_missing(root, monkeypatch):
    from complaints.services import evidence_sweep

    monkeypatch.setattr(evidence_sweep, "names_in_use", lambda: iter([new_object_name()]))

    assert sweep_evidence(at=now()) == NOTHING
    assert alarms() == []


def test_a_file_that_is_gone_is_told_once_an_hour(root, caplog):
    evidence = evidence_of(factories.tip())
    object_storage.delete([evidence.object_name])

    assert sweep_evidence(at=now(), dry_run=True).missing == 1
    assert alarms() == []
    assert sweep_evidence(at=now()).missing == 1
    assert sweep_evidence(at=now()).missing == 1

    assert alarms() == [{"why": "missing", "count": 1}]
    assert caplog.messages.count("evidence.alarm missing") == 2
    found = last_sweep()
    assert found is not None
    assert found.missing == 1
    assert evidence.object_name not in caplog.text
    assert evidence.object_name[3:] not in caplog.text


def test_e23_abandoned_uploads_are_gone_from_rows_and_disk(root):
    token = start_session(held={"draft": {}}, at=AT)
    upload = open_upload(token=token, name="kenari.jpg", length=10, at=AT)
    append_part(token=token, upload_id=upload, offset=0, content=b"12345", at=AT)
    assert len(stored()) == 1

    assert sweep_evidence(at=AT + timedelta(hours=23)).expired == 0
    assert len(stored()) == 1
    assert sweep_evidence(at=AT + timedelta(hours=25, minutes=1), dry_run=True).expired == 1
    assert len(stored()) == 1
    assert sweep_evidence(at=AT + timedelta(hours=25, minutes=1)).expired == 1

    assert stored() == set()
    assert not Upload.objects.exists()
    assert not UploadPart.objects.exists()


def test_a_storage_that_is_away_is_not_taken_for_empty(settings, tmp_path):
    evidence_of(factories.tip())
    (tmp_path / "file").write_bytes(b"")
    place_at(settings, tmp_path / "file" / "evidence")

    with pytest.raises(StorageUnavailableError):
        sweep_evidence(at=now())
    with pytest.raises(CommandError, match="does not answer"):
        call_command("evidence_sweep", stdout=StringIO())
    assert alarms() == []


def test_the_command_prints_counts_and_fails_for_a_missing_file(root):
    evidence = evidence_of(factories.tip())
    out = StringIO()

    call_command("evidence_sweep", stdout=out)
    assert out.getvalue().splitlines() == [
        "orphans: 0",
        "orphan_bytes: 0",
        "broken: 0",
        "missing: 0",
        "expired: 0",
        "erased: 0",
        "not_whole: 0",
    ]
    object_storage.delete([evidence.object_name])
    with pytest.raises(SystemExit) as left:
        call_command("evidence_sweep", "--dry-run", stdout=out)
    assert left.value.code == 1


def test_the_task_sweeps(root):
    object_storage.write(new_object_name(), [b"x"])
    age(root)

    sweep_evidence_task()

    assert stored() == set()


# --- the end of evidence --------------------------------------------------------------------------


def test_erased_evidence_has_no_key_no_object_and_keeps_its_history(root):
    evidence, other = evidence_of(factories.tip()), evidence_of(factories.tip())
    copy = evidence.derivatives.first()
    kept = {other.object_name, *_copy_names(other)}

    complete_on = erase_evidence(evidence=evidence, why=ErasureReason.ORDER, at=AT)

    assert stored() == kept
    evidence.refresh_from_db()
    assert evidence.status == EvidenceStatus.ERASED
    assert (evidence.wrap, evidence.manifest, evidence.object_name) == (None, None, "")
    assert not CleanerJob.objects.filter(evidence=evidence).exists()
    assert not DerivativeFile.objects.filter(derivative__evidence=evidence).exists()
    assert evidence.derivatives.count() == 2
    assert [event.action for event in evidence.events.order_by("pk")] == ["create", "erase"]
    assert evidence.events.last().reason == "order"
    with pytest.raises(DerivativeFile.DoesNotExist):
        list(derivative_content(Derivative.objects.get(pk=copy.pk)))
    assert complete_on == AT.date() + timedelta(days=35)
    (entry,) = AuditEvent.objects.filter(action="evidence.erase")
    assert entry.subject == f"evidence:{evidence.public_id.hex}"
    assert json.loads(entry.detail) == {"why": "order", "copies": 3, "complete_on": "2024-11-11"}
    assert sweep_evidence(at=now()) == NOTHING
    with pytest.raises(ConflictError):
        erase_evidence(evidence=evidence, why=ErasureReason.ORDER, at=AT)


def _copy_names(evidence):
    return DerivativeFile.objects.filter(derivative__evidence=evidence).values_list(
        "object_name", flat=True
    )


def test_no_wrap_may_stay_on_an_erased_row():
    evidence = evidence_of(factories.tip())

    with pytest.raises(IntegrityError):
        Evidence.objects.filter(pk=evidence.pk).update(status=EvidenceStatus.ERASED)


def test_nothing_is_erased_that_the_log_cannot_tell(root, monkeypatch):
    evidence, before = evidence_of(factories.tip()), stored()

    def down(**_entry):
        raise AuditUnavailableError

    monkeypatch.setattr(evidence_retention, "record", down)

    with pytest.raises(AuditUnavailableError):
        erase_evidence(evidence=evidence, why=ErasureReason.ORDER, at=AT)

    evidence.refresh_from_db()
    assert evidence.status == EvidenceStatus.QUEUED
    assert evidence.wrap is not None
    assert CleanerJob.objects.filter(evidence=evidence).exists()
    assert stored() == before


def test_keys_go_even_when_the_storage_is_away_and_the_sweep_takes_the_rest(
    root, settings, tmp_path
):
    evidence = evidence_of(factories.tip())
    (tmp_path / "file").write_bytes(b"")
    place_at(settings, tmp_path / "file" / "evidence")

    erase_evidence(evidence=evidence, why=ErasureReason.SUBJECT, at=AT)

    evidence.refresh_from_db()
    assert evidence.wrap is None
    place_at(settings, root)
    assert len(stored()) == 3
    age(root)
    assert sweep_evidence(at=now()).orphans == 3
    assert stored() == set()


def test_the_command_erases_by_name(root):
    evidence, out = evidence_of(factories.tip()), StringIO()

    call_command("evidence_erase", str(evidence.public_id), "--why", "subject", stdout=out)

    assert stored() == set()
    assert "complete on" in out.getvalue()
    with pytest.raises(CommandError, match="already"):
        call_command("evidence_erase", str(evidence.public_id), "--why", "order", stdout=out)
    with pytest.raises(CommandError, match="no such"):
        call_command("evidence_erase", str(uuid4()), "--why", "order", stdout=out)
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("evidence_erase", str(evidence.public_id), "--why", "term", stdout=out)


def test_without_terms_nothing_is_erased_by_itself(root):
    complaint = factories.tip()
    evidence_of(complaint)
    end(complaint, ComplaintStatus.ARCHIVED)

    assert erase_past_terms(at=AT + timedelta(days=40_000)) == 0
    assert len(stored()) == 3


def end(complaint, status, at=AT):
    Complaint.objects.filter(pk=complaint.pk).update(status=status, status_at=at)


def end_case(case, status, at=AT):
    rows = type(case).objects.filter(pk=case.pk)
    rows.update(status=CaseStatus.REFERRED)  # only a plenary lets a case leave assessment otherwise
    rows.update(status=status, status_at=at)


def test_a_record_without_a_case_keeps_its_evidence_for_its_term(settings):
    settings.EVIDENCE_KEPT_DAYS = ["archived:30", "refused:60"]
    archived, refused, opened = (factories.tip() for _ in range(3))
    rows = {each: evidence_of(each) for each in (archived, refused, opened)}
    end(archived, ComplaintStatus.ARCHIVED)
    end(refused, ComplaintStatus.REFUSED)

    assert erase_past_terms(at=AT + timedelta(days=30, seconds=-1)) == 0
    assert erase_past_terms(at=AT + timedelta(days=30)) == 1
    assert erased(rows) == {archived}
    assert erase_past_terms(at=AT + timedelta(days=60)) == 1
    assert erased(rows) == {archived, refused}
    assert erase_past_terms(at=AT + timedelta(days=9999)) == 0


def erased(rows):
    return {
        key
        for key, row in rows.items()
        if Evidence.objects.get(pk=row.pk).status == EvidenceStatus.ERASED
    }


def test_a_record_of_a_case_ends_with_its_case(settings):
    settings.EVIDENCE_KEPT_DAYS = ["archived:1", "refused:1", "stopped:10", "closed:100"]
    stopped, closed = factories.case(), factories.case()
    rows = {case: evidence_of(case.complaints.get()) for case in (stopped, closed)}
    end(stopped.complaints.get(), ComplaintStatus.ARCHIVED)

    assert erase_past_terms(at=AT + timedelta(days=500)) == 0
    end_case(stopped, CaseStatus.STOPPED)
    end_case(closed, CaseStatus.CLOSED)
    assert erase_past_terms(at=AT + timedelta(days=10, seconds=-1)) == 0
    assert erase_past_terms(at=AT + timedelta(days=99)) == 1
    assert erased(rows) == {stopped}
    assert erase_past_terms(at=AT + timedelta(days=100)) == 1
    assert erased(rows) == {stopped, closed}


def test_a_case_whose_ending_has_no_term_keeps_the_evidence(settings):
    settings.EVIDENCE_KEPT_DAYS = ["stopped:10"]
    case = factories.case()
    evidence_of(case.complaints.get())
    end_case(case, CaseStatus.CLOSED)

    assert erase_past_terms(at=AT + timedelta(days=5000)) == 0


def test_evidence_of_a_tip_lives_as_long_as_the_finding_made_of_it(settings):
    settings.EVIDENCE_KEPT_DAYS = ["archived:1", "closed:10", "refused:5"]
    tip, case = factories.tip(), factories.case()
    row, finding = evidence_of(tip), case.complaints.get()
    end(tip, ComplaintStatus.FOUND)
    Complaint.objects.filter(pk=finding.pk).update(traced_from=tip)

    assert erase_past_terms(at=AT + timedelta(days=500)) == 0
    end_case(case, CaseStatus.CLOSED, at=AT + timedelta(days=100))
    assert erase_past_terms(at=AT + timedelta(days=109)) == 0
    assert erase_past_terms(at=AT + timedelta(days=110)) == 1
    assert erased({1: row}) == {1}


def test_a_finding_that_was_cancelled_ends_the_tip_too(settings):
    settings.EVIDENCE_KEPT_DAYS = ["refused:5"]
    tip, finding = factories.tip(), factories.finding()
    evidence_of(tip)
    end(tip, ComplaintStatus.FOUND)
    Complaint.objects.filter(pk=finding.pk).update(traced_from=tip)

    assert erase_past_terms(at=AT + timedelta(days=500)) == 0
    end(finding, ComplaintStatus.REFUSED)
    assert erase_past_terms(at=AT + timedelta(days=5)) == 1


def test_terms_are_read_strictly():
    assert kept_days(["closed:1825", "archived:1"]) == {Ending.CLOSED: 1825, Ending.ARCHIVED: 1}
    assert kept_days([]) == {}
    for wrong in ("closed", "closed:", "closed:0", "closed:-1", "gone:5", "closed:5 days", ":5"):
        with pytest.raises(ImproperlyConfigured, match="EVIDENCE_KEPT_DAYS"):
            kept_days([wrong])


# --- a disk that is full --------------------------------------------------------------------------


def test_f10_a_full_disk_refuses_the_file_and_takes_the_report(settings, tmp_path, caplog):
    with small_disk(tmp_path / "small", size_bytes=8 * MIB) as disk:
        place_at(settings, disk)
        token = start_session(held={"draft": {}}, at=AT)
        with pytest.raises(StorageFullError):
            open_upload(token=token, name="kenari.jpg", length=9 * MIB, at=AT)
        assert not Upload.objects.exists()
        upload = open_upload(token=token, name="kenari.jpg", length=9 * MIB, at=AT, is_exact=False)
        part = b"\xff\xd8\xff\xe0" + os.urandom(3 * MIB - 4)
        append_part(token=token, upload_id=upload, offset=0, content=part, at=AT)
        append_part(token=token, upload_id=upload, offset=3 * MIB, content=part, at=AT)

        with pytest.raises(StorageFullError):
            append_part(token=token, upload_id=upload, offset=6 * MIB, content=part, at=AT)

        # Nothing of the part was kept; the two before it were, and text goes on as ever.
        assert Upload.objects.get(pk=upload).received == 6 * MIB
        assert UploadPart.objects.count() == len(stored()) == 2
        assert len(files_of(read_session(token=token, at=AT) or {})) == 1
        complaint = submit_tip(facts=factories.facts(), at=AT).complaint
        assert Complaint.objects.filter(pk=complaint.pk).exists()
    assert "evidence.storage_full" in caplog.messages


def test_f10_a_file_that_cannot_be_joined_does_not_hold_the_report(settings, tmp_path):
    """Its parts are all here when the disk fills up: the report is sent, the file comes after it."""
    with small_disk(tmp_path / "small", size_bytes=24 * MIB) as disk:
        place_at(settings, disk)
        token = start_session(held={"draft": {}}, at=AT)
        upload = open_upload(token=token, name="kenari.jpg", length=5 * MIB, at=AT)
        content = b"\xff\xd8\xff\xe0" + os.urandom(5 * MIB - 4)
        (disk / "filler").write_bytes(b"x" * 17 * MIB)
        with pytest.raises(StorageFullError):
            append_part(token=token, upload_id=upload, offset=0, content=content, at=AT)
        assert Upload.objects.get(pk=upload).received == 5 * MIB

        submit_draft(token=token, read=lambda _draft: Submission(factories.facts()), at=AT)

        complaint = Complaint.objects.get()
        assert not complaint.evidence.exists()
        (disk / "filler").unlink()
        finish_upload(token=token, upload_id=upload, at=AT)
        (evidence,) = complaint.evidence.all()
        assert stored() == {evidence.object_name}


def test_a_reserve_that_is_reached_is_told_to_the_log_and_the_auditor(settings, tmp_path, caplog):
    with small_disk(tmp_path / "small", size_bytes=8 * MIB) as disk:
        place_at(settings, disk, reserve_bytes=1)
        settings.EVIDENCE_RESERVE_BYTES = MIB
        assert storage_state().code == "ok"
        (disk / "filler").write_bytes(b"x" * (7 * MIB + MIB // 2))
        assert storage_state().code == "low"
        watch_storage_task()
        assert caplog.messages == ["evidence.storage_low free_mb=0"]
        assert alarms() == []

        place_at(settings, disk, reserve_bytes=MIB * 2)
        (disk / "more").write_bytes(b"x" * (MIB // 4))
        assert storage_state().code == "full"
        watch_storage_task()
        watch_storage_task()

        assert caplog.messages.count("evidence.alarm full") == 2
        assert alarms() == [{"why": "full"}]


def test_a_day_that_brought_all_it_may_is_told(settings, client):
    settings.UPLOADS_DAILY_BYTES = 0

    watch_storage_task()

    assert alarms() == [{"why": "volume"}]
    client.force_login(factories.person("agus"))
    assert "Batas berkas untuk hari ini tercapai" in client.get("/kerja/sistem/").content.decode()


def test_a_storage_that_is_away_is_told(settings, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    place_at(settings, tmp_path / "file" / "evidence")

    assert storage_state().code == "unavailable"
    watch_storage_task()

    assert alarms() == [{"why": "unavailable"}]


def test_a_missing_object_says_so(root):
    evidence = evidence_of(factories.tip())
    object_storage.delete([evidence.object_name])

    with pytest.raises(ObjectMissingError):
        list(object_storage.read(evidence.object_name))


# --- what lies in the storage ---------------------------------------------------------------------

PLAIN = b"Surat edaran camat yang mengajak warga memilih, halaman %05d. "


def uploaded(root):
    """Return an upload of a text, in two parts, one of which is joined; and the text."""
    text = b"".join(PLAIN % number for number in range(12_000))[: 600 * 1024]
    token = start_session(held={"draft": {}}, at=AT)
    upload = open_upload(token=token, name="kenari.txt", length=len(text), at=AT)
    half = len(text) // 2
    append_part(token=token, upload_id=upload, offset=0, content=text[:half], at=AT)
    (part,) = stored()
    first = (root / part).read_bytes()
    append_part(token=token, upload_id=upload, offset=half, content=text[half:], at=AT)
    (whole,) = stored()
    return text, [first, (root / whole).read_bytes()]


def test_e17_stored_bytes_are_marked_even_and_share_nothing_with_the_file(root):
    text, objects = uploaded(root)
    runs = {text[place : place + 16] for place in range(len(text) - 15)}

    for found in objects:
        assert found.startswith(b"BKS1")
        counts = Counter(found)
        entropy = -sum(n / len(found) * math.log2(n / len(found)) for n in counts.values())
        assert entropy > 7.9
        assert runs.isdisjoint(found[place : place + 16] for place in range(len(found) - 15))
    # The measure itself: the file in the clear is found, and is far from even.
    assert not runs.isdisjoint([text[100:116]])
    assert -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values()) < 6


def test_e18_an_object_that_was_touched_opens_nothing(root):
    complaint = factories.tip()
    evidence_of(complaint)
    evidence = complaint.evidence.get()
    content = os.urandom(200_000)
    with transaction.atomic():
        copies = [
            keep_derivative(
                evidence=evidence,
                content=BytesIO(each),
                chained_to=b"",
                facts={
                    "page": 10 + number,
                    "made_on": AT.date(),
                    "content_type": "image/jpeg",
                    "extension": "jpg",
                    "part": Derivative.Part.PAGE,
                },
            )
            for number, each in enumerate((content, content[::-1]))
        ]
    path, other = (root / copy.file.object_name for copy in copies)
    whole, swapped = path.read_bytes(), other.read_bytes()
    assert b"".join(derivative_content(copies[0])) == content

    frame = 65_536
    for touched in (
        whole[:-1],
        whole[: len(whole) // 2],
        whole[: 4 + frame],
        whole + b"\0",
        whole + whole,
        whole[:frame]
        + whole[2 * frame : 3 * frame]
        + whole[frame : 2 * frame]
        + whole[3 * frame :],
        whole[:500] + bytes([whole[500] ^ 1]) + whole[501:],
        swapped,
        b"",
    ):
        path.write_bytes(touched)
        with pytest.raises(DamagedFileError):
            b"".join(derivative_content(copies[0]))
    path.write_bytes(whole)
    assert b"".join(derivative_content(copies[0])) == content
