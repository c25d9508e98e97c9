"""Indexes built and dropped while the table is written to, by steps that may be taken again (check F18).

``CONCURRENTLY`` runs in no transaction. What broke off half-way left an index that counts as invalid, and
what ended before it was noted left a whole one; the next run must get past both.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import NotSupportedError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.operations import AddConstraint

from bawaslu_cases.shared.brief_locks import (
    OLD_TRANSACTIONS,
    StillHeldError,
    advice,
    is_held_up,
    waiting_at_most,
)


class BuildIndex(AddIndexConcurrently):
    """Build an index beside the work on its table; backwards, drop it so. Needs ``atomic = False``."""

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        """Build it, unless it stands whole."""
        if _is_wanting(schema_editor, self.index.name):
            with _patiently(schema_editor.connection, self.index.name):
                super().database_forwards(app_label, schema_editor, *states)

    def database_backwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        """Drop it, if it stands."""
        with _patiently(schema_editor.connection, self.index.name):
            super().database_backwards(app_label, schema_editor, *states)


class DropIndex(RemoveIndexConcurrently):
    """Drop an index beside the work on its table; backwards, build it so. Needs ``atomic = False``."""

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        """Drop it, if it stands."""
        with _patiently(schema_editor.connection, self.name):
            super().database_forwards(app_label, schema_editor, *states)

    def database_backwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        """Build it, unless it stands whole."""
        if _is_wanting(schema_editor, self.name):
            with _patiently(schema_editor.connection, self.name):
                super().database_backwards(app_label, schema_editor, *states)


class BuildUnique(AddConstraint):
    """Build the unique index that Django writes for some constraints; backwards, drop it. ``atomic = False``.

    Those with a condition, expressions or columns that are only told (``include``) are such.
    """

    atomic = False

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        """Build it, unless it stands whole."""
        model = states[1].apps.get_model(app_label, self.model_name)
        connection = schema_editor.connection
        if not self.allow_migrate_model(connection.alias, model):
            return
        if connection.in_atomic_block:
            raise NotSupportedError("BuildUnique needs atomic = False on its migration")
        if _is_wanting(schema_editor, self.constraint.name):
            statement = str(self.constraint.create_sql(model, schema_editor))
            head, index, rest = statement.partition("CREATE UNIQUE INDEX ")
            if head or not index:
                raise NotSupportedError(f"{self.constraint.name} is no index alone")
            with _patiently(connection, self.constraint.name):
                schema_editor.execute(f"{index}CONCURRENTLY {rest}", params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        """Drop it, if it stands."""
        model = states[1].apps.get_model(app_label, self.model_name)
        connection = schema_editor.connection
        if self.allow_migrate_model(connection.alias, model):
            with _patiently(connection, self.constraint.name):
                _drop(schema_editor, self.constraint.name)


def _is_wanting(schema_editor: Any, name: str) -> bool:
    """Say whether an index must be built; one that was half built is dropped first."""
    if schema_editor.collect_sql:
        return True
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE c.relname = %s AND pg_table_is_visible(c.oid)",
            [name],
        )
        found = cursor.fetchone()
    if found == (False,):
        with _patiently(connection, name):
            _drop(schema_editor, name)
    return bool(found != (True,))


def _drop(schema_editor: Any, name: str) -> None:
    quoted = schema_editor.connection.ops.quote_name(name)
    schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted}", params=None)


@contextmanager
def _patiently(connection: BaseDatabaseWrapper, name: str) -> Iterator[None]:
    """Wait long for older transactions to end: nobody waits behind that, and a try less is work less."""
    try:
        with waiting_at_most(connection, OLD_TRANSACTIONS):
            yield
    except OperationalError as error:
        if not is_held_up(error):
            raise
        raise StillHeldError(
            f"Index {name} waited {OLD_TRANSACTIONS} for transactions that began before it and was given up;"
            f" nobody waited behind it. {advice(connection)}"
        ) from error
