"""Changing the registry by two persons: one proposes, another approves, then it is applied.

No row in force is edited: its last day is set and the next row begins the day after.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.change_forms import FORMS, as_json
from bawaslu_cases.registry.freshness import mark_changed
from bawaslu_cases.registry.models import (
    ChangeTable,
    Holiday,
    HolidayCategory,
    RecipientBody,
    Region,
    RegistryChange,
    RegistryChangeEvent,
    TimeLimit,
)
from bawaslu_cases.registry.services.calendar import DayOffDraft, change_calendar
from bawaslu_cases.registry.states import (
    ADMINISTRATORS,
    CHANGE_LIFECYCLE,
    ChangeAction,
    ChangeStatus,
)
from bawaslu_cases.shared.errors import (
    ConflictError,
    DomainError,
    NotPermittedError,
    ReasonNeededError,
)
from bawaslu_cases.shared.transitions import Actor, Machine, advance, open_history

MACHINE = Machine(CHANGE_LIFECYCLE, ChangeStatus, RegistryChangeEvent, "change")
DAY = dt.timedelta(days=1)


@transaction.atomic
def propose_change(
    *,
    table: ChangeTable,
    row: int | None,
    fields: Mapping[str, Any],
    reason: str,
    source: str,
    proposer: Actor,
    at: dt.datetime,
) -> RegistryChange:
    """Write down a change that waits for a second person; the registry stays as it is.

    Raises NotPermittedError, ReasonNeededError, DomainError for fields that the table's form refuses or a
    row that cannot be changed so, ConflictError while another change of the row waits.
    """
    if not proposer.has_role(*ADMINISTRATORS):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    if not reason.strip():
        raise ReasonNeededError(_("Tulis alasannya."), field="reason")
    if not source.strip():
        raise DomainError(_("Tulis sumbernya: peraturan, keputusan, atau surat"), field="source")
    change = RegistryChange(
        table=table,
        row=row,
        fields=as_json(_cleaned(table, fields)),
        reason=reason.strip(),
        source=source.strip(),
        status_at=at,
    )
    _check_row(change, on=at.date())
    try:
        with transaction.atomic():
            change.save()
    except IntegrityError as error:
        if "registry_change_one_open_per_row" not in str(error):
            raise
        raise ConflictError(_("Perubahan lain atas baris ini masih menunggu.")) from error
    open_history(row=change, machine=MACHINE, actor=proposer, at=at, reason=change.reason)
    return change


@transaction.atomic
def approve_change(*, change: RegistryChange, approver: Actor, at: dt.datetime) -> None:
    """Approve and apply a change in one transaction.

    Raises SamePersonError for the proposer, ConflictError when it was settled meanwhile or its row
    changed, DomainError when it does not hold any more; nothing is changed then.
    """
    advance(
        row=change,
        machine=MACHINE,
        action=ChangeAction.APPROVE,
        actor=approver,
        at=at,
        also={"applied_at": at},
    )
    _check_row(change, on=at.date())
    fields = _cleaned(ChangeTable(change.table), change.fields)
    try:
        with transaction.atomic():
            _APPLY[ChangeTable(change.table)](change, fields, approver, at)
    except IntegrityError as error:
        raise ConflictError(
            _("Perubahan ini berbenturan dengan baris lain yang berlaku pada hari yang sama.")
        ) from error
    transaction.on_commit(mark_changed)


def reject_change(
    *, change: RegistryChange, officer: Actor, reason: str, at: dt.datetime
) -> RegistryChangeEvent:
    """Refuse a change with a reason; whoever proposed it withdraws it instead."""
    event = advance(
        row=change,
        machine=MACHINE,
        action=ChangeAction.REJECT,
        actor=officer,
        at=at,
        reason=reason,
    )
    assert isinstance(event, RegistryChangeEvent)  # noqa: S101 -- the machine's own event model
    return event


def withdraw_change(
    *, change: RegistryChange, officer: Actor, at: dt.datetime
) -> RegistryChangeEvent:
    """Take a change back. Raises NotPermittedError for anybody but its proposer."""
    proposed = change.events.filter(action="create", actor_id=officer.pk)
    if not proposed.exists():
        raise NotPermittedError(_("Hanya pengusul yang dapat menarik usulannya."))
    event = advance(row=change, machine=MACHINE, action=ChangeAction.WITHDRAW, actor=officer, at=at)
    assert isinstance(event, RegistryChangeEvent)  # noqa: S101 -- the machine's own event model
    return event


def _cleaned(table: ChangeTable, fields: Mapping[str, Any]) -> dict[str, Any]:
    form = FORMS[table](fields)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise DomainError(str(errors[0]), field=name)
    return form.cleaned_data


def _check_row(change: RegistryChange, *, on: dt.date) -> None:
    """Raise unless the row a change speaks of is there and can be changed from the day it names."""
    first = change.fields.get("valid_from")
    rows = [] if change.row is None else [change.row]
    match ChangeTable(change.table):
        case ChangeTable.HOLIDAY_ADDED:
            held = change.row is None
        case ChangeTable.HOLIDAY_REMOVED:
            held = Holiday.objects.filter(pk__in=rows).exists()
        case ChangeTable.TIME_LIMIT:
            held = TimeLimit.objects.filter(pk__in=rows, valid_to__isnull=True).exists()
        case _:
            held = RecipientBody.objects.filter(pk__in=rows, valid_from__isnull=True).exists()
    if not held:
        raise ConflictError(_("Baris itu sudah diubah atau tidak ada lagi."))
    if first is not None and dt.date.fromisoformat(first) <= on:
        # What was decided by the law of a day gone by is not decided anew.
        raise DomainError(_("Berlaku paling cepat besok"), field="valid_from")


def _row(change: RegistryChange) -> int:
    assert change.row is not None  # noqa: S101 -- looked at by _check_row
    return change.row


def _add_holiday(
    change: RegistryChange, fields: Mapping[str, Any], approver: Actor, at: dt.datetime
) -> None:
    region = Region.objects.get(code=fields["region"]) if fields["region"] else None
    draft = DayOffDraft(
        date=fields["date"],
        category=HolidayCategory(fields["category"]),
        name=fields["name"],
        region=region,
        source=change.source,
    )
    change_calendar(add=[draft], reason=change.reason, actor_id=approver.pk, at=at)


def _remove_holiday(
    change: RegistryChange, _fields: Mapping[str, Any], approver: Actor, at: dt.datetime
) -> None:
    held = Holiday.objects.select_related("region").get(pk=_row(change))
    change_calendar(remove=[held], reason=change.reason, actor_id=approver.pk, at=at)


def _next_time_limit(
    change: RegistryChange, fields: Mapping[str, Any], _approver: Actor, _at: dt.datetime
) -> None:
    held = TimeLimit.objects.get(pk=_row(change))
    TimeLimit.objects.filter(pk=held.pk).update(valid_to=fields["valid_from"] - DAY)
    TimeLimit.objects.create(
        code=held.code,
        name=held.name,
        regime=held.regime,
        starts_from=held.starts_from,
        note=held.note,
        **fields,
    )


def _next_recipient(
    change: RegistryChange, fields: Mapping[str, Any], _approver: Actor, _at: dt.datetime
) -> None:
    following = RecipientBody.objects.get(pk=_row(change))
    current = RecipientBody.objects.filter(
        kind=following.kind, valid_from__isnull=False, valid_to__isnull=True
    )
    current.update(valid_to=fields["valid_from"] - DAY)
    RecipientBody.objects.filter(pk=following.pk).update(**fields)


_Apply = Callable[[RegistryChange, Mapping[str, Any], Actor, dt.datetime], None]
_APPLY: Mapping[ChangeTable, _Apply] = {
    ChangeTable.HOLIDAY_ADDED: _add_holiday,
    ChangeTable.HOLIDAY_REMOVED: _remove_holiday,
    ChangeTable.TIME_LIMIT: _next_time_limit,
    ChangeTable.RECIPIENT_BODY: _next_recipient,
}
