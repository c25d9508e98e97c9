"""Sessions that only their cookie opens."""

from datetime import timedelta

import pytest
from django.db.transaction import TransactionManagementError

from complaints.models import ReporterSession
from complaints.services.reporter_session import (
    IDLE,
    change_session,
    end_session,
    expire_sessions,
    hold_session,
    keep_session,
    read_session,
    start_session,
)
from tests.factories import AT

pytestmark = pytest.mark.django_db

HELD = {"draft": {"typed": {"story": {"story": ["KENARI"]}}}}


def test_what_is_held_is_read_back_in_one_query_each(django_assert_num_queries):
    with django_assert_num_queries(1):
        token = start_session(held=HELD, at=AT)
    with django_assert_num_queries(1):
        assert read_session(token=token, at=AT) == HELD
    assert len(token) >= 43


def test_the_row_alone_opens_nothing():
    token = start_session(held=HELD, at=AT)
    row = ReporterSession.objects.get()
    assert b"KENARI" not in bytes(row.sealed)
    assert token.encode() not in bytes(row.token_digest)
    other = start_session(held={"draft": {}}, at=AT)
    # a row's content moved under another cookie's digest does not open
    ReporterSession.objects.exclude(pk=row.pk).update(sealed=row.sealed)
    assert read_session(token=other, at=AT) is None
    assert read_session(token=token, at=AT) == HELD


def test_same_content_never_looks_the_same_twice():
    for _ in range(2):
        start_session(held=HELD, at=AT)
    assert len({bytes(row.sealed) for row in ReporterSession.objects.all()}) == 2


def test_idle_time_restarts_with_each_answer():
    token = start_session(held=HELD, at=AT)
    later = AT + IDLE - timedelta(seconds=1)
    assert keep_session(token=token, held={"draft": {"at": "who"}}, at=later)
    assert read_session(token=token, at=AT + IDLE) == {"draft": {"at": "who"}}
    assert read_session(token=token, at=later + IDLE) is None


def test_a_change_that_changes_nothing_gives_no_more_time():
    token = start_session(held=HELD, at=AT)
    later = AT + IDLE - timedelta(seconds=1)
    assert change_session(token=token, at=later, change=lambda held: held) == HELD
    assert read_session(token=token, at=AT + IDLE) is None


def test_an_ended_session_is_never_brought_back():
    token = start_session(held=HELD, at=AT)
    end_session(token=token)
    end_session(token=token)
    assert keep_session(token=token, held=HELD, at=AT) is False
    assert change_session(token=token, at=AT, change=lambda held: held | {"code": []}) is None
    assert ReporterSession.objects.count() == 0


def test_change_is_refused_whole_when_it_fails():
    token = start_session(held=HELD, at=AT)
    with pytest.raises(ZeroDivisionError):
        change_session(token=token, at=AT, change=lambda _held: {"x": 1 // 0})
    assert read_session(token=token, at=AT) == HELD


def test_only_expired_sessions_are_swept():
    kept = start_session(held=HELD, at=AT)
    start_session(held=HELD, at=AT - IDLE)
    assert expire_sessions(at=AT) == 1
    assert read_session(token=kept, at=AT) == HELD


@pytest.mark.parametrize("token", ["", "x", "\x00", "ü" * 500])
def test_foreign_cookies_open_nothing(token):
    start_session(held=HELD, at=AT)
    assert read_session(token=token, at=AT) is None


@pytest.mark.django_db(transaction=True)
def test_a_lock_needs_a_transaction_to_end_with():
    token = start_session(held={"draft": {}}, at=AT)
    with pytest.raises(TransactionManagementError, match="ends with its transaction"):
        hold_session(token=token, at=AT)
