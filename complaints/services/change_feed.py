"""Keeping the change feed short: what nobody needs any more goes, and cursors from before it expire."""

import uuid
from datetime import date, timedelta

from django.db import connection, transaction

from bawaslu_cases.shared.snapshots import horizon
from complaints.models import ChangeFeed

KEPT_DAYS = 30
"""A client that was away longer begins anew with a full sync."""
_SUPERSEDED_AFTER = timedelta(days=1)


def begin_feed() -> None:
    """Make sure that the feed has an epoch. Two queries at most; harmless to repeat."""
    ChangeFeed.objects.get_or_create(pk=ChangeFeed.ONLY)


@transaction.atomic
def restart_feed() -> None:
    """Let every cursor expire: after the database was set back to an earlier moment."""
    begin_feed()
    ChangeFeed.objects.update(epoch=uuid.uuid4(), floor=0)
    with connection.cursor() as cursor:
        # Of before; their transactions may have numbers that are still to come.
        cursor.execute("DELETE FROM complaints_recordchange")


@transaction.atomic
def prune_changes(*, today: date) -> int:
    """Throw away rows older than KEPT_DAYS, and of yesterday and before all but a record's last.

    Returns how many went. A reader never needs a row after which the same record, at the same office,
    has another: it would be passed over anyway. Four queries.
    """
    begin_feed()
    over = horizon()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM complaints_recordchange c WHERE on_day < %s AND EXISTS ("
            " SELECT 1 FROM complaints_recordchange l WHERE l.record_id = c.record_id"
            " AND l.kind = c.kind AND l.office_id = c.office_id AND l.person_id = c.person_id"
            " AND l.excluded = c.excluded AND (l.tx, l.id) > (c.tx, c.id)"
            " AND l.tx < %s)",
            [today - _SUPERSEDED_AFTER, over],
        )
        superseded: int = cursor.rowcount
        cursor.execute(
            "WITH gone AS (DELETE FROM complaints_recordchange WHERE on_day < %s RETURNING tx)"
            " UPDATE complaints_changefeed"
            " SET floor = GREATEST(floor, (SELECT max(tx) + 1 FROM gone))"
            " WHERE EXISTS (SELECT 1 FROM gone) RETURNING (SELECT count(*) FROM gone)",
            [today - timedelta(days=KEPT_DAYS)],
        )
        row = cursor.fetchone()
    return superseded + int(row[0] if row else 0)
