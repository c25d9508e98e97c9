"""A real worker carries an approval to the recipient's inbox, also when it is killed on the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bawaslu_cases.embedded.valkey import Valkey
from bawaslu_cases.shared import sealed_files
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox import nudges
from bawaslu_cases.shared.outbox.services import sweep
from referrals.models import Delivery, Letter, Referral, ReferralEvent
from referrals.services.delivery import LETTER_PURPOSE
from referrals.services.recommend import approve_referral
from tests.factories import AT, decided_case, person
from tests.referrals import stages
from tests.support.outbox_workers import Workers

pytestmark = [pytest.mark.long, pytest.mark.faults, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def workers(tmp_path: Path, monkeypatch, settings) -> Iterator[Workers]:
    valkey = Valkey(tmp_path / "valkey", throwaway=True)
    valkey.start()
    url = f"redis+socket://{valkey.socket}?virtual_host=0"
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", url)
    settings.OUTBOX_NUDGE_REST_SECONDS = 0
    settings.OUTBOX_HINT_AGAIN_SECONDS = 1
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


def _delivered(count):
    return lambda: Referral.objects.filter(status="delivered").count() == count


def test_worker_carries_approval_to_the_inbox(workers):
    workers.start_worker(processes=1)
    referral = stages.proposed()

    approve_referral(referral=referral, approver=person("joko"), at=AT)
    workers.wait(_delivered(1), "delivered")

    letter = Letter.objects.get()
    assert sealed_files.load(letter.storage_name, purpose=LETTER_PURPOSE).startswith(b"%PDF-")
    assert Delivery.objects.count() == 1
    assert [event.action for event in ReferralEvent.objects.order_by("pk")] == [
        "create",
        "approve",
        "issue",
        "deliver",
    ]
    assert "Wiratama" not in workers.log_text()


def test_killed_worker_leaves_each_letter_once(workers, settings):
    settings.OUTBOX_SWEEP_AFTER_SECONDS = 0
    first = workers.start_worker(processes=1)
    referrals = [stages.proposed(decided_case(place=f"Balai desa {n}")) for n in range(4)]

    for referral in referrals:
        approve_referral(referral=referral, approver=person("joko"), at=AT)
    workers.kill(first)
    workers.start_worker(processes=1)
    workers.wait(_delivered(4), "all delivered", meanwhile=sweep)

    assert Letter.objects.count() == 4
    assert Delivery.objects.count() == 4
    numbers = sorted(str(each.number) for each in Referral.objects.all())
    assert [number[:3] for number in numbers] == ["001", "002", "003", "004"]
    assert OutboxMessage.objects.exclude(status="DONE").count() == 0
