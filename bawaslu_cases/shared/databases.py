"""Three databases and which app lives in which.

``keyring`` holds what opens sealed identities; its backups are kept for days only, so that erasing
a wrap is final (protection.md 0.7). ``audit`` is written through one function and outlives a
roll-back of what it tells about (protection.md D). Everything else lives in ``default``. No foreign
key crosses: rows name each other by UUID.
"""

from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model

KEYRING: Final = "keyring"
AUDIT: Final = "audit"

ALIAS_OF_APP: Final = {"keyring": KEYRING, "audit": AUDIT}
"""App label → alias; an app that is not named lives in ``default``."""

APP_OF_ALIAS: Final = {alias: app for app, alias in ALIAS_OF_APP.items()}
"""The one app of each database beside ``default``."""


def alias_of(app_label: str) -> str:
    """Return the alias of the database an app's tables live in."""
    return ALIAS_OF_APP.get(app_label, DEFAULT_DB_ALIAS)


class AppRouter:
    """Sends every query and every table of an app to its one database."""

    def db_for_read(self, model: type[Model], **_hints: Any) -> str:
        """Return the alias to read from."""
        return alias_of(model._meta.app_label)

    def db_for_write(self, model: type[Model], **_hints: Any) -> str:
        """Return the alias to write to."""
        return alias_of(model._meta.app_label)

    def allow_relation(self, first: Model, second: Model, **_hints: Any) -> bool:
        """Refuse a relation that would cross databases."""
        return alias_of(first._meta.app_label) == alias_of(second._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool:
        """Create an app's tables in its own database only."""
        return db == alias_of(app_label)
