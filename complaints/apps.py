"""Registration of the complaints app."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    """Intake, triage, cases."""

    name = "complaints"
