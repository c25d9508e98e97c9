"""``manage.py grant_roles``: what the web and the worker role may do, set anew on each run.

Run by the owner after ``migrate``. Roles named by WEB_ROLE and WORKER_ROLE (bc_web, bc_worker) own
nothing: they read and write rows, and only add rows where the model says ``append_only = True``, so
that not even a broken-into web process can rewrite history.
"""

import os
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg2.sql import SQL, Composable, Identifier

READ_ONLY_TABLES = frozenset({"django_migrations"})


class Command(BaseCommand):
    """Grant and revoke until the roles hold exactly what this file says."""

    help = "Grant the web and worker database roles exactly what they need (idempotent)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Set both roles; a role that does not exist is named and skipped."""
        for variable, default in (("WEB_ROLE", "bc_web"), ("WORKER_ROLE", "bc_worker")):
            role = os.environ.get(variable, default)
            with transaction.atomic(), connection.cursor() as cursor:
                if _role_exists(cursor, role):
                    tables = _set_grants(cursor, role)
                    self.stdout.write(f"grant_roles: {role} may use {tables} tables")
                else:
                    self.stdout.write(f"grant_roles: no role {role} here, skipped ({variable})")


def append_only_tables() -> frozenset[str]:
    """Return the tables of every model that declares ``append_only = True``."""
    return frozenset(
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if getattr(model, "append_only", False)
    )


def _role_exists(cursor: CursorWrapper, role: str) -> bool:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    return cursor.fetchone() is not None


def _set_grants(cursor: CursorWrapper, role: str) -> int:
    """Revoke everything, then grant; return the number of tables. Five statements and one a table.

    Others see the old or the new grants, never none: it is one transaction.
    """
    grantee = Identifier(role)
    for statement in (
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}",
        "REVOKE ALL ON SCHEMA public FROM {role}",
        "GRANT USAGE ON SCHEMA public TO {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    ):
        cursor.execute(_text(cursor, SQL(statement).format(role=grantee)))
    append_only = append_only_tables()
    tables = connection.introspection.table_names(cursor)
    for table in tables:
        if table in READ_ONLY_TABLES:
            rights = "SELECT"
        elif table in append_only:
            rights = "SELECT, INSERT"
        else:
            rights = "SELECT, INSERT, UPDATE, DELETE"
        statement_sql = SQL("GRANT " + rights + " ON {table} TO {role}").format(
            table=Identifier(table), role=grantee
        )
        cursor.execute(_text(cursor, statement_sql))
    return len(tables)


def _text(cursor: CursorWrapper, statement: Composable) -> str:
    return str(statement.as_string(cursor.cursor))
