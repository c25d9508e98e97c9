"""One step for many records: the single action's own service, which says of each row why it cannot be.

Nothing is decided here. A row that the service refuses is left as it was and reported with the service's
own words; the others go through. Hands and labels change in a few statements for all rows; steps of the
state table go row by row, each in its own savepoint.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.errors import (
    ConflictError,
    DomainError,
    NotPermittedError,
    ReasonNeededError,
)
from complaints.models import Complaint, InternalNote, Tag
from complaints.models.complaint import ComplaintQuerySet
from complaints.services.assignment import assign_many, for_hands
from complaints.services.reports import propose_report
from complaints.services.tags import tag_many, untag_many
from complaints.services.triage import close_without_case, propose
from complaints.states import REPORT_LANES, STAFF, ComplaintAction, ComplaintStatus, Lane

BY_HAND = 50
"""Rows that somebody may pick by hand at once."""
AT_ONCE = 500
"""Rows of "all in this view" at once."""
LONGEST_REASON = 2000


class BulkAction(models.TextChoices):
    """What may be done with many records at once."""

    ASSIGN = "assign", _("Tugaskan")
    TAG = "tag", _("Beri label")
    UNTAG = "untag", _("Lepas label")
    MOVE = "move", _("Usulkan dilimpahkan")
    CLOSE = "close", _("Usulkan ditutup")


@dataclass(frozen=True)
class Order:
    """What is to be done, by whom and why. ``to`` None lays the rows down (ASSIGN)."""

    action: BulkAction
    officer: User
    at: datetime
    reason: str
    to: User | None = None
    tag: Tag | None = None
    target: Office | None = None


@dataclass(frozen=True)
class Row:
    """One record as the person saw it: who had it in hand, where it stood."""

    public_id: UUID
    assignee: int | None
    status: str


@dataclass
class Outcome:
    """What came of it: references done, and of the others the reference and why."""

    done: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str | Promise]] = field(default_factory=list)


@transaction.atomic
def apply_to_many(*, order: Order, rows: Sequence[Row]) -> Outcome:
    """Take one step for each row and report which could not be taken, and why.

    ReasonNeededError without a reason, DomainError for too many rows or none and for a row that the person
    does not see, NotPermittedError for a role that does not work here; nothing is changed then. Rows go by
    key, so that two of these at once wait for each other and never for ever.
    """
    _check(order, rows)
    seen = {row.public_id: row for row in rows}
    found = Complaint.objects.visible_to(order.officer).filter(public_id__in=list(seen))
    outcome, done = Outcome(), []
    rows_found = {
        complaint: seen.pop(complaint.public_id) for complaint in _READ[order.action](found)
    }
    if seen:
        # No list shows such a row: it left the person's sight meanwhile, or somebody guesses ids.
        raise DomainError(
            _(
                "Ada laporan yang tidak ditemukan dalam wilayah kerja Anda. Tidak ada yang diubah: "
                "periksa daftar ini, lalu kirim lagi."
            ),
            code="not_found",
        )
    refused = _take(order, rows_found)
    for complaint in rows_found:
        error = refused.get(complaint.pk)
        if error is not None:
            outcome.skipped.append((complaint.reference, error.message))
        else:
            outcome.done.append(complaint.reference)
            done.append(complaint)
    if order.action in _KEPT_AS_NOTE:
        # Steps through the state table keep the reason in their own event.
        InternalNote.objects.bulk_create(
            InternalNote(
                complaint=row, text=order.reason.strip(), author=order.officer, at=order.at
            )
            for row in done
        )
    return outcome


Found = Mapping[Complaint, Row]
Refused = dict[int, DomainError]


def _take(order: Order, rows: Found) -> Refused:
    """Take the step where the row stands as it was seen; return why not, by key."""
    refused: Refused = {}
    standing = {}
    for complaint, row in rows.items():
        if complaint.status == row.status:
            standing[complaint] = row
        else:
            refused[complaint.pk] = ConflictError(_("baru diubah oleh orang lain"))
    return refused | STEPS[order.action](order, standing)


_KEPT_AS_NOTE = frozenset({BulkAction.ASSIGN, BulkAction.TAG, BulkAction.UNTAG})


def _to_step(rows: ComplaintQuerySet) -> ComplaintQuerySet:
    """Return records with what a step of the state table looks at, by key."""
    return rows.select_related("office", "region", "contest").order_by("pk")


def _to_label(rows: ComplaintQuerySet) -> ComplaintQuerySet:
    """Return records with what a label and the answer need, by key: of 500, texts are most of the time."""
    return rows.only("public_id", "reference", "status", "assignee_id").order_by("pk")


def _to_hand_over(rows: ComplaintQuerySet) -> ComplaintQuerySet:
    """Return the same, locked."""
    return for_hands(_to_label(rows))


_READ: Mapping[BulkAction, Callable[[ComplaintQuerySet], ComplaintQuerySet]] = {
    BulkAction.ASSIGN: _to_hand_over,
    BulkAction.TAG: _to_label,
    BulkAction.UNTAG: _to_label,
    BulkAction.MOVE: _to_step,
    BulkAction.CLOSE: _to_step,
}


def _check(order: Order, rows: Sequence[Row]) -> None:
    if not order.officer.has_role(*STAFF):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    if not order.reason.strip():
        raise ReasonNeededError(_("Tulis alasannya."), field="reason")
    if len(order.reason) > LONGEST_REASON:
        raise DomainError(_("Alasan paling banyak 2.000 huruf"), field="reason")
    if not rows:
        raise DomainError(_("Centang paling sedikit satu laporan"), field="rows")
    if len(rows) > AT_ONCE:
        raise DomainError(_("Paling banyak 500 laporan sekaligus"), field="rows")
    if order.action in {BulkAction.TAG, BulkAction.UNTAG} and order.tag is None:
        raise DomainError(_("Pilih label"), field="tag")
    if order.action is BulkAction.MOVE and order.target is None:
        raise DomainError(_("Pilih kantor"), field="target")


def _assign(order: Order, rows: Found) -> Refused:
    held = {complaint.pk: row.assignee for complaint, row in rows.items()}
    return dict(
        assign_many(
            complaints=list(rows), to=order.to, officer=order.officer, at=order.at, seen=held
        )
    )


def _tag(order: Order, rows: Found) -> Refused:
    assert order.tag is not None  # noqa: S101 -- checked for the whole order
    return dict(tag_many(complaints=list(rows), tag=order.tag, officer=order.officer, at=order.at))


def _untag(order: Order, rows: Found) -> Refused:
    assert order.tag is not None  # noqa: S101 -- checked for the whole order
    return dict(
        untag_many(complaints=list(rows), tag=order.tag, officer=order.officer, at=order.at)
    )


def _each(step: Callable[[Order, Complaint], None]) -> Callable[[Order, Found], Refused]:
    """Return a step that goes row by row: what the state table says is written one event at a time."""

    def steps(order: Order, rows: Found) -> Refused:
        refused: Refused = {}
        for complaint in rows:
            try:
                with transaction.atomic():
                    step(order, complaint)
            except DomainError as error:
                refused[complaint.pk] = error
        return refused

    return steps


def _move(order: Order, complaint: Complaint) -> None:
    if complaint.lane not in REPORT_LANES:
        raise DomainError(_("hanya laporan yang dapat dilimpahkan (PB7 ps 39)"))
    propose_report(
        complaint=complaint,
        action=ComplaintAction.PROPOSE_DELEGATION,
        officer=order.officer,
        at=order.at,
        reason=order.reason,
        target=order.target,
    )


def _close(order: Order, complaint: Complaint) -> None:
    """Take the step that ends a record where it stands: the plenary decides on tips and reports."""
    officer, at, reason = order.officer, order.at, order.reason
    if complaint.lane in REPORT_LANES:
        action = ComplaintAction.PROPOSE_REFUSAL
        propose_report(complaint=complaint, action=action, officer=officer, at=at, reason=reason)
    elif complaint.lane == Lane.FINDING or complaint.status == ComplaintStatus.TRACING:
        close_without_case(complaint=complaint, officer=officer, at=at, reason=reason)
    else:
        action = ComplaintAction.PROPOSE_ARCHIVE
        propose(complaint=complaint, action=action, officer=officer, at=at, reason=reason)


STEPS: Mapping[BulkAction, Callable[[Order, Found], Refused]] = {
    BulkAction.ASSIGN: _assign,
    BulkAction.TAG: _tag,
    BulkAction.UNTAG: _untag,
    BulkAction.MOVE: _each(_move),
    BulkAction.CLOSE: _each(_close),
}
