"""Registration of the composition layer."""

from django.apps import AppConfig


class WorldConfig(AppConfig):
    """Commands only; no models."""

    name = "bawaslu_cases.world"
    label = "world"
