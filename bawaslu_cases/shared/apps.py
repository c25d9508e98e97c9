"""The foundation as a Django app: numbering and the outbox own tables."""

from django.apps import AppConfig


class SharedConfig(AppConfig):
    """Registers the two tables of the foundation."""

    name = "bawaslu_cases.shared"
    label = "shared"
    verbose_name = "Fondasi"
