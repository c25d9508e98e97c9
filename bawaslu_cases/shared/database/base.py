"""The wrapper Django asks for by this name (settings.DATABASES, ENGINE)."""

import select

import psycopg2
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks the server only where its silence does not answer already.

    Every request begins with that question (CONN_HEALTH_CHECKS) and Django sends ``SELECT 1`` for it. A
    server that ended the connection, by a restart or on purpose, has written so to it: as long as there
    is nothing to read, nothing ended. What could not be seen this way, a line that was cut without a
    word, let ``SELECT 1`` hang as well.
    """

    def is_usable(self) -> bool:
        """Say whether the connection can be used. No query while the line is silent."""
        try:
            line = self.connection.fileno()
        except psycopg2.InterfaceError:  # closed on our side
            return False
        waiting = select.poll()
        waiting.register(line, select.POLLIN)
        return not waiting.poll(0) or bool(super().is_usable())
