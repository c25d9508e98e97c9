"""The foundation as a Django app: numbering and the outbox own tables."""

from django.apps import AppConfig


class SharedConfig(AppConfig):
    """Registers the two tables of the foundation."""

    name = "bawaslu_cases.shared"
    label = "shared"
    verbose_name = "Fondasi"

    def ready(self) -> None:
        """Let go of what a crashed request held."""
        from bawaslu_cases.shared import crashes  # noqa: PLC0415 -- signals once apps are there

        crashes.connect()
