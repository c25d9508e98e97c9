"""The table of who gets what, row by row, and that nobody gets what they must not."""

from datetime import timedelta

import pytest

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import enrol_staff
from complaints.models import Recusal, WorkEvent
from complaints.services import routing
from complaints.services.assignment import assign
from complaints.services.routing import (
    next_officer,
    route_waiting,
    rule_for,
    rules,
)
from tests.factories import AT, case, office, person, tip

ROWS = [
    (("REGENCY", "tip"), ("intake_officer", "least_loaded")),
    (("PROVINCE", "tip"), ("intake_officer", "least_loaded")),
    (("RI", "tip"), ("intake_officer", "none")),
    (("REGENCY", "open"), ("intake_officer", "round_robin")),
    (("PROVINCE", "open"), ("intake_officer", "round_robin")),
    (("REGENCY", "sealed"), ("intake_officer", "least_loaded")),
    (("PROVINCE", "sealed"), ("intake_officer", "least_loaded")),
    (("REGENCY", "finding"), ("case_officer", "none")),
    (("PROVINCE", "finding"), ("case_officer", "none")),
    (("RI", "case"), ("case_officer", "least_loaded")),
    (("RI", "open"), ("", "none")),
]


@pytest.mark.parametrize(("where", "expected"), ROWS)
def test_every_row_of_the_table(where, expected):
    level, lane = where
    rule = rule_for(level=level, lane=lane, groups={"FIELD"}, regime="PILKADA")
    assert (rule.role, rule.strategy) == expected


def test_each_row_is_reached_and_says_why():
    reached = {
        rule_for(level=level, lane=lane, groups=set(), regime="") for (level, lane), _ in ROWS
    }
    assert reached == set(rules())
    assert all(rule.why and rule.role in {"", *Role.values} for rule in rules())
    assert {rule.strategy for rule in rules()} == {"least_loaded", "round_robin", "none"}


@pytest.mark.parametrize(
    ("level", "lane", "groups", "regime", "role"),
    [
        ("REGENCY", "tip", {"FIELD"}, "PILKADA", "first"),
        ("PROVINCE", "tip", {"FIELD"}, "PILKADA", "rest"),
        ("REGENCY", "open", {"FIELD"}, "PILKADA", "rest"),
        ("REGENCY", "tip", {"ONLINE"}, "PILKADA", "rest"),
        ("REGENCY", "tip", set(), "PILKADA", "rest"),
        ("REGENCY", "tip", {"ONLINE", "FIELD"}, "PILKADA", "first"),
        ("REGENCY", "tip", {"FIELD"}, "PEMILU", "rest"),
        ("REGENCY", "tip", {"FIELD"}, "", "rest"),
    ],
)
def test_every_column_of_the_table_counts(monkeypatch, level, lane, groups, regime, role):
    """Today's rows name no act group and no regime; a chair may write one tomorrow."""
    table = (
        routing.Rule("REGENCY", "tip", "FIELD", "PILKADA", "first", "none", "contoh"),
        routing.Rule("*", "*", "*", "*", "rest", "none", "contoh"),
    )
    monkeypatch.setattr(routing, "rules", lambda: table)
    assert rule_for(level=level, lane=lane, groups=groups, regime=regime).role == role


@pytest.mark.django_db
def test_the_least_loaded_gets_the_next_tip():
    sari, first = person("sari"), tip()
    second = enrol_staff(
        email="nia@contoh.id",
        name="Nia",
        password=None,
        roles=[Role.INTAKE_OFFICER],
        office=office("33"),
    )
    assign(subject=first, to=sari, officer=sari, at=AT, seen=None)
    row = tip(AT + timedelta(days=1))

    assert route_waiting(at=AT) == 1
    assert route_waiting(at=AT) == 0

    row.refresh_from_db()
    assert row.assignee == second
    event = WorkEvent.objects.get(complaint=row)
    assert (event.actor, event.detail) == (None, {"from": None, "to": second.pk, "by": "table"})


@pytest.mark.django_db
def test_in_turn_whoever_waited_longest(monkeypatch):
    monkeypatch.setattr(
        "complaints.services.routing.rules",
        lambda: (rules()[3]._replace(office_level="*", lane="*"),),
    )
    person("sari")
    nia = enrol_staff(
        email="nia@contoh.id",
        name="Nia",
        password=None,
        roles=[Role.INTAKE_OFFICER],
        office=office("33"),
    )
    rows = [tip(AT + timedelta(days=number)) for number in range(4)]

    assert route_waiting(at=AT) == 4

    got = []
    for row in rows:
        row.refresh_from_db()
        got.append(row.assignee_id)
    assert got == [person("sari").pk, nia.pk, person("sari").pk, nia.pk]


@pytest.mark.django_db
def test_nobody_recused_suspended_elsewhere_or_in_another_role_gets_anything():
    row, sari = tip(), person("sari")
    for key in ("joko", "dewi", "vera", "rudi", "budi", "ratna"):
        person(key)
    assert next_officer(row, at=AT) == sari

    User.objects.filter(pk=sari.pk).update(is_active=False)
    assert next_officer(row, at=AT) is None

    User.objects.filter(pk=sari.pk).update(is_active=True)
    Recusal.objects.create(user=sari, complaint=row, reason="relative", since=AT)
    assert next_officer(row, at=AT) is None
    assert route_waiting(at=AT) == 0


@pytest.mark.django_db
def test_what_somebody_laid_down_stays_for_the_chair():
    row, sari = tip(), person("sari")
    assign(subject=row, to=sari, officer=sari, at=AT, seen=None)
    assign(subject=row, to=None, officer=sari, at=AT, seen=sari.pk)

    assert route_waiting(at=AT) == 0


@pytest.mark.django_db
def test_a_case_goes_to_an_officer_of_cases():
    found = case()
    joko = person("joko")
    User.objects.filter(pk=person("sari").pk).update(is_active=False)

    assert route_waiting(at=AT) == 1
    found.refresh_from_db()
    assert found.assignee == joko
