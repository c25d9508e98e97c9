"""Alarms about files: who is told what, when the log holds it, and when it is over (checks E16, E18)."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bawaslu_cases.audit.errors import AuditUnavailableError
from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.shared import object_storage
from bawaslu_cases.shared.errors import NotPermittedError
from complaints.errors import DamagedFileError
from complaints.gateways import antivirus
from complaints.models import Evidence, EvidenceAlarm
from complaints.rules.retention import ErasureReason
from complaints.selectors.evidence_alarms import alarm_counts, alarms_for, alarms_of
from complaints.services import evidence_alarms as service
from complaints.services.evidence import derivative_content, whole_copy
from complaints.services.evidence_alarms import log_alarms, raise_alarm, see_alarms
from complaints.services.evidence_check import check_stored_files
from complaints.services.evidence_retention import erase_evidence
from complaints.services.evidence_sweep import sweep_evidence
from tests.factories import AT, person, tip
from tests.support.at_once import at_once
from tests.support.evidence import cleaned_evidence, evidence_of, photo

pytestmark = pytest.mark.django_db(databases=["default", "keyring", "audit"])

NEXT_DAY = AT + timedelta(days=1)
Why, Part = EvidenceAlarm.Why, EvidenceAlarm.Part


@pytest.fixture
def complaint(vault_keys):
    return tip()


@pytest.fixture
def root(settings, tmp_path):
    """Give the test a storage of its own."""
    evidence = {
        "BACKEND": "bawaslu_cases.shared.object_storage_disk.DiskStorage",
        "OPTIONS": {"location": tmp_path, "reserve_bytes": 0},
    }
    settings.STORAGES = {**settings.STORAGES, "evidence": evidence}
    return tmp_path


def entries(*whys):
    rows = AuditEvent.objects.filter(action__in=[f"evidence.{why}" for why in whys]).order_by("pk")
    return [(row.action, row.subject, json.loads(row.detail)) for row in rows]


def touch(root: Path, name: str) -> None:
    """Change one byte in the middle of a stored object."""
    path = root / name
    blob = path.read_bytes()
    middle = len(blob) // 2
    path.write_bytes(blob[:middle] + bytes([blob[middle] ^ 1]) + blob[middle + 1 :])


def test_e16_a_hit_is_told_to_the_office_and_a_day_later_to_the_log(complaint, monkeypatch, caplog):
    monkeypatch.setattr(antivirus, "scan", lambda _content: antivirus.Scan.HIT)

    evidence = cleaned_evidence(complaint, photo(), at=AT, name="kenari-bukti.jpg")

    (alarm,) = alarms_for(person("sari"))
    assert (alarm.evidence, alarm.why, alarm.part) == (evidence, "virus", "original")
    assert alarm.raised_on == evidence.received_on
    assert alarms_for(person("budi")) == []
    assert alarm_counts() == {"virus": 1}
    assert "evidence.alarm virus original" in caplog.messages
    assert "kenari" not in caplog.text
    # An entry of that very minute would tell when the reporter was here.
    assert entries("virus") == []
    assert log_alarms(at=AT) == 0
    assert log_alarms(at=NEXT_DAY) == 1
    assert log_alarms(at=NEXT_DAY) == 0
    assert entries("virus") == [
        (
            "evidence.virus",
            f"complaint:{complaint.public_id.hex}",
            {"of": "original", "part": f"evidence:{evidence.public_id.hex}"},
        )
    ]


def test_e16_of_an_officers_own_file_the_log_hears_at_once(complaint, monkeypatch):
    monkeypatch.setattr(antivirus, "scan", lambda _content: antivirus.Scan.HIT)

    cleaned_evidence(complaint, photo(), at=AT, added_by=person("sari"))

    assert [action for action, _subject, _detail in entries("virus")] == ["evidence.virus"]
    assert log_alarms(at=NEXT_DAY) == 0


def test_e18_reading_an_altered_copy_is_an_alarm_and_an_entry_once(complaint, root):
    evidence = cleaned_evidence(complaint, photo(), at=AT)
    (copy,) = evidence.derivatives.all()
    touch(root, copy.file.object_name)

    for _attempt in range(2):
        with pytest.raises(DamagedFileError):
            whole_copy(copy)

    assert [(alarm.why, alarm.part) for alarm in alarms_of(evidence)] == [("damaged", "copy")]
    assert [detail["of"] for _action, _subject, detail in entries("damaged")] == ["copy"]


def test_e18_an_answer_is_whole_or_none(complaint, root):
    """The last frame is cut off: what comes before it opens, and still nothing is given out."""
    evidence = cleaned_evidence(complaint, photo(1600, 1200), at=AT)
    (copy,) = evidence.derivatives.all()
    path = root / copy.file.object_name
    path.write_bytes(path.read_bytes()[:-29])
    given: list[Any] = []

    with pytest.raises(DamagedFileError):
        given.extend(derivative_content(copy))
    assert given
    given.clear()
    with pytest.raises(DamagedFileError):
        given.extend(whole_copy(copy))
    assert given == []


def test_e18_the_content_must_be_the_one_that_was_kept(complaint, root):
    evidence = cleaned_evidence(complaint, photo(), at=AT)
    (copy,) = evidence.derivatives.all()
    copy.sha256 = bytes(32)

    with pytest.raises(DamagedFileError):
        whole_copy(copy)


def test_e18_the_sweep_finds_what_was_altered_or_is_gone(complaint, root):
    altered, gone, copied, whole = (
        cleaned_evidence(complaint, photo(colour=colour), at=AT)
        for colour in ("#111", "#222", "#333", "#444")
    )
    assert sweep_evidence(at=AT).not_whole == 0  # notes the digests
    assert Evidence.objects.filter(sealed_sha256__isnull=True).count() == 0
    touch(root, altered.object_name)
    object_storage.delete([gone.object_name])
    touch(root, copied.derivatives.get().file.object_name)

    # Not twice a day, but what is missing is looked at again at once.
    assert check_stored_files(at=AT).checked == 0
    assert sweep_evidence(at=AT).not_whole == 1
    found = sweep_evidence(at=NEXT_DAY)

    assert (found.missing, found.not_whole) == (1, 3)
    assert {
        alarm.evidence.number: (alarm.why, alarm.part) for alarm in alarms_for(person("sari"))
    } == {
        altered.number: ("damaged", "original"),
        gone.number: ("missing", "original"),
        copied.number: ("damaged", "copy"),
    }
    assert log_alarms(at=NEXT_DAY) == 1  # of what was found missing on the day it came
    assert sorted(action for action, *_rest in entries("damaged", "missing")) == [
        "evidence.damaged",
        "evidence.damaged",
        "evidence.missing",
    ]
    assert alarms_of(whole) == []


def test_e18_an_original_brought_back_ends_its_alarm(complaint, root):
    evidence = evidence_of(complaint, photo(), at=AT)
    path = root / evidence.object_name
    blob = path.read_bytes()
    check_stored_files(at=AT)
    for broken in (blob[:-1], blob + b"\0", b"X" + blob[1:], b""):
        path.write_bytes(broken)
        Evidence.objects.update(checked_on=None)
        assert check_stored_files(at=NEXT_DAY).bad == 1
    assert len(alarms_of(evidence)) == 1

    path.write_bytes(blob)
    assert check_stored_files(at=NEXT_DAY + timedelta(days=1)).bad == 0

    assert alarms_of(evidence) == []
    assert EvidenceAlarm.objects.count() == 1


def test_e18_only_so_much_is_read_and_the_rest_the_next_time(complaint, root):
    for colour in ("#111", "#222", "#333"):
        evidence_of(complaint, photo(colour=colour), at=AT)

    counts = [check_stored_files(at=AT, most_bytes=1).checked for _attempt in range(5)]

    assert counts == [1, 1, 1, 0, 0]


def test_what_was_erased_is_no_alarm(complaint, root):
    evidence = evidence_of(complaint, photo(), at=AT)
    erase_evidence(evidence=evidence, why=ErasureReason.ORDER, at=AT)

    assert check_stored_files(at=AT).checked == 0
    assert sweep_evidence(at=AT).missing == 0
    assert EvidenceAlarm.objects.count() == 0


def test_an_officer_settles_an_alarm_and_it_is_not_told_again(complaint, root):
    evidence = evidence_of(complaint, photo(), at=AT)
    object_storage.delete([evidence.object_name])
    check_stored_files(at=AT)

    with pytest.raises(NotPermittedError):
        see_alarms(evidence=evidence, officer=person("anwar"), at=AT)
    assert see_alarms(evidence=evidence, officer=person("sari"), at=AT) == 1
    assert see_alarms(evidence=evidence, officer=person("sari"), at=AT) == 0
    Evidence.objects.update(checked_on=None)
    assert check_stored_files(at=NEXT_DAY).bad == 1

    assert alarms_for(person("sari")) == []
    assert alarm_counts() == {}
    assert EvidenceAlarm.objects.count() == 1
    assert [detail["alarms"] for _a, _s, detail in entries("alarm_seen")] == [1]


def test_a_log_that_is_down_gets_the_entry_later(complaint, monkeypatch):
    evidence = evidence_of(complaint, photo(), at=AT)

    def down(**_words):
        raise AuditUnavailableError

    with monkeypatch.context() as patched:
        patched.setattr(service, "record", down)
        raise_alarm(evidence=evidence, why=Why.MISSING, part=Part.ORIGINAL, at=NEXT_DAY)
    assert (len(alarms_of(evidence)), entries("missing")) == (1, [])

    assert log_alarms(at=NEXT_DAY) == 1
    assert len(entries("missing")) == 1


def test_alarms_cost_one_query(complaint, django_assert_num_queries):
    evidence = evidence_of(complaint, photo(), at=AT)
    for why in Why:
        raise_alarm(evidence=evidence, why=why, part=Part.ORIGINAL, at=AT)
    sari = person("sari")
    alarms_for(sari)  # roles of the person are asked once

    with django_assert_num_queries(1):
        assert {alarm.evidence.complaint.reference for alarm in alarms_for(sari)} == {
            complaint.reference
        }


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_enter_an_alarm_once(complaint):
    evidence = evidence_of(complaint, photo(), at=AT)
    EvidenceAlarm.objects.create(
        evidence=evidence, why=Why.DAMAGED, part=Part.ORIGINAL, raised_on=AT.date()
    )

    assert sum(at_once([lambda: log_alarms(at=NEXT_DAY)] * 4)) == 1
    subjects = [subject for _action, subject, _detail in entries("damaged")]
    assert subjects.count(f"complaint:{complaint.public_id.hex}") == 1
