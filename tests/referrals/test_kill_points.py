"""A worker killed at every moment between approval and delivery, each statement and each send counted.

One process has the product loaded and forks a child for every moment; the child carries the outbox out
and sends itself SIGKILL just before (or after) its n-th statement, commit or hand-over. Another process
then takes over. Whatever the moment: one number, one letter, one packet, one file and one message for
each destination, the same states and the same history as without the fault.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bawaslu_cases.shared.models import NumberSeries, OutboxMessage
from bawaslu_cases.shared.outbox.services import deliver
from referrals.models import Delivery, Dispatch, Packet, Referral
from referrals.states import Channel
from tests.referrals import stages
from tests.referrals.services.test_dispatches import SECRET, place
from tests.support.outbox_workers import running_database_urls
from tests.support.peers import HttpPeer, http_peer

pytestmark = [pytest.mark.long, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]
LEAST_MOMENTS = 40
STRIDE = int(os.environ.get("KILL_STRIDE", "1"))
"""At every moment, which takes a minute; KILL_STRIDE=2 dies at every second one."""


WORKER = """
import os, signal, sys
import django
django.setup()
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import deliver_and_follow
from referrals.gateways import GATEWAYS
import referrals.services.delivery, referrals.services.dispatches, typst, pyrage

class Clock:
    now, until = 0, 0
    def tick(self):
        self.now += 1
        if self.now == self.until:
            os.kill(os.getpid(), signal.SIGKILL)

clock = Clock()

def statement(execute, sql, params, many, context):
    clock.tick()
    return execute(sql, params, many, context)

commit = BaseDatabaseWrapper._commit
def committed(self):
    clock.tick()
    commit(self)
    clock.tick()
BaseDatabaseWrapper._commit = committed

def watched(gateway):
    hand_over = gateway.deliver
    def deliver(**told):
        clock.tick()
        handed = hand_over(**told)
        clock.tick()
        return handed
    gateway.deliver = deliver
for gateway in GATEWAYS.values():
    watched(gateway)

def work():
    with connection.execute_wrapper(statement):
        for _round in range(4):
            for message in OutboxMessage.objects.filter(status="PENDING").order_by("pk"):
                deliver_and_follow(message.pk)

print("ready", flush=True)
for line in sys.stdin:
    clock.now, clock.until = 0, int(line)
    pid = os.fork()
    if pid == 0:
        work()
        os._exit(min(clock.now, 250))
    print(os.waitpid(pid, 0)[1], flush=True)
"""


class Forks:
    """The process that has everything loaded."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def run(self, until: int) -> int:
        """Let a child work until its n-th moment (0: to the end); return how it ended."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{until}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def forks(folder: Path) -> Iterator[Forks]:
    told = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "bawaslu_cases.settings.test",
        "OUTGOING_PRIVATE_HOSTS": "localhost",
        "REFERRAL_DROP_ROOT": str(folder),
        **running_database_urls(),
    }
    with subprocess.Popen(
        [sys.executable, "-c", WORKER],
        cwd=ROOT,
        env=told,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Forks(process)
        assert process.stdin is not None
        process.stdin.close()


def take_over() -> None:
    """Let the leases end, as time would, and do what is still promised."""
    for _round in range(4):
        OutboxMessage.objects.filter(status="PENDING").update(held_until=None)
        for message in OutboxMessage.objects.filter(status="PENDING").order_by("pk"):
            deliver(message.pk)


def ended(referral: Referral, folder: Path, peer: HttpPeer) -> dict[str, Any]:
    """Return everything that must be the same whatever happened on the way."""
    referral = stages.fresh(referral)
    ways = Dispatch.objects.filter(referral=referral).order_by("channel")
    names = [path.name for path in (folder / "bkn").iterdir()]
    posted = {headers["webhook-id"] for headers, _body in peer.taken}
    return {
        "status": referral.status,
        "history": [event.action for event in referral.events.order_by("pk")],
        "letters": referral.letters.count(),
        "packets": Packet.objects.filter(referral=referral).count(),
        "clocks": referral.deadlines.filter(status="open").count(),
        "ways": [(way.channel, way.status) for way in ways],
        "steps": [[event.action for event in way.events.order_by("pk")] for way in ways],
        "reached": Delivery.objects.filter(referral=referral).count(),
        "files": [names.count(f"rujukan-{way.public_id.hex[:8]}-1.age") for way in ways],
        "posts": [f"{way.public_id}-1" in posted for way in ways],
        "half": [name for name in names if name.endswith(".part")],
        "promises": OutboxMessage.objects.filter(status="PARKED").count(),
    }


WHOLE = {
    "status": "delivered",
    "history": ["create", "approve", "issue", "deliver"],
    "letters": 1,
    "packets": 1,
    "clocks": 1,
    "ways": [("folder", "sent"), ("webhook", "sent")],
    "steps": [["create", "send"], ["create", "send"]],
    "reached": 2,
    "files": [1, 0],
    "posts": [False, True],
    "half": [],
    "promises": 0,
}


def test_k08_killed_at_every_moment_each_referral_ends_the_same(tmp_path, settings):
    """Check F01."""
    settings.OUTGOING_PRIVATE_HOSTS = frozenset({"localhost"})
    settings.REFERRAL_DROP_ROOT = str(tmp_path)
    with http_peer() as peer, forks(tmp_path) as worker:
        place(Channel.WEBHOOK, url=peer.url, secret=SECRET)
        place(Channel.FOLDER, folder="bkn")
        first = stages.approved()
        moments = os.waitstatus_to_exitcode(worker.run(0))
        assert ended(first, tmp_path, peer) == WHOLE
        wrong, killed = {}, 0
        for moment in range(1, moments + 1, STRIDE):
            referral = stages.approved()
            killed += os.waitstatus_to_exitcode(worker.run(moment)) == -9
            take_over()
            found = ended(referral, tmp_path, peer)
            if found != WHOLE:
                wrong[moment] = {key: found[key] for key in WHOLE if found[key] != WHOLE[key]}
        points = len(range(1, moments + 1, STRIDE))
        print(f"killed at {killed} of {moments} moments, {len(wrong)} ended otherwise")
        assert wrong == {}
        assert killed == points >= LEAST_MOMENTS
        numbers = Counter(Referral.objects.values_list("number", flat=True))
        assert set(numbers.values()) == {1}
        series = NumberSeries.objects.get(series__startswith="Rekom")
        assert series.last_number == points + 1
