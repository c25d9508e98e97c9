"""F02: a web process killed at each moment of the last step of the form, statement by statement.

One process has the product loaded and forks a child for every moment; the child presses "send" with a name
and a file and sends itself SIGKILL just before its n-th statement or on either side of a commit. Then the
reporter presses again, every third goes away. Whatever the moment: one record with one code, whole, or none
before the second press. What is left of those who went away, wraps and files, is gone after the janitors.

``KILL_STRIDE=1`` dies at each moment. ``KILL_POINTS=100`` dies at so many moments in all, each drawn by lot,
and in the time between two of them too; ``KILL_SEED`` draws the same again.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from bawaslu_cases.keyring.models import ReportWraps
from bawaslu_cases.shared.object_storage import evidence_storage
from complaints.models import (
    Complaint,
    ComplaintEvent,
    Evidence,
    Receipt,
    SealedIdentity,
    Statement,
)
from complaints.services.evidence_sweep import sweep_evidence
from complaints.services.key_check import key_problems
from complaints.services.wraps_sweep import sweep_wraps
from tests.complaints.web.test_uploads import picture, upload
from tests.complaints.web.walk import walk_to
from tests.support.outbox_workers import running_database_urls

pytestmark = [pytest.mark.long, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]
STRIDE = int(os.environ.get("KILL_STRIDE", "3"))
"""Every third moment by default; KILL_STRIDE=1 dies at each."""
POINTS = int(os.environ.get("KILL_POINTS", "0"))
SEED = int(os.environ.get("KILL_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
PICTURE = picture(5000)
NAMED_AT = datetime(2026, 1, 5, 3, tzinfo=UTC)
"""When the janitor looks first; any day does."""

WEB = """
import json, os, signal, sys
from datetime import timedelta
import django
django.setup()
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from complaints.services import guessing
from complaints.web import intake
intake.SHORTEST_FILLING = timedelta(0)
# However many others sent something in this minute, nobody here is asked for a proof of work.
guessing.CALM_A_MINUTE[guessing.Purpose.SEND] = 10_000

class Clock:
    now, until, later = 0, 0, 0.0
    def tick(self):
        self.now += 1
        if self.now != self.until:
            return
        if not self.later:
            os.kill(os.getpid(), signal.SIGKILL)
        # A timer that nobody handles: the kernel ends the process at once, wherever it is by then.
        signal.setitimer(signal.ITIMER_REAL, self.later)

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

def press(cookie):
    client = Client(headers={"host": "localhost"})
    client.cookies[settings.REPORTER_COOKIE_NAME] = cookie
    for connection in connections.all():
        connection.execute_wrappers.append(statement)
    answer = client.post(
        "/f/", {"step": "check", "do": "send", "statement": "on", "website": ""}, secure=True
    )
    assert answer.status_code == 303, answer.status_code

print("ready", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    clock.now, clock.until, clock.later = 0, asked["until"], asked["later"]
    pid = os.fork()
    if pid == 0:
        press(asked["cookie"])
        os._exit(min(clock.now, 250))
    print(os.waitpid(pid, 0)[1], flush=True)
"""


class Web:
    """The process that has everything loaded."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def press(self, cookie: str, until: int = 0, later: float = 0.0) -> int:
        """Let a child press "send" and die at its n-th moment, or seconds after; return how it ended.

        0: it lives.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        asked = {"cookie": cookie, "until": until, "later": later}
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        return os.waitstatus_to_exitcode(int(self.process.stdout.readline()))


@contextmanager
def web() -> Iterator[Web]:
    told = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "bawaslu_cases.settings.test",
        **running_database_urls(),
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "DATA_KEYRING": settings.DATA_KEYRING,
        "RECEIPT_PEPPER": settings.RECEIPT_PEPPER,
    }
    with subprocess.Popen(
        [sys.executable, "-c", WEB],
        cwd=ROOT,
        env=told,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Web(process)
        assert process.stdin is not None
        process.stdin.close()


def stored() -> dict[str, int]:
    """Return how many rows there are of everything that a record with a name and a file consists of."""
    return {
        "records": Complaint.objects.count(),
        "codes": Receipt.objects.count(),
        "statements": Statement.objects.filter(complaint__isnull=False).count(),
        "histories": ComplaintEvent.objects.count(),
        "names": SealedIdentity.objects.count(),
        "files": Evidence.objects.count(),
    }


def drafted() -> tuple[Client, str]:
    client = Client()
    walk_to(client, "check", lane={"lane": "sealed"})
    assert upload(client, PICTURE).status_code == 204
    return client, client.cookies[settings.REPORTER_COOKIE_NAME].value


def points(moments: int) -> list[tuple[int, float]]:
    """Return where to die: the moment, and how many seconds after it."""
    if not POINTS:
        # From the last one down: it is the one after the commit.
        return [(moment, 0.0) for moment in range(moments, 0, -STRIDE)]
    lot = random.Random(SEED)
    return [
        (lot.randint(1, moments), lot.choice((0.0, lot.uniform(0, 0.003)))) for _n in range(POINTS)
    ]


def orphans() -> int:
    return ReportWraps.objects.count() - SealedIdentity.objects.count()


def objects() -> int:
    return sum(1 for _each in evidence_storage().objects())


@pytest.mark.usefixtures("vault_keys")
def test_f02_killed_at_every_moment_a_report_is_whole_or_absent():
    storage = evidence_storage()
    # What earlier tests of this process left there is not counted among this one's.
    storage.delete([each.name for each in storage.objects()])
    wrong: dict[Any, Any] = {}
    killed = whole = away = 0
    with web() as process:
        _client, cookie = drafted()
        moments = process.press(cookie)
        one = stored()
        assert set(one.values()) == {1}, one
        done = 1
        drawn = points(moments)
        for number, point in enumerate(drawn):
            client, cookie = drafted()
            killed += process.press(cookie, *point) < 0
            after = stored()
            if set(after.values()) == {done + 1}:
                whole, done = whole + 1, done + 1
            elif set(after.values()) != {done}:
                wrong[point] = after
                break
            elif number % 3 == 2:
                away += 1
                continue
            else:
                done += 1
            if process.press(cookie) < 0 or set(stored().values()) != {done}:
                wrong[point] = stored()
                break
            if len(client.get("/f/").context["groups"]) != 5:
                wrong[point] = "no code"
    named = [problem.code for problem in key_problems(on=timezone.localdate())]
    left = {"wraps": orphans(), "objects": objects() - done}
    print(
        f"seed {SEED}: killed at {killed} of {len(drawn)} points among {moments} moments,"
        f" {whole} whole before the second press, {away} went away, left {left}"
    )
    assert wrong == {}, f"KILL_SEED={SEED}"
    assert killed >= (len(drawn) * 2 // 3 if POINTS else len(drawn) - 1)
    assert 0 < whole < killed
    assert named.count("wraps_orphaned") == left["wraps"]
    assert left["objects"] == away

    sweep_wraps(at=NAMED_AT)
    sweep_wraps(at=NAMED_AT + timedelta(days=7))
    sweep_evidence(at=timezone.now() + timedelta(days=30))

    assert orphans() == 0
    assert set(ReportWraps.objects.values_list("report", flat=True)) == set(
        Complaint.objects.values_list("public_id", flat=True)
    )
    assert objects() == done
