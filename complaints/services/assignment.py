"""Who has a record or a case in hand: given, taken, handed over, laid down.

Nothing here decides who ought to have it; that is asked of rules elsewhere. What is checked is that the
person can: works on complaints, is active, and sees the subject with their own eyes (scope, the reporter's
exclusions, recusals).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.models import Case, Complaint, WorkAction, WorkEvent
from complaints.models.complaint import ComplaintQuerySet
from complaints.states import OFFICERS, OPEN_CASE_STATUSES, OPEN_COMPLAINT_STATUSES, STAFF

S = TypeVar("S", Complaint, Case)


@transaction.atomic
def assign(
    *,
    subject: Complaint | Case,
    to: User | None,
    officer: User,
    at: datetime,
    seen: int | None,
) -> WorkEvent:
    """Put a record or case into somebody's hands, or into nobody's (``to`` None). Four queries.

    ``seen`` is the ``assignee_id`` that the person acting saw. Raises ConflictError when another has it
    by now, NotPermittedError for a role that does not work here, DomainError when ``to`` cannot have it
    (one and the same words whatever the cause: a recusal is nobody's news), has it already, or the
    subject is closed. Writes one WorkEvent: ASSIGN, HAND_OVER or RELEASE.
    """
    held = {subject.pk: seen}
    if isinstance(subject, Complaint):
        events, refused = _assigned(Complaint, [subject], _locked(subject), to, officer, at, held)
    else:
        events, refused = _assigned(Case, [subject], _locked(subject), to, officer, at, held)
    if refused:
        raise refused[subject.pk]
    return events[0]


@transaction.atomic
def assign_many(
    *,
    complaints: Sequence[Complaint],
    to: User | None,
    officer: User,
    at: datetime,
    seen: Mapping[int, int | None],
) -> Mapping[int, DomainError]:
    """Do the same for many records; return what :func:`assign` would have raised, by key. Three queries.

    The records were read by :func:`for_hands` in this transaction. ``seen`` has the assignee that the
    person acting saw of each. Raises NotPermittedError for all.
    """
    now = {row.pk: (row.status, row.assignee_id) for row in complaints}
    return _assigned(Complaint, complaints, now, to, officer, at, seen)[1]


def for_hands(rows: ComplaintQuerySet) -> ComplaintQuerySet:
    """Return records as :func:`assign_many` takes them, by key and locked. A filter, no query.

    Locked by the query that reads them, five hundred rows are looked up once and not twice.
    """
    return rows.select_for_update(no_key=True).order_by("pk")


def _locked(subject: Complaint | Case) -> Mapping[int, tuple[str, int | None]]:
    """Lock a row until the end and return its status and assignee as they are now. One query."""
    rows = type(subject)._default_manager.filter(pk=subject.pk).select_for_update(no_key=True)
    return {pk: (status, held) for pk, status, held in rows.values_list("pk", "status", "assignee")}


def _assigned(
    model: type[S],
    subjects: Sequence[S],
    now: Mapping[int, tuple[str, int | None]],
    to: User | None,
    officer: User,
    at: datetime,
    seen: Mapping[int, int | None],
) -> tuple[list[WorkEvent], dict[int, DomainError]]:
    """Write what can be and return it, and why the rest cannot.

    ``now`` has status and assignee of the rows, which are locked until the end.
    """
    if not officer.has_role(*STAFF):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    target = None if to is None else to.pk
    keys = [subject.pk for subject in subjects]
    able = set(keys) if to is None else _can_have(model, keys, to)
    refused: dict[int, DomainError] = {}
    for pk in keys:
        error = _refusal(model, now.get(pk), target, seen[pk], is_able=pk in able)
        if error is not None:
            refused[pk] = error
    given = [subject for subject in subjects if subject.pk not in refused]
    rows = model._default_manager.filter(pk__in=[subject.pk for subject in given])
    rows.update(assignee_id=target)
    for subject in given:
        subject.assignee_id = target
    events = WorkEvent.objects.bulk_create(
        WorkEvent(
            complaint=subject if isinstance(subject, Complaint) else None,
            case=subject if isinstance(subject, Case) else None,
            action=_action(seen[subject.pk], target),
            actor=officer,
            at=at,
            detail={"from": seen[subject.pk], "to": target},
        )
        for subject in given
    )
    return events, refused


def _refusal(
    model: type[Complaint] | type[Case],
    now: tuple[str, int | None] | None,
    target: int | None,
    seen: int | None,
    *,
    is_able: bool,
) -> DomainError | None:
    """Return why a row cannot go from the hands it was seen in into others; None when it can."""
    if target == seen:
        return DomainError(
            _("Belum ditugaskan kepada siapa pun.")
            if target is None
            else _("Sudah ditugaskan kepada orang ini."),
            code="assigned_already",
        )
    if not is_able:
        return DomainError(_("Petugas ini tidak dapat menanganinya."), field="to")
    if now is None or now[1] != seen:
        return ConflictError(_("Baru saja ditugaskan oleh orang lain. Muat ulang halaman."))
    if now[0] not in (OPEN_COMPLAINT_STATUSES if model is Complaint else OPEN_CASE_STATUSES):
        return DomainError(_("Sudah selesai, jadi tidak ditugaskan lagi."), code="closed")
    return None


def _can_have(model: type[Complaint] | type[Case], keys: Sequence[int], to: User) -> set[int]:
    """Return which of the rows the person could work on: by role, and seen with their own eyes."""
    if not to.has_role(*OFFICERS):
        return set()
    rows = (Complaint if model is Complaint else Case).objects.visible_to(to)
    return set(rows.filter(pk__in=keys).values_list("pk", flat=True))


def _action(seen: int | None, target: int | None) -> WorkAction:
    if target is None:
        return WorkAction.RELEASE
    return WorkAction.ASSIGN if seen is None else WorkAction.HAND_OVER
