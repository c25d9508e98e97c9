"""F02, the janitor: wraps without an identity go, and no wrap goes that a name may still be opened with."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from io import StringIO
from threading import Event, Thread
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from django.utils import timezone

from bawaslu_cases.audit.errors import AuditUnavailableError
from bawaslu_cases.audit.models import AuditEvent
from bawaslu_cases.keyring.models import Erasure, ReportWraps, WrapsRound
from complaints.models import Complaint, OrphanedWraps, ParkedWraps, SealedIdentity, WrapsSweep
from complaints.services import wraps_sweep
from complaints.services.exchange import sealing_of
from complaints.services.intake import SealedName
from complaints.services.key_check import key_problems
from complaints.services.lanes import raise_lane
from complaints.services.vault import store_wraps
from complaints.services.wraps_sweep import Swept, sweep_wraps
from complaints.states import Lane
from tests.complaints.services.test_reports import down, name_for
from tests.factories import AT, report, tip

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("vault_keys"),
]

DAY = timedelta(days=1)
WEEK = 7 * DAY
PATIENCE_S = 120


class StepFailedError(Exception):
    """What ends a step after its wraps were put."""


def failed_step(row: Complaint) -> SealedName:
    """Give a name and fail to commit it; return what its wraps are of."""
    name = name_for(row, Lane.SEALED)
    with suppress(StepFailedError), transaction.atomic():
        raise_lane(complaint=row, lane=Lane.SEALED, name=name, at=AT)
        raise StepFailedError
    row.refresh_from_db()
    return name


@contextmanager
def slow_step(row: Complaint) -> Iterator[Event]:
    """Give a name in a step of its own that commits when told to, or with the block."""
    name = name_for(row, Lane.SEALED)
    put, end = Event(), Event()

    def step() -> None:
        try:
            with transaction.atomic():
                raise_lane(complaint=row, lane=Lane.SEALED, name=name, at=AT)
                put.set()
                end.wait(PATIENCE_S)
        finally:
            put.set()
            connections.close_all()

    thread = Thread(target=step)
    thread.start()
    try:
        assert put.wait(PATIENCE_S)
        yield end
    finally:
        end.set()
        thread.join(PATIENCE_S)


def wraps() -> set[UUID]:
    return set(ReportWraps.objects.values_list("report", flat=True))


def removals() -> list[str]:
    entries = AuditEvent.objects.filter(action="keyring.orphan_removed").order_by("seq")
    return [entry.subject for entry in entries]


def alarms() -> list[str]:
    entries = AuditEvent.objects.filter(action="keyring.alarm").order_by("seq")
    return [json.loads(entry.detail)["why"] for entry in entries]


def problems() -> list[str]:
    return [
        each.code
        for each in key_problems(on=timezone.localdate(AT))
        if each.code.startswith(("wraps", "sweep"))
    ]


def test_f02_wraps_of_a_step_that_failed_are_named_and_go_a_week_later():
    named, stray = report(lane=Lane.SEALED), tip()
    failed_step(stray)
    before = removals()

    assert sweep_wraps(at=AT) == Swept(named=1, waiting=1)
    assert sweep_wraps(at=AT + 6 * DAY) == Swept(waiting=1)
    assert wraps() == {named.public_id, stray.public_id}
    assert problems() == ["wraps_orphaned"]
    assert removals() == before

    assert sweep_wraps(at=AT + WEEK) == Swept(removed=1)
    assert wraps() == {named.public_id}
    assert problems() == []
    assert removals() == [*before, f"complaint:{stray.public_id.hex}"]
    assert not OrphanedWraps.objects.exists()
    assert not Erasure.objects.exists()
    assert sealing_of(named)[1].report == named.public_id

    assert sweep_wraps(at=AT + 30 * DAY) == Swept()


def test_f02_a_step_that_still_runs_keeps_its_wraps_however_long_it_takes():
    row = tip()

    with slow_step(row):
        assert sweep_wraps(at=AT) == Swept(named=1, waiting=1)
        assert sweep_wraps(at=AT + 30 * DAY) == Swept(waiting=1)

    assert sealing_of(row)[1].report == row.public_id
    assert sweep_wraps(at=AT + 60 * DAY) == Swept()
    assert not OrphanedWraps.objects.exists()
    assert sealing_of(row)[1].report == row.public_id


def test_f02_a_name_given_after_all_keeps_its_wraps():
    row = tip()
    failed_step(row)
    sweep_wraps(at=AT)
    name = name_for(row, Lane.SEALED)
    raise_lane(complaint=row, lane=Lane.SEALED, name=name, at=AT)

    assert sweep_wraps(at=AT + WEEK) == Swept()
    assert sealing_of(row)[0] == name.blob
    assert not OrphanedWraps.objects.exists()


def test_f02_wraps_put_in_the_place_of_named_ones_begin_their_own_week():
    row = tip()
    failed_step(row)
    sweep_wraps(at=AT)
    failed_step(row)

    assert sweep_wraps(at=AT + WEEK) == Swept(named=1, waiting=1)
    assert OrphanedWraps.objects.get().named_on == (AT + WEEK).date()
    assert sweep_wraps(at=AT + 2 * WEEK) == Swept(removed=1)


def test_f02_wraps_put_between_the_look_and_the_removal_stay(monkeypatch):
    """The one who gives a name has put the new wraps and not committed yet when the old ones are due."""
    row = tip()
    failed_step(row)
    sweep_wraps(at=AT)
    looked = wraps_sweep._orphans()
    monkeypatch.setattr(wraps_sweep, "_orphans", lambda: looked)

    with slow_step(row):
        assert sweep_wraps(at=AT + WEEK).removed == 0

    assert sealing_of(row)[1].report == row.public_id


def test_f02_parked_wraps_have_an_owner():
    row = tip()
    name = failed_step(row)
    with connections["keyring"].execute_wrapper(down):
        raise_lane(complaint=row, lane=Lane.SEALED, name=name_for(row, Lane.SEALED), at=AT)
    assert ParkedWraps.objects.exists()
    assert bytes(ReportWraps.objects.get().wrap_a) == name.blob.wrap_a

    assert sweep_wraps(at=AT) == sweep_wraps(at=AT + WEEK) == Swept()
    assert wraps() == {row.public_id}


def test_f02_records_older_than_the_keyring_halt_everything():
    row = report(lane=Lane.SEALED)
    sweep_wraps(at=AT)
    sweep_wraps(at=AT)
    identity = SealedIdentity.objects.get()
    # As a copy of yesterday would have it.
    WrapsSweep.objects.update(number=1)
    SealedIdentity.objects.all().delete()
    told = alarms()

    for day in range(20):
        assert sweep_wraps(at=AT + day * DAY) == Swept(halted="behind")
    assert alarms() == [*told, "sweep_behind"]
    assert problems() == ["sweep_halted", "wraps_orphaned"]
    assert not OrphanedWraps.objects.exists()

    # The newer copy comes, and somebody says so.
    identity.save(force_insert=True)
    WrapsSweep.objects.update(number=2)
    assert sweep_wraps(at=AT + 20 * DAY) == Swept(halted="behind")
    told_by_command = StringIO()
    call_command("vault_orphans", go_on=True, stdout=told_by_command)
    assert told_by_command.getvalue() == "0 named, removal goes on\n"
    assert sweep_wraps(at=AT + 20 * DAY) == Swept()
    assert sealing_of(row)[1].report == row.public_id


def test_f02_another_database_of_records_halts_everything():
    report(lane=Lane.SEALED)
    sweep_wraps(at=AT)
    WrapsSweep.objects.all().delete()
    SealedIdentity.objects.all().delete()

    assert sweep_wraps(at=AT) == Swept(halted="behind")
    # And the right one is halted with it: the word lies in the keyring.
    WrapsSweep.objects.create(number=5)
    assert sweep_wraps(at=AT) == Swept(halted="behind")


def test_f02_a_keyring_older_than_the_records_halts_nothing():
    stray = tip()
    failed_step(stray)
    WrapsSweep.objects.create(number=9)
    WrapsRound.objects.create(number=3)

    assert sweep_wraps(at=AT) == Swept(named=1, waiting=1)
    assert WrapsRound.objects.get().number == WrapsSweep.objects.get().number == 10


def test_f02_many_orphans_are_somebodys_mistake():
    name = name_for(tip(), Lane.SEALED)
    for number in range(wraps_sweep.FEW):
        store_wraps(report=UUID(int=number + 1), blob=name.blob)
    assert sweep_wraps(at=AT) == Swept(named=20, waiting=20)
    store_wraps(report=UUID(int=99), blob=name.blob)
    told = alarms()

    assert sweep_wraps(at=AT + WEEK) == Swept(halted="many")
    assert sweep_wraps(at=AT + WEEK) == Swept(halted="many")
    assert len(wraps()) == 21
    assert alarms() == [*told, "sweep_many"]


def test_f02_what_the_log_cannot_hold_does_not_go(monkeypatch):
    stray = tip()
    failed_step(stray)
    sweep_wraps(at=AT)

    with (
        connections["audit"].execute_wrapper(down),
        pytest.raises(AuditUnavailableError),
    ):
        sweep_wraps(at=AT + WEEK)

    assert wraps() == {stray.public_id}
    assert sweep_wraps(at=AT + WEEK) == Swept(removed=1)


def test_f02_killed_after_the_wraps_went_the_name_goes_with_the_next_round():
    stray = tip()
    failed_step(stray)
    sweep_wraps(at=AT)
    ReportWraps.objects.all().delete()

    assert sweep_wraps(at=AT + WEEK) == Swept()
    assert not OrphanedWraps.objects.exists()


def test_f02_a_second_round_that_begins_meanwhile_does_nothing():
    failed_step(tip())
    held, over = Event(), Event()

    def another_worker() -> None:
        with wraps_sweep._alone() as alone:
            assert alone
            held.set()
            over.wait(120)
        connections.close_all()

    other = Thread(target=another_worker)
    other.start()
    assert held.wait(120)
    try:
        assert sweep_wraps(at=AT) == Swept()
        assert not OrphanedWraps.objects.exists()
        assert not WrapsSweep.objects.exists()
    finally:
        over.set()
        other.join(120)
    assert sweep_wraps(at=AT) == Swept(named=1, waiting=1)
    assert sweep_wraps(at=AT) == Swept(waiting=1)  # what the round before held is free again


def test_f02_a_person_halts_and_lets_go_on():
    stray = tip()
    failed_step(stray)
    sweep_wraps(at=AT)
    told = StringIO()
    call_command("vault_orphans", halt=True, stdout=told)
    day, gone = AT.date(), (AT + WEEK).date()
    assert told.getvalue() == (
        f"{stray.public_id.hex} named {day}, goes from {gone}\n1 named, halted: by_hand\n"
    )

    assert sweep_wraps(at=AT + WEEK) == Swept(halted="by_hand")
    assert wraps() == {stray.public_id}
    call_command("vault_orphans", go_on=True, stdout=StringIO())
    assert sweep_wraps(at=AT + WEEK) == Swept(named=1, waiting=1)
    assert sweep_wraps(at=AT + 2 * WEEK) == Swept(removed=1)
