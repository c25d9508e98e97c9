"""Writes on accounts."""

from bawaslu_cases.accounts.services.absences import end_absence, enter_absence
from bawaslu_cases.accounts.services.staff import enrol_staff, reactivate, suspend

__all__ = ["end_absence", "enrol_staff", "enter_absence", "reactivate", "suspend"]
