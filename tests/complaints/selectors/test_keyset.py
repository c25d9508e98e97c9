"""Pages by keyset: every row once, in order, forward and back, whatever the ties and gaps."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bawaslu_cases.registry.models import Office, Region
from complaints.models import Complaint
from complaints.selectors.keyset import Cursor, Order, decode_cursor, keyset_page

NOON = datetime(2024, 10, 7, 5, 0, tzinfo=UTC)


def rows_due(*hours: int | None) -> list[int]:
    """Write one bare record per deadline (hours from noon, None: no deadline); return their ids."""
    office = Office.objects.get(level="RI")
    region = Region.objects.get(code="33.08")
    made = Complaint.objects.bulk_create(
        Complaint(
            public_id=uuid4(),
            reference=f"IA-2410-{uuid4().hex[:10]}",
            lane="tip",
            status="received",
            status_at=NOON,
            office=office,
            region=region,
            title="Camat: mengajak",
            acts=[],
            event_precision="unknown",
            received_on=NOON.date(),
            reporter_kind="undisclosed",
            due_at=None if hour is None else NOON + timedelta(hours=hour),
        )
        for hour in hours
    )
    return [row.pk for row in made]


def walk(order: Order, size: int) -> list[list[int]]:
    """Read every page forward; check that paging back from each gives the page before."""
    pages: list[list[int]] = []
    cursor = None
    while True:
        page = keyset_page(Complaint.objects.all(), order=order, cursor=cursor, size=size)
        pages.append([row.pk for row in page.rows])
        if page.previous is not None:
            before = keyset_page(
                Complaint.objects.all(), order=order, cursor=page.previous, size=size
            )
            assert [row.pk for row in before.rows] == pages[-2]
        assert (page.previous is None) == (len(pages) == 1)
        if page.following is None:
            return pages
        cursor = decode_cursor(page.following.encode())


@pytest.mark.django_db
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    hours=st.lists(st.one_of(st.none(), st.integers(-3, 3)), max_size=14),
    size=st.integers(1, 5),
    order=st.sampled_from(Order),
)
def test_paging_never_skips_and_never_repeats(db, hours, size, order):
    Complaint.objects.all().delete()
    rows_due(*hours)
    everything = list(
        Complaint.objects.order_by("due_at", "id")
        if order is Order.BY_DEADLINE
        else Complaint.objects.order_by("-id")
    )

    pages = walk(order, size)

    assert [pk for page in pages for pk in page] == [row.pk for row in everything]
    assert all(len(page) == size for page in pages[:-1])


@pytest.mark.django_db
def test_a_row_that_leaves_between_two_pages_shifts_nothing():
    ids = rows_due(1, 2, 3, 4, 5)
    first = keyset_page(Complaint.objects.all(), order=Order.BY_DEADLINE, cursor=None, size=2)

    Complaint.objects.filter(pk=ids[0]).delete()
    second = keyset_page(
        Complaint.objects.all(), order=Order.BY_DEADLINE, cursor=first.following, size=2
    )

    assert [row.pk for row in second.rows] == ids[2:4]


@pytest.mark.django_db
def test_a_page_behind_the_last_row_is_the_first_page():
    ids = rows_due(1, 2)

    page = keyset_page(
        Complaint.objects.all(),
        order=Order.NEWEST_FIRST,
        cursor=Cursor(None, 0),
        size=5,
    )

    assert [row.pk for row in page.rows] == sorted(ids, reverse=True)


@pytest.mark.parametrize(
    "text",
    ["", "x", "!!!", "bnVsbA", "W10", "WyIyMDI0LTEwLTA3VDA1OjAwOjAwIiwxLDBd", "A" * 500],
)
def test_a_broken_cursor_is_no_cursor(text):
    assert decode_cursor(text) is None


def test_a_cursor_survives_its_url():
    cursor = Cursor(NOON, 7, back=True)

    assert decode_cursor(cursor.encode()) == cursor


@pytest.mark.django_db
def test_search_pages_reach_past_the_window(monkeypatch):
    monkeypatch.setattr("complaints.selectors.keyset.WINDOW", 2)
    ids = sorted(rows_due(*[None] * 9))

    assert walk(Order.SEARCHED, 3) == [ids[:-4:-1], ids[-4:-7:-1], ids[2::-1]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("order", "cursor", "index"),
    [
        (Order.BY_DEADLINE, None, "complaint_queue_told"),
        (Order.BY_DEADLINE, Cursor(NOON, 7), "complaint_queue_told"),
        (Order.NEWEST_FIRST, None, "complaints_complaint_pkey"),
        (Order.NEWEST_FIRST, Cursor(None, 7), "complaints_complaint_pkey"),
        (Order.SEARCHED, Cursor(None, 2**62), "complaints_complaint_pkey"),
    ],
)
def test_pages_are_walked_along_an_index_not_sorted(order, cursor, index):
    rows_due(1, None)
    with connection.cursor() as bare:
        for way in ("seqscan", "bitmapscan", "sort"):  # of two rows any index would do, and a sort
            bare.execute(f"SET LOCAL enable_{way} = off")
    with CaptureQueriesContext(connection) as captured:
        keyset_page(Complaint.objects.open(), order=order, cursor=cursor, size=2)
    with connection.cursor() as bare:
        bare.execute("EXPLAIN " + captured.captured_queries[0]["sql"])
        plan = "\n".join(line for (line,) in bare.fetchall())
    assert f"using {index}" in plan
    assert "Sort" not in plan
