"""Pages found by filters and words: the rows of their keys, as the queryset has them, and only one's own."""

import pytest
from django.db import connection

from complaints.models import Complaint
from complaints.selectors import keyset
from complaints.selectors.desk import queued
from complaints.selectors.filters import Asker
from complaints.selectors.queue import QueueQuery, View, queue_page, queue_rows
from tests.factories import AT, office, person, tip

pytestmark = pytest.mark.django_db

SHOWN = ("title", "reference", "due_at", "told", "news", "proofs", "in_hands", "labels")


@pytest.mark.parametrize(
    "query",
    [
        QueueQuery(View.OPEN, values={"lane": ("tip",)}),
        QueueQuery(View.ALL, values={"lane": ("tip",)}),
        QueueQuery(View.ALL, q="camat"),
    ],
    ids=["by deadline", "newest first", "searched"],
)
def test_pages_walk_over_the_rows_of_the_queryset(query):
    sari = person("sari")
    for _ in range(5):
        tip()
    asker = Asker(sari, AT)
    rows = queued(queue_rows(query, asker), viewer=sari, on=asker.today)
    whole = {row.pk: [getattr(row, name) for name in SHOWN] for row in rows}

    page = queue_page(query=query, asker=asker, cursor=None, size=2)
    walked = [*page.rows]
    while page.following:
        page = queue_page(query=query, asker=asker, cursor=page.following, size=2)
        walked += page.rows
    back = queue_page(query=query, asker=asker, cursor=page.previous, size=2)

    assert len(whole) == 5
    assert {row.pk: [getattr(row, name) for name in SHOWN] for row in walked} == whole
    assert [row.pk for row in walked] == sorted(whole, reverse=query.order.name != "BY_DEADLINE")
    assert back.rows == walked[2:4]


@pytest.mark.parametrize(("window", "queries"), [(6, 3), (5, 4), (2, 4)])
def test_a_search_for_words_begins_at_the_newest_and_leaves_nothing_out(
    window, queries, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(keyset, "WINDOW", window)
    rows = sorted((tip() for _ in range(5)), key=lambda row: -row.pk)
    sought = rows[4]
    Complaint.objects.filter(pk=sought.pk).update(search_text="Camat Zulfahresa")
    asker = Asker(person("sari"), AT)
    assert asker.user.scope_office_ids
    queue_page(query=QueueQuery(View.ALL, q="semua"), asker=asker, cursor=None)

    with django_assert_num_queries(queries):
        page = queue_page(query=QueueQuery(View.ALL, q=" zulfahresa "), asker=asker, cursor=None)
    assert list(page.rows) == [sought]

    page = queue_page(query=QueueQuery(View.ALL, q="camat"), asker=asker, cursor=None, size=3)
    assert list(page.rows) == rows[:3]
    page = queue_page(query=QueueQuery(View.ALL, q="camat -camat"), asker=asker, cursor=None)
    assert list(page.rows) == []


def test_what_leaves_sight_while_a_page_is_read_is_not_on_it():
    going, staying = tip(), tip()
    asker = Asker(person("sari"), AT)
    gone: list[Complaint] = []

    def between(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if not gone and 'FROM "complaints_complaint"' in sql:
            gone.append(going)
            Complaint.objects.filter(pk=going.pk).update(office=office("51"))
        return result

    with connection.execute_wrapper(between):
        page = queue_page(query=QueueQuery(View.ALL, q="camat"), asker=asker, cursor=None)

    assert gone == [going]
    assert list(page.rows) == [staying]
