"""``manage.py grant_roles``: what the web and the worker role may do, set anew on each run.

Run by the owner after ``migrate``, in every database. Roles named by WEB_ROLE and WORKER_ROLE
(bc_web, bc_worker) own nothing. In ``default`` they read and write rows, and only add rows where the
model says ``append_only = True``, so that not even a broken-into web process can rewrite history. In
the databases beside it they may what the ``rights`` of the app's AppConfig name, and nothing else.
"""

import os
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from psycopg2.sql import SQL, Composable, Identifier

from bawaslu_cases.shared.databases import APP_OF_ALIAS, alias_of

READ_ONLY_TABLES = frozenset({"django_migrations"})
EVERY_TABLE = "TABLE *"


class Command(BaseCommand):
    """Grant and revoke until the roles hold exactly what this file and the apps say."""

    help = "Grant the web and worker database roles exactly what they need (idempotent)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Set both roles in all databases; a role that does not exist is named and skipped."""
        for kind, default in (("web", "bc_web"), ("worker", "bc_worker")):
            variable = f"{kind.upper()}_ROLE"
            role = os.environ.get(variable, default)
            if not _role_exists(role):
                self.stdout.write(f"grant_roles: no role {role} here, skipped ({variable})")
                continue
            with transaction.atomic(), connections[DEFAULT_DB_ALIAS].cursor() as cursor:
                tables = _grant_tables(cursor, role)
            self.stdout.write(f"grant_roles: {role} may use {tables} tables")
            for alias, app in APP_OF_ALIAS.items():
                rights: dict[str, str] = apps.get_app_config(app).rights[kind]  # type: ignore[attr-defined]
                with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
                    _grant_named(cursor, role, rights)


def append_only_tables(alias: str = DEFAULT_DB_ALIAS) -> frozenset[str]:
    """Return the tables of the models in one database that declare ``append_only = True``."""
    return frozenset(
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if getattr(model, "append_only", False) and alias_of(model._meta.app_label) == alias
    )


def _role_exists(role: str) -> bool:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        return cursor.fetchone() is not None


def _revoke_all(cursor: CursorWrapper, role: str) -> None:
    """Take back everything. Four statements.

    Others see the old or the new grants, never none: it is one transaction with what follows.
    """
    for statement in (
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}",
        "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM {role}",
        "REVOKE ALL ON SCHEMA public FROM {role}",
        "GRANT USAGE ON SCHEMA public TO {role}",
    ):
        cursor.execute(_text(cursor, SQL(statement).format(role=Identifier(role))))


def _grant_tables(cursor: CursorWrapper, role: str) -> int:
    """Grant the tables of ``default``; return their number. Six statements and one a table."""
    _revoke_all(cursor, role)
    statement = SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
    cursor.execute(_text(cursor, statement.format(role=Identifier(role))))
    append_only = append_only_tables()
    tables = _tables(connections[DEFAULT_DB_ALIAS], cursor)
    for table in tables:
        if table in READ_ONLY_TABLES:
            rights = "SELECT"
        elif table in append_only:
            rights = "SELECT, INSERT"
        else:
            rights = "SELECT, INSERT, UPDATE, DELETE"
        _grant(cursor, role, rights, SQL("TABLE {}").format(Identifier(table)))
    return len(tables)


def _grant_named(cursor: CursorWrapper, role: str, rights: dict[str, str]) -> None:
    """Grant what an app names: ``TABLE *``, ``TABLE name`` or ``FUNCTION name(types)``."""
    _revoke_all(cursor, role)
    append_only = append_only_tables(cursor.db.alias)
    tables = set(_tables(cursor.db, cursor)) - READ_ONLY_TABLES
    for named, right in rights.items():
        if named.startswith("FUNCTION "):
            # From the code of the app, never from outside.
            _grant(cursor, role, right, SQL(named))
            continue
        for table in tables if named == EVERY_TABLE else tables & {named.removeprefix("TABLE ")}:
            kept = "SELECT, INSERT" if table in append_only else right
            _grant(cursor, role, kept, SQL("TABLE {}").format(Identifier(table)))


def _tables(connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> list[str]:
    return connection.introspection.table_names(cursor)


def _grant(cursor: CursorWrapper, role: str, rights: str, what: Composable) -> None:
    statement = SQL("GRANT " + rights + " ON {what} TO {role}").format(
        what=what, role=Identifier(role)
    )
    cursor.execute(_text(cursor, statement))


def _text(cursor: CursorWrapper, statement: Composable) -> str:
    return str(statement.as_string(cursor.cursor))
