"""Accounts: opening one, shutting it, letting somebody in again."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import RoleGrant, User
from bawaslu_cases.accounts.roles import APART, Role
from bawaslu_cases.registry.models import Agency, Office, RecipientBody
from bawaslu_cases.shared.errors import DomainError, NotPermittedError


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


@transaction.atomic
def suspend(*, person: User, administrator: User) -> None:
    """Shut an account; every session of it ends now. Reads all sessions: staff only, and rare.

    NotPermittedError for anybody but an administrator, DomainError for one's own account.
    """
    _check_administers(person, administrator)
    shut(person)


def shut(person: User) -> None:
    """Shut an account and end its sessions; who may is asked before. For callers inside a transaction."""
    User.objects.filter(pk=person.pk).update(is_active=False)
    for session in Session.objects.iterator(chunk_size=500):
        if session.get_decoded().get(SESSION_KEY) == str(person.pk):
            session.delete()


@transaction.atomic
def reactivate(*, person: User, administrator: User, at: datetime) -> None:
    """Open a suspended account again; its sessions stay ended. Errors as in :func:`suspend`."""
    _check_administers(person, administrator)
    User.objects.filter(pk=person.pk).update(is_active=True, reactivated_at=at)


def _check_administers(person: User, administrator: User) -> None:
    if not administrator.has_role(Role.ADMINISTRATOR):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    if person.pk == administrator.pk:
        raise DomainError(_("Akun sendiri tidak dapat diubah di sini."), code="own_account")
