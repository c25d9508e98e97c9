"""All that somebody has in hand to somebody else: leave, illness, a new post."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.shared.errors import DomainError, NotPermittedError
from complaints.models import Case, Complaint
from complaints.services.assignment import assign


@dataclass(frozen=True)
class HandedOver:
    """How many went over, and how many the new one may not have (they stay where they were)."""

    given: int
    kept: int


@transaction.atomic
def hand_over_all(*, giver: User, to: User, officer: User, at: datetime) -> HandedOver:
    """Hand everything open that ``giver`` has and ``officer`` sees to ``to``, one event each.

    For the chair, or for the giver. NotPermittedError for anybody else; DomainError (field ``to``) for the
    same person or one of another office. What a conflict or a reporter's wish keeps from ``to`` stays, and
    is counted without a word why.
    """
    if officer.pk != giver.pk and not officer.has_role(Role.CHAIR):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    if giver.pk == to.pk or to.office_id != giver.office_id:
        raise DomainError(_("Pilih petugas lain di unit yang sama."), field="to")
    given = kept = 0
    for model in (Complaint, Case):
        rows = model.objects.visible_to(officer).open().filter(assignee=giver)
        for row in rows.order_by("pk").select_related("office"):
            try:
                assign(subject=row, to=to, officer=officer, at=at, seen=giver.pk)
            except DomainError:
                kept += 1
            else:
                given += 1
    return HandedOver(given, kept)
