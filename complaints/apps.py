"""Registration of the complaints app."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    """Intake, triage, cases."""

    name = "complaints"

    def ready(self) -> None:
        """Tell the audit log what it must hold of every opening of an identity."""
        from bawaslu_cases.audit import rules  # noqa: PLC0415 -- models are loaded by now
        from complaints.services.audit_rules import OpeningRule  # noqa: PLC0415 -- the same

        rules.register("openings", OpeningRule)
