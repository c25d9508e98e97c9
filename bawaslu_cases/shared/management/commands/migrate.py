"""``manage.py migrate``: Django's own, which knows that a side database holds one app.

``migrate`` alone brings all databases up to date; ``migrate --database keyring`` only that one. Django
would replay the migrations of every app in each of them, doing nothing, at a second each.

No lock is waited for longer than half a second, forwards or backwards: who waits for one makes the intake
wait behind it. A migration that met one in use is tried again (:mod:`bawaslu_cases.shared.brief_locks`).

A database that is new is migrated with fewer classes (:mod:`bawaslu_cases.shared.migration_state`). One
that holds cases goes Django's own, slow way: there is something to lose, and no hurry.
"""

from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.recorder import MigrationRecorder

from bawaslu_cases.shared.brief_locks import until_free
from bawaslu_cases.shared.databases import APP_OF_ALIAS, alias_of
from bawaslu_cases.shared.migration_state import rendering_what_changed


class Command(MigrateCommand):
    """Migrate ``default`` and the databases beside it, or the one that is named."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Tell a database that was named from the default of the option."""
        super().add_arguments(parser)
        parser.set_defaults(database=None)

    def get_check_kwargs(self, options: dict[str, Any]) -> Any:
        """Check with every database where none is named."""
        named = [options["database"]] if options["database"] else list(connections)
        return {**super().get_check_kwargs(options), "databases": named}

    def handle(self, *args: Any, **options: Any) -> None:
        """Run Django's command once for each database, again where a table was in use.

        Raises StillHeldError when it stays so; each migration is there whole or not at all.
        """
        app, named = options["app_label"], options["database"]
        own = [alias_of(app)] if app else [DEFAULT_DB_ALIAS, *APP_OF_ALIAS]
        for alias in [named] if named else own:
            of_this = options | {"database": alias} | _only_its_app(alias, options)
            run = partial(super().handle, *args, **of_this)
            with _way(alias):
                until_free(
                    connections[alias], run, tell=self.stderr.write, done=partial(_applied, alias)
                )


def _way(alias: str) -> AbstractContextManager[None]:
    return nullcontext() if _applied(alias) else rendering_what_changed()


def _applied(alias: str) -> frozenset[tuple[str, str]]:
    return frozenset(MigrationRecorder(connections[alias]).applied_migrations())


def _only_its_app(alias: str, options: dict[str, Any]) -> dict[str, Any]:
    if alias not in APP_OF_ALIAS or options["app_label"]:
        return {}
    return {"app_label": APP_OF_ALIAS[alias], "run_syncdb": False}
