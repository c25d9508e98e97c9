"""F24 in seconds: what is read again and again leaves nothing behind. ``bench.soak work`` is the long one."""

import gc
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client, RequestFactory

from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.wsgi import application
from tests.factories import AT, case, person, proposed_tip
from tests.support.vault import signed_in

pytestmark = [pytest.mark.faults, pytest.mark.django_db]

ROUNDS = 40
PAGES = ("/", "/f/", "/s/", "/kerja/", "/kerja/antrean/?v=all", "/kerja/perkara/")


@pytest.fixture(autouse=True)
def _connections_stay() -> Iterator[None]:
    """Let a request leave the test's transaction open, as Django's own client of tests does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def _standing() -> tuple[int, int, int]:
    """Return open descriptors, threads and objects of this process."""
    gc.collect()
    descriptors = Path("/proc/self/fd")
    opened = len(list(descriptors.iterdir())) if descriptors.exists() else 0
    return opened, threading.active_count(), len(gc.get_objects())


def _read(page: str, cookie: str) -> int:
    """Ask the application itself: Django's client of tests leaves objects of its own behind."""
    asked = RequestFactory(headers={"host": "localhost", "cookie": cookie}).get(page, secure=True)
    statuses: list[int] = []
    told: Any = lambda status, *_more: statuses.append(int(status[:3]))  # noqa: E731
    answer = application(asked.environ, told)
    b"".join(answer)
    answer.close()
    return statuses[0]


def test_f24_pages_read_again_and_again_leave_no_descriptor_thread_or_object():
    with time_machine.travel(AT, tick=False):
        case()
        proposed_tip()
        promised = OutboxMessage.objects.count()
        name = settings.SESSION_COOKIE_NAME
        cookie = f"{name}={signed_in(Client(), person('sari')).cookies[name].value}"

        def read(rounds: int) -> None:
            for _number in range(rounds):
                cache.clear()
                for page in PAGES:
                    assert _read(page, cookie) == 200, page

        read(10)  # whatever is kept for good is kept by now
        before = _standing()
        read(ROUNDS)
        after = _standing()

    # What an earlier test began may end meanwhile; nothing may come.
    assert after[0] <= before[0]
    assert after[1] <= before[1]
    # one object for each request would be seen
    assert after[2] - before[2] < ROUNDS * len(PAGES)
    assert OutboxMessage.objects.count() == promised
