"""Who takes the steps of the tables: sets of role codes."""

from bawaslu_cases.accounts.roles import BAWASLU_ROLES, PLENARY_ROLES, Role

OFFICERS = frozenset({Role.INTAKE_OFFICER, Role.CASE_OFFICER})
PLENARY = PLENARY_ROLES
STAFF = BAWASLU_ROLES
