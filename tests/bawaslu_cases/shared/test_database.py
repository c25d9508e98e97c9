"""The question whether a kept connection lives: silent lines are believed, ended ones are not."""

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from bawaslu_cases.shared.database.base import DatabaseWrapper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kept():
    """A connection of its own, as a request finds it that another request left."""
    found = connections.create_connection("default")
    found.settings_dict = {**connection.settings_dict, "CONN_HEALTH_CHECKS": True}
    found.inc_thread_sharing()
    found.connect()
    yield found
    found.close()


def process_of(wrapper: DatabaseWrapper) -> int:
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def end(process: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
        assert cursor.fetchone() == (True,)


def test_every_database_is_asked_through_it():
    assert [type(each) for each in connections.all()] == [DatabaseWrapper] * 3


def test_a_line_that_is_silent_is_believed_without_a_query(kept):
    process = process_of(kept)
    with CaptureQueriesContext(kept) as asked:
        assert kept.is_usable()
    assert asked.captured_queries == []
    assert process_of(kept) == process


def test_a_connection_the_server_ended_is_not_used_again(kept):
    process = process_of(kept)
    end(process)
    assert not kept.is_usable()
    # what a request does first: the next query finds a connection that lives
    kept.close_if_unusable_or_obsolete()
    kept.health_check_done = False
    assert process_of(kept) != process


def test_the_health_check_of_the_next_request_finds_it_too(kept):
    process = process_of(kept)
    end(process)
    kept.health_check_enabled = True
    kept.health_check_done = False
    assert process_of(kept) != process


def test_words_on_the_line_are_no_end(kept):
    process = process_of(kept)
    with kept.cursor() as cursor:
        cursor.execute("LISTEN anything")
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY anything")
    assert kept.is_usable()
    assert process_of(kept) == process


def test_a_connection_closed_on_our_side_is_not_usable(kept):
    kept.connection.close()
    assert not kept.is_usable()
