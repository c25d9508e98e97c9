"""What the web role may do, asked over its own connection."""

import os
from io import StringIO

import psycopg2
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, connections

from bawaslu_cases.shared.management.commands.grant_roles import (
    append_only_tables,
    lesser_roles,
    make_lesser,
    tables_with,
)
from bawaslu_cases.shared.row_policies import row_sights
from bawaslu_cases.shared.row_scopes import stretch_of_work
from tests.factories import AT, finding

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
    roles = [name]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [[*lesser_roles(name).values()]]
        )
        roles += [row[0] for row in cursor]
    for alias in connections:
        with connections[alias].cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {', '.join(roles)}")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP ROLE {', '.join(roles)}")


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


def test_a12_who_has_which_report_the_web_reads_and_cannot_write(web_cursor):
    """A broken-into web process gives no verifier a report (check A12)."""
    call_command("grant_roles")

    tables = sorted(tables_with("worker_writes"))
    assert tables == ["complaints_verificationturn"]
    for table in tables:
        web_cursor.execute(f'SELECT count(*) FROM "{table}"')
        for refused in (
            f'INSERT INTO "{table}" SELECT * FROM "{table}" WHERE false',
            f'UPDATE "{table}" SET id = id WHERE false',
            f'DELETE FROM "{table}" WHERE false',
            f'SELECT 1 FROM "{table}" FOR UPDATE',
        ):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                web_cursor.execute(refused)


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


def told_of_rows():
    said = StringIO()
    call_command("grant_roles", stdout=said)
    return [line for line in said.getvalue().splitlines() if "rows in sight" in line]


def test_policies_are_laid_down_once_and_again_where_somebody_changed_them(web_role, web_cursor):
    every = len(row_sights())
    assert told_of_rows() == [f"grant_roles: rows in sight, {every} tables changed"]
    assert told_of_rows() == ["grant_roles: rows in sight, 0 tables changed"]
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER POLICY {web_role}_office ON complaints_case USING (true)")
        cursor.execute("ALTER TABLE complaints_statement NO FORCE ROW LEVEL SECURITY")
        cursor.execute(f"DROP POLICY {connection.settings_dict['USER']} ON complaints_message")
        cursor.execute(f"CREATE POLICY {web_role}_more ON complaints_evidence TO {web_role}")
    assert told_of_rows() == ["grant_roles: rows in sight, 4 tables changed"]
    assert told_of_rows() == ["grant_roles: rows in sight, 0 tables changed"]


def test_the_web_signs_in_with_none_of_what_it_may_become(web_role, web_cursor):
    call_command("grant_roles")
    finding(AT, "sari")

    web_cursor.execute("SELECT count(*) FROM complaints_complaint")
    assert web_cursor.fetchone() == (0,)
    web_cursor.execute(f"SET ROLE {web_role}_nation")
    web_cursor.execute("SELECT count(*) FROM complaints_complaint")
    assert web_cursor.fetchone() == (1,)
    web_cursor.execute("RESET ROLE")
    web_cursor.execute("SELECT count(*) FROM complaints_complaint")
    assert web_cursor.fetchone() == (0,)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        web_cursor.execute("SET ROLE bc_owner")


def test_the_web_outside_a_request_is_refused_aloud(web_role, settings):
    call_command("grant_roles")
    settings.WEB_ROLE = web_role
    web = connections.create_connection("default")
    web.settings_dict = {**connection.settings_dict, "USER": web_role, "PASSWORD": PASSWORD}
    try:
        with pytest.raises(ProgrammingError, match="row-level security"), web.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM complaints_evidence")
        with stretch_of_work(), web.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM complaints_evidence")
            assert cursor.fetchone() == (0,)
        with web.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM registry_region")
            assert cursor.fetchone() > (500,)
        with pytest.raises(ProgrammingError, match="row-level security"), web.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM complaints_evidence")
    finally:
        web.close()


def test_an_owner_that_may_make_no_roles_is_told_what_to_say(web_role):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {web_role}_owner NOLOGIN")
        try:
            cursor.execute(f"SET ROLE {web_role}_owner")
            with pytest.raises(CommandError) as told:
                make_lesser(cursor, web_role, [f"{web_role}_nation"])
        finally:
            cursor.execute("RESET ROLE")
            cursor.execute(f"DROP ROLE {web_role}_owner")

    assert str(told.value) == (
        f'a superuser has to say here: CREATE ROLE "{web_role}_nation" NOLOGIN NOSUPERUSER NOCREATEDB'
        f' NOCREATEROLE NOBYPASSRLS; GRANT "{web_role}_nation" TO "{web_role}"'
        " WITH INHERIT FALSE, SET TRUE;"
    )
