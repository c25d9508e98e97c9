"""Reporters in the audit log: a number a day, later, and never in the way of a report."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connections

from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import Outcome, deliver
from complaints.models import Complaint
from complaints.services.daily_counts import promise_daily_count
from tests.bawaslu_cases.audit.conftest import log
from tests.factories import AT, finding, tip

pytestmark = pytest.mark.django_db


def test_yesterday_is_counted_once_by_lane():
    """AT is Monday 7 October 2024, 10.00 in Jakarta."""
    tip(), tip(), finding()
    tip(AT - timedelta(days=2))
    assert log() == []

    promise_daily_count(at=AT)
    promise_daily_count(at=AT + timedelta(days=1))
    promise_daily_count(at=AT + timedelta(days=1, hours=3))
    # 23.30 in Jakarta on the 7th: the day is not over.
    promise_daily_count(at=datetime(2024, 10, 7, 16, 30, tzinfo=UTC))

    messages = list(OutboxMessage.objects.filter(topic="complaints.daily_count").order_by("pk"))
    assert [message.subject_id for message in messages] == ["2024-10-06", "2024-10-07"]
    for message in messages:
        assert deliver(message.pk) is Outcome.DONE
        assert deliver(message.pk) is Outcome.NOT_DUE
    assert [(entry.actor, entry.subject, json.loads(entry.detail)) for entry in log()] == [
        ("system:intake", "day:2024-10-06", {"open": 0, "sealed": 0, "tip": 0}),
        ("system:intake", "day:2024-10-07", {"open": 0, "sealed": 0, "tip": 2}),
    ]


def test_t14_a_report_is_taken_and_its_count_waits_while_the_log_is_down():
    def gone(*_arguments):
        raise OperationalError

    with connections["audit"].execute_wrapper(gone):
        tip()
        promise_daily_count(at=AT + timedelta(days=1))
        message = OutboxMessage.objects.get(topic="complaints.daily_count")
        assert deliver(message.pk) is Outcome.RETRY
    assert Complaint.objects.count() == 1
    message.refresh_from_db()
    assert (message.status, message.last_error_code) == ("PENDING", "AuditUnavailableError")

    OutboxMessage.objects.update(next_attempt_at=AT, held_until=None)
    assert deliver(message.pk) is Outcome.DONE
    assert [entry.subject for entry in log()] == ["day:2024-10-07"]
