"""F22: a part that stops is told to the auditor by the next look at it, less than five minutes away."""

import json

import pytest
from django.core.cache import cache
from django.db import connections
from django.utils.module_loading import import_string

from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.schedule import BEAT_SCHEDULE
from complaints.gateways import sandbox
from tests.complaints.services.test_reports import down

pytestmark = pytest.mark.django_db(databases=["default", "keyring", "audit"])

FIVE_MINUTES = 300.0


@pytest.fixture(autouse=True)
def _nothing_told() -> None:
    cache.clear()


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
