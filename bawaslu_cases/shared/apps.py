"""The foundation as a Django app: numbering, the outbox and the pulses own tables."""

from django.apps import AppConfig


class SharedConfig(AppConfig):
    """Registers the tables of the foundation."""

    name = "bawaslu_cases.shared"
    label = "shared"
    verbose_name = "Fondasi"

    def ready(self) -> None:
        """Register the checks of the server; let go of what a crashed request held."""
        from bawaslu_cases.shared import checks, crashes  # noqa: F401, PLC0415 -- apps come first

        crashes.connect()
