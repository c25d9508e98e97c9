"""Single sign-on: whose account a proven subject is, and linking the two. No account is ever made here."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.id_tokens import ProvenSubject
from bawaslu_cases.accounts.models import ProviderLink, StaffChange, User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.selectors import OFFICE_DOMAIN, dormant_accounts
from bawaslu_cases.shared.errors import ConflictError, DomainError

OWN_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
_VAULT = (Role.VERIFIER, Role.CUSTODIAN)
_REFUSED = _("Akun ini tidak dapat masuk lewat SSO.")
_TAKEN = _("Akun SSO itu sudah tertaut ke akun lain.")


class SignOnRefusedError(DomainError):
    """An account that does not sign in through the provider. Whoever reads it learns not why."""

    code = "sign_on_refused"


class SecondFactorMissingError(DomainError):
    """Neither the provider nor the account itself has a second factor to show."""

    code = "second_factor_missing"


def person_of(proven: ProvenSubject, *, has_second_factor: bool, at: datetime) -> User:
    """Return who signs in. Three queries, or four.

    SignOnRefusedError for a subject that is nobody's, and for an account that is shut, unused for too
    long, a service's or an office's, the owner's, or of the vault without a passkey of its own;
    SecondFactorMissingError where neither side has one.
    """
    link = (
        ProviderLink.objects.filter(issuer=proven.issuer, subject=proven.subject)
        .select_related("user")
        .first()
    )
    if link is None or not _may_enter(link.user, at):
        raise SignOnRefusedError(_REFUSED)
    if not has_second_factor and not has_own_factor(link.user):
        raise SecondFactorMissingError(_("Langkah kedua tidak ada."))
    return link.user


def _may_enter(user: User, at: datetime) -> bool:
    if not user.is_active or not may_link(user):
        return False
    if dormant_accounts(at=at, rows=User.objects.filter(pk=user.pk)).exists():
        return False
    passkey = [Authenticator.Type.WEBAUTHN]
    return not user.has_role(*_VAULT) or is_mfa_enabled(user, types=passkey)


def may_link(user: User) -> bool:
    """Say whether an account is a person's of staff: none of a service, an office's link or the owner."""
    return not (user.is_service or user.is_superuser or user.email.endswith(f"@{OFFICE_DOMAIN}"))


def has_own_factor(user: User) -> bool:
    """Say whether somebody has a second factor here. One query."""
    return bool(is_mfa_enabled(user, types=list(OWN_FACTORS)))


def check_subject(person: User, issuer: str, subject: str) -> None:
    """Raise unless the subject may become a person's; "" always may. One query at most.

    SignOnRefusedError for an account that is no person's, ConflictError for a subject of somebody else.
    """
    if not subject:
        return
    if not may_link(person):
        raise SignOnRefusedError(_REFUSED)
    taken = ProviderLink.objects.filter(issuer=issuer, subject=subject).exclude(user=person)
    if taken.exists():
        raise ConflictError(_TAKEN, field="subject", code="subject_taken")


@transaction.atomic
def link_provider(
    *, person: User, issuer: str, subject: str, at: datetime, change: StaffChange | None = None
) -> ProviderLink:
    """Link somebody to the subject they proved, or (``change``) that two administrators named.

    A link to another provider or subject is replaced. ConflictError when the subject is somebody else's,
    SignOnRefusedError for an account that is no person's.
    """
    check_subject(person, issuer, subject)
    try:
        with transaction.atomic():
            link, _made = ProviderLink.objects.update_or_create(
                user=person,
                defaults={
                    "issuer": issuer,
                    "subject": subject,
                    "change": change,
                    "made_at": at,
                },
            )
    except IntegrityError as error:
        if "provider_subject_of_one_person" not in str(error):
            raise
        raise ConflictError(_TAKEN, field="subject", code="subject_taken") from error
    return link


@transaction.atomic
def unlink_provider(*, person: User) -> None:
    """Take somebody's link away. DomainError where it is their only way in, or there is none."""
    if not person.has_usable_password():
        raise DomainError(_("Tanpa kata sandi, tautan ini satu-satunya cara Anda masuk."))
    count, _rows = ProviderLink.objects.filter(user=person).delete()
    if not count:
        raise DomainError(_("Akun ini tidak tertaut."))
