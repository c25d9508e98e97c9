"""The evidence worker tells how it stands."""

import logging

import pytest
from django.core.cache import cache
from django.utils import timezone

from bawaslu_cases.schedule import beat_entries
from complaints.gateways import sandbox
from complaints.selectors.cleaner_state import CLEANER_STATE, cleaner_state
from complaints.services.cleaner_watch import watch_cleaner

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_told():
    cache.clear()
    yield
    cache.delete(CLEANER_STATE)


def test_what_was_found_is_what_the_page_reads(settings):
    settings.CLAMD_SOCKET = "/nowhere/clamd"
    assert cleaner_state() is None
    state = watch_cleaner(at=timezone.now())
    assert cleaner_state() == state
    assert state.scanner == "down"
    assert state.sandbox == sandbox.trouble()


def test_e26_a_missing_sandbox_is_in_the_log(settings, monkeypatch, caplog):
    settings.CLAMD_SOCKET = ""

    def missing():
        raise sandbox.CleanerFailedError("unavailable")

    monkeypatch.setattr(sandbox, "_sandbox", missing)
    with caplog.at_level(logging.ERROR):
        state = watch_cleaner(at=timezone.now())
    assert (state.sandbox, state.scanner) == ("unavailable", "none")
    assert [record.getMessage() for record in caplog.records] == [
        "evidence.no_sandbox unavailable",
        "evidence.alarm no_sandbox",
    ]


def test_only_the_evidence_worker_is_asked():
    assert beat_entries()["watch-cleaner"]["options"]["queue"] == "evidence"
    assert beat_entries()["sweep-evidence"]["options"]["queue"] == "celery"
