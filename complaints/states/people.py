"""Who takes the steps of the tables: sets of role codes."""

from bawaslu_cases.accounts.roles import BAWASLU_ROLES, PLENARY_ROLES, WORKING_ROLES

OFFICERS = WORKING_ROLES
PLENARY = PLENARY_ROLES
STAFF = BAWASLU_ROLES
