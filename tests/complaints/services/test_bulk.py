"""Many records at once: each by its own service, those that cannot are left and named."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bawaslu_cases.shared.errors import DomainError, NotPermittedError, ReasonNeededError
from complaints.models import (
    Complaint,
    ComplaintEvent,
    ComplaintTag,
    InternalNote,
    OfficeChange,
    Recusal,
    WorkEvent,
)
from complaints.services import bulk
from complaints.services.bulk import AT_ONCE, BulkAction, Order, Row, apply_to_many
from complaints.services.tags import add_tag, make_tag
from complaints.states import ComplaintStatus, Lane
from tests.factories import (
    AT,
    checked,
    finding,
    office,
    person,
    proposed_tip,
    report,
    tip,
    traced_tip,
)

pytestmark = pytest.mark.django_db


def rows_of(*records):
    return [Row(each.public_id, each.assignee_id, each.status) for each in records]


def order(action: BulkAction, **more: Any) -> Order:
    told: dict[str, Any] = {
        "officer": person("sari"),
        "at": AT,
        "reason": "Pembagian kerja pekan ini.",
    }
    return Order(action=action, **(told | more))


@pytest.mark.parametrize("what", ["foreign", "unknown", "recused"])
def test_a15_one_row_out_of_sight_among_twenty_and_nothing_is_changed(what):
    """The whole request is refused, and does not say which id it was (check A15)."""
    mine = [tip() for _number in range(20)]
    hidden = finding(officer="budi") if what == "foreign" else tip()
    if what == "recused":
        Recusal.objects.create(user=person("sari"), complaint=hidden, reason="relative", since=AT)
    rows = rows_of(*mine, hidden)
    if what == "unknown":
        rows[-1] = Row(uuid4(), None, "received")

    with pytest.raises(DomainError) as refused:
        apply_to_many(order=order(BulkAction.ASSIGN, to=person("joko")), rows=rows)

    assert refused.value.code == "not_found"
    assert hidden.reference not in str(refused.value.message)
    assert not Complaint.objects.exclude(assignee=None).exists()
    assert not WorkEvent.objects.exists()
    assert not InternalNote.objects.exists()


def test_a_partial_failure_leaves_the_others_done_and_says_why():
    mine, held = tip(), tip()
    seen = rows_of(mine, held)
    Complaint.objects.filter(pk=held.pk).update(assignee=person("joko"))

    outcome = apply_to_many(order=order(BulkAction.ASSIGN, to=person("sari")), rows=seen)

    assert outcome.done == [mine.reference]
    assert [(name, str(why)) for name, why in outcome.skipped] == [
        (held.reference, "Baru saja ditugaskan oleh orang lain. Muat ulang halaman."),
    ]
    held.refresh_from_db()
    assert held.assignee == person("joko")
    assert WorkEvent.objects.get().complaint == mine
    note = InternalNote.objects.get()
    assert (note.complaint, note.author, note.text) == (
        mine,
        person("sari"),
        "Pembagian kerja pekan ini.",
    )


def test_a_row_that_moved_on_meanwhile_is_skipped():
    row = tip()
    seen = rows_of(row)
    Complaint.objects.filter(pk=row.pk).update(status=ComplaintStatus.PROPOSED)

    outcome = apply_to_many(order=order(BulkAction.ASSIGN, to=person("joko")), rows=seen)

    assert [str(why) for _name, why in outcome.skipped] == ["baru diubah oleh orang lain"]


def test_labels_are_put_on_and_taken_off():
    one, other = tip(), tip()
    tag = make_tag(name="Viral", officer=person("sari"))
    apply_to_many(order=order(BulkAction.TAG, tag=tag), rows=rows_of(one))

    again = apply_to_many(order=order(BulkAction.TAG, tag=tag), rows=rows_of(one, other))
    off = apply_to_many(order=order(BulkAction.UNTAG, tag=tag), rows=rows_of(one, other))

    assert (again.done, len(again.skipped)) == ([other.reference], 1)
    assert sorted(off.done) == sorted([one.reference, other.reference])


def test_closing_proposes_to_the_plenary_and_ends_what_officers_end(vault_keys):
    sari = person("sari")
    checked_tip, unchecked = checked(tip(), sari), tip(place="")
    traced, recorded, waiting = traced_tip(), finding(), proposed_tip()
    told = report()

    outcome = apply_to_many(
        order=order(BulkAction.CLOSE, reason="Bukan ASN."),
        rows=rows_of(checked_tip, unchecked, traced, recorded, waiting, told),
    )

    statuses = dict(Complaint.objects.values_list("reference", "status"))
    assert sorted(outcome.done) == sorted(
        [checked_tip.reference, traced.reference, recorded.reference]
    )
    assert statuses[checked_tip.reference] == ComplaintStatus.PROPOSED
    assert statuses[traced.reference] == statuses[recorded.reference] == ComplaintStatus.ARCHIVED
    assert statuses[unchecked.reference] == statuses[told.reference] == ComplaintStatus.RECEIVED
    skipped = {name: str(why) for name, why in outcome.skipped}
    assert "belum diperiksa" in skipped[unchecked.reference]
    assert "belum diperiksa" in skipped[told.reference]
    assert waiting.reference in skipped
    reasons = ComplaintEvent.objects.filter(reason="Bukan ASN.")
    assert reasons.count() == 3
    assert not InternalNote.objects.exists()


def test_moving_is_a_delegation_that_the_plenary_decides(vault_keys):
    told = report(lane=Lane.OPEN)
    Complaint.objects.filter(pk=told.pk).update(office=office("33"))
    told.refresh_from_db()
    sealed, anonymous = report(), tip()

    outcome = apply_to_many(
        order=order(BulkAction.MOVE, target=office("33.08")),
        rows=rows_of(told, sealed, anonymous),
    )

    assert outcome.done == [told.reference]
    change = OfficeChange.objects.get()
    assert (change.complaint, change.target, change.taken) == (told, office("33.08"), False)
    told.refresh_from_db()
    assert (told.status, told.office) == (ComplaintStatus.PROPOSED, office("33"))
    assert len(outcome.skipped) == 2


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"reason": "  "}, ReasonNeededError),
        ({"reason": "x" * 2001}, DomainError),
        ({"officer": "vera"}, NotPermittedError),
    ],
)
def test_an_order_that_does_not_hold_changes_nothing(change, error):
    row = tip()
    if "officer" in change:
        change = {"officer": person(change["officer"])}

    with pytest.raises(error):
        apply_to_many(
            order=order(BulkAction.ASSIGN, to=person("joko"), **change), rows=rows_of(row)
        )

    assert not WorkEvent.objects.exists()


def test_none_too_many_and_what_is_missing_are_refused():
    row = tip()
    many = [Row(uuid4(), None, "received") for _number in range(AT_ONCE + 1)]
    for asked, rows in (
        (order(BulkAction.ASSIGN), []),
        (order(BulkAction.ASSIGN), many),
        (order(BulkAction.TAG), rows_of(row)),
        (order(BulkAction.MOVE), rows_of(row)),
    ):
        with pytest.raises(DomainError):
            apply_to_many(order=asked, rows=rows)


COSTS = {BulkAction.ASSIGN: 9, BulkAction.TAG: 11, BulkAction.UNTAG: 9}


@pytest.mark.parametrize("action", COSTS)
def test_many_cost_what_two_cost(action, django_assert_num_queries):
    records = [tip() for _number in range(10)]
    sari = person("sari")
    tag = make_tag(name="Viral", officer=sari)
    if action is BulkAction.UNTAG:
        apply_to_many(order=order(BulkAction.TAG, tag=tag, officer=sari), rows=rows_of(*records))
    asked = order(action, to=sari, tag=tag, officer=sari)
    assert sari.roles
    assert sari.scope_office_ids
    costs = []

    for some in (records[:2], records[2:]):
        with CaptureQueriesContext(connection) as captured:
            outcome = apply_to_many(order=asked, rows=rows_of(*some))
        assert len(outcome.done) == len(some)
        costs.append(len(captured))

    assert costs == [COSTS[action]] * 2
    steps = WorkEvent.objects.filter(action=action.value)
    assert sorted(steps.values_list("complaint", flat=True)) == sorted(row.pk for row in records)


def test_a_label_put_on_in_the_same_moment_is_named_and_the_others_stand(monkeypatch):
    one, other = tip(), tip()
    tag = make_tag(name="Viral", officer=person("sari"))
    add_tag(complaint=one, tag=tag, officer=person("joko"), at=AT)
    # What the other one did is committed after this one looked.
    real = ComplaintTag.objects.filter
    looks = iter([ComplaintTag.objects.none()])
    monkeypatch.setattr(
        ComplaintTag.objects, "filter", lambda **kept: next(looks, None) or real(**kept)
    )

    outcome = apply_to_many(order=order(BulkAction.TAG, tag=tag), rows=rows_of(one, other))

    assert outcome.done == [other.reference]
    assert [(name, str(why)) for name, why in outcome.skipped] == [
        (one.reference, "Label ini sudah ada.")
    ]
    assert WorkEvent.objects.count() == 2


def test_every_action_has_its_step():
    assert set(bulk.STEPS) == set(BulkAction)
