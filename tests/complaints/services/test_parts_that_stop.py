"""F22: a part that stops is told to the auditor by the next look at it, less than five minutes away."""

import json
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.module_loading import import_string

from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.audit.services import record
from bawaslu_cases.audit.tasks import checkpoint_task
from bawaslu_cases.schedule import BEAT_SCHEDULE
from bawaslu_cases.shared.models import Pulse
from complaints.gateways import sandbox
from complaints.services import worker_watch
from complaints.services.worker_watch import watch_workers
from tests.bawaslu_cases.audit.conftest import SEED
from tests.complaints.services.test_reports import down
from tests.factories import person
from tests.support.disks import small_disk

pytestmark = pytest.mark.django_db(databases=["default", "keyring", "audit"])

FIVE_MINUTES = 300.0
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _nothing_told() -> None:
    cache.clear()
    worker_watch._told.clear()


def run(name: str) -> float:
    """Run a job of the schedule once; return how many seconds lie between two of its looks."""
    (job,) = [job for job in BEAT_SCHEDULE if job.name == name]
    import_string(job.task)()
    return job.every


def told(action: str) -> list[str]:
    """Return the codes of the alarms that the audit log holds of a part."""
    entries = AuditEvent.objects.filter(action=action).order_by("seq")
    return [json.loads(entry.detail)["why"] for entry in entries]


def test_f22_a_scanner_that_stopped_is_told_once_an_hour(settings):
    settings.CLAMD_SOCKET = "/nowhere/clamd"
    before = told("evidence.alarm")

    assert run("watch-cleaner") < FIVE_MINUTES
    run("watch-cleaner")

    assert told("evidence.alarm") == [*before, "no_scanner"]


def test_f22_a_cleaner_that_cannot_work_is_told_once_an_hour(settings, monkeypatch):
    def missing():
        raise sandbox.CleanerFailedError("unavailable")

    settings.CLAMD_SOCKET = ""
    monkeypatch.setattr(sandbox, "_sandbox", missing)
    before = told("evidence.alarm")

    assert run("watch-cleaner") < FIVE_MINUTES
    run("watch-cleaner")

    assert told("evidence.alarm") == [*before, "no_sandbox"]


def test_f22_a_keyring_that_does_not_answer_is_told_once_an_hour():
    before = told("keyring.alarm")

    assert run("watch-keyring") < FIVE_MINUTES
    assert told("keyring.alarm") == before
    with connections["keyring"].execute_wrapper(down):
        run("watch-keyring")
        run("watch-keyring")

    assert told("keyring.alarm") == [*before, "unavailable"]


@pytest.fixture
def signed(settings: Any, tmp_path: Path) -> Path:
    """Let the log hold an entry that is signed; return the folder of the notes."""
    settings.AUDIT_CHECKPOINT_DIR = tmp_path / "checkpoints"
    settings.AUDIT_SIGNING_KEY = SEED
    record(actor="system:test", action="test.entry", subject="test:1")
    checkpoint_task()
    return tmp_path / "checkpoints"


def stopped(code: str) -> None:
    """Hold that two looks at the signer tell ``code`` once, less than five minutes from each other."""
    before = told("signer.alarm")
    assert run("watch-signer") < FIVE_MINUTES
    run("watch-signer")
    assert told("signer.alarm") == [*before, code]


def test_f22_a_signer_that_signs_is_left_alone(signed: Path) -> None:
    before = told("signer.alarm")
    run("watch-signer")
    assert told("signer.alarm") == before


def test_f22_a_signer_without_its_key_is_told_once_an_hour(signed: Path, settings: Any) -> None:
    settings.AUDIT_SIGNING_KEY = ""
    stopped("no_key")


def test_f22_a_signer_without_its_folder_is_told_once_an_hour(
    signed: Path, settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "a-file").write_text("")
    settings.AUDIT_CHECKPOINT_DIR = tmp_path / "a-file" / "checkpoints"
    stopped("folder")


def test_f22_a_full_disk_of_the_signers_is_told(
    signed: Path, settings: Any, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "small", size_bytes=64 * 1024) as disk:
        settings.AUDIT_CHECKPOINT_DIR = disk / "checkpoints"
        settings.AUDIT_CHECKPOINT_DIR.mkdir()
        with suppress(OSError), (disk / "rest").open("wb", buffering=0) as rest:
            while True:
                rest.write(b"x" * 4096)
        stopped("folder")


def test_f22_a_note_that_somebody_wrote_is_told(signed: Path) -> None:
    (note,) = signed.glob("checkpoint-*.txt")
    note.write_text(note.read_text().replace("bawaslu/audit", "bawaslu/lain"))
    stopped("forged")


def test_f22_a_log_that_was_not_signed_for_what_it_holds_is_told(signed: Path) -> None:
    with connections["audit"].cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        cursor.execute("SELECT detail FROM audit_event ORDER BY seq DESC LIMIT 1")
        (detail,) = cursor.fetchone()
        change = "UPDATE audit_event SET detail = %s WHERE seq = (SELECT max(seq) FROM audit_event)"
        cursor.execute(change, ['{"other":1}'])
        checkpoint_task()
        cursor.execute(change, [detail])
        for name in ("audit_event_frozen", "audit_event_kept"):
            cursor.execute(f"ALTER TABLE audit_event ENABLE ALWAYS TRIGGER {name}")
    stopped("refused")
    checkpoint_task()
    before = told("signer.alarm")
    run("watch-signer")
    assert told("signer.alarm") == before


def test_f22_rounds_that_do_not_come_are_told_when_signing_at_once_does_not_help(
    signed: Path, time_machine: Any
) -> None:
    """The first look asks the signer; with nobody to take the question the second one tells."""
    time_machine.move_to(timezone.now() + timedelta(minutes=20))
    before = told("signer.alarm")
    run("watch-signer")
    time_machine.move_to(timezone.now() + timedelta(minutes=2))
    run("watch-signer")
    assert told("signer.alarm") == before
    run("watch-signer")
    assert told("signer.alarm") == [*before, "late"]

    checkpoint_task()
    cache.clear()
    run("watch-signer")
    assert told("signer.alarm") == [*before, "late"]


def test_f22_a_worker_that_stopped_is_told_once_an_hour() -> None:
    before = told("worker.alarm")
    Pulse.objects.create(queue="celery", at=timezone.now() - timedelta(minutes=4))

    watch_workers()
    watch_workers()

    assert told("worker.alarm") == [*before, "celery_silent"]
    entry = AuditEvent.objects.filter(action="worker.alarm").latest("seq")
    assert (entry.actor, entry.subject) == ("system:worker", "broker:queue")
    assert json.loads(entry.detail) == {"minutes": 4, "why": "celery_silent"}


def test_f22_without_valkey_no_worker_works_and_it_is_told_once_an_hour(settings: Any) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": NOWHERE}}
    before = told("worker.alarm")
    Pulse.objects.create(queue="celery", at=timezone.now() - timedelta(minutes=4))

    for _round in range(3):
        watch_workers()

    assert told("worker.alarm") == [*before, "celery_silent"]


def test_f22_an_alarm_that_the_log_did_not_take_is_raised_again() -> None:
    before = told("worker.alarm")
    Pulse.objects.create(queue="celery", at=timezone.now() - timedelta(minutes=4))
    with connections["audit"].execute_wrapper(down):
        watch_workers()
    assert told("worker.alarm") == before

    watch_workers()

    assert told("worker.alarm") == [*before, "celery_silent"]


def test_f22_the_administrators_page_says_since_when_nothing_was_finished(client: Any) -> None:
    since = timezone.now() - timedelta(minutes=4)
    Pulse.objects.create(queue="celery", at=since)
    Pulse.objects.create(queue="referral", at=since)
    client.force_login(person("agus"))

    page = client.get("/kerja/sistem/").content.decode()

    when = date_format(timezone.localtime(since), "j M H.i")
    assert f"Sejak {when} tidak ada yang selesai dari antrean umum." in page
    assert f"terakhir selesai {when}" in page
    assert page.count("Pekerja diam") == 1
    Pulse.objects.update(at=timezone.now())
    assert "Pekerja diam" not in client.get("/kerja/sistem/").content.decode()


def test_f22_readiness_tells_of_workers_and_stays_ready(client: Any) -> None:
    assert client.get("/health/ready").json()["workers"] == "ok"
    Pulse.objects.create(queue="celery", at=timezone.now() - timedelta(minutes=4))
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["workers"]) == (200, "celery_silent")
