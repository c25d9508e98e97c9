"""Throw-away PostgreSQL and Valkey for one test run, and what tests need around them.

Where DATABASE_URL or REDIS_URL is set, that server is used and none is started for it. Each xdist
process gets its own Valkey databases, its own media folder and (from pytest-django) its own
PostgreSQL database.
"""

import atexit
import fcntl
import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from bawaslu_cases.embedded.throwaway import ThrowawayServers

EMPTY_LOG = """
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM audit_event) THEN
    ALTER TABLE audit_event DISABLE TRIGGER USER;
    DELETE FROM audit_event;
    ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_frozen;
    ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_kept;
  END IF;
END $$
"""
"""The log's triggers fire for replicas too, and its table is no managed one."""
CHROMIUM = Path("/usr/bin/chromium")
SOCKET_VARIABLE = "EMBEDDED_TEST_VALKEY"
"""Tells the xdist processes that Valkey is ours, and where it listens."""
MEDIA_VARIABLE = "EMBEDDED_TEST_MEDIA"
MODELS_VARIABLE = "EMBEDDED_TEST_MODELS"
"""Names the file that tells xdist's processes that databases to copy from exist (ours only)."""


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """Start the servers before pytest-django reads the settings (a wrapper runs first)."""
    options = early_config.known_args_namespace
    if not (options.help or options.version):
        process = os.environ.get("PYTEST_XDIST_WORKER", "")
        if not process:
            servers = ThrowawayServers()
            # Also on a crash of the run; a kill -9 is covered by the parent-death signal.
            atexit.register(servers.stop)
            early_config.add_cleanup(servers.stop)
            servers.start()
            os.environ[MEDIA_VARIABLE] = str(servers.folder / "media")
            if servers.postgres:
                os.environ[MODELS_VARIABLE] = str(servers.folder / "models")
            if servers.valkey:
                os.environ[SOCKET_VARIABLE] = str(servers.valkey.socket)
        _take_own_share(process)
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """Let xdist keep the order that is made below: its own puts the modules with most tests first."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def _take_own_share(process: str) -> None:
    """Point this process at its own Valkey databases and media folder.

    ``process`` is "" or xdist's "gw0", "gw1", …; the controller shares numbers 0 and 1 with nobody.
    """
    index = int(process.removeprefix("gw")) + 1 if process else 0
    if SOCKET_VARIABLE in os.environ:
        path = os.environ[SOCKET_VARIABLE]
        os.environ["REDIS_URL"] = f"unix://{path}?db={2 * index}"
        os.environ["CACHE_URL"] = os.environ["REDIS_URL"]
        os.environ["BROKER_URL"] = f"redis+socket://{path}?virtual_host={2 * index + 1}"
    media = Path(os.environ[MEDIA_VARIABLE]) / (process or "main")
    media.mkdir(parents=True, exist_ok=True)
    os.environ["MEDIA_ROOT"] = str(media)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep what shares something of its module in one xdist process: each other would make it anew."""
    known = getattr(item, "_fixtureinfo", None)
    shares = known is not None and any(
        definition.scope == "module"
        for definitions in known.name2fixturedefs.values()
        for definition in definitions
    )
    if shares and item.get_closest_marker("xdist_group") is None:
        item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move browser tests to the end and skip them where there is no Chromium, except in CI.

    At the end, because Playwright leaves an event loop in the thread for as long as it lives and
    Django then refuses queries of every later test. Of each half the long ones come first, the longest
    before them, so that no process works alone when the others have ended. ``trylast`` comes after the
    random order.
    Before all comes one test of the database and then those that need none: while the process of the
    first migrates, the others would stand and wait for it.
    """
    items.sort(key=lambda item: (_comes_last(item), -_seconds(item)))
    first = next((item for item in items if _needs_database(item)), None)
    items.sort(key=lambda item: 0 if item is first else 1 + _is_held_up(item))
    for item in items:
        _allow_every_database(item)
    if CHROMIUM.exists() or os.environ.get("CI", "").lower() == "true":
        return
    for item in filter(_drives_browser, items):
        item.add_marker(pytest.mark.skip(reason=f"{CHROMIUM} is not installed"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Allow queries beside Playwright's event loop, for browser tests only."""
    if not _drives_browser(item):
        return (yield)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        return (yield)
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """In CI a missing browser is a failure: a skipped gate is no gate."""
    if _drives_browser(item) and not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is not installed and CI=true", pytrace=False)


def _allow_every_database(item: pytest.Item) -> None:
    """Let a test of the database use the databases beside the default one too."""
    if _needs_database(item):
        own = item.get_closest_marker("django_db")
        arguments = {"databases": "__all__", **(own.kwargs if own else {})}
        item.add_marker(pytest.mark.django_db(**arguments), append=False)


def _is_held_up(item: pytest.Item) -> bool:
    """Say whether a test has to wait for the databases, or for all others."""
    return _needs_database(item) or _comes_last(item)


def _needs_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(
        fixtures & {"db", "transactional_db", "live_server", "django_db_setup"}
    )


def _comes_last(item: pytest.Item) -> bool:
    """Say whether a test goes to the end; the canary's stay together, around one costly walk."""
    return _drives_browser(item) and item.get_closest_marker("canary") is None


def _seconds(item: pytest.Item) -> int:
    """Return how long a test takes, as its mark says; one without a number counts as 1, others as 0."""
    mark = item.get_closest_marker("long")
    if mark is None:
        return int(item.get_closest_marker("faults") is not None)
    return int(mark.args[0]) if mark.args else 1


def _drives_browser(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is not None


def pytest_collection_finish() -> None:
    """Let databases go with their server, and the garbage collector forget what stays for the whole run.

    Dropping a database fails while a session of it that was closed has not ended, as on a busy machine.
    A tenth of the time was the collector's.
    """
    if MODELS_VARIABLE in os.environ:
        from django.db.backends.postgresql.creation import (  # noqa: PLC0415 -- settings first
            DatabaseCreation,
        )

        setattr(DatabaseCreation, "_destroy_test_db", lambda *_arguments: None)  # noqa: B010
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True, scope="session")
def _flush_is_quick_and_complete() -> Iterator[None]:
    """Empty the databases after a transactional test row by row, append-only tables too.

    TRUNCATE makes new files for each of some hundred tables and their indexes, whether or not a test
    wrote to them. The locks are TRUNCATE's: whoever still writes is waited for. What follows a
    migration (permissions, content types) is not done again, so the flush has to keep those tables.

    The triggers of append-only tables refuse. They are lifted for the flush alone, which only the
    owner of a test database may do; tests about the refusal run before it and are not affected.
    """
    from django.core.management.commands import flush  # noqa: PLC0415 -- settings first
    from django.db.backends.postgresql.operations import (  # noqa: PLC0415 -- settings first
        DatabaseOperations,
    )

    original = DatabaseOperations.execute_sql_flush

    def sql_flush(operations: Any, _style: Any, tables: list[str], **_options: Any) -> list[str]:
        names = [operations.quote_name(table) for table in tables]
        if not names:
            return []
        locks = f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE"
        return ["; ".join([locks, *(f"DELETE FROM {name}" for name in names)])]

    def execute(operations: Any, sql_list: list[str]) -> None:
        # Django runs the list in one transaction, so LOCAL ends with it.
        if operations.connection.alias == "audit":
            sql_list = [*sql_list, EMPTY_LOG]
        original(operations, ["SET LOCAL session_replication_role = 'replica'", *sql_list])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        patch.setattr(DatabaseOperations, "execute_sql_flush", execute)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_arguments, **_options: None)
        yield


class DatabaseCopies:
    """What one xdist process made, for the others to copy instead of migrating again."""

    def __init__(self, models: IO[str]) -> None:
        fcntl.flock(models, fcntl.LOCK_EX)  # the first one holds it until its own are complete
        models.seek(0)
        self.are_here = models.read() != ""
        self._models = models
        if self.are_here:
            for connection in self._connections():
                connection.settings_dict["TEST"]["TEMPLATE"] = f"model_{connection.alias}"
            fcntl.flock(models, fcntl.LOCK_UN)

    def offer(self) -> None:
        """Leave copies of this process's databases, which are complete and not used yet."""
        for connection in self._connections():
            name, copy = connection.settings_dict["NAME"], f"model_{connection.alias}"
            connection.close()
            with connection._nodb_cursor() as cursor:  # noqa: SLF001 -- as Django itself does
                cursor.execute(f'DROP DATABASE IF EXISTS "{copy}"')
                cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
        self._models.write("complete")
        self._models.flush()
        fcntl.flock(self._models, fcntl.LOCK_UN)

    def _connections(self) -> list[Any]:
        from django.db import connections  # noqa: PLC0415 -- settings first

        return list(connections.all())


@pytest.fixture(scope="session")
def database_copies() -> Iterator[DatabaseCopies | None]:
    """Give what another xdist process made, or None where there is none other or no own server."""
    path = os.environ.get(MODELS_VARIABLE)
    if path is None or "PYTEST_XDIST_WORKER" not in os.environ:
        yield None
        return
    with Path(path).open("a+", encoding="ascii") as models:
        yield DatabaseCopies(models)
