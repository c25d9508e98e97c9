"""Outbox topics for tests. Real workers load this module with ``--include``.

Effects are rows of a plain table without any uniqueness, so that a doubled effect shows.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from django.db import connection

from bawaslu_cases.shared.outbox.topics import PermanentError, idempotency_key, register

CREATE_EFFECTS = (
    "CREATE TABLE outbox_test_effects "
    "(subject_id text, destination text, key text, pid integer, at timestamptz DEFAULT now())"
)
DROP_EFFECTS = "DROP TABLE IF EXISTS outbox_test_effects"
MARKS_VARIABLE = "OUTBOX_TEST_MARKS"
EVERYBODY = "everybody"
"""The mark that lets everything through that waits for a ticket."""
SECRET = "nama dan NIK 3173051203850002"


def write_effect(*, subject_id: str, destination: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox_test_effects (subject_id, destination, key, pid) "
            "VALUES (%s, %s, %s, %s)",
            [subject_id, destination, idempotency_key(), os.getpid()],
        )


def write_effect_slowly(*, subject_id: str, destination: str) -> None:
    write_effect(subject_id=subject_id, destination=destination)
    time.sleep(0.02)


def write_effect_by_ticket(*, subject_id: str, destination: str) -> None:
    """Write the effect, then wait for a ticket, so that a test comes in the middle however slow it is."""
    write_effect(subject_id=subject_id, destination=destination)
    tickets = Path(os.environ[MARKS_VARIABLE])
    while not (tickets / EVERYBODY).exists():
        for ticket in tickets.glob("ticket-*"):
            with suppress(FileNotFoundError):
                ticket.unlink()
                return
        time.sleep(0.01)


def hang_at_first(*, subject_id: str, destination: str) -> None:
    """Write the effect, then hang the first time, so that a test can kill the worker there."""
    write_effect(subject_id=subject_id, destination=destination)
    mark = Path(os.environ[MARKS_VARIABLE]) / f"hanging-{subject_id}"
    if not mark.exists():
        mark.write_text(str(os.getpid()))
        time.sleep(120)


def kill_own_process(*, subject_id: str, destination: str) -> None:
    write_effect(subject_id=subject_id, destination=destination)
    os.kill(os.getpid(), signal.SIGKILL)


def fail(*, subject_id: str, destination: str) -> None:
    write_effect(subject_id=subject_id, destination=destination)
    raise ValueError(SECRET)


def fail_for_good(*, subject_id: str, destination: str) -> None:
    write_effect(subject_id=subject_id, destination=destination)
    raise PermanentError(SECRET)


register("test.effect", write_effect)
register("test.slow", write_effect_slowly)
register("test.ticket", write_effect_by_ticket)
register("test.hang", hang_at_first)
register("test.killer", kill_own_process, max_attempts=2)
register("test.poison", fail, max_attempts=3)
register("test.permanent", fail_for_good)
