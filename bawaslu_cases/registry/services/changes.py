"""Changing the registry by two persons: one proposes, another approves, then it is applied.

No rule in force is edited: its last day is set and the next row begins the day after. Days of a phase
and seats of an office are corrected where they stand; what stood there is kept with the change.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.registry.change_forms import FORMS, as_json
from bawaslu_cases.registry.freshness import mark_changed
from bawaslu_cases.registry.models import (
    ActRule,
    Category,
    ChangeTable,
    Contest,
    ContestPhase,
    Holiday,
    HolidayCategory,
    Office,
    OfficeLevel,
    RecipientBody,
    Region,
    RegistryChange,
    RegistryChangeEvent,
    SanctionClass,
    TimeLimit,
    ViolationRule,
)
from bawaslu_cases.registry.selectors.changes import row_digest
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
SEATS_OF: Mapping[OfficeLevel, tuple[int, ...]] = {
    OfficeLevel.RI: (5,),
    OfficeLevel.PROVINCE: (5, 7),
    OfficeLevel.REGENCY: (3, 5),
}
"""UU 7/2017 ps 92."""


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
    seen: str = "",
) -> RegistryChange:
    """Write down a change that waits for a second person; the registry stays as it is.

    ``seen`` is the digest of the row as the proposer read it, "" for a caller that shows none.
    Raises NotPermittedError, ReasonNeededError, DomainError for fields that the table's form refuses or a
    row that cannot be changed so, ConflictError while another change of the row waits or where it is another
    row by now.
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
        fields=as_json(_cleaned(table, fields)) | as_was(table, row),
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
    # Asked with the change in its place: one of the row that is being approved was waited for.
    if seen and seen != row_digest(table, row):
        raise ConflictError(_("Baris itu sudah diubah atau tidak ada lagi."))
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
    first, table = change.fields.get("valid_from"), ChangeTable(change.table)
    is_new, names_row = table in NEW_ROWS, change.row is not None
    if is_new is names_row or not (is_new or _CHANGEABLE[table]().filter(pk=change.row).exists()):
        raise ConflictError(_("Baris itu sudah diubah atau tidak ada lagi."))
    check = _MORE_CHECKS.get(table)
    if check is not None:
        check(change, on)
    if first is not None and dt.date.fromisoformat(first) <= on:
        # What was decided by the law of a day gone by is not decided anew.
        raise DomainError(_("Berlaku paling cepat besok"), field="valid_from")


NEW_ROWS = frozenset({ChangeTable.HOLIDAY_ADDED, ChangeTable.PHASE_ADDED})
"""Changes that name no row: they make one."""
_CHANGEABLE: Mapping[ChangeTable, Callable[[], Any]] = {
    ChangeTable.HOLIDAY_REMOVED: Holiday.objects.all,
    ChangeTable.TIME_LIMIT: lambda: TimeLimit.objects.filter(valid_to__isnull=True),
    ChangeTable.RECIPIENT_BODY: lambda: RecipientBody.objects.filter(valid_from__isnull=True),
    ChangeTable.VIOLATION_RULE: lambda: ViolationRule.objects.filter(valid_to__isnull=True),
    ChangeTable.ACT_RULE: lambda: ActRule.objects.filter(valid_to__isnull=True),
    ChangeTable.CONTEST_PHASE: ContestPhase.objects.all,
    ChangeTable.OFFICE_SEATS: Office.objects.all,
}


def _check_violation_rule(change: RegistryChange, _on: dt.date) -> None:
    held = ViolationRule.objects.get(pk=_row(change))
    moral = change.fields["sanction_class"] == SanctionClass.MORAL
    if moral is not (held.category == Category.ETHICS):
        # PP 42/2004 ps 15: an ethics row ends in a moral sanction, a discipline row never does.
        raise DomainError(
            _("Golongan sanksi ini tidak cocok dengan jenis aturannya."), field="sanction_class"
        )


def _check_act_rule(change: RegistryChange, _on: dt.date) -> None:
    day = dt.date.fromisoformat(change.fields["valid_from"])
    code = change.fields["rule_code"]
    if not ViolationRule.objects.in_force(day).filter(code=code).exists():
        raise DomainError(_("Aturan itu tidak berlaku pada hari itu."), field="rule_code")


def _check_phase(change: RegistryChange, on: dt.date) -> None:
    """Raise where a day that lies behind would move: what was assessed by it is not assessed anew."""
    held = None if change.row is None else ContestPhase.objects.get(pk=change.row)
    if (
        held is not None
        and as_was(ChangeTable.CONTEST_PHASE, held.pk)["was"] != change.fields["was"]
    ):
        raise ConflictError(_("Baris itu sudah diubah atau tidak ada lagi."))
    first = dt.date.fromisoformat(change.fields["starts_on"])
    last = change.fields["ends_on"] and dt.date.fromisoformat(change.fields["ends_on"])
    if first <= on and (held is None or first != held.starts_on):
        raise DomainError(_("Hari pertama paling cepat besok."), field="starts_on")
    if held is not None and held.starts_on <= on and first != held.starts_on:
        raise DomainError(_("Tahapan ini sudah mulai: hari pertamanya tetap."), field="starts_on")
    if last and last < on and (held is None or last != held.ends_on):
        raise DomainError(_("Hari terakhir paling cepat hari ini."), field="ends_on")
    if held is not None and held.ends_on and held.ends_on < on and last != held.ends_on:
        raise DomainError(_("Tahapan ini sudah berakhir."), field="ends_on")


def _check_seats(change: RegistryChange, _on: dt.date) -> None:
    held = Office.objects.get(pk=_row(change))
    if change.fields["seats"] not in SEATS_OF[OfficeLevel(held.level)]:
        raise DomainError(_("Jumlah ini tidak ada untuk kantor setingkat itu."), field="seats")
    if change.fields["was"]["seats"] != held.seats:
        raise ConflictError(_("Baris itu sudah diubah atau tidak ada lagi."))


_MORE_CHECKS: Mapping[ChangeTable, Callable[[RegistryChange, dt.date], None]] = {
    ChangeTable.VIOLATION_RULE: _check_violation_rule,
    ChangeTable.ACT_RULE: _check_act_rule,
    ChangeTable.PHASE_ADDED: _check_phase,
    ChangeTable.CONTEST_PHASE: _check_phase,
    ChangeTable.OFFICE_SEATS: _check_seats,
}


def as_was(table: ChangeTable, row: int | None) -> dict[str, Any]:
    """Return what stands in a row that is corrected in place; the change keeps it. One query, or none."""
    if table is ChangeTable.CONTEST_PHASE:
        phase = ContestPhase.objects.filter(pk=row or 0).first()
        names = ("starts_on", "ends_on", "confidence")
        return {"was": as_json({name: getattr(phase, name, None) for name in names})}
    if table is ChangeTable.OFFICE_SEATS:
        office = Office.objects.filter(pk=row or 0).first()
        return {"was": {"seats": getattr(office, "seats", None)}}
    return {}


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


def _next_violation_rule(
    change: RegistryChange, fields: Mapping[str, Any], _approver: Actor, _at: dt.datetime
) -> None:
    held = ViolationRule.objects.get(pk=_row(change))
    ViolationRule.objects.filter(pk=held.pk).update(valid_to=fields["valid_from"] - DAY)
    ViolationRule.objects.create(
        code=held.code,
        category=held.category,
        stage=held.stage,
        pair_code=held.pair_code,
        source=change.source,
        **fields,
    )


def _next_act_rule(
    change: RegistryChange, fields: Mapping[str, Any], _approver: Actor, _at: dt.datetime
) -> None:
    held = ActRule.objects.get(pk=_row(change))
    ActRule.objects.filter(pk=held.pk).update(valid_to=fields["valid_from"] - DAY)
    ActRule.objects.create(
        act_id=held.act_id,
        stage=held.stage,
        rank=held.rank,
        rule_code=fields["rule_code"],
        reason=fields["remark"],
        valid_from=fields["valid_from"],
    )


def _add_phase(
    _change: RegistryChange, fields: Mapping[str, Any], _approver: Actor, _at: dt.datetime
) -> None:
    days = {name: fields[name] for name in ("kind", "starts_on", "ends_on", "confidence")}
    ContestPhase.objects.create(contest=Contest.objects.get(code=fields["contest"]), **days)


def _correct_phase(
    change: RegistryChange, fields: Mapping[str, Any], _approver: Actor, _at: dt.datetime
) -> None:
    ContestPhase.objects.filter(pk=_row(change)).update(**fields)


def _set_seats(
    change: RegistryChange, fields: Mapping[str, Any], _approver: Actor, _at: dt.datetime
) -> None:
    Office.objects.filter(pk=_row(change)).update(seats=fields["seats"])


_Apply = Callable[[RegistryChange, Mapping[str, Any], Actor, dt.datetime], None]
_APPLY: Mapping[ChangeTable, _Apply] = {
    ChangeTable.HOLIDAY_ADDED: _add_holiday,
    ChangeTable.HOLIDAY_REMOVED: _remove_holiday,
    ChangeTable.TIME_LIMIT: _next_time_limit,
    ChangeTable.RECIPIENT_BODY: _next_recipient,
    ChangeTable.VIOLATION_RULE: _next_violation_rule,
    ChangeTable.ACT_RULE: _next_act_rule,
    ChangeTable.PHASE_ADDED: _add_phase,
    ChangeTable.CONTEST_PHASE: _correct_phase,
    ChangeTable.OFFICE_SEATS: _set_seats,
}
