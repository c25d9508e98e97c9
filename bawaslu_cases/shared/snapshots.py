"""What moment the database shows: one for several questions, and up to where everything is over."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Read without a change between one query and the next; writes are refused.

    Inside a transaction that runs already, its isolation stays as it is: whoever opened it decides.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


# A transaction of another database of the same server writes nothing here and holds up nobody. One that
# is not found to be such is taken for one of ours: it may just have begun or ended.
HORIZON_SQL = """COALESCE((
    SELECT min(running::text::bigint)
    FROM pg_snapshot_xip(pg_current_snapshot()) AS running
    WHERE NOT EXISTS (
      SELECT 1 FROM pg_locks held JOIN pg_stat_activity whose ON whose.pid = held.pid
      WHERE held.locktype = 'transactionid' AND held.mode = 'ExclusiveLock' AND held.granted
        AND held.transactionid = running::xid
        AND whose.datid <> (SELECT oid FROM pg_database WHERE datname = current_database())
    )
  ), pg_snapshot_xmax(pg_current_snapshot())::text::bigint)"""
"""The number of the oldest transaction that still runs in this database; below it everything is over."""


def horizon() -> int:
    """Return that number, as this moment has it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {HORIZON_SQL}")
        return int(cursor.fetchone()[0])
