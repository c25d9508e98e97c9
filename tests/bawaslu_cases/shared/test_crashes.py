"""What a request held is let go of when it ends in an error, without waiting for the collector (C10)."""

import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast
from urllib.parse import urlsplit
from weakref import ref

import pytest
from django import forms
from django.core.signals import request_finished
from django.db import DatabaseError, connection, transaction
from django.http import UnreadablePostError
from django.test import Client

from bawaslu_cases.shared import crashes
from bawaslu_cases.shared.forms import ReporterForm
from complaints.models import SeenRevocations
from complaints.web import intake


class Typed:
    """Stands for what somebody typed: a thing that can be watched."""


@pytest.fixture(autouse=True)
def _nobody_collects() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def broken(watched: list[Any]) -> None:
    """Break a transaction with something typed in the frame."""
    typed = Typed()
    watched.append(ref(typed))
    with transaction.atomic():
        SeenRevocations(serial=1).save(force_insert=True)  # without its day


@pytest.mark.django_db(transaction=True)
def test_a_handled_error_of_the_database_is_forgotten_with_the_request():
    watched: list[Any] = []
    with suppress(DatabaseError):
        broken(watched)
    assert watched[-1]() is not None, "the control: Django and the ring keep it"

    crashes.let_go()

    assert [each() for each in watched[-1:]] == [None]
    assert connection.rollback_exc is None  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("of_database", [True, False])
def test_a_crashed_request_leaves_nothing(client, monkeypatch, of_database):
    watched: list[Any] = []

    def crash(*_args: Any, **_kwargs: Any) -> None:
        typed = Typed()
        watched.append(ref(typed))
        if of_database:
            broken(watched)
        error = ValueError("a frame that holds its own exception is a ring")
        raise error

    monkeypatch.setattr(intake, "read_session", crash)
    monkeypatch.setattr(intake, "token_of", lambda _request: "token")
    client.raise_request_exception = False

    assert client.get("/f/").status_code == 500

    assert len(watched) == 1 + of_database
    assert [each() for each in watched] == [None] * len(watched)


SENT = r"""
import os, re, sys
import django
django.setup()
from django.core.signals import request_finished, request_started
from django.db import connection

KEY = bytes(byte ^ 0x55 for byte in os.urandom(8).hex().encode())

def word():
    return bytes(byte ^ 0x55 for byte in KEY).decode()

def found():  # how often the word, with the quotes of a statement around it, lies in this process
    sought, count = re.compile(b"'" + b"".join(b"[%c]" % byte for byte in word().encode()) + b"'"), 0
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            begin, end, rights = re.match(r"(\w+)-(\w+) (\S+)", line).groups()
            if rights.startswith("rw"):
                memory.seek(int(begin, 16))
                try:
                    piece = bytearray(memory.read(int(end, 16) - int(begin, 16)))
                except OSError:
                    continue
                count += len(sought.findall(piece))
                piece[:] = bytes(len(piece))
    return count

def asked(**environ):
    request_started.send(None, environ={"REQUEST_METHOD": "GET", "QUERY_STRING": "", **environ})
    with connection.cursor() as cursor:
        many = " AND ".join(f"{number}={number}" for number in range(200))
        cursor.execute(f"SELECT 1 WHERE {many} AND 'x' = %s", [word()])
        cursor.fetchall()
    for _number in range(50):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    request_finished.send(None)
    return found()

print(asked(), asked(QUERY_STRING="q=x"), asked(), asked(REQUEST_METHOD="POST"))
"""


@pytest.mark.long
@pytest.mark.django_db
def test_c10_the_line_to_the_database_keeps_nothing_that_was_sent():
    """In a process with glibc's settings of the web; without a word brought, the control, it stays."""
    quiet = {
        "PYTHONMALLOC": "malloc",
        "GLIBC_TUNABLES": "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0",
    }
    run = subprocess.run(
        [sys.executable, "-c", SENT],
        env={**os.environ, **quiet},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.stderr == ""
    kept, searched, kept_again, posted = map(int, run.stdout.split())
    assert (searched, posted) == (0, 0)
    assert min(kept, kept_again) > 0


@pytest.mark.parametrize(("kind", "stays"), [(forms.Form, True), (ReporterForm, False)])
def test_a_form_that_was_shown_holds_nothing_in_a_ring(kind, stays):
    class Words(kind):  # type: ignore[misc,valid-type]
        text = forms.CharField()

    form = Words({"text": "Tulisan pelapor"})
    assert "Tulisan pelapor" in str(form)
    assert form.is_valid()
    gone = ref(form)

    del form

    assert (gone() is not None) is stays  # Django's own form is the control


@pytest.mark.django_db
def test_addresses_that_were_taken_apart_are_forgotten(client):
    def sizes() -> int:
        return int(cast("Any", urlsplit).cache_info().currsize)

    urlsplit("https://www.facebook.com/contoh/posts/1?fbclid=pelapor")
    assert sizes() > 0, "the control: Python remembers it"

    assert client.get("/f/?q=kata").status_code == 200

    assert sizes() == 0


def test_it_is_done_at_the_end_of_every_request():
    receivers = [
        receiver
        for (uid, _sender), receiver, *_rest in request_finished.receivers
        if uid == "crashes.let_go"
    ]
    assert len(receivers) == 1


@pytest.fixture
def ended() -> Iterator[list[float]]:
    """Collect when the process would have been ended."""
    seen: list[float] = []
    crashes.end_after_crash(lambda: seen.append(time.monotonic()), least_seconds=0.0)
    yield seen
    crashes.end_after_crash(None, least_seconds=0.0)


def crashed(client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception) -> int:
    def crash(*_args: Any, **_kwargs: Any) -> None:
        raise error

    monkeypatch.setattr(intake, "read_session", crash)
    monkeypatch.setattr(intake, "token_of", lambda _request: "token")
    client.raise_request_exception = False
    return client.get("/f/").status_code


def waited_for(ended: list[float]) -> bool:
    until = time.monotonic() + 120
    while not ended and time.monotonic() < until:
        time.sleep(0.01)
    return bool(ended)


@pytest.mark.django_db
def test_the_first_crash_ends_the_process_and_no_other_does(client, monkeypatch, ended):
    assert client.get("/f/").status_code == 200
    assert client.get("/tidak-ada/").status_code == 404
    assert ended == []

    assert crashed(client, monkeypatch, ValueError("a bug")) == 500
    assert waited_for(ended)
    assert crashed(client, monkeypatch, ValueError("a bug")) == 500
    time.sleep(0.2)

    assert len(ended) == 1


@pytest.mark.django_db
def test_a_line_that_broke_ends_nothing(client, monkeypatch, ended):
    assert crashed(client, monkeypatch, UnreadablePostError("gone")) == 500
    time.sleep(0.2)

    assert ended == []


@pytest.mark.django_db
def test_a_young_process_ends_when_it_is_old_enough(client, monkeypatch, ended):
    began = time.monotonic()
    crashes.end_after_crash(lambda: ended.append(time.monotonic()), least_seconds=1.0)

    assert crashed(client, monkeypatch, ValueError("a bug")) == 500
    assert waited_for(ended)

    assert ended[0] - began >= 1.0
