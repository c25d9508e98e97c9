"""``manage.py grant_roles``: what the web and the worker role may do, set anew on each run.

Run by the owner after ``migrate``, in every database. Roles named by WEB_ROLE and WORKER_ROLE
(bc_web, bc_worker) own nothing. In ``default`` they read and write rows, and only add rows where the
model says ``append_only = True``, so that not even a broken-into web process can rewrite history. Where it
says ``worker_writes = True`` the web reads alone. In the databases beside it they may what the ``rights`` of
the app's AppConfig name, and nothing else.
In ``default`` the lesser roles of the web are created and what each sees of the rows is laid down (ADR 0050).
"""

import os
from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from psycopg2.sql import SQL, Composable, Identifier

from bawaslu_cases.shared.databases import APP_OF_ALIAS, alias_of
from bawaslu_cases.shared.row_policies import LEAKPROOF, lay_policies
from bawaslu_cases.shared.row_scopes import LESSER, Sight

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
                lesser = lesser_roles(role) if kind == "web" else {}
                make_lesser(cursor, role, lesser.values())
                kept = tables_with("worker_writes") if kind == "web" else frozenset()
                tables = _grant_tables(cursor, role, lesser.values(), kept=kept)
            self.stdout.write(f"grant_roles: {role} may use {tables} tables")
            for alias, app in APP_OF_ALIAS.items():
                rights: dict[str, str] = apps.get_app_config(app).rights[kind]  # type: ignore[attr-defined]
                with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
                    _grant_named(cursor, role, rights)
        self._lay_policies()

    def _lay_policies(self) -> None:
        web = os.environ.get("WEB_ROLE", "bc_web")
        if not _role_exists(web):
            return
        worker = os.environ.get("WORKER_ROLE", "bc_worker")
        # No transaction around: each table's is its own, so that none waits for another's lock.
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(
                "SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user"
            )
            owner, is_superuser = cursor.fetchone()
            others = [owner, worker] if _role_exists(worker) else [owner]
            changed = lay_policies(
                cursor, web=web, lesser=lesser_roles(web), others=others, tell=self.stderr.write
            )
            self.stdout.write(f"grant_roles: rows in sight, {changed} tables changed")
            cursor.execute(
                "SELECT count(*) FROM pg_proc WHERE NOT proleakproof AND oid = ANY(%s::regprocedure[])",
                [list(LEAKPROOF)],
            )
            if cursor.fetchone() == (0,):
                return
            for function in LEAKPROOF:
                statement = f"ALTER FUNCTION pg_catalog.{function} LEAKPROOF"
                if is_superuser:
                    cursor.execute(statement)
                else:
                    self.stdout.write(f"grant_roles: a superuser has to say here: {statement};")


def make_lesser(cursor: CursorWrapper, web: str, lesser: Iterable[str]) -> None:
    """Create what the web becomes for a request; it has nothing of them until it becomes one.

    Raises CommandError with the statements where the owner may make no roles: without these roles the web
    would see nothing, or everything.
    """
    cursor.execute(
        "SELECT r.rolname, EXISTS (SELECT 1 FROM pg_auth_members m JOIN pg_roles w ON w.oid = m.member"
        " WHERE m.roleid = r.oid AND w.rolname = %s AND m.set_option AND NOT m.inherit_option)"
        " FROM pg_roles r WHERE r.rolname = ANY(%s)",
        [web, list(lesser)],
    )
    known: dict[str, bool] = dict(cursor.fetchall())
    missing = []
    for role in lesser:
        named = {"role": Identifier(role), "web": Identifier(web)}
        if role not in known:
            made = "CREATE ROLE {role} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS"
            missing.append(_text(cursor, SQL(made).format(**named)))
        if not known.get(role):
            lent = "GRANT {role} TO {web} WITH INHERIT FALSE, SET TRUE"
            missing.append(_text(cursor, SQL(lent).format(**named)))
    if not missing:
        return
    cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    if cursor.fetchone() != (True,):
        raise CommandError(f"a superuser has to say here: {'; '.join(missing)};")
    cursor.execute("; ".join(missing))


def lesser_roles(web: str) -> dict[Sight, str]:
    """Return what the web becomes for a request, by what it sees then."""
    return {sight: f"{web}_{sight}" for sight in LESSER}


def append_only_tables(alias: str = DEFAULT_DB_ALIAS) -> frozenset[str]:
    """Return the tables of the models in one database that declare ``append_only = True``."""
    return tables_with("append_only", alias)


def tables_with(declared: str, alias: str = DEFAULT_DB_ALIAS) -> frozenset[str]:
    """Return the tables of the models in one database that declare something of themselves."""
    return frozenset(
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if getattr(model, declared, False) and alias_of(model._meta.app_label) == alias
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


def _grant_tables(
    cursor: CursorWrapper, role: str, lesser: Iterable[str], *, kept: frozenset[str]
) -> int:
    """Grant the tables of ``default``, to lesser roles too; return their number. One statement a table.

    Of the ``kept`` ones reading alone.
    """
    roles = (role, *lesser)
    for each in roles:
        _revoke_all(cursor, each)
        statement = SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        cursor.execute(_text(cursor, statement.format(role=Identifier(each))))
    append_only = append_only_tables()
    tables = _tables(connections[DEFAULT_DB_ALIAS], cursor)
    for table in tables:
        if table in READ_ONLY_TABLES | kept:
            rights = "SELECT"
        elif table in append_only:
            rights = "SELECT, INSERT"
        else:
            rights = "SELECT, INSERT, UPDATE, DELETE"
        _grant(cursor, roles, rights, SQL("TABLE {}").format(Identifier(table)))
    return len(tables)


def _grant_named(cursor: CursorWrapper, role: str, rights: dict[str, str]) -> None:
    """Grant what an app names: ``TABLE *``, ``TABLE name`` or ``FUNCTION name(types)``."""
    _revoke_all(cursor, role)
    append_only = append_only_tables(cursor.db.alias)
    tables = set(_tables(cursor.db, cursor)) - READ_ONLY_TABLES
    for named, right in rights.items():
        if named.startswith("FUNCTION "):
            # From the code of the app, never from outside.
            _grant(cursor, [role], right, SQL(named))
            continue
        for table in tables if named == EVERY_TABLE else tables & {named.removeprefix("TABLE ")}:
            kept = "SELECT, INSERT" if table in append_only else right
            _grant(cursor, [role], kept, SQL("TABLE {}").format(Identifier(table)))


def _tables(connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> list[str]:
    return connection.introspection.table_names(cursor)


def _grant(cursor: CursorWrapper, roles: Sequence[str], rights: str, what: Composable) -> None:
    to = SQL(", ").join(map(Identifier, roles))
    statement = SQL("GRANT " + rights + " ON {what} TO {to}").format(what=what, to=to)
    cursor.execute(_text(cursor, statement))


def _text(cursor: CursorWrapper, statement: Composable) -> str:
    return str(statement.as_string(cursor.cursor))
