"""The only writer of the ledger. Each row is added together with what the follow-up repeats of it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import SanctionType
from bawaslu_cases.shared.errors import ConflictError, DomainError
from complaints.services.deadlines import local_day
from referrals.models import FollowUp, LedgerEntry
from referrals.rules.standing import Standing, standing
from referrals.services.transitions import move_follow_up
from referrals.states import EntryKind, FollowUpAction


@transaction.atomic
def record(
    *,
    follow_up: FollowUp,
    kind: EntryKind,
    by: User | None,
    at: datetime,
    on: date | None = None,
    **facts: Any,
) -> LedgerEntry:
    """Add one row and repeat what holds now on the follow-up. Three queries.

    ``on`` is the fact's own day, the day of recording when left out; ``facts`` are columns of the row.
    The type of a sanction gives its class and basis.
    """
    day = local_day(at, follow_up.referral.case.office)
    sanction_type: SanctionType | None = facts.get("sanction_type")
    if sanction_type is not None:
        facts.setdefault("sanction_class", sanction_type.sanction_class)
        facts.setdefault("bases", [sanction_type.legal_basis])
    entry = LedgerEntry.objects.create(
        follow_up=follow_up,
        kind=kind,
        happened_on=on or day,
        agency_id=follow_up.agency_id,
        recorded_by=by,
        recorded_on=day,
        recorded_at=at,
        **facts,
    )
    _repeat(follow_up)
    return entry


def open_ledger(*, follow_up: FollowUp, bases: Sequence[str], by: User, at: datetime) -> None:
    """Write the first row: what the recipient body recommended, on which bases."""
    record(
        follow_up=follow_up,
        kind=EntryKind.RECOMMENDED,
        by=by,
        at=at,
        on=follow_up.recommended_on,
        sanction_class=follow_up.recommended_class,
        bases=list(bases),
        note=follow_up.recommendation,
    )


def standing_of(follow_up: FollowUp, *, on: date | None = None) -> Standing:
    """Return what the ledger says now, or said on a day. One query."""
    return standing(follow_up.ledger.all(), on=on)


def _repeat(follow_up: FollowUp) -> None:
    held = standing_of(follow_up)
    imposed = held.imposed
    follow_up.imposed_id = imposed.sanction_type_id if isinstance(imposed, LedgerEntry) else None
    follow_up.gap = held.gap or ""
    follow_up.save(update_fields=["imposed", "gap"])


@transaction.atomic
def correct_sanction(
    *,
    follow_up: FollowUp,
    officer: User,
    at: datetime,
    reason: str,
    sanction_type: SanctionType,
    decree_number: str,
    decree_on: date,
    seen: str = "",
) -> LedgerEntry:
    """Put right what was recorded of the sanction: a new row in the old one's place.

    The old row stays readable; somebody else must verify again. ``seen`` is the key of the row that the
    officer had before them, "" for a caller that shows none. Raises DomainError without a sanction to
    correct, or for a date in the future, ConflictError when another row stands by now.
    """
    # "answered" before and after: the status alone would let two replace one row.
    FollowUp.objects.select_for_update(of=("self",), no_key=True).get(pk=follow_up.pk)
    held = standing_of(follow_up).imposed
    if not isinstance(held, LedgerEntry):
        raise DomainError(_("Belum ada sanksi yang dapat diperbaiki."), code="nothing_imposed")
    if seen and seen != str(held.pk):
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))
    if not decree_number.strip():
        raise DomainError(_("Tulis nomor keputusan"), field="decree_number")
    if decree_on > local_day(at, follow_up.referral.case.office):
        raise DomainError(_("Tanggal keputusan tidak boleh setelah hari ini"), field="decree_on")
    move_follow_up(
        follow_up=follow_up, action=FollowUpAction.CORRECT, actor=officer, at=at, reason=reason
    )
    return record(
        follow_up=follow_up,
        kind=EntryKind(held.kind),
        by=officer,
        at=at,
        on=decree_on,
        sanction_type=sanction_type,
        decree_number=decree_number.strip(),
        remedy=held.remedy,
        outcome=held.outcome,
        answer_id=held.answer_id,
        replaces=held,
        note=reason.strip(),
    )
