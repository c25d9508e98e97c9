"""Who is signed in, read at once: every page of staff asks for the person, unit, roles and second factor.

Four small queries cost a page as much as its list. They are one statement here, written once a process.
"""

from typing import Any, Final

from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.backends import ModelBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet

from bawaslu_cases.accounts.models import RoleGrant, User
from bawaslu_cases.accounts.sight import see_as
from bawaslu_cases.shared.prepared import Prepared


def _people(key: int) -> "QuerySet[User]":
    roles = RoleGrant.objects.filter(user=OuterRef("pk")).values("role")
    factors = Authenticator.objects.filter(user=OuterRef("pk"))
    people = User.objects.select_related("office").annotate(
        held_roles=ArraySubquery(roles), has_second_factor=Exists(factors)
    )
    return people.filter(pk=key)


_SIGNED_IN: Final = Prepared[User](_people)


def has_second_factor(user: User) -> bool:
    """Say whether somebody set up a second factor. No query for whoever a session named."""
    known: bool | None = getattr(user, "has_second_factor", None)
    return bool(is_mfa_enabled(user)) if known is None else known


class AtOnce:
    """A backend's answer to "who is this?" with what every page asks of a person."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the active person with unit, ``roles`` and ``has_second_factor``. One query.

        None for somebody who is shut out and for service accounts, which no session is for. From then on
        the request sees this person's rows.
        """
        user = next(iter(_SIGNED_IN.rows(key=int(user_id))), None)
        if user is None or not user.is_active:
            return None
        user.__dict__["roles"] = frozenset(user.__dict__.pop("held_roles"))
        see_as(user)
        return user


class PasswordBackend(AtOnce, ModelBackend):
    """Django's own, for the owner's commands and whatever signs in by name and password."""


class StaffBackend(AtOnce, AuthenticationBackend):  # type: ignore[misc]
    """allauth's, for the page where staff sign in."""
