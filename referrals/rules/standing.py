"""What the rows of a ledger say, now or as they were known on a day. Pure: no query, no clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol, TypeVar

from referrals.rules.gap import gap_between
from referrals.states import REPLACES_SANCTION, AppealOutcome, EntryKind, Gap


class Row(Protocol):
    """What a row of the ledger must tell; ``referrals.models.LedgerEntry`` does."""

    pk: int
    kind: str
    sanction_class: str
    outcome: str
    replaces_id: int | None
    recorded_on: date


R = TypeVar("R", bound=Row)

_NO_SANCTION = frozenset({EntryKind.NOT_PROVEN, EntryKind.LEFT_SERVICE})
# the answer that stood before no longer does
_UNANSWERED = frozenset(
    {EntryKind.RETURNED, EntryKind.MOVED, EntryKind.TRANSFERRED, EntryKind.DROPPED}
)


def rows_in_force(rows: Iterable[R], *, on: date | None = None) -> list[R]:
    """Return the rows known on the day (all when None), each in the place of the one it replaced."""
    known = [row for row in rows if on is None or row.recorded_on <= on]
    newest = {row.replaces_id: row for row in known if row.replaces_id is not None}
    in_force = []
    for row in known:
        if row.replaces_id is not None:
            continue
        current = row
        while current.pk in newest:
            current = newest[current.pk]
        in_force.append(current)
    return in_force


@dataclass(frozen=True)
class Standing:
    """What holds: the class recommended, the row of the sanction, and what is still open about it.

    ``gap`` is None while nothing final was answered.
    """

    recommended: str = ""
    imposed: Row | None = None
    gap: Gap | None = None
    is_verified: bool = False
    is_appealed: bool = False
    is_annulled: bool = False


def standing(rows: Iterable[R], *, on: date | None = None) -> Standing:
    """Work out what holds from the rows in the order they were recorded.

    A sanction stands until an answer is sent back, the person moves to another PPK, or a remedy
    replaces or annuls it; a changed one must be verified anew.
    """
    held = Standing()
    for row in rows_in_force(rows, on=on):
        held = _after(held, row)
    return held


def _after(held: Standing, row: Row) -> Standing:
    kind = EntryKind(row.kind)
    if kind is EntryKind.RECOMMENDED:
        return replace(held, recommended=row.sanction_class)
    if kind is EntryKind.VERIFIED:
        return replace(held, is_verified=True)
    if kind is EntryKind.APPEAL_FILED:
        return replace(held, is_appealed=True)
    if kind is EntryKind.APPEAL_DECIDED:
        return _decided(held, row)
    return _answered(held, row, kind)


def _answered(held: Standing, row: Row, kind: EntryKind) -> Standing:
    if kind is EntryKind.IMPOSED:
        gap = gap_between(held.recommended, row.sanction_class)
        return Standing(held.recommended, imposed=row, gap=gap)
    if kind in _NO_SANCTION:
        return Standing(held.recommended, gap=Gap.NONE)
    return Standing(held.recommended) if kind in _UNANSWERED else held


def _decided(held: Standing, row: Row) -> Standing:
    after = replace(held, is_appealed=False, is_verified=False)
    if row.outcome in REPLACES_SANCTION:
        gap = gap_between(held.recommended, row.sanction_class)
        return replace(after, imposed=row, gap=gap)
    if row.outcome == AppealOutcome.ANNULLED:
        return replace(after, imposed=None, gap=Gap.NONE, is_annulled=True)
    return after


def last_of(rows: Sequence[R], *kinds: EntryKind) -> R | None:
    """Return the latest row in force of one of the kinds, or None."""
    return next((row for row in reversed(rows_in_force(rows)) if row.kind in kinds), None)
