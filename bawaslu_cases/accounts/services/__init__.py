"""Writes on accounts."""

from bawaslu_cases.accounts.services.absences import end_absence, enter_absence
from bawaslu_cases.accounts.services.changes import (
    approve_staff_change,
    propose_home_agency,
    propose_roles,
    propose_subject,
    propose_unit,
    reject_staff_change,
    withdraw_staff_change,
)
from bawaslu_cases.accounts.services.invitations import (
    accept_invitation,
    invitation_of,
    invite_again,
    invite_staff,
)
from bawaslu_cases.accounts.services.staff import enrol_staff, reactivate, suspend

__all__ = [
    "accept_invitation",
    "approve_staff_change",
    "end_absence",
    "enrol_staff",
    "enter_absence",
    "invitation_of",
    "invite_again",
    "invite_staff",
    "propose_home_agency",
    "propose_roles",
    "propose_subject",
    "propose_unit",
    "reactivate",
    "reject_staff_change",
    "suspend",
    "withdraw_staff_change",
]
