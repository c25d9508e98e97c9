"""A real worker carries what was promised to whoever it is for, also when it is killed on the way."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from bawaslu_cases.accounts.models import WebhookMessage
from bawaslu_cases.embedded.valkey import Valkey
from bawaslu_cases.shared import sealed_files
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox import nudges
from bawaslu_cases.shared.outbox.services import sweep
from complaints.models import Complaint
from referrals.models import Delivery, Letter, Referral, ReferralEvent
from referrals.services.delivery import LETTER_PURPOSE
from referrals.services.recommend import approve_referral
from referrals.services.webhook_events import collect_webhooks
from tests.factories import AT, decided_case, finding, office, person
from tests.referrals import stages
from tests.support.api_clients import api_client
from tests.support.outbox_workers import Workers
from tests.support.peers import http_peer

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


def test_a_worker_killed_between_taking_and_answer_sends_webhooks_again_in_their_order(
    workers, settings
):
    """The peer has the third message and answers nobody: the sending worker is dead (kill -9)."""
    settings.OUTGOING_PRIVATE_HOSTS = frozenset({"localhost"})
    settings.OUTBOX_SWEEP_AFTER_SECONDS = 0
    workers.environment["OUTGOING_PRIVATE_HOSTS"] = "localhost"
    records = [finding() for _number in range(5)]
    with http_peer() as server:
        answer = api_client(office("33")).post(
            "/webhooks", {"url": server.url, "events": ["complaint.changed"]}
        )
        assert answer.status_code == 201, answer.content
        for record in records:
            Complaint.objects.filter(pk=record.pk).update(title="Judul lain")
        first = workers.start_worker(processes=1)

        def kill_at_the_third() -> None:
            if len(server.taken) == 3:
                workers.kill(first)

        server.before_answer = kill_at_the_third
        collect_webhooks(at=timezone.now())
        workers.wait(lambda: first.poll() is not None, "the first worker is dead", meanwhile=sweep)
        assert not WebhookMessage.objects.filter(state=WebhookMessage.State.TAKEN).exists()
        workers.start_worker(processes=1)
        waiting = WebhookMessage.objects.exclude(state=WebhookMessage.State.TAKEN)
        workers.wait(lambda: not waiting.exists(), "every message taken", meanwhile=sweep)

    ids = [headers["webhook-id"] for headers, _body in server.taken]
    told = [message.told_id for message in WebhookMessage.objects.order_by("pk")]
    assert len(told) == len(records)
    assert ids == [*told[:3], *told]
    assert max(Counter(ids).values()) == 2
    assert len(set(server_bodies(server))) == len(records)
    assert OutboxMessage.objects.exclude(status="DONE").count() == 0


def server_bodies(server):
    """Return what came with each id: a repeated message says the same."""
    return [(headers["webhook-id"], body) for headers, body in server.taken]
