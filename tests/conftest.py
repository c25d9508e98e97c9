"""Only what every test needs: the reference data, loaded once and kept across flushes."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections, transaction
from hypothesis import HealthCheck, settings

from bawaslu_cases.embedded.pytest_plugin import DatabaseCopies

settings.register_profile("no clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# How fast examples are drawn says how busy the machine is, and nothing of the code.
settings.load_profile("no clock")

SHARED = Path(__file__).resolve().parents[2] / "shared"
"""Material beside the checkout; tests that read it skip where it is absent."""
ROLE = """
DO $$ BEGIN CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
EXCEPTION WHEN duplicate_object THEN NULL; END $$
"""
KEPT = ("registry_", "django_content_type", "auth_permission")


@pytest.fixture(scope="session")
def django_db_setup(
    database_copies: DatabaseCopies | None,
    django_db_setup: None,
    django_db_blocker: Any,
) -> None:
    """Load the registry once a run: it is reference data that production loads the same way."""
    if database_copies and database_copies.are_here:
        return
    with django_db_blocker.unblock():
        call_command("load_registry", verbosity=0)
        # Requests of tests ask as the web does: under its roles, which see what policies show (ADR 0050).
        # A test that wants to know what a job may do takes the worker's.
        with connections["default"].cursor() as cursor:
            for role in ("bc_web", "bc_worker"):
                cursor.execute(ROLE.format(role))
        call_command("grant_roles", stdout=StringIO())
        if database_copies:
            database_copies.offer()


@pytest.fixture(autouse=True, scope="session")
def _flush_keeps_the_registry() -> Iterator[None]:
    """Keep registry tables, permissions and content types when a test empties the database.

    Nothing in them refers to other tables, and no test may change them without undoing it.
    """
    from django.db.backends.postgresql.operations import DatabaseOperations  # settings first

    original = DatabaseOperations.sql_flush

    def sql_flush(self: Any, style: Any, tables: list[str], **options: Any) -> list[str]:
        emptied = [table for table in tables if not table.startswith(KEPT)]
        return original(self, style, emptied, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


@pytest.fixture(autouse=True)
def _nobody_came_before() -> None:
    """Empty what tests of the same process count and keep for minutes: crowds, tries, sessions, figures."""
    cache.clear()


@pytest.fixture
def one_day() -> Iterator[None]:
    """Begin at noon in the capital: what is compared before and after is of one day, hour and minute."""
    with time_machine.travel(datetime.now(UTC).replace(hour=5, minute=0, second=0), tick=True):
        yield


@pytest.fixture(scope="module")
def world_of_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let fixtures of a module make what all its tests read; what a test changes ends with the test.

    As Django's own ``setUpTestData``: one transaction around the module, in which the transactions of the
    tests are savepoints. Not for a module with ``transaction=True``, which would wait for it for ever.
    """
    with django_db_blocker.unblock(), ExitStack() as transactions:
        for alias in connections:
            around = transaction.atomic(using=alias)
            # What this makes may be called as the outermost, as in a test.
            around._from_testcase = True  # type: ignore[attr-defined]
            transactions.enter_context(around)
            transactions.callback(transaction.set_rollback, rollback=True, using=alias)
        yield


@pytest.fixture
def shared_material() -> Path:
    """Return the folder of material beside the checkout, or skip."""
    if not SHARED.is_dir():
        pytest.skip("no material beside the checkout")
    return SHARED


@pytest.fixture
def vault_keys(db: None) -> Any:
    """Return a custody whose keys lie in the keyring: certificates, epochs, wraps, outside keys."""
    from tests.support.vault import vault_world

    return vault_world().fill()
