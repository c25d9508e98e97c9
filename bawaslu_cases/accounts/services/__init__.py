"""Writes on accounts."""

from bawaslu_cases.accounts.services.staff import enrol_staff, reactivate, suspend

__all__ = ["enrol_staff", "reactivate", "suspend"]
