"""A process killed at each point between approval and inbox: one number, one letter, one delivery.

Each kill is a real process that sends itself SIGKILL in the middle of the work, holding its
transaction open; another process then takes over.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from bawaslu_cases.shared.models import NumberSeries, OutboxMessage
from bawaslu_cases.shared.outbox.services import deliver
from referrals.models import Delivery, Letter, Referral, ReferralEvent
from tests.referrals import stages
from tests.support.outbox_workers import running_database_urls

pytestmark = [pytest.mark.long, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]

POINTS = {
    "number drawn": "referrals.services.delivery.make_packet",
    "letter rendered": "referrals.services.packets.sealed_files.store",
    "file written": "referrals.services.packets.Letter.objects.create",
    "letter recorded": "referrals.services.delivery.move_referral",
    "issued, delivery not promised": "referrals.services.dispatches.publish",
    "delivered, not recorded": "referrals.services.dispatches.start_deadline",
    "recorded, not told": "referrals.services.dispatches.reach_case_milestone",
}
"""What had happened → the call before which the process dies."""

WORK = """
import os, signal, sys
from unittest import mock
import django
django.setup()
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import deliver
point = sys.argv[1]
def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
with mock.patch(point, die):
    for _round in range(3):
        for message in OutboxMessage.objects.filter(status="PENDING").order_by("pk"):
            deliver(message.pk)
"""


def _killed_at(point: str) -> None:
    """Run the outbox in a process that dies at a point."""
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


def _taken_over() -> None:
    """Let the lease end, as time would, and do what is still promised."""
    for _round in range(3):
        OutboxMessage.objects.filter(status="PENDING").update(held_until=None)
        for message in OutboxMessage.objects.filter(status="PENDING").order_by("pk"):
            deliver(message.pk)


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS.keys())
def test_a_killed_process_leaves_one_of_everything(point):
    referral = stages.approved()

    _killed_at(point)
    _taken_over()

    referral = Referral.objects.get(pk=referral.pk)
    assert (referral.status, f"{referral.number}"[:4]) == ("delivered", "001/")
    assert (Letter.objects.count(), Delivery.objects.count()) == (1, 1)
    assert list(
        NumberSeries.objects.filter(series__startswith="Rekom").values_list(
            "last_number", flat=True
        )
    ) == [1]
    assert [event.action for event in ReferralEvent.objects.order_by("pk")] == [
        "create",
        "approve",
        "issue",
        "deliver",
    ]
    assert set(OutboxMessage.objects.values_list("status", flat=True)) == {"DONE"}
    assert connection.in_atomic_block is False
