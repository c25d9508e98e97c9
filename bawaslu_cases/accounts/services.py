"""Writes on accounts."""

from collections.abc import Iterable

from django.db import transaction

from bawaslu_cases.accounts.models import RoleGrant, User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.registry.models import Agency, Office, RecipientBody


@transaction.atomic
def enrol_staff(
    *,
    email: str,
    name: str,
    password: str | None,
    roles: Iterable[Role],
    office: Office | None = None,
    recipient_body: RecipientBody | None = None,
    agency: Agency | None = None,
) -> User:
    """Create an account with its unit and roles in one step."""
    user = User.objects.create_user(
        email, password, name=name, office=office, recipient_body=recipient_body, agency=agency
    )
    RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role) for role in roles)
    return user
