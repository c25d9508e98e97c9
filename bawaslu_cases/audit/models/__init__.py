"""Tables of the database ``audit``."""

from bawaslu_cases.audit.models.event import AuditEvent

__all__ = ["AuditEvent"]
