"""Writes on accounts."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import RoleGrant, User
from bawaslu_cases.accounts.roles import APART, Role
from bawaslu_cases.registry.models import Agency, Office, RecipientBody
from bawaslu_cases.shared.errors import DomainError


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
    """Create an account with its unit and roles in one step.

    Raises DomainError when two of the roles are kept apart (:data:`APART`).
    """
    roles = frozenset(roles)
    if len(roles & APART) > 1:
        raise DomainError(_("Dua dari peran ini tidak boleh dipegang satu orang."), code="apart")
    user = User.objects.create_user(
        email, password, name=name, office=office, recipient_body=recipient_body, agency=agency
    )
    RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role) for role in roles)
    return user
