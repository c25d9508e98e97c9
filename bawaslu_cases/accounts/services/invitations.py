"""A new account: made by an administrator without any role, entered by a link that works once.

The link is signed with the server's key and not kept, so nobody who reads the database can follow it.
"""

import datetime as dt
from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import Invitation, User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.units import Unit
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from bawaslu_cases.shared.outbox.services import publish
from bawaslu_cases.shared.outbox.topics import idempotency_key

TOPIC: Final = "accounts.invite"
SALT: Final = "bawaslu_cases.accounts.invitation"
HOLDS_FOR: Final = dt.timedelta(hours=72)
"""A weekend fits in; a link that lay in a mailbox for longer is not the person's any more (working rule)."""


@transaction.atomic
def invite_staff(
    *, email: str, name: str, unit: Unit, administrator: User, at: dt.datetime
) -> Invitation:
    """Open an account without a role and without a password, and promise the mail with its link.

    Raises NotPermittedError for anybody but an administrator, DomainError (field ``email``) for an
    address that has an account.
    """
    if not administrator.has_role(Role.ADMINISTRATOR):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    try:
        with transaction.atomic():
            person = User.objects.create_user(email, name=name.strip(), **unit.as_fields())
    except IntegrityError as error:
        raise DomainError(_("Surel ini sudah punya akun."), field="email") from error
    return _invited(person, administrator, at)


@transaction.atomic
def invite_again(*, person: User, administrator: User, at: dt.datetime) -> Invitation:
    """Make a new link; the older one is called off.

    DomainError for an account that is entered already or is suspended: no link opens a used account.
    """
    if not administrator.has_role(Role.ADMINISTRATOR):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    held = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if held.has_usable_password() or held.last_login or not held.is_active:
        raise DomainError(_("Akun ini sudah dipakai atau dibekukan."), code="account_used")
    Invitation.objects.filter(user=held, used_at=None, revoked_at=None).update(revoked_at=at)
    return _invited(held, administrator, at)


def link_of(invitation: Invitation) -> str:
    """Return the path of an invitation's page. No query."""
    token = signing.dumps(invitation.public_id.hex, salt=SALT)
    return reverse("account_invitation", args=[token])


def invitation_of(token: str, *, at: dt.datetime) -> Invitation | None:
    """Return the invitation a link stands for while it holds, None for anything else. One query, or none."""
    try:
        public_id = UUID(signing.loads(token, salt=SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None
    rows = Invitation.objects.filter(
        public_id=public_id,
        used_at=None,
        revoked_at=None,
        expires_at__gt=at,
        user__is_active=True,
    )
    return rows.select_related("user").first()


@transaction.atomic
def accept_invitation(*, invitation: Invitation, password: str, at: dt.datetime) -> None:
    """Set the first password; the link is spent.

    DomainError (field ``password``) for a password the house refuses, ConflictError for a link that was
    used or called off meanwhile; nothing is changed then.
    """
    person = invitation.user
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise DomainError(" ".join(error.messages), field="password") from error
    rows = Invitation.objects.filter(
        pk=invitation.pk, used_at=None, revoked_at=None, expires_at__gt=at
    )
    if not rows.update(used_at=at):
        raise ConflictError(_("Tautan ini tidak berlaku lagi. Minta yang baru."))
    person.set_password(password)
    person.save(update_fields=["password"])


def send_invitation(*, subject_id: str) -> None:
    """Mail one invitation: the link and not a word more. A second try carries the same Message-ID."""
    row = Invitation.objects.select_related("user").filter(pk=int(subject_id)).first()
    if row is None or not is_mailed() or row.used_at or row.revoked_at:
        return
    with translation.override("id"):
        EmailMessage(
            subject=_now("Ada yang menunggu Anda"),
            body=_now("Buka tautan ini untuk memasang kata sandi: %(link)s")
            % {"link": settings.DESK_ORIGIN.rstrip("/") + link_of(row)},
            to=[row.user.email],
            headers={"Message-ID": f"<{idempotency_key()}@{settings.EMAIL_MESSAGE_DOMAIN}>"},
        ).send()


def is_mailed() -> bool:
    """Say whether links go by mail here; without, the administrator hands them over."""
    return bool(settings.EMAIL_HOST and settings.DESK_ORIGIN)


def _invited(person: User, administrator: User, at: dt.datetime) -> Invitation:
    row = Invitation.objects.create(
        user=person, made_by=administrator, made_at=at, expires_at=at + HOLDS_FOR
    )
    publish(topic=TOPIC, subject_id=str(row.pk))
    return row
