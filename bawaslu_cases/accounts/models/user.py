"""Users, the roles granted to them, and the unit each belongs to."""

import uuid
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.roles import APART, Role
from bawaslu_cases.registry.models import Agency, Office, OfficeLevel, RecipientBody


class UserManager(BaseUserManager["User"]):
    """People. E-mail addresses are compared without regard to case.

    Service accounts are no people: they are left out here, so none of them signs in (Django's backend
    and sessions ask this manager), stands in a list, is given work or is counted.
    """

    def get_queryset(self) -> "models.QuerySet[User]":
        """Return the people."""
        return super().get_queryset().filter(is_service=False)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create and return an account; an empty password cannot be used to sign in."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an account for the management commands of the owner."""
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find by e-mail, any case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A member of staff. Belongs to exactly one kind of unit; a reporter never has an account.

    With ``is_service`` it is who an API client acts as (ADR 0041): no password, no role, one office.
    """

    # How keys and the audit log name a person: an e-mail address would be a name.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("surel"), unique=True)
    name = models.CharField(_("nama"), max_length=150)
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recipient_body = models.ForeignKey(
        RecipientBody, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Of somebody on loan (diperbantukan): who employs them, and whose people they must not judge.
    home_agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_active = models.BooleanField(default=True)
    is_service = models.BooleanField(default=False, editable=False)
    date_joined = models.DateTimeField(auto_now_add=True)
    # Counts as being used: whoever is let in again is not shut as dormant the next night.
    reactivated_at = models.DateTimeField(null=True, blank=True)

    objects = UserManager()
    # With service accounts: for the names of those who did something.
    everyone: "models.Manager[User]" = models.Manager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="user_belongs_to_one_kind_of_unit",
                condition=(
                    models.Q(recipient_body__isnull=True, agency__isnull=True)
                    | models.Q(office__isnull=True, agency__isnull=True)
                    | models.Q(office__isnull=True, recipient_body__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="user_service_of_an_office",
                condition=models.Q(is_service=False)
                | models.Q(office__isnull=False, is_superuser=False, last_login__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Nobody uses Django's admin for cases; only the owner's superuser counts as its staff."""
        return self.is_superuser

    @cached_property
    def roles(self) -> frozenset[str]:
        """Return the codes of the granted roles. One query, then kept for the request."""
        return frozenset(self.role_grants.values_list("role", flat=True))

    def has_role(self, *roles: str) -> bool:
        """Say whether an active person holds one of ``roles``."""
        return self.is_active and not self.roles.isdisjoint(roles)

    @cached_property
    def scope_office_ids(self) -> tuple[int, ...] | None:
        """Return the ids of the own office and its children; None means the whole country.

        At most one query, kept for the request. Nobody without an office sees anything: ().
        """
        if self.office is None:
            return ()
        if self.office.level == OfficeLevel.RI:
            return None
        own = Office.objects.under(self.office.path)
        return tuple(own.order_by("pk").values_list("pk", flat=True))


class RoleGrant(models.Model):
    """One role of one person."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="role_granted_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="role_grant_role_known"
            ),
            # protection.md E: verifier, custodian, auditor and administrator are four people.
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(role__in=sorted(role.value for role in APART)),
                name="role_grant_apart",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"
