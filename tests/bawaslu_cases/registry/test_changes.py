"""Changes of the registry: proposed by one person, in force by the word of another, told by rows."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from bawaslu_cases.registry.models import (
    ChangeTable,
    Holiday,
    RecipientBody,
    RecipientKind,
    RegistryChange,
    RegistryChangeEvent,
    TimeLimit,
)
from bawaslu_cases.registry.services.changes import (
    approve_change,
    propose_change,
    reject_change,
    withdraw_change,
)
from bawaslu_cases.registry.states import CHANGE_LIFECYCLE, ChangeAction, ChangeStatus
from bawaslu_cases.shared.errors import (
    ConflictError,
    DomainError,
    NotPermittedError,
    ReasonNeededError,
    SamePersonError,
)
from tests.factories import finding, person

pytestmark = pytest.mark.django_db

AT = datetime(2024, 3, 18, 3, 0, tzinfo=UTC)
HOLIDAY: dict[str, Any] = {
    "date": "2024-03-19",
    "category": "NATIONAL",
    "name": "Libur contoh",
    "region": "",
}


def administrators():
    """Return two people who look after the registry."""
    from bawaslu_cases.accounts.models import RoleGrant, User
    from bawaslu_cases.accounts.roles import Role

    second, _made = User.objects.get_or_create(email="kedua@contoh.test", name="Kedua")
    RoleGrant.objects.get_or_create(user=second, role=Role.ADMINISTRATOR)
    return person("agus"), second


def proposed(table=ChangeTable.HOLIDAY_ADDED, row=None, fields=None, by=None, at=AT):
    return propose_change(
        table=table,
        row=row,
        fields=HOLIDAY if fields is None else fields,
        reason="SKB diubah",
        source="SKB 3 Menteri",
        proposer=by or person("agus"),
        at=at,
    )


def limit_in_force():
    return TimeLimit.objects.get(code="handling", regime="PEMILU", valid_to__isnull=True)


@pytest.mark.parametrize("status", ChangeStatus)
@pytest.mark.parametrize("action", ChangeAction)
def test_every_cell_of_the_table(status, action):
    permitted = CHANGE_LIFECYCLE.permits(status, action, {"administrator"})

    assert permitted is (status is ChangeStatus.PROPOSED)
    assert not CHANGE_LIFECYCLE.permits(status, action, {"chair", "auditor", "case_officer"})
    assert not CHANGE_LIFECYCLE.permits(status, action, None)


def test_a_holiday_of_two_persons_moves_open_clocks_and_no_passed_one():
    from complaints.services.deadlines import reckon_open_deadlines

    days: dict[str, Any] = {"event_on": date(2024, 3, 16), "known_on": date(2024, 3, 16)}
    running = finding(AT, **days).deadlines.get()
    passed = finding(
        datetime(2024, 3, 4, 3, 0, tzinfo=UTC),
        event_on=date(2024, 3, 2),
        known_on=date(2024, 3, 2),
    ).deadlines.get()
    _first, second = administrators()
    change = proposed()
    assert not Holiday.objects.filter(name="Libur contoh").exists()
    assert reckon_open_deadlines(at=AT) == 0

    approve_change(change=change, approver=second, at=AT)

    assert reckon_open_deadlines(at=AT) == 1
    before, gone = running.due_on, (passed.due_on, passed.calendar_version, passed.history)
    running.refresh_from_db()
    passed.refresh_from_db()
    assert (before, running.due_on) == (date(2024, 3, 20), date(2024, 3, 21))
    assert [each["why"] for each in running.history] == ["SKB diubah"]
    assert (passed.due_on, passed.calendar_version, passed.history) == gone
    assert (change.status, change.applied_at) == (ChangeStatus.APPROVED, AT)
    assert Holiday.objects.get(name="Libur contoh").source == "SKB 3 Menteri"
    assert list(change.events.values_list("action", "source", "target", "actor")) == [
        ("create", "", "proposed", person("agus").pk),
        ("approve", "proposed", "approved", second.pk),
    ]


def test_a_holiday_that_goes_frees_its_day():
    _first, second = administrators()
    approve_change(change=proposed(), approver=second, at=AT)
    held = Holiday.objects.get(name="Libur contoh")

    change = proposed(ChangeTable.HOLIDAY_REMOVED, held.pk, {})
    approve_change(change=change, approver=second, at=AT)

    assert not Holiday.objects.filter(name="Libur contoh").exists()


def test_the_next_time_limit_begins_where_the_last_one_ends():
    _first, second = administrators()
    held = limit_in_force()
    fields = {
        "value": 10,
        "unit": "WORKING_DAY",
        "legal_basis": "Perbawaslu contoh ps 1",
        "confidence": "PRIMARY_TEXT",
        "valid_from": "2030-01-01",
    }

    approve_change(change=proposed(ChangeTable.TIME_LIMIT, held.pk, fields), approver=second, at=AT)

    value = held.value
    held.refresh_from_db()
    assert (held.value, held.valid_to) == (value, date(2029, 12, 31))
    after = limit_in_force()
    assert (after.value, after.valid_from, after.legal_basis) == (
        10,
        date(2030, 1, 1),
        "Perbawaslu contoh ps 1",
    )
    assert after.pk != held.pk


def test_the_next_recipient_takes_over_on_its_first_day():
    _first, second = administrators()
    waiting = RecipientBody.objects.get(valid_from__isnull=True)
    fields = {"valid_from": "2027-10-16", "legal_basis": "MK 121/PUU-XXII/2024"}

    approve_change(
        change=proposed(ChangeTable.RECIPIENT_BODY, waiting.pk, fields), approver=second, at=AT
    )

    held = [
        RecipientBody.objects.in_force(day).get(kind=RecipientKind.CIVIL_SERVICE).code
        for day in (date(2027, 10, 15), date(2027, 10, 16))
    ]
    assert held == ["BKN", waiting.code]


def test_nobody_decides_on_their_own_proposal():
    first, second = administrators()
    change = proposed(by=first)

    with pytest.raises(SamePersonError):
        approve_change(change=change, approver=first, at=AT)
    with pytest.raises(SamePersonError):
        reject_change(change=change, officer=first, reason="Keliru", at=AT)
    with pytest.raises(ReasonNeededError):
        reject_change(change=change, officer=second, reason=" ", at=AT)
    with pytest.raises(NotPermittedError):
        withdraw_change(change=change, officer=second, at=AT)
    with pytest.raises(NotPermittedError):
        approve_change(change=change, approver=person("sari"), at=AT)
    with pytest.raises(NotPermittedError):
        proposed(by=person("sari"))

    change.refresh_from_db()
    assert (change.status, change.applied_at) == (ChangeStatus.PROPOSED, None)
    assert not Holiday.objects.filter(name="Libur contoh").exists()
    withdraw_change(change=change, officer=first, at=AT)
    with pytest.raises(ConflictError):
        approve_change(change=change, approver=second, at=AT)


def test_a_second_proposal_for_a_row_waits_for_the_first():
    held = limit_in_force()
    fields = {
        "value": 10,
        "unit": "WORKING_DAY",
        "legal_basis": "Perbawaslu contoh ps 1",
        "confidence": "GAP",
        "valid_from": "2030-01-01",
    }
    proposed(ChangeTable.TIME_LIMIT, held.pk, fields)

    with pytest.raises(ConflictError):
        proposed(ChangeTable.TIME_LIMIT, held.pk, fields)


def test_what_became_wrong_meanwhile_is_not_applied():
    _first, second = administrators()
    one, other = proposed(), proposed()
    approve_change(change=one, approver=second, at=AT)

    with pytest.raises(DomainError):
        approve_change(change=other, approver=second, at=AT)

    assert RegistryChange.objects.get(pk=other.pk).status == ChangeStatus.PROPOSED
    assert Holiday.objects.filter(name="Libur contoh").count() == 1


@pytest.mark.parametrize(
    ("table", "fields", "field"),
    [
        (ChangeTable.HOLIDAY_ADDED, HOLIDAY | {"date": "besok"}, "date"),
        (ChangeTable.HOLIDAY_ADDED, HOLIDAY | {"category": "LOCAL"}, "region"),
        (ChangeTable.HOLIDAY_ADDED, HOLIDAY | {"region": "33"}, "region"),
        (
            ChangeTable.RECIPIENT_BODY,
            {"valid_from": "2024-03-18", "legal_basis": "Perpres"},
            "valid_from",
        ),
    ],
)
def test_fields_that_do_not_hold_are_refused(table, fields, field):
    row = None
    if table is ChangeTable.RECIPIENT_BODY:
        row = RecipientBody.objects.get(valid_from__isnull=True).pk

    with pytest.raises(DomainError) as refused:
        proposed(table, row, fields)

    assert refused.value.field == field
    assert not RegistryChange.objects.exists()


def test_history_of_changes_cannot_be_rewritten():
    change = proposed()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        RegistryChangeEvent.objects.filter(change=change).update(reason="lain")
