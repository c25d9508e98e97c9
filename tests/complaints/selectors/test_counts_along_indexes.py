"""Counts of the desk run along an index and end at their cap: no number sorts what it counts."""

import time

import pytest
from django.db import connection, transaction

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from complaints.selectors import desk, queue_numbers
from complaints.selectors.filters import Asker
from complaints.selectors.queue import QueueQuery, View, queue_rows
from tests.factories import AT, case, office, person, tip

pytestmark = pytest.mark.django_db

SMALL_LISTS = {"view_letters", "view_mine", "staff"}
"""Of letters, of one's own hands and of proposals of staff there are never many."""


def somebody(place: str) -> Asker:
    """Return an officer who sees the country, a province's offices or one regency."""
    if place == "country":
        return Asker(person("ratna"), AT)
    sari = person("sari")
    if place == "regency":
        User.objects.filter(pk=sari.pk).update(office=office("33.02"))
    return Asker(User.objects.get(pk=sari.pk), AT)


def as_a_server_keeps(*tables: str) -> None:
    """Let indexes be as small as their rows, and every page seen by a vacuum.

    Else another index costs as little, or the right one more because of what other tests left in it.
    """
    seen = "SELECT bool_and(relallvisible >= relpages) FROM pg_class WHERE relname = ANY(%s)"
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"REINDEX TABLE {table}")
        for _again in range(600):  # a transaction somewhere may still see what went before
            cursor.execute(f"VACUUM (ANALYZE) {', '.join(tables)}")
            cursor.execute(seen, [list(tables)])
            if cursor.fetchone() == (True,):
                return
            time.sleep(0.1)
    raise AssertionError("somebody holds a transaction open")


def plan_of(expression, *without: str) -> str:
    query = Office.objects.order_by().query
    sql, params = query.get_compiler("default").compile(expression.resolve_expression(query))
    with connection.cursor() as cursor:
        # A few rows it would sort any way; forbidden to, it still does where no index has the order.
        for way in ("seqscan", "bitmapscan", "sort", "incremental_sort", *without):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN SELECT {sql}", params)
        return "\n".join(line for (line,) in cursor.fetchall())


def counts_of(asker: Asker) -> dict[str, object]:
    """Return every number of the first page and of the queue, and the place of a record in each view."""
    row = tip()
    counts = {**desk._desk_counters(asker), **queue_numbers._system_counters(asker)}
    for view in View:
        if f"view_{view.value}" not in SMALL_LISTS:
            place = queue_numbers._place(QueueQuery(view), asker, row=row.pk, due=row.due_at)
            counts |= {
                f"{view.value} {name}": count for name, count in place.items() if name != "here"
            }
    return {name: count for name, count in counts.items() if name not in SMALL_LISTS}


@pytest.mark.parametrize("place", ["country", "province", "regency"])
def test_no_number_sorts_what_it_counts(place):
    asker = somebody(place)
    scope = asker.user.scope_office_ids
    assert {"country": None, "province": 36, "regency": 1}[place] == (scope and len(scope))
    counts = counts_of(asker)
    assert len(counts) > 40

    sorting = [name for name, count in counts.items() if "Sort" in plan_of(count)]

    assert sorting == []


@pytest.mark.django_db(transaction=True)
def test_a_number_of_the_country_reads_an_index_and_no_record():
    asker = somebody("country")
    for _ in range(3):
        tip()
        case()
    as_a_server_keeps("complaints_complaint", "complaints_case")
    counts = desk._desk_counters(asker) | queue_numbers._system_counters(asker)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL random_page_cost = 100")
        plans = {name: plan_of(count) for name, count in counts.items() if name not in SMALL_LISTS}
    assert len(plans) > 15

    reading = {
        name
        for name, plan in plans.items()
        for line in plan.splitlines()
        if " on complaints_complaint " in line or " on complaints_case " in line
        if "Index Only Scan" not in line
    }

    assert reading == set()


@pytest.mark.parametrize("place", ["country", "province", "regency"])
def test_the_place_of_a_record_is_counted_up_to_its_deadline(place):
    row = tip()
    assert row.due_at
    counts = queue_numbers._place(
        QueueQuery(View.OPEN), somebody(place), row=row.pk, due=row.due_at
    )
    conditions = [line for line in plan_of(counts["before"]).splitlines() if "Index Cond" in line]
    assert any("due_at <=" in line for line in conditions)


def test_a_count_by_deadline_alone_would_sort_a_provinces_rows():
    asker = somebody("province")
    rows = queue_rows(QueueQuery(View.OPEN), asker)
    assert "Sort" in plan_of(desk.capped(rows, 99, ("status_at", "id")))


@pytest.mark.parametrize("table", ["complaints_complaint", "complaints_case"])
def test_what_numbers_are_counted_from_is_vacuumed_often(table):
    """Indexes alone answer for pages that a vacuum saw since they changed; a fifth is too many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = %s", [table])
        (options,) = cursor.fetchone()

    assert sorted(options) == [
        "autovacuum_vacuum_insert_scale_factor=0.02",
        "autovacuum_vacuum_scale_factor=0.01",
    ]
