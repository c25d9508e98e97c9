"""What a worker does with its connections between tasks; with real workers see test_outbox_faults.py."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connections

from bawaslu_cases.celery import app
from bawaslu_cases.worker_connections import KeptConnections

connection: Any = connections["default"]  # the product's own, which notes what was sent


def sender(*, is_eager=False):
    return SimpleNamespace(request=SimpleNamespace(is_eager=is_eager))


def ask(words):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s", [words])


@pytest.fixture
def between(transactional_db):
    connection.close()
    connection.ensure_connection()
    connection.close_at = None  # a slow machine makes no connection old here
    return KeptConnections(app)


def test_the_product_uses_it():
    fixups: Any = vars(app)["_fixups"]
    assert [type(fixup.worker_fixup) for fixup in fixups] == [KeptConnections]


def test_a_sound_connection_is_kept_and_forgets_what_was_sent(between):
    ask("Rahmat Hidayat")
    line = connection.connection
    assert connection.longest_sent > 0

    between.on_task_postrun(sender())
    between.on_task_prerun(sender())

    assert connection.connection is line
    assert connection.longest_sent == 0


def test_one_that_was_left_in_a_transaction_is_closed(between):
    ask("1")
    line = connection.connection
    connection.set_autocommit(False)

    between.on_task_postrun(sender())

    assert line.closed
    ask("2")
    assert connection.get_autocommit()


def test_one_that_is_old_is_closed(between):
    ask("1")
    line = connection.connection
    connection.close_at = 0

    between.on_task_prerun(sender())

    assert line.closed


def test_a_task_inside_another_changes_nothing(between):
    ask("Rahmat Hidayat")
    sent = connection.longest_sent

    between.on_task_prerun(sender(is_eager=True))
    between.on_task_postrun(sender(is_eager=True))

    assert connection.longest_sent == sent


def test_a_new_child_begins_without_the_parents(between):
    ask("1")
    lines = [each.connection for each in connections.all(initialized_only=True)]

    between.on_worker_process_init()

    assert all(line is None or line.closed for line in lines)
    assert connection.connection is None
