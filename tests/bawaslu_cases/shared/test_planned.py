"""A statement is planned once a connection and role, and answers as it would without a plan."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.utils import ProgrammingError

from bawaslu_cases.accounts.sight import see_as
from bawaslu_cases.registry.models import Region
from bawaslu_cases.shared.database.base import MOST_PLANNED
from bawaslu_cases.shared.database.planned import Planned
from bawaslu_cases.shared.prepared import Prepared
from bawaslu_cases.shared.row_scopes import stretch_of_work
from tests.factories import person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_planned(db):
    """Other tests planned statements on the same connection."""
    held: Any = connection
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    held.planned.clear()


def names(note: str) -> Planned:
    """Return a statement that no other test has planned on the same connection."""
    return Planned(
        "SELECT name FROM registry_region WHERE kind = %s AND name LIKE '%%a%%'"
        f" AND (code = %s OR code = %s) AND %s <> '{note}' ORDER BY 1",
        ["KABUPATEN", "x", "y", "x"],
        [(1, "one"), (2, "other"), (3, "one")],
    )


def called(one: str, other: str) -> list[Any]:
    """Return the parameters of a call, as many as the statement has."""
    return ["KABUPATEN", one, other, one]


def asked(statement: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def plans(statement: Planned) -> list[tuple[str, str, int]]:
    """Return name, text and how often of what the connection has planned of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, statement, generic_plans + custom_plans FROM pg_prepared_statements"
            " WHERE name LIKE %s ORDER BY 1",
            [f"{statement.name}%"],
        )
        return list(cursor.fetchall())


def test_it_answers_as_without_a_plan_and_is_planned_once():
    statement = names("once")
    for one, other in (("33.08", "51.71"), ("33.08", "33.09"), ("nowhere", "nowhere")):
        told = asked(statement, *called(one, other))
        assert told == asked(str(statement), *called(one, other))
    ((_name, text, times),) = plans(statement)
    assert times == 3
    assert text.endswith(
        "WHERE kind = 'KABUPATEN' AND name LIKE '%a%'"
        " AND (code = $1::text OR code = $2::text) AND $1::text <> 'once' ORDER BY 1"
    )
    assert asked(statement, *called("33.08", "nowhere")) == [("Kabupaten Magelang",)]


def test_what_stays_is_written_as_a_value_and_never_as_a_statement():
    quoted = Planned("SELECT %s, %s", ["it's 100%% %s; --", "x"], [(1, "one")])
    assert asked(quoted, "not looked at", "'); DROP") == [("it's 100%% %s; --", "'); DROP")]


def test_nothing_of_one_call_stays_in_the_statement():
    kept = Prepared(lambda code: Region.objects.filter(code=code))
    assert [row.code for row in kept.rows(code="33.08")] == ["33.08"]
    assert [row.code for row in kept.rows(code="51.71")] == ["51.71"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE name LIKE 'kept%'")
        texts = [row[0] for row in cursor.fetchall()]
    assert any("registry_region" in text for text in texts)
    assert not any("33.08" in text or "51.71" in text for text in texts)


def test_each_role_has_a_plan_of_its_own():
    statement = names("roles")
    for name in ("sari", "anwar", "putu", "sari"):
        with stretch_of_work():
            see_as(person(name))
            asked(statement, *called("33.08", "33.09"))
    planned = plans(statement)
    assert sorted(times for _name, _text, times in planned) == [1, 1, 2]
    assert len({name.removeprefix(statement.name) for name, _text, _times in planned}) == 3


def test_a_roll_back_leaves_the_plan():
    statement = names("roll-back")
    with transaction.atomic():
        first = asked(statement, *called("33.08", "33.09"))
        transaction.set_rollback(True)
    assert asked(statement, *called("33.08", "33.09")) == first
    ((_name, _text, times),) = plans(statement)
    assert times == 2


def test_a_connection_keeps_so_many_and_no_more():
    every = [
        Planned(f"SELECT {number} + %s", [1], [(0, "one")]) for number in range(MOST_PLANNED + 5)
    ]
    for turn in range(2):
        for number, statement in enumerate(every):
            assert asked(statement, turn) == [(number + turn,)]
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_prepared_statements")
                assert cursor.fetchone()[0] <= MOST_PLANNED


def mode():
    with connection.cursor() as cursor:
        cursor.execute("SHOW plan_cache_mode")
        return cursor.fetchone()[0]


def by_name(one_plan):
    return Planned("SELECT 12 / %s", [1], [(0, "by")], one_plan=one_plan)


def test_one_plan_for_all_values_is_that_statement_s_own():
    with connection.cursor() as cursor:
        cursor.execute("RESET plan_cache_mode")
    held: Any = connection
    held.one_plan = None
    one, every = by_name(one_plan=True), by_name(one_plan=False)
    assert asked(one, 3) == [(4,)]
    assert mode() == "force_generic_plan"
    assert asked(one, 4) == [(3,)]
    assert asked(every, 6) == [(2,)]
    assert mode() == "auto"


@pytest.mark.parametrize("before", [True, False])
def test_what_a_roll_back_or_an_error_undoes_is_set_anew(before):
    one, other = by_name(one_plan=before), by_name(one_plan=not before)
    told = {True: "force_generic_plan", False: "auto"}
    for fails in (True, False):
        asked(other, 3)
        with transaction.atomic():
            assert asked(one, 3) == [(4,)]
            if fails:
                with pytest.raises(DatabaseError), transaction.atomic():
                    asked(other, 0)
                assert asked(one, 3) == [(4,)]
                assert mode() == told[before]
            transaction.set_rollback(True)
        assert asked(one, 2) == [(6,)]
        assert mode() == told[before]


def test_a_statement_that_fails_is_not_taken_for_planned():
    wrong = Planned("SELECT nothing FROM registry_region WHERE code = %s", ["x"], [(0, "one")])
    for _time in range(2):
        with pytest.raises(ProgrammingError, match="nothing"), transaction.atomic():
            asked(wrong, "33.08")


def test_statements_that_differ_in_anything_have_other_names():
    sql = "SELECT %s, %s"
    every = [
        Planned(sql, [1, 2], [(0, "one")]),
        Planned(sql, [1, 3], [(0, "one")]),
        Planned(sql, [1, 2], [(1, "one")]),
        Planned(sql, [1, 2], [(0, "one"), (1, "one")]),
        Planned(sql, [1, 2], [(0, "one"), (1, "other")]),
        Planned(sql + " ", [1, 2], [(0, "one")]),
    ]
    assert len({each.name for each in every}) == len(every)
    # What has a slot is nobody's value, so another one makes no other statement.
    assert Planned(sql, [7, 2], [(0, "one")]).name == every[0].name


def test_days_and_keys_keep_their_types():
    typed = Planned(
        "SELECT %s + 1, 3 = ANY(%s)", [date(2222, 2, 2), [1]], [(0, "day"), (1, "keys")]
    )
    assert asked(typed, date(2024, 2, 28), [2, 3]) == [(date(2024, 2, 29), True)]
    assert asked(typed, date(2024, 2, 29), []) == [(date(2024, 3, 1), False)]


def test_other_values_are_refused_where_it_is_written():
    with pytest.raises(TypeError, match="share is no key, keys, text, day or moment"):
        Planned("SELECT %s", [1.5], [(0, "share")])


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_plans_anew():
    statement = names("anew")
    first = asked(statement, *called("33.08", "33.09"))
    connection.close()
    assert asked(statement, *called("33.08", "33.09")) == first
    assert [times for _name, _text, times in plans(statement)] == [1]


def test_an_error_of_a_value_is_that_statement_s_own():
    number = Planned("SELECT 1 / %s", [1], [(0, "by")])
    with pytest.raises(DatabaseError, match="division by zero"), transaction.atomic():
        asked(number, 0)
    assert asked(number, 1) == [(1,)]
