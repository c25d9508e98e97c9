"""What a change of somebody's rights does to the matters they have: kept away, laid down, or told above."""

from datetime import datetime
from typing import Any

from django.db import transaction

from bawaslu_cases.accounts.models import StaffChange, StaffChangeKind, User
from bawaslu_cases.accounts.services import approve_staff_change, suspend
from bawaslu_cases.shared.row_scopes import beyond
from complaints.models import Case, Complaint, WorkAction, WorkEvent
from complaints.services.desk_watch import watch_desks
from complaints.services.legacy_recusals import hold_imports, recuse_home_agency
from complaints.services.recusals import apply_home_agency
from complaints.states import OFFICERS


@transaction.atomic
def approve_change_of_staff(*, change: StaffChange, approver: User, at: datetime) -> int:
    """Approve a change and carry it to the person's work; return how much was laid down.

    A home agency recuses from every open matter about its people. What somebody has in hand and may no
    longer work on, because of another unit or a role that went, is nobody's from now on: the unit's
    officers and its chair see it among what nobody has. Errors as in ``approve_staff_change``.
    """
    if change.kind == StaffChangeKind.HOME_AGENCY:
        hold_imports()
    person = approve_staff_change(change=change, approver=approver, at=at)
    if change.kind == StaffChangeKind.HOME_AGENCY:
        apply_home_agency(user=person, at=at)
        recuse_home_agency(user=person, at=at)
        return 0
    if change.kind in {StaffChangeKind.SUBJECT, StaffChangeKind.SCOPES}:
        return 0
    watch_desks(at=at)
    return _lay_down(person, at)


@transaction.atomic
def suspend_colleague(*, person: User, administrator: User, at: datetime) -> None:
    """Shut an account; tell the level above where nobody is left at its desk. Errors as in ``suspend``."""
    suspend(person=person, administrator=administrator)
    watch_desks(at=at)


@beyond("an administrator's decision lays down work in whatever office it lies")
def _lay_down(person: User, at: datetime) -> int:
    works = person.has_role(*OFFICERS)
    count = 0
    models: tuple[Any, ...] = (Complaint, Case)
    for model in models:
        held = model.objects.open().filter(assignee=person)
        if works:
            held = held.exclude(pk__in=model.objects.visible_to(person).values("pk"))
        for row in held.select_for_update(of=("self",)).order_by("pk"):
            row.assignee = None
            row.save(update_fields=["assignee"])
            WorkEvent.objects.create(
                complaint=row if isinstance(row, Complaint) else None,
                case=row if isinstance(row, Case) else None,
                action=WorkAction.RELEASE,
                actor=None,
                at=at,
                detail={"from": person.pk, "to": None, "by": "staff_change"},
            )
            count += 1
    return count
