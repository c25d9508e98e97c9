"""A name that is to go goes with the step that says so, or not at all (check V27)."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from threading import Thread
from uuid import uuid4

import psycopg2
import pytest
from django.db import connections, transaction
from django.db.models.functions import Now

from bawaslu_cases.keyring.models import Erasure, ReportWraps
from bawaslu_cases.shared.brief_locks import waiting_at_most
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import Outcome, deliver
from complaints.models import Complaint, ParkedWraps, SealedIdentity
from complaints.services.exchange import sealing_of
from complaints.services.lanes import raise_lane, withdraw_report
from complaints.services.vault import erase_wraps
from complaints.states import Lane
from tests.bawaslu_cases.test_schedule_roles import as_worker
from tests.complaints.services.test_reports import down, name_for
from tests.factories import AT, report, tip
from tests.support.outbox_workers import running_database_urls

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("vault_keys"),
]


class StepFailedError(Exception):
    """What ends a step after the name was to go."""


@contextmanager
def wraps_held() -> Iterator[None]:
    """Let somebody else hold all wraps, so that the keyring refuses to erase any."""
    with closing(psycopg2.connect(running_database_urls()["KEYRING_DATABASE_URL"])) as other:
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM keyring_reportwraps FOR UPDATE")
        with waiting_at_most(connections["keyring"], "100ms"):
            yield


def withdrawn_while_held() -> tuple[Complaint, OutboxMessage]:
    """Take a report back in a process that does not come to erase its wraps; they are promised."""
    row = report(lane=Lane.SEALED)
    with wraps_held():
        withdraw_report(complaint=row, at=AT)
    assert not SealedIdentity.objects.exists()
    assert ReportWraps.objects.filter(report=row.public_id).exists()
    return row, OutboxMessage.objects.get(topic="complaints.erase_wraps")


def now_due(promise: OutboxMessage) -> int:
    OutboxMessage.objects.filter(pk=promise.pk).update(held_until=None, next_attempt_at=Now())
    return promise.pk


def test_v27_a_step_that_fails_after_the_name_was_to_go_leaves_it_whole():
    row = report(lane=Lane.SEALED)
    before = sealing_of(row)[0]

    with suppress(StepFailedError), transaction.atomic():
        withdraw_report(complaint=row, at=AT)
        raise StepFailedError

    row.refresh_from_db()
    assert row.lane == Lane.SEALED
    assert sealing_of(row)[0] == before
    assert not Erasure.objects.exists()
    assert not OutboxMessage.objects.filter(topic="complaints.erase_wraps").exists()


def test_v27_wraps_are_gone_when_the_step_is_answered_and_no_promise_tells_the_minute():
    row = report(lane=Lane.SEALED)

    withdraw_report(complaint=row, at=AT)

    assert not ReportWraps.objects.exists()
    assert [(each.report, each.why) for each in Erasure.objects.all()] == [
        (row.public_id, "withdrawn")
    ]
    assert not OutboxMessage.objects.filter(topic="complaints.erase_wraps").exists()


def test_v27_what_the_keyring_refused_after_the_commit_a_worker_erases_with_its_own_rights():
    _row, promise = withdrawn_while_held()
    assert not Erasure.objects.exists()
    assert deliver(promise.pk) is Outcome.NOT_DUE

    pk = now_due(promise)
    with as_worker():
        assert deliver(pk) is Outcome.DONE

    assert not ReportWraps.objects.exists()
    erased = Erasure.objects.get()
    assert (erased.complete_on - erased.erased_on).days == 7
    with as_worker():
        erase_wraps(subject_id=promise.subject_id, destination=promise.destination)
    assert Erasure.objects.count() == 1


def test_v27_what_was_put_in_their_place_since_stays():
    row, promise = withdrawn_while_held()
    row.refresh_from_db()
    name = name_for(row, Lane.SEALED)
    raise_lane(complaint=row, lane=Lane.SEALED, name=name, at=AT)

    assert deliver(now_due(promise)) is Outcome.DONE

    assert sealing_of(row)[0] == name.blob
    assert Erasure.objects.count() == 1


def test_v27_a_worker_and_the_web_at_once_erase_once():
    row = report(lane=Lane.SEALED)
    put_id = ReportWraps.objects.get().put_id
    destination = f"withdrawn:{put_id}:{AT.date()}"

    def erase() -> None:
        erase_wraps(subject_id=str(row.public_id), destination=destination)
        connections.close_all()

    threads = [Thread(target=erase) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not ReportWraps.objects.exists()
    assert Erasure.objects.count() == 1


def test_v27_parked_wraps_go_with_the_step_itself():
    row = tip()
    name = name_for(row, Lane.SEALED)
    with connections["keyring"].execute_wrapper(down):
        raise_lane(complaint=row, lane=Lane.SEALED, name=name, at=AT)
    assert ParkedWraps.objects.exists()

    withdraw_report(complaint=row, at=AT)

    assert not ParkedWraps.objects.exists()
    assert not ReportWraps.objects.exists()
    assert Erasure.objects.get().report == row.public_id
    erase_wraps(subject_id=str(row.public_id), destination=f"withdrawn:{uuid4()}:{AT.date()}")
    assert Erasure.objects.count() == 1
