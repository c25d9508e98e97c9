"""The wrapper Django asks for by this name (settings.DATABASES, ENGINE)."""

import select
from datetime import timedelta
from typing import Any, ClassVar, Final

import psycopg2
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper
from django.utils import timezone
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from bawaslu_cases.shared.clocks import ahead_of_us
from bawaslu_cases.shared.database.planned import Planned
from bawaslu_cases.shared.row_scopes import SETTING, Scope, Sight, wanted

OVERWRITTEN_MAX: Final = 1 << 20
"""Bytes. What sent a longer statement is closed instead: that frees what held it."""

MOST_PLANNED: Final = 48
"""Statements planned on one connection; the next forgets them all. Of a desk's pages some 380 KiB each."""

_OFFICES = """SELECT set_config('app.wilayah', COALESCE((
  SELECT range_agg(int8range(id, id, '[]'))::text FROM registry_office
  WHERE path = %s OR path LIKE %s), '{}'), false)"""
_UNKNOWN: Final = object()
"""What a connection holds after a roll-back: whatever stood before the transaction."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks the server only where its silence does not answer already, and can forget what it sent.

    Every request begins with that question (CONN_HEALTH_CHECKS) and Django sends ``SELECT 1`` for it. A
    server that ended the connection, by a restart or on purpose, has written so to it: as long as there
    is nothing to read, nothing ended. What could not be seen this way, a line that was cut without a
    word, let ``SELECT 1`` hang as well.

    Before each statement and each transaction of the web it becomes the role that who asks has
    (:mod:`bawaslu_cases.shared.row_scopes`), where the connection is not that role already.
    """

    held: Any = None
    """The scope that the connection has: one, None for the role that signed in, or unknown."""
    offices_of: Scope | None = None
    """The very scope whose offices the connection knows: after a look beyond it they are not sought anew."""
    can_become: ClassVar[set[tuple[str, str]]] = set()
    """(who signed in, web role) that were found to go together, of this process."""

    planned: set[str]
    """Names of the statements that this connection has planned."""
    one_plan: bool | None = None
    """Whether the connection takes one plan for all values; None where a roll-back may have undone that."""

    database_ahead = timedelta()
    """By how much the server's clock is ahead of this process's (:mod:`bawaslu_cases.shared.clocks`)."""

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

    def make_debug_cursor(self, cursor: Any) -> CursorDebugWrapper:
        """Return one that keeps the statements for whoever counts them, too."""
        return _CountedCursor(cursor, self)

    def connect(self) -> None:
        """Connect as Django does; a new connection is who signed in."""
        self.held, self.offices_of = _UNKNOWN if self._is_the_webs() else None, None
        self.planned, self.one_plan = set(), False
        super().connect()
        if self.alias == DEFAULT_DB_ALIAS:
            self._ask_the_time()

    def _ask_the_time(self) -> None:
        """Note how far the database's clock is ahead. One short statement for each new connection."""
        asked = timezone.now()
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            (theirs,) = cursor.fetchone()
        self.database_ahead = ahead_of_us(theirs, asked=asked, answered=timezone.now())

    def _is_the_webs(self) -> bool:
        return self.alias == DEFAULT_DB_ALIAS and self.settings_dict["USER"] == settings.WEB_ROLE

    def lay_scope(self) -> None:
        """Become who asks. Nothing is sent where the connection is that already.

        Outside Django's log and count of queries, as all that a connection needs for itself.
        """
        scope = wanted()
        if (
            scope is self.held
            or scope == self.held
            or self.alias != DEFAULT_DB_ALIAS
            or self.needs_rollback
        ):
            return
        if self.connection.get_transaction_status() == TRANSACTION_STATUS_INERROR:
            return  # only a roll-back is heard now, and it changes what is held
        self.held = _UNKNOWN
        with self.wrap_database_errors:
            if scope is None or self._may_become():
                self._become(scope)
        self.held = scope

    def _may_become(self) -> bool:
        """Say whether who signed in may be the web's roles; else its own rights are all there is."""
        pair = (self.settings_dict["USER"], settings.WEB_ROLE)
        if pair not in self.can_become:
            with self.connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_roles WHERE rolname IN (%s, %s)"
                    " AND pg_has_role(session_user, oid, 'SET')",
                    [settings.WEB_ROLE, f"{settings.WEB_ROLE}_{Sight.OFFICE}"],
                )
                if cursor.fetchone() != (2,):
                    return False
            self.can_become.add(pair)
        return True

    def _become(self, scope: Scope | None) -> None:
        """Send the role, and whose sight it is.

        The web outside a request, such as a command that was run as ``bc_web`` by mistake, is refused
        scoped tables aloud (``row_security``): files that no row names are deleted, and it sees no row.
        """
        statements, values = [], []
        if self._is_the_webs():
            statements.append(f"SET row_security = {'off' if scope is None else 'on'}")
        if scope is None:
            statements.append("RESET ROLE")
        else:
            end = f"_{scope.sight}" if scope.sight else ""
            statements.append(f'SET ROLE "{settings.WEB_ROLE}{end}"')
        if scope is not None and scope.sight == Sight.OFFICE:
            if scope is not self.offices_of:
                statements.append(_OFFICES)
                values += [scope.whose, f"{scope.whose}.%"]
        elif scope is not None and scope.sight in SETTING:
            statements.append(f"SELECT set_config('{SETTING[scope.sight]}', %s, false)")
            values.append(scope.whose)
        with self.connection.cursor() as cursor:
            cursor.execute("; ".join(statements), values or None)
        if scope is not None and scope.sight == Sight.OFFICE:
            self.offices_of = scope

    def plan(self, statement: Planned) -> str:
        """Return what executes a statement, planned when this connection meets it first.

        Each of the web's roles has its own: its policies are part of a plan.
        """
        sight = getattr(self.held, "sight", None)
        name = f"{statement.name}_{sight}" if sight else statement.name
        if name not in self.planned:
            with self.wrap_database_errors, self.connection.cursor() as cursor:
                if len(self.planned) >= MOST_PLANNED:
                    # Offices with another number of units below them are another shape of each statement.
                    cursor.execute("DEALLOCATE ALL")
                    self.planned.clear()
                cursor.execute(f"PREPARE {name} AS {statement.text(cursor)}")
            self.planned.add(name)
        execution = statement.execution(name)
        if statement.one_plan is self.one_plan:
            return execution
        self.one_plan = statement.one_plan
        chosen = "force_generic_plan" if statement.one_plan else "auto"
        return f"SET plan_cache_mode = {chosen}; {execution}"

    def _set_autocommit(self, autocommit: bool) -> None:  # noqa: FBT001 -- Django's own signature
        if not autocommit:
            # Before the transaction: of some the first statement must be their own.
            self.lay_scope()
        super()._set_autocommit(autocommit)  # type: ignore[misc]

    def _commit(self) -> None:
        # PostgreSQL makes a roll-back of it, without a word.
        if (
            self.connection is not None
            and self.connection.get_transaction_status() == TRANSACTION_STATUS_INERROR
        ):
            self._forget_scope()
        super()._commit()  # type: ignore[misc]

    def _rollback(self) -> None:
        self._forget_scope()
        super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self._forget_scope()

    def _forget_scope(self) -> None:
        self.held, self.offices_of, self.one_plan = _UNKNOWN, None, None

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
    """Asks as who asks, and notes on its connection what was sent, whether it went well or not."""

    def _execute(self, sql: Any, params: Any, *ignored: Any) -> Any:
        self.db.lay_scope()
        if isinstance(sql, Planned):
            sql, params = self.db.plan(sql), sql.changing(params)
        try:
            return super()._execute(sql, params, *ignored)  # type: ignore[misc]
        except Error:
            # What was set in the same message went with it.
            self.db.one_plan = None
            raise
        finally:
            self._note()

    def _executemany(self, sql: str, param_list: Any, *ignored: Any) -> Any:
        self.db.lay_scope()
        try:
            return super()._executemany(sql, param_list, *ignored)  # type: ignore[misc]
        finally:
            self._note()

    def _note(self) -> None:
        sent = self.cursor.query
        if sent is not None and len(sent) > self.db.longest_sent:
            self.db.longest_sent = len(sent)


class _CountedCursor(CursorDebugWrapper, _MeasuredCursor):
    """Django's own for counting statements (DEBUG, tests), which asks as who asks like the other."""
