"""F02: a web process killed at each moment of the last step of the form, statement by statement.

One process has the product loaded and forks a child for every moment; the child presses "send" and sends
itself SIGKILL just before its n-th statement or on either side of a commit. Then the reporter presses
again. Whatever the moment: one record with one code, whole, or none before the second press; and at most
wraps without a record, which ``vault_check`` names and nobody can open anything with.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from bawaslu_cases.keyring.models import ReportWraps
from complaints.models import Complaint, ComplaintEvent, Receipt, SealedIdentity, Statement
from complaints.services.key_check import key_problems
from tests.complaints.web.walk import walk_to
from tests.support.outbox_workers import running_database_urls

pytestmark = [pytest.mark.long, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]
STRIDE = int(os.environ.get("KILL_STRIDE", "3"))
"""Every third moment by default; KILL_STRIDE=1 dies at each."""

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
    clock.now, clock.until = 0, asked["until"]
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

    def press(self, cookie: str, until: int = 0) -> int:
        """Let a child press "send" and die at its n-th moment (0: live); return how it ended."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"cookie": cookie, "until": until}) + "\n")
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
    """Return how many rows there are of everything that a record with a name consists of."""
    return {
        "records": Complaint.objects.count(),
        "codes": Receipt.objects.count(),
        "statements": Statement.objects.filter(complaint__isnull=False).count(),
        "histories": ComplaintEvent.objects.count(),
        "names": SealedIdentity.objects.count(),
    }


def drafted() -> tuple[Client, str]:
    client = Client()
    walk_to(client, "check", lane={"lane": "sealed"})
    return client, client.cookies[settings.REPORTER_COOKIE_NAME].value


@pytest.mark.usefixtures("vault_keys")
def test_f02_killed_at_every_moment_a_report_is_whole_or_absent():
    with web() as process:
        _client, cookie = drafted()
        moments = process.press(cookie)
        one = stored()
        assert set(one.values()) == {1}, one
        wrong: dict[int, Any] = {}
        killed = whole = 0
        # From the last one down: it is the one after the commit.
        for number, moment in enumerate(range(moments, 0, -STRIDE), start=1):
            client, cookie = drafted()
            killed += process.press(cookie, moment) == -9
            after = stored()
            full = {name: count + number for name, count in one.items()}
            absent = {name: count + number - 1 for name, count in one.items()}
            whole += after == full
            if after not in (full, absent):
                wrong[moment] = after
            if process.press(cookie) < 0 or stored() != full:
                wrong[moment] = stored()
            if len(client.get("/f/").context["groups"]) != 5:
                wrong[moment] = "no code"
        print(f"killed at {killed} of {moments} moments, {whole} whole before the second press")
        assert wrong == {}
        assert killed >= moments // STRIDE - 1
        assert 0 < whole < killed
        strays = ReportWraps.objects.count() - SealedIdentity.objects.count()
        named = [problem.code for problem in key_problems(on=timezone.localdate())]
        assert named.count("wraps_orphaned") == strays
