"""The wrapper Django asks for by this name (settings.DATABASES, ENGINE)."""

import select
from typing import Any, Final

import psycopg2
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper

OVERWRITTEN_MAX: Final = 1 << 20
"""Bytes. What sent a longer statement is closed instead: that frees what held it."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks the server only where its silence does not answer already, and can forget what it sent.

    Every request begins with that question (CONN_HEALTH_CHECKS) and Django sends ``SELECT 1`` for it. A
    server that ended the connection, by a restart or on purpose, has written so to it: as long as there
    is nothing to read, nothing ended. What could not be seen this way, a line that was cut without a
    word, let ``SELECT 1`` hang as well.
    """

    longest_sent = 0
    """Bytes of the longest statement since :meth:`overwrite_sent`."""

    def is_usable(self) -> bool:
        """Say whether the connection can be used. No query while the line is silent."""
        try:
            line = self.connection.fileno()
        except psycopg2.InterfaceError:  # closed on our side
            return False
        waiting = select.poll()
        waiting.register(line, select.POLLIN)
        return not waiting.poll(0) or bool(super().is_usable())

    def make_cursor(self, cursor: Any) -> CursorWrapper:
        """Return a cursor that notes how long the statements are."""
        return _MeasuredCursor(cursor, self)

    def overwrite_sent(self) -> None:
        """Let nothing of what was sent stay in memory (check C10). One short statement, outside Django.

        libpq sends from a buffer that lives as long as the connection and is never cleared: the end of a long
        statement, with a word that somebody searched for, stays until a longer one is sent. So one as
        long is, of blanks. Inside a transaction nothing happens; it is for the end of a request.
        """
        length, self.longest_sent = self.longest_sent, 0
        if not length or self.connection is None or self.in_atomic_block:
            return
        if length > OVERWRITTEN_MAX:
            self.close()
            return
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(f"SELECT 1 /*{' ' * length}*/")
        except psycopg2.Error:
            self.close()


class _MeasuredCursor(CursorWrapper):
    """Notes on its connection what was sent, whether it went well or not."""

    def _execute(self, sql: str, params: Any, *ignored: Any) -> Any:
        try:
            return super()._execute(sql, params, *ignored)  # type: ignore[misc]
        finally:
            self._note()

    def _executemany(self, sql: str, param_list: Any, *ignored: Any) -> Any:
        try:
            return super()._executemany(sql, param_list, *ignored)  # type: ignore[misc]
        finally:
            self._note()

    def _note(self) -> None:
        sent = self.cursor.query
        if sent is not None and len(sent) > self.db.longest_sent:
            self.db.longest_sent = len(sent)
