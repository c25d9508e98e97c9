"""Publishing the figures: what a month brought, once, when fourteen days have passed since its end."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection, transaction

from referrals.models import PublishedTable
from referrals.rules.publication import (
    Counts,
    Places,
    Table,
    last_publishable,
    months_on,
    publish,
)
from referrals.selectors.figure_counts import ZONE, count_months, first_month, places
from referrals.selectors.figures import keep_last_good

ONE_AT_A_TIME = 7_220_638
"""Number of the advisory lock: two workers would publish the same month."""


def refresh_figures(*, at: datetime) -> list[str]:
    """Publish the months that may be told by now; return the names of the new tables.

    Two queries when nothing is due, which is on all but one day of the month. Twice adds nothing.
    """
    today = at.astimezone(ZONE).date()
    added = _publish_due(today)
    # a web process that starts while the database is down has nothing but this
    keep_last_good()
    return added


@transaction.atomic
def _publish_due(today: date) -> list[str]:
    through = last_publishable(today)
    if _last_month() == through or not _mine_alone():
        return []
    last = _last_month()  # somebody may have published while this waited
    if last is not None and last >= through:
        return []
    before = _published()
    since = _needed_since(before) or first_month() or through
    counts = count_months(since=since, before=months_on(through, 1))
    return store(publish(counts, places=places(), through=through, before=before), on=today)


def publish_counts(counts: Counts, *, where: Places, through: date, on: date) -> list[str]:
    """Publish numbers that were counted elsewhere, by the same rules; the demo world's are."""
    tables = publish(counts, places=where, through=through, before=_published())
    return store(tables, on=on)


def store(tables: Iterable[Table], *, on: date) -> list[str]:
    """Keep published tables. One query."""
    rows = PublishedTable.objects.bulk_create(
        PublishedTable(
            name=table.name,
            first_month=table.first,
            last_month=table.last,
            total=table.total,
            cells=dict(table.cells),
            published_on=on,
        )
        for table in tables
    )
    return [row.name for row in rows]


def _last_month() -> date | None:
    return (
        PublishedTable.objects.filter(name="series")
        .order_by("-last_month")
        .values_list("last_month", flat=True)
        .first()
    )


def _mine_alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        (mine,) = cursor.fetchone()
    return bool(mine)


def _published() -> list[Table]:
    # tables within a place say nothing about what comes next
    rows = PublishedTable.objects.exclude(name__contains=":").order_by("last_month", "pk")
    return [Table(row.name, row.first_month, row.last_month, row.cells, row.total) for row in rows]


def _needed_since(before: Iterable[Table]) -> date | None:
    """Return the first month whose numbers are still wanted; None before the first publication.

    A running total that was held back is counted again from where it last moved; a stretch from its
    first month; answers from the first month of a stretch that still waits for its 90 days.
    """
    tables = list(before)
    if not tables:
        return None
    series = [table for table in tables if table.name == "series"]
    moved = [
        max((row.last for row in series if row.cells.get(name) is not None), default=None)
        for name in series[-1].cells
    ]
    wanted = [series[0].first if last is None else months_on(last, 1) for last in moved]
    for name in ("provinces", "agency_provinces"):
        ends = [table.last for table in tables if table.name == name]
        wanted.append(months_on(max(ends), 1) if ends else series[0].first)
    answered = {table.last for table in tables if table.name == "answers"}
    wanted += [
        table.first
        for table in tables
        if table.name == "agency_provinces" and table.last not in answered
    ]
    # times are told by quarters, and one may have begun before
    first = min(wanted)
    return months_on(first, -((first.month - 1) % 3))
