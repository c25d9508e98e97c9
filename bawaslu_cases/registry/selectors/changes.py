"""Changes of the registry, and the rows that two persons may change."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet

from bawaslu_cases.registry.change_forms import FORMS
from bawaslu_cases.registry.models import (
    ChangeTable,
    Holiday,
    RecipientBody,
    RegistryChange,
    TimeLimit,
)
from bawaslu_cases.registry.states import ChangeStatus

SHOWN = 50


def waiting_changes() -> QuerySet[RegistryChange]:
    """Return the changes that wait for a second person, oldest first. One query."""
    return RegistryChange.objects.filter(status=ChangeStatus.PROPOSED).order_by("pk")


def changes() -> QuerySet[RegistryChange]:
    """Return the latest changes that were settled. One query."""
    return RegistryChange.objects.exclude(status=ChangeStatus.PROPOSED)[:SHOWN]


def rows_to_change(table: ChangeTable, *, on: dt.date) -> list[tuple[int, str]]:
    """Return key and words of each row that may be changed. One query, none for new holidays.

    Holidays that lie behind are left out: their removal would move nothing that still runs.
    """
    rows: Any
    match table:
        case ChangeTable.HOLIDAY_ADDED:
            return []
        case ChangeTable.HOLIDAY_REMOVED:
            rows = Holiday.objects.filter(date__gte=on)
            return [(day.pk, f"{day.date:%d-%m-%Y} {day.name}") for day in rows]
        case ChangeTable.TIME_LIMIT:
            rows = TimeLimit.objects.filter(valid_to__isnull=True)
            return [(row.pk, _limit_words(row)) for row in rows]
        case _:
            rows = RecipientBody.objects.filter(valid_from__isnull=True)
            return [(row.pk, row.name) for row in rows]


def _limit_words(row: TimeLimit) -> str:
    regime = f" ({row.get_regime_display()})" if row.regime else ""
    return f"{row.name}{regime}: {row.value} {row.get_unit_display()}"


def change_rows(change: RegistryChange) -> list[dict[str, str]]:
    """Return what a change says beside what stands now, field by field. One query at most."""
    table = ChangeTable(change.table)
    held: Any = None
    if table is ChangeTable.TIME_LIMIT:
        held = TimeLimit.objects.filter(pk=change.row or 0).first()
    elif table is ChangeTable.RECIPIENT_BODY:
        held = RecipientBody.objects.filter(pk=change.row or 0).first()
    told = []
    for name, field in FORMS[table]().fields.items():
        before, after = getattr(held, name, None), change.fields.get(name)
        choices = dict(getattr(field, "choices", ()))
        told.append(
            {
                "label": str(field.label),
                "before": str(choices.get(before, before if before is not None else "")),
                "after": str(choices.get(after, after if after is not None else "")),
            }
        )
    return told
