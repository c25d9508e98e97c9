"""The audit log: append-only, chained, in a database of its own. It knows no other app."""

from typing import ClassVar

from django.apps import AppConfig

from bawaslu_cases.audit import sql


class AuditConfig(AppConfig):
    """Registers the log."""

    name = "bawaslu_cases.audit"
    label = "audit"
    verbose_name = "Jejak audit"
    rights: ClassVar[dict[str, dict[str, str]]] = {
        "web": sql.rights("web"),
        "worker": sql.rights("worker"),
    }
    """Role → object → rights, set by ``grant_roles``; what is not named is refused."""
