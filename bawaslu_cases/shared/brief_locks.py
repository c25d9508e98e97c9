"""Changing tables while others work on them: a lock is waited for briefly, and asked for again (check F18).

Whoever waits for a strong lock on a table makes everybody wait who comes after, however short the change
itself is: one long report of an officer, or a backup, would hold up every intake. So what changes tables
gives up soon, lets those behind it through, and tries again after a pause.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from django.core.management.base import CommandError
from django.db import Error, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

LONGEST_WAIT: Final = "500ms"
"""So long may a strong lock be waited for, and everybody else behind it."""

OLD_TRANSACTIONS: Final = "10min"
"""So long ``CONCURRENTLY`` may wait for transactions that began before it: nobody waits behind that."""

PAUSES_SECONDS: Final = (0.5, 1, 1, 2, 2, 4, 4, 8, 8, 15, 15, 30, 30)
"""Before each further try: two minutes in all, begun anew whenever a step was done meanwhile."""

_HELD_UP: Final = {"55P03", "40P01"}
"""SQLSTATE: the lock was not free in time, or two waited for each other."""

# No texts of statements: values of a report may stand in them.
_OLDEST = """
SELECT 'process ' || pid || ' of ' || usename || ', '
  || extract(epoch FROM clock_timestamp() - xact_start)::int || ' s'
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
ORDER BY xact_start LIMIT 3
"""


class StillHeldError(CommandError):
    """A table stayed in use for longer than a change may wait; says what to do."""


def is_held_up(error: Error) -> bool:
    """Say whether a statement failed because somebody else held what it needed."""
    return getattr(error.__cause__, "pgcode", None) in _HELD_UP


@contextmanager
def waiting_at_most(connection: BaseDatabaseWrapper, wait: str) -> Iterator[None]:
    """Let statements of the block wait so long for a lock (as PostgreSQL reads it); then as before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [wait])
    try:
        yield
    finally:
        # A connection that is gone, or a transaction that ended with an error, took the setting along.
        with suppress(Error), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [before])


def until_free(
    connection: BaseDatabaseWrapper,
    work: Callable[[], object],
    *,
    tell: Callable[[str], object],
    done: Callable[[], object] = lambda: None,
    pauses: tuple[float, ...] | None = None,
) -> None:
    """Do work that changes tables, waiting briefly for each lock; begin it again while one is held.

    ``work`` takes each of its steps in a transaction, or in steps that may be repeated, and goes on from
    where it stood. ``done`` tells how far it came: whenever that changed, the pauses begin anew. ``tell``
    gets a line for each pause. Raises StillHeldError after the last one. Inside a transaction of the
    caller there is one try, and its error is raised as it is.
    """
    pauses = PAUSES_SECONDS if pauses is None else pauses
    left, stood = list(pauses), done()
    while True:
        try:
            with waiting_at_most(connection, LONGEST_WAIT):
                work()
        except OperationalError as error:
            if not is_held_up(error) or connection.in_atomic_block:
                raise
            if done() != stood:
                left, stood = list(pauses), done()
            if not left:
                raise StillHeldError(
                    f"A table was in use at each of {len(pauses) + 1} tries. Nothing is half done, and"
                    f" what was done stays. {advice(connection)}"
                ) from error
        else:
            return
        tell(f"A table is in use; nobody is kept waiting, next try in {left[0]:g} s.")
        time.sleep(left.pop(0))


def advice(connection: BaseDatabaseWrapper) -> str:
    """Return what to do about a table that stays in use, and which transactions are open longest."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST)
        oldest = "; ".join(row[0] for row in cursor.fetchall())
    return (
        "Wait for what runs (a backup, a long query) or end it with pg_terminate_backend(process), then run"
        f" the command again. Open longest: {oldest or 'nothing any more'}."
    )
