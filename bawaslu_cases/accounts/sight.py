"""Whose rows the database shows to a person (ADR 0050): coarser than ``visible_to``, and apart from it."""

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.registry.models import OfficeLevel
from bawaslu_cases.shared.row_scopes import NATION, NOTHING, Scope, Sight, take


def sight_of(user: User) -> Scope:
    """Return what the database lets a person see. No query for whoever a session or token named.

    Custodians are one group for the country, whatever office they sit in.
    """
    if user.office is not None:
        if user.office.level == OfficeLevel.RI:
            return NATION
        if not user.is_service and user.has_role(Role.CUSTODIAN):
            return NATION
        return Scope(Sight.OFFICE, user.office.path)
    if user.recipient_body_id is not None:
        return Scope(Sight.RECIPIENT, str(user.recipient_body_id))
    if user.agency_id is not None:
        return Scope(Sight.AGENCY, str(user.agency_id))
    return NATION if user.has_role(Role.CUSTODIAN) else NOTHING


def see_as(user: User) -> None:
    """Let the rest of the request see what this person may see."""
    take(sight_of(user))
