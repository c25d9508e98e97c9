"""F16: sixteen people and jobs at the same few records, each step drawn by lot, on a real PostgreSQL.

Nobody meets a deadlock or any other error that no page explains, and afterwards each history still tells
one story. ``STORM_STEPS`` (steps of each thread; 12) makes it as long as one likes: 400 take some minutes.
"""

import os
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any, TypeVar

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Model, QuerySet

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.outbox.services import sweep
from complaints.models import (
    Case,
    Complaint,
    ComplaintTag,
    Deadline,
    Tag,
    WorkAction,
    WorkEvent,
)
from complaints.services.assignment import assign
from complaints.services.bulk import BulkAction, Order, Row, apply_to_many
from complaints.services.cases import (
    decide_on_case,
    extend_handling,
    register_finding,
    submit_assessment,
    write_assessment,
)
from complaints.services.checklist import tick_requirement
from complaints.services.deadlines import lapse_windows, reckon_open_deadlines
from complaints.services.intake import submit_tip
from complaints.services.notes import write_note
from complaints.services.reminders import remind
from complaints.services.snooze import snooze
from complaints.services.tags import add_tag, make_tag, remove_tag
from complaints.services.triage import decide_on_tip, propose
from complaints.services.undo import last_step, undo_last
from complaints.states import CaseAction, ComplaintAction, Requirement
from referrals.models import FollowUp
from referrals.services.escalation import escalate, reckon_ladders, resume_ladder, stop_ladder
from tests.factories import (
    AT,
    assessed_case,
    case,
    checked,
    facts,
    finding,
    office,
    person,
    plenary_of,
    proposed_tip,
    tip,
    votes_of,
)
from tests.referrals.escalation_world import many, noon
from tests.support.at_once import at_once

pytestmark = [pytest.mark.long, pytest.mark.faults, pytest.mark.django_db(transaction=True)]

THREADS = 16
STEPS = int(os.environ.get("STORM_STEPS", "12"))
SEED = os.environ.get("STORM_SEED", "16")
OFFICERS = ("sari", "joko")
Found = TypeVar("Found", bound=Model)
LATE = date(2024, 12, 2)


class Hand:
    """One of the sixteen: a lot of its own, and the steps it may draw."""

    def __init__(self, number: int) -> None:
        self.lot = Random(f"{SEED}:{number}")
        self.told: Counter[str] = Counter()
        self.faults: list[str] = []

    def work(self) -> "Hand":
        names = sorted(DRAWN)
        for _number in range(STEPS):
            name = self.lot.choice(names)
            try:
                DRAWN[name](self)
            except DomainError:
                self.told[f"{name}: refused"] += 1
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is what this test looks for
                self.faults.append(f"{name}: {type(error).__name__}: {error}")
            else:
                self.told[name] += 1
        return self

    def officer(self) -> User:
        return person(self.lot.choice(OFFICERS))

    def record(self, **wanted: Any) -> Complaint:
        return self._one(Complaint.objects.select_related("office", "region"), **wanted)

    def case(self) -> Case:
        return self._one(Case.objects.select_related("office", "contest").exclude(contest=None))

    def record_or_case(self) -> Complaint | Case:
        return self.record() if self.lot.random() < 0.5 else self.case()

    def follow_up(self) -> FollowUp:
        return self._one(FollowUp.objects.select_related("referral__case__office"))

    def _one(self, rows: QuerySet[Found], **wanted: Any) -> Found:
        found = list(rows.filter(**wanted).order_by("pk"))
        if not found:
            raise DomainError("nobody is there")
        return self.lot.choice(found)


def _tick(hand: Hand) -> None:
    tick_requirement(
        complaint=hand.record(),
        requirement=hand.lot.choice([Requirement.DESCRIPTION, Requirement.EVIDENCE]),
        is_met=hand.lot.random() < 0.5,
        officer=hand.officer(),
        at=AT,
    )


def _propose(hand: Hand) -> None:
    action = hand.lot.choice([ComplaintAction.PROPOSE_TRACING, ComplaintAction.PROPOSE_ARCHIVE])
    propose(
        complaint=hand.record(lane="tip"),
        action=action,
        officer=hand.officer(),
        at=AT,
        reason="Menurut petugas.",
    )


def _decide(hand: Hand) -> None:
    record = hand.record(status="proposed")
    decide_on_tip(
        complaint=record,
        action=hand.lot.choice(
            [
                *3 * [ComplaintAction.RETURN_PROPOSAL],
                ComplaintAction.APPROVE_TRACING,
                ComplaintAction.DECLINE,
            ]
        ),
        member=person("dewi"),
        at=AT,
        minutes_number="12/BA/X/2024",
        decided_on=AT.date(),
        votes=votes_of(record),
        reason="Menurut pleno.",
    )


def _undo(hand: Hand) -> None:
    record, officer = hand.record(), hand.officer()
    step = last_step(complaint=record, officer=officer, at=AT)
    if step is None:
        raise DomainError("nothing to undo")
    undo_last(complaint=record, officer=officer, at=AT, seen=step.event.pk)


def _assign(hand: Hand) -> None:
    record = hand.record_or_case()
    assign(
        subject=record,
        to=hand.lot.choice([person("sari"), person("joko"), None]),
        officer=hand.officer(),
        at=AT,
        seen=record.assignee_id,
    )


def _snooze(hand: Hand) -> None:
    record = hand.record()
    until = hand.lot.choice([AT.date() + timedelta(days=1), None])
    snooze(complaint=record, until=until, officer=hand.officer(), at=AT, seen=record.snoozed_until)


def _tag(hand: Hand) -> None:
    # One label is made by everybody at once.
    tag = make_tag(name=hand.lot.choice(["Badai", "Ombak"]), officer=hand.officer())
    step = hand.lot.choice([add_tag, add_tag, remove_tag])
    step(complaint=hand.record(), tag=tag, officer=hand.officer(), at=AT)


def _many(hand: Hand) -> None:
    """Half of all records at once, named in any order."""
    found = list(Complaint.objects.order_by("pk"))
    chosen = hand.lot.sample(found, k=len(found) // 2)
    officer = hand.officer()
    what: dict[str, Any] = hand.lot.choice(
        [
            {"action": BulkAction.ASSIGN, "to": person(hand.lot.choice(OFFICERS))},
            {"action": BulkAction.TAG, "tag": make_tag(name="Badai", officer=officer)},
            {"action": BulkAction.UNTAG, "tag": make_tag(name="Badai", officer=officer)},
        ]
    )
    apply_to_many(
        order=Order(officer=officer, at=AT, reason="Sekaligus.", **what),
        rows=[Row(row.public_id, row.assignee_id, row.status) for row in chosen],
    )


def _note(hand: Hand) -> None:
    subject = hand.record_or_case()
    write_note(subject=subject, text="Catatan.", author=hand.officer(), at=AT)


def _send(_hand: Hand) -> None:
    submit_tip(facts=facts(), at=AT)


def _register(hand: Hand) -> None:
    officer = hand.officer()
    record = hand.record(lane="finding")
    register_finding(complaint=record, officer=officer, at=AT)


def _assess(hand: Hand) -> None:
    found, officer = hand.case(), hand.officer()
    write_assessment(case=found, summary="Ringkas.", assessment="Kajian.", officer=officer)
    submit_assessment(case=found, officer=officer, at=AT)


def _extend(hand: Hand) -> None:
    extend_handling(case=hand.case(), officer=hand.officer(), at=AT, reason="Perlu keterangan.")


def _decide_case(hand: Hand) -> None:
    found = hand.case()
    decide_on_case(
        case=found,
        action=hand.lot.choice(
            [*3 * [CaseAction.RETURN_ASSESSMENT], CaseAction.DECIDE_REFER, CaseAction.DECIDE_STOP]
        ),
        member=person("dewi"),
        at=AT,
        minutes_number="14/BA/X/2024",
        decided_on=AT.date(),
        votes=votes_of(found),
        reason="Menurut pleno.",
    )


def _new_calendar(hand: Hand) -> None:
    """What a holiday more means to the clocks: some know an older calendar, and all are reckoned."""
    running = list(Deadline.objects.filter(status="open").values_list("pk", flat=True))
    for key in hand.lot.sample(running, k=min(6, len(running))):
        Deadline.objects.filter(pk=key).update(calendar_version=0)
    reckon_open_deadlines(at=AT)


def _nightly(_hand: Hand) -> None:
    lapse_windows(at=AT)
    remind(at=AT)
    sweep()


def _climb(hand: Hand) -> None:
    reckon_ladders()
    escalate(at=noon(LATE + timedelta(days=hand.lot.randrange(10, 60))))


def _hold_ladder(hand: Hand) -> None:
    step = hand.lot.choice([stop_ladder, resume_ladder])
    step(follow_up=hand.follow_up(), officer=person("joko"), at=AT, reason="Kesepakatan.")


DRAWN: dict[str, Callable[[Hand], None]] = {
    "tick": _tick,
    "propose": _propose,
    "decide": _decide,
    "undo": _undo,
    "assign": _assign,
    "snooze": _snooze,
    "tag": _tag,
    "many": _many,
    "note": _note,
    "send": _send,
    "register": _register,
    "assess": _assess,
    "extend": _extend,
    "decide a case": _decide_case,
    "new calendar": _new_calendar,
    "nightly": _nightly,
    "climb": _climb,
    "hold a ladder": _hold_ladder,
}


def _few_records() -> None:
    """Make so few that everybody meets everybody."""
    for key in (*OFFICERS, "dewi"):
        person(key)
    plenary_of(office("33"))
    for _number in range(3):
        tip()
        checked(tip(), person("sari"))
        proposed_tip()
    finding()
    finding()
    case()
    assessed_case()
    many([("33.08", LATE)] * 6)


def test_f16_a_storm_of_mixed_work_ends_without_a_deadlock_and_every_history_is_whole() -> None:
    cache.clear()
    _few_records()

    hands = at_once([partial(Hand(number).work) for number in range(THREADS)])

    assert "\n".join(fault for hand in hands for fault in hand.faults) == ""
    told = sum((hand.told for hand in hands), Counter[str]())
    assert sum(told.values()) == THREADS * STEPS
    assert {name.partition(":")[0] for name in told} == set(DRAWN)
    # a storm in which everybody is refused shows nothing
    assert sum(count for name, count in told.items() if ":" not in name) > THREADS * STEPS / 3
    for rows in (Complaint.objects.all(), Case.objects.exclude(contest=None)):
        for row in rows:
            _history_is_whole(row)
    _labels_are_what_was_told()
    _clocks_are_what_the_record_shows()
    numbers = Case.objects.exclude(register_number=None).values_list("register_number", flat=True)
    assert len(set(numbers)) == len(numbers)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _history_is_whole(row: Complaint | Case) -> None:
    """Each step begins where the one before ended, and the row stands where the last one did."""
    events = list(row.events.order_by("pk").values_list("source", "target"))
    assert [source for source, _target in events[1:]] == [target for _source, target in events[:-1]]
    assert row.status == events[-1][1]


def _labels_are_what_was_told() -> None:
    told = Counter[tuple[int | None, str]]()
    for event in WorkEvent.objects.filter(action__in=[WorkAction.TAG, WorkAction.UNTAG]):
        told[event.complaint_id, event.detail["tag"]] += 1 if event.action == WorkAction.TAG else -1
    there = {
        (link.complaint_id, link.tag.public_id.hex): 1
        for link in ComplaintTag.objects.select_related("tag")
    }
    assert {key: count for key, count in told.items() if count} == there
    assert Tag.objects.count() <= 2


def _clocks_are_what_the_record_shows() -> None:
    for record in Complaint.objects.all():
        first = record.deadlines.filter(status="open").order_by("due_at").first()
        assert record.due_at == (first and first.due_at), record.reference
