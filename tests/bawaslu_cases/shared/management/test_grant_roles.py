"""What the web role may do, asked over its own connection."""

import os

import psycopg2
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections

from bawaslu_cases.shared.management.commands.grant_roles import append_only_tables

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "only-for-this-test"


@pytest.fixture
def web_role(monkeypatch):
    """Create a role that no other test process uses (roles belong to the whole cluster)."""
    name = f"bc_web_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
    monkeypatch.setenv("WEB_ROLE", name)
    monkeypatch.setenv("WORKER_ROLE", "bc_no_such_role")
    yield name
    for alias in connections:
        with connections[alias].cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {name}")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP ROLE {name}")


@pytest.fixture
def web_cursor(web_role):
    settings = connection.settings_dict
    as_web = psycopg2.connect(
        host=settings["HOST"],
        port=settings["PORT"] or None,
        dbname=settings["NAME"],
        user=web_role,
        password=PASSWORD,
    )
    as_web.autocommit = True
    with as_web.cursor() as cursor:
        yield cursor
    as_web.close()


def test_history_can_only_grow(web_cursor, capsys):
    call_command("grant_roles")

    tables = sorted(append_only_tables())
    assert {"complaints_complaintevent", "referrals_referralevent"} <= set(tables)
    key = {model._meta.db_table: model._meta.pk.column for model in apps.get_models()}
    for table in tables:
        web_cursor.execute(f'INSERT INTO "{table}" SELECT * FROM "{table}" WHERE false')
        for refused in (
            f'UPDATE "{table}" SET {key[table]} = {key[table]}',
            f'DELETE FROM "{table}"',
            f'TRUNCATE "{table}"',
            f'ALTER TABLE "{table}" DISABLE TRIGGER ALL',
            f'DROP TABLE "{table}"',
        ):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                web_cursor.execute(refused)
    assert "no role bc_no_such_role here, skipped (WORKER_ROLE)" in capsys.readouterr().out


def test_other_tables_are_read_and_written_but_never_emptied_at_once(web_cursor):
    call_command("grant_roles")

    web_cursor.execute("UPDATE complaints_complaint SET id = id WHERE false")
    web_cursor.execute("DELETE FROM complaints_complaint WHERE false")
    web_cursor.execute("SELECT count(*) FROM django_migrations")
    for refused in (
        "TRUNCATE complaints_complaint CASCADE",
        "UPDATE django_migrations SET app = app",
        "DELETE FROM django_migrations",
        "CREATE TABLE mine (id int)",
        "SET session_replication_role = 'replica'",
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            web_cursor.execute(refused)


def test_a_right_given_by_hand_is_taken_back(web_role, web_cursor):
    table = "complaints_complaintevent"
    call_command("grant_roles")
    with connection.cursor() as cursor:
        cursor.execute(f'GRANT UPDATE, TRUNCATE ON "{table}" TO {web_role}')
        cursor.execute(f"GRANT CREATE ON SCHEMA public TO {web_role}")
    web_cursor.execute(f'UPDATE "{table}" SET id = id WHERE false')

    call_command("grant_roles")

    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        web_cursor.execute(f'UPDATE "{table}" SET id = id WHERE false')
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        web_cursor.execute("CREATE TABLE mine (id int)")


def test_the_lesser_role_may_only_what_an_app_names_in_the_databases_beside(web_role):
    with connections["keyring"].cursor() as cursor:
        cursor.execute("CREATE TABLE keyring_reportwraps_probe (id int)")
        cursor.execute(f"GRANT ALL ON keyring_reportwraps_probe TO {web_role}")
    try:
        call_command("grant_roles")

        with connections["keyring"].cursor() as cursor:
            cursor.execute(
                "SELECT privilege_type FROM information_schema.role_table_grants "
                "WHERE grantee = %s AND table_name = 'keyring_reportwraps_probe' ORDER BY 1",
                [web_role],
            )
            assert [row[0] for row in cursor] == ["DELETE", "INSERT", "SELECT", "UPDATE"]
        with connections["audit"].cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM information_schema.role_table_grants WHERE grantee = %s",
                [web_role],
            )
            assert cursor.fetchone() == (0,)
    finally:
        with connections["keyring"].cursor() as cursor:
            cursor.execute("DROP TABLE keyring_reportwraps_probe")
