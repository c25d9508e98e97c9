"""A worker that dies while it typesets: the paper is there once, numbered once, or still promised."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bawaslu_cases.embedded.valkey import Valkey
from bawaslu_cases.shared.models import NumberSeries, OutboxMessage
from bawaslu_cases.shared.outbox import nudges
from bawaslu_cases.shared.outbox.services import deliver, sweep
from complaints.models import CaseDocument
from complaints.services.documents import About, digest_of, make_document, sign_off
from complaints.states import CaseAction
from tests.factories import case, person, somebody_of_plenary
from tests.support.documents import LATER, assessed, decided, drafted
from tests.support.outbox_workers import Workers, running_database_urls

pytestmark = [pytest.mark.long, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[3]
DKPP = "Ketua Dewan Kehormatan Penyelenggara Pemilu"
POINTS = {
    "number drawn": "complaints.services.documents.form_paper",
    "files written": "complaints.services.documents.advance",
}
"""What had happened → the call before which the process dies."""
WORK = """
import os, signal, sys
from unittest import mock
import django
django.setup()
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import deliver
def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
with mock.patch(sys.argv[1], die):
    for message in OutboxMessage.objects.filter(status="PENDING").order_by("pk"):
        deliver(message.pk)
"""


def signed_off() -> CaseDocument:
    """Return a recommendation that two people agreed on and no worker has seen yet."""
    found = decided(assessed(case()), also=[CaseAction.DECIDE_ETHICS])
    paper = drafted(About(case=found), "B.14", addressee=DKPP)
    # The draft's own message was not needed: what is left is the final paper's.
    OutboxMessage.objects.filter(status="PENDING").delete()
    chair = somebody_of_plenary(found.office, other_than=person("sari"))
    sign_off(document=paper, officer=chair, at=LATER, seen=paper.sha256)
    paper.refresh_from_db()
    return paper


def whole_and_once(paper: CaseDocument) -> None:
    paper.refresh_from_db()
    assert (paper.status, paper.number[:4], paper.rendered) == ("final", "001/", paper.revision)
    assert digest_of(paper) == paper.sha256
    series = NumberSeries.objects.filter(series__startswith="Rekom-KE")
    assert list(series.values_list("last_number", flat=True)) == [1]
    assert paper.events.filter(action="freeze").count() == 1


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS.keys())
def test_a_killed_process_leaves_a_promise_and_no_number(point: str) -> None:
    paper = signed_off()

    done = subprocess.run(
        [sys.executable, "-c", WORK, point],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "bawaslu_cases.settings.test",
            **running_database_urls(),
        },
        timeout=120,
        check=False,
        capture_output=True,
    )

    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2000:]
    before = (paper.status, paper.number, paper.rendered, paper.storage_name)
    paper.refresh_from_db()
    assert (paper.status, paper.number, paper.rendered, paper.storage_name) == before
    assert before[:2] == ("signed", "")
    assert not NumberSeries.objects.filter(series__startswith="Rekom-KE").exists()
    OutboxMessage.objects.filter(status="PENDING").update(held_until=None)  # the lease ended
    message = OutboxMessage.objects.get(status="PENDING")
    assert deliver(message.pk) == "done"
    whole_and_once(paper)


@pytest.fixture
def workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: object) -> Iterator[Workers]:
    valkey = Valkey(tmp_path / "valkey", throwaway=True)
    valkey.start()
    url = f"redis+socket://{valkey.socket}?virtual_host=0"
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", url)
    for name, value in (
        ("OUTBOX_NUDGE_REST_SECONDS", 0),
        ("OUTBOX_HINT_AGAIN_SECONDS", 1),
        ("OUTBOX_SWEEP_AFTER_SECONDS", 0),
    ):
        setattr(settings, name, value)
    nudges.end_rest()
    folder = tmp_path / "workers"
    folder.mkdir()
    started = Workers(
        broker_url=url, folder=folder, OUTBOX_LEASE_SECONDS=2, OUTBOX_BACKOFF_SECONDS=0
    )
    try:
        yield started
    finally:
        started.stop()
        valkey.stop()


def test_a_worker_killed_at_its_papers_is_followed_by_one_that_ends_them(workers: Workers) -> None:
    first = workers.start_worker(processes=1)
    final = signed_off()
    drafts = [
        make_document(
            about=About(case=assessed(case())), code="B.13", officer=person("sari"), at=LATER
        )
        for _number in range(2)
    ]

    workers.kill(first)
    workers.start_worker(processes=1)
    workers.wait(
        lambda: not OutboxMessage.objects.exclude(status="DONE").exists(),
        "every paper made",
        meanwhile=sweep,
    )

    whole_and_once(final)
    for paper in drafts:
        paper.refresh_from_db()
        assert (paper.status, paper.rendered, paper.problem) == ("draft", paper.revision, "")
        assert digest_of(paper) == paper.sha256
    assert "Wiratama" not in workers.log_text()
