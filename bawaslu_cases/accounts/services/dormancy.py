"""Accounts that nobody uses: told a week ahead, then shut at night.

Counted from the last sign-in, or from the day the account was made or opened again.
"""

import datetime as dt
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from bawaslu_cases.accounts.models import DormancyNotice, User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.selectors import dormant_accounts, dormant_after
from bawaslu_cases.accounts.services.staff import shut
from bawaslu_cases.audit import services as audit
from bawaslu_cases.shared.outbox.services import publish
from bawaslu_cases.shared.outbox.topics import idempotency_key

TOPIC: Final = "accounts.dormant"
AHEAD: Final = dt.timedelta(days=7)
"""How long before an account is shut its owner is told: one week of work."""
KEPT_ADMINISTRATORS: Final = 2
"""Two administrators can open any account again; the two seen last are never shut."""
NIGHT: Final = range(1, 5)
"""Hours, WIB, in which accounts are shut: nobody is put out while working late."""


def suspend_dormant(*, at: dt.datetime) -> tuple[int, int]:
    """Tell who is about to be dormant, shut who was told a week ago; return how many of each.

    Only at night. Harmless however often: one notice per stretch without a sign-in, and an account that
    was shut is no candidate. An entry of the audit log stands before each account is shut.
    """
    if at.astimezone(dt.timezone(dt.timedelta(hours=7))).hour not in NIGHT:
        return 0, 0
    told = [_tell(person, at) for person in dormant_accounts(at=at + AHEAD)]
    needed = _administrators_to_keep()
    shut_now = 0
    for person in dormant_accounts(at=at):
        notice = DormancyNotice.objects.filter(user=person, seen_at=person.seen)  # type: ignore[attr-defined]
        if person.pk in needed or not notice.filter(made_at__lte=at - AHEAD).exists():
            continue
        shut_now += _shut(person, at)
    return sum(told), shut_now


def send_dormancy_notice(*, subject_id: str) -> None:
    """Mail one notice, without content. A second try carries the same Message-ID."""
    row = DormancyNotice.objects.select_related("user").filter(pk=int(subject_id)).first()
    if row is None or not row.user.is_active or not settings.EMAIL_HOST:
        return
    with translation.override("id"):
        EmailMessage(
            subject=_("Akun yang lama tidak dipakai"),
            body=_("Masuk sekali dalam tujuh hari, agar akun tidak dibekukan."),
            to=[row.user.email],
            headers={"Message-ID": f"<{idempotency_key()}@{settings.EMAIL_MESSAGE_DOMAIN}>"},
        ).send()


@transaction.atomic
def _tell(person: User, at: dt.datetime) -> bool:
    row, made = DormancyNotice.objects.get_or_create(
        user=person,
        seen_at=person.seen,  # type: ignore[attr-defined]
        defaults={"made_at": at},
    )
    if made:
        publish(topic=TOPIC, subject_id=str(row.pk))
    return made


@transaction.atomic
def _shut(person: User, at: dt.datetime) -> bool:
    """Shut an account unless its owner signed in while this ran."""
    held = User.objects.select_for_update(of=("self",)).filter(pk=person.pk, is_active=True)
    before = at - dormant_after()
    if not held.filter(Q(last_login=None) | Q(last_login__lt=before)).exists():
        return False
    audit.record(
        actor="system:dormancy",
        action="staff.suspend",
        subject=f"person:{person.public_id}",
        detail={"days": settings.STAFF_DORMANT_DAYS},
    )
    shut(person)
    return True


def _administrators_to_keep() -> frozenset[int]:
    rows = User.objects.filter(is_active=True, role_grants__role=Role.ADMINISTRATOR)
    seen = sorted(
        rows.values_list("pk", "last_login", "date_joined"),
        key=lambda row: (row[1] or row[2], row[0]),
        reverse=True,
    )
    return frozenset(pk for pk, _login, _joined in seen[:KEPT_ADMINISTRATORS])
