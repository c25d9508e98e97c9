"""Compare-and-set, refusals, and two people at once."""

from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, connections

from bawaslu_cases.shared.errors import (
    ConflictError,
    DomainError,
    NotPermittedError,
    ReasonNeededError,
)
from complaints.models import Complaint, ComplaintEvent
from complaints.services.plenary import hold, keep_decision
from complaints.services.transitions import move_complaint
from complaints.states import ComplaintAction, ComplaintStatus
from tests.factories import AT, person, proposed_tip, tip, votes_of

APPROVE = ComplaintAction.APPROVE_TRACING


def with_minutes():
    """Return a proposed tip whose minutes are written: without them the database keeps it."""
    complaint = proposed_tip()
    sitting = hold(
        office=complaint.office,
        subject=complaint,
        minutes_number="1/BA/2024",
        decided_on=AT.date(),
        votes=votes_of(complaint),
        today=AT.date(),
    )
    keep_decision(
        sitting=sitting, outcome=APPROVE, note="", recorded_by=person("dewi"), complaint=complaint
    )
    return complaint


@pytest.mark.django_db
def test_step_writes_status_and_one_event():
    complaint = with_minutes()

    event = move_complaint(complaint=complaint, action=APPROVE, actor=person("dewi"), at=AT)

    assert Complaint.objects.get(pk=complaint.pk).status == ComplaintStatus.TRACING
    assert list(complaint.events.values_list("action", "source", "target", "actor__name")) == [
        ("create", "", "received", None),
        ("propose_tracing", "received", "proposed", "Sari"),
        ("approve_tracing", "proposed", "tracing", "Dewi"),
    ]
    assert event.at == AT


@pytest.mark.django_db
def test_reporters_own_step_keeps_the_day_only():
    complaint = tip()

    created = complaint.events.get()

    assert created.actor_kind == "reporter"
    # 7 October 2024, 00.00 WIB: the hour of the report is nowhere.
    assert created.at.isoformat() == "2024-10-06T17:00:00+00:00"
    assert complaint.status_at == created.at


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["sari", "anwar", "putu", "tono", "agus"])
def test_wrong_role_changes_nothing(who):
    complaint = proposed_tip()

    with pytest.raises(NotPermittedError):
        move_complaint(complaint=complaint, action=APPROVE, actor=person(who), at=AT)

    assert Complaint.objects.get(pk=complaint.pk).status == ComplaintStatus.PROPOSED
    assert complaint.events.count() == 2


@pytest.mark.django_db
def test_suspended_person_moves_nothing():
    complaint = proposed_tip()
    dewi = person("dewi")
    dewi.is_active = False

    with pytest.raises(NotPermittedError):
        move_complaint(complaint=complaint, action=APPROVE, actor=dewi, at=AT)


@pytest.mark.django_db
def test_system_takes_no_step_that_belongs_to_people():
    complaint = proposed_tip()

    with pytest.raises(NotPermittedError):
        move_complaint(complaint=complaint, action=APPROVE, actor=None, at=AT)


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["", "   \n"])
def test_step_that_needs_a_reason_is_refused_without(reason):
    complaint = proposed_tip()

    with pytest.raises(ReasonNeededError) as refusal:
        move_complaint(
            complaint=complaint,
            action=ComplaintAction.DECLINE,
            actor=person("dewi"),
            at=AT,
            reason=reason,
        )

    assert refusal.value.field == "reason"
    assert Complaint.objects.get(pk=complaint.pk).status == ComplaintStatus.PROPOSED


@pytest.mark.django_db
def test_stale_row_is_a_conflict():
    complaint = with_minutes()
    stale = Complaint.objects.get(pk=complaint.pk)
    move_complaint(complaint=complaint, action=APPROVE, actor=person("dewi"), at=AT)

    with pytest.raises(ConflictError):
        move_complaint(
            complaint=stale,
            action=ComplaintAction.DECLINE,
            actor=person("dewi"),
            at=AT,
            reason="Terlambat satu detik",
        )

    assert Complaint.objects.get(pk=complaint.pk).status == ComplaintStatus.TRACING
    assert complaint.events.count() == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("action", [APPROVE, ComplaintAction.DECLINE])
def test_nothing_leaves_the_plenary_without_its_minutes(action):
    complaint = proposed_tip()

    with pytest.raises(IntegrityError, match="left the plenary without its decision"):
        move_complaint(
            complaint=complaint, action=action, actor=person("dewi"), at=AT, reason="Alasan"
        )

    assert Complaint.objects.get(pk=complaint.pk).status == ComplaintStatus.PROPOSED
    assert complaint.events.count() == 2


@pytest.mark.django_db(transaction=True)
def test_eight_people_at_once_move_it_once():
    complaint = with_minutes()
    dewi = person("dewi")
    start, outcomes = Barrier(8), []

    def decide(action: ComplaintAction) -> None:
        try:
            mine = Complaint.objects.get(pk=complaint.pk)
            start.wait()
            move_complaint(complaint=mine, action=action, actor=dewi, at=AT, reason="Alasan")
            outcomes.append("moved")
        except DomainError as refusal:
            outcomes.append(refusal.code)
        finally:
            connections.close_all()

    threads = [
        Thread(target=decide, args=(action,)) for action in [APPROVE, ComplaintAction.DECLINE] * 4
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["conflict"] * 7 + ["moved"]
    assert ComplaintEvent.objects.filter(complaint=complaint, source="proposed").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE complaints_complaintevent SET reason = 'lain'",
        "DELETE FROM complaints_complaintevent",
        "TRUNCATE complaints_complaintevent CASCADE",
    ],
)
def test_history_refuses_change_even_from_the_owner(statement):
    complaint = tip()

    with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)

    assert complaint.events.count() == 1
