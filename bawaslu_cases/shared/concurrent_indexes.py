"""Indexes built and dropped while the table is written to, by steps that may be taken again (check F18).

``CONCURRENTLY`` runs in no transaction. What broke off half-way left an index that counts as invalid, and
what ended before it was noted left a whole one; the next run must get past both.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import NotSupportedError, OperationalError, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.operations import AddConstraint, AlterField
from django.db.migrations.operations.base import Operation

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


class DropKeyIndex(AlterField):
    """Drop the index that Django gives a foreign key; its field has ``db_index=False`` from now on.

    Backwards, build it. ``atomic = False``. Nothing else of the field may change.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        """Drop it, if it stands."""
        model = states[0].apps.get_model(app_label, self.model_name)
        _drop_written(schema_editor, model, _of_key(schema_editor, model, self.name))

    def database_backwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        """Build it, unless it stands whole."""
        model = states[1].apps.get_model(app_label, self.model_name)
        _build_written(schema_editor, model, _of_key(schema_editor, model, self.name))


class DropPatternIndex(Operation):
    """Drop the index for ``LIKE`` that Django gives a unique text beside the unique one.

    The field stays as it is. Backwards, build it. ``atomic = False``.
    """

    reduces_to_sql = True

    def __init__(self, model_name: str, name: str) -> None:
        self.model_name, self.name = model_name, name

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change nothing: no model says that there is such an index."""

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        """Drop it, if it stands."""
        model = states[0].apps.get_model(app_label, self.model_name)
        _drop_written(schema_editor, model, _of_pattern(schema_editor, model, self.name))

    def database_backwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        """Build it, unless it stands whole."""
        model = states[1].apps.get_model(app_label, self.model_name)
        _build_written(schema_editor, model, _of_pattern(schema_editor, model, self.name))

    def describe(self) -> str:
        """Return what ``migrate`` prints."""
        return f"Drop the index for LIKE on field {self.name} of {self.model_name}"


def _of_key(schema_editor: Any, model: Any, name: str) -> Any:
    """Return the statement with which Django gives a key its index."""
    field = model._meta.get_field(name)
    return schema_editor._create_index_sql(model, fields=[field])  # noqa: SLF001 -- its name and words


def _of_pattern(schema_editor: Any, model: Any, name: str) -> Any:
    """Return the statement with which Django gives a unique text its index for ``LIKE``."""
    field = model._meta.get_field(name)
    return schema_editor._create_like_index_sql(model, field)  # noqa: SLF001 -- its name and words


def _drop_written(schema_editor: Any, model: Any, statement: Any) -> None:
    """Drop the index that Django's statement would create, if it stands."""
    connection = schema_editor.connection
    if _is_ours(connection, model):
        name = _name_in(statement)
        with _patiently(connection, name):
            _drop(schema_editor, name)


def _build_written(schema_editor: Any, model: Any, statement: Any) -> None:
    """Create the index of Django's statement beside the work, unless it stands whole."""
    connection = schema_editor.connection
    if _is_ours(connection, model) and _is_wanting(schema_editor, _name_in(statement)):
        _head, index, rest = str(statement).partition("CREATE INDEX ")
        with _patiently(connection, _name_in(statement)):
            schema_editor.execute(f"{index}CONCURRENTLY {rest}", params=None)


def _is_ours(connection: BaseDatabaseWrapper, model: Any) -> bool:
    """Say whether the table is in this database. NotSupportedError inside a transaction."""
    if connection.in_atomic_block:
        raise NotSupportedError("an index goes beside the work with atomic = False alone")
    return router.allow_migrate_model(connection.alias, model)


def _name_in(statement: Any) -> str:
    return str(statement.parts["name"]).strip('"')


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
