"""Addresses of recipient bodies: proposed by one administrator, confirmed by another, ended by either."""

import re
import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.audit import services as audit
from bawaslu_cases.registry.models import RecipientBody
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from referrals.gateways import gateway
from referrals.models import Destination
from referrals.services.transitions import move_destination, open_destination_history
from referrals.states import ADMINISTRATORS, DESTINATION_LIFECYCLE, Channel, DestinationAction

CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


@transaction.atomic
def propose_destination(
    *,
    recipient: RecipientBody,
    name: str,
    channel: Channel,
    address: dict[str, Any],
    age_key: str,
    administrator: User,
    at: datetime,
) -> Destination:
    """Write an address down; nothing goes there before a second administrator confirmed it.

    Raises AddressError (a DomainError with the part at fault), NotPermittedError.
    """
    if not administrator.has_role(*ADMINISTRATORS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    if not name.strip():
        raise DomainError(_("Tulis nama tujuan."), field="name")
    way = gateway(channel)
    tidy = way.checked(address)
    leaves = channel not in {Channel.INBOX, Channel.PRINT}
    destination = Destination(
        code=f"{recipient.code.lower()}-{channel}-{secrets.token_hex(3)}",
        recipient=recipient,
        name=name.strip()[:100],
        channel=channel,
        age_key=_age_key(age_key) if leaves else "",
        status=DESTINATION_LIFECYCLE.initial,
        status_at=at,
    )
    destination.close(tidy)
    destination.save(force_insert=True)
    open_destination_history(destination=destination, actor=administrator, at=at)
    _tell(destination, "destination.propose", administrator)
    return destination


def _age_key(text: str) -> str:
    import pyrage  # type: ignore[import-untyped]  # noqa: PLC0415 -- memory

    key = text.strip()
    try:
        pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError as error:
        raise DomainError(
            _("Tulis kunci publik age lembaga itu, diawali age1."), field="age_key"
        ) from error
    return key


@transaction.atomic
def confirm_destination(*, destination: Destination, administrator: User, at: datetime) -> None:
    """Let referrals go there from now on. Raises SamePersonError for who proposed it."""
    move_destination(
        destination=destination, action=DestinationAction.CONFIRM, actor=administrator, at=at
    )
    _tell(destination, "destination.confirm", administrator)


@transaction.atomic
def end_destination(
    *, destination: Destination, administrator: User, at: datetime, reason: str
) -> None:
    """Send nothing more there. What was sent stays; what still waits goes to the addresses in use."""
    move_destination(
        destination=destination,
        action=DestinationAction.END,
        actor=administrator,
        at=at,
        reason=reason,
    )
    _tell(destination, "destination.end", administrator)


def _tell(destination: Destination, action: str, administrator: User) -> None:
    audit.record(
        actor=administrator.public_id,
        action=action,
        subject=f"destination:{destination.public_id}",
        detail={"channel": str(destination.channel), "recipient": destination.recipient.code},
    )
