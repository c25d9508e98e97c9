"""Changes of the registry, and the rows that two persons may change."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import dateformat
from django.utils.translation import gettext as _

from bawaslu_cases.registry.change_forms import FORMS, as_json
from bawaslu_cases.registry.models import (
    ActRule,
    ChangeTable,
    ContestPhase,
    Holiday,
    Office,
    PhaseKind,
    RecipientBody,
    RegistryChange,
    TimeLimit,
    ViolationRule,
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
    """Return key and words of each row that may be changed. One query, none for what is new.

    Holidays and phases that lie behind are left out: to change them would move nothing that still runs.
    """
    rows = _ROWS.get(table)
    return rows(on) if rows else []


def _day(day: dt.date) -> str:
    return dateformat.format(day, "j M Y")


def _holidays(on: dt.date) -> list[tuple[int, str]]:
    rows = Holiday.objects.filter(date__gte=on)
    return [(day.pk, f"{_day(day.date)}: {day.name}") for day in rows]


def _limits(_on: dt.date) -> list[tuple[int, str]]:
    return [(row.pk, _limit_words(row)) for row in TimeLimit.objects.filter(valid_to__isnull=True)]


def _bodies(_on: dt.date) -> list[tuple[int, str]]:
    return [(row.pk, row.name) for row in RecipientBody.objects.filter(valid_from__isnull=True)]


def _violation_rules(_on: dt.date) -> list[tuple[int, str]]:
    rows = ViolationRule.objects.filter(valid_to__isnull=True)
    return [(row.pk, f"{row.code} {row.title_id}") for row in rows]


def _act_rules(_on: dt.date) -> list[tuple[int, str]]:
    rows = ActRule.objects.filter(valid_to__isnull=True).select_related("act")
    return [(row.pk, _act_rule_words(row)) for row in rows.order_by("act__order", "stage", "rank")]


def _phases(on: dt.date) -> list[tuple[int, str]]:
    rows = ContestPhase.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))
    return [(row.pk, _phase_words(row)) for row in rows.select_related("contest")]


def _offices(_on: dt.date) -> list[tuple[int, str]]:
    return [(row.pk, f"{row.name}: {_seats(row)}") for row in Office.objects.all()]


_ROWS: Mapping[ChangeTable, Callable[[dt.date], list[tuple[int, str]]]] = {
    ChangeTable.HOLIDAY_REMOVED: _holidays,
    ChangeTable.TIME_LIMIT: _limits,
    ChangeTable.RECIPIENT_BODY: _bodies,
    ChangeTable.VIOLATION_RULE: _violation_rules,
    ChangeTable.ACT_RULE: _act_rules,
    ChangeTable.CONTEST_PHASE: _phases,
    ChangeTable.OFFICE_SEATS: _offices,
}


def _limit_words(row: TimeLimit) -> str:
    regime = f" ({row.get_regime_display()})" if row.regime else ""
    return f"{row.name}{regime}: {row.value} {row.get_unit_display()}"


def change_rows(change: RegistryChange) -> list[dict[str, str]]:
    """Return what a change says beside what stands now, field by field. Two queries at most.

    Of what is corrected in place the change itself knows what stood there.
    """
    table = ChangeTable(change.table)
    held = initial_fields(table, change.row) | change.fields.get("was", {})
    return [
        {
            "label": str(field.label),
            "before": _shown(field, held.get(name)),
            "after": _shown(field, change.fields.get(name)),
        }
        for name, field in FORMS[table]().fields.items()
    ]


def initial_fields(table: ChangeTable, row: int | None) -> dict[str, Any]:
    """Return what stands in a row, by the names of its form; empty for a new one. One query at most."""
    model: Any = _MODELS.get(table)
    held = model.objects.filter(pk=row).first() if model is not None and row else None
    if held is None:
        return {}
    found = {name: getattr(held, name, None) for name in FORMS[table].base_fields}
    if table is ChangeTable.ACT_RULE:
        found["remark"] = held.reason
    return found


def row_digest(table: ChangeTable, row: int | None) -> str:
    """Return what tells whether a row stands as somebody read it, "" for a new one. One query at most."""
    held = initial_fields(table, row)
    if not held:
        return ""
    return hashlib.sha256(json.dumps(as_json(held), sort_keys=True).encode()).hexdigest()


_MODELS: Mapping[ChangeTable, Any] = {
    ChangeTable.TIME_LIMIT: TimeLimit,
    ChangeTable.RECIPIENT_BODY: RecipientBody,
    ChangeTable.VIOLATION_RULE: ViolationRule,
    ChangeTable.ACT_RULE: ActRule,
    ChangeTable.CONTEST_PHASE: ContestPhase,
    ChangeTable.OFFICE_SEATS: Office,
}


def change_effects(change: RegistryChange) -> list[str]:
    """Return in words what a change does once it is approved. Two queries at most."""
    return _EFFECTS[ChangeTable(change.table)](change)


def _calendar_effects(_change: RegistryChange) -> list[str]:
    return [_("Tenggat yang terbuka dihitung ulang; yang sudah lewat tetap.")]


def _seats_effects(change: RegistryChange) -> list[str]:
    number = int(change.fields["seats"]) // 2 + 1
    return [_("Kuorum pleno menjadi %(number)s anggota.") % {"number": number}]


def _body_effects(change: RegistryChange) -> list[str]:
    return [_from_day(change.fields, _("Rujukan mulai %(day)s ditujukan kepada lembaga ini."))]


def _limit_effects(change: RegistryChange) -> list[str]:
    return [
        _until_day(change.fields),
        _("Tenggat yang sedang berjalan tetap memakai batas lamanya."),
    ]


def _act_rule_effects(change: RegistryChange) -> list[str]:
    return [
        _until_day(change.fields),
        _from_day(change.fields, _("Peristiwa mulai %(day)s menunjuk aturan yang baru.")),
        _("Peristiwa sebelum hari itu tetap dinilai dengan versi lama."),
    ]


def _violation_effects(change: RegistryChange) -> list[str]:
    held = ViolationRule.objects.filter(pk=change.row or 0).first()
    lines = [
        _until_day(change.fields),
        _from_day(change.fields, _("Peristiwa mulai %(day)s memakai versi baru.")),
        _("Peristiwa sebelum hari itu tetap dinilai dengan versi lama."),
    ]
    if held is None:
        return lines
    acts = ActRule.objects.filter(rule_code=held.code, valid_to__isnull=True)
    names = sorted(set(acts.values_list("act__label_id", flat=True)))
    if names:
        lines.append(_("Menyangkut perbuatan: %(acts)s") % {"acts": "; ".join(names)})
    return lines


def _phase_effects(change: RegistryChange) -> list[str]:
    kind = change.fields.get("kind")
    if change.row is not None:
        phase = ContestPhase.objects.filter(pk=change.row).first()
        kind = phase.kind if phase else None
    lines = [_("Tahapan laporan dihitung dari tanggal peristiwa dengan tanggal baru ini.")]
    if kind == PhaseKind.DETERMINED:
        first = _day_words(change.fields["starts_on"])
        text = _("Peristiwa sebelum %(day)s dinilai sebagai kode etik, sejak hari itu disiplin.")
        lines.append(text % {"day": first})
    return lines


_EFFECTS: Mapping[ChangeTable, Callable[[RegistryChange], list[str]]] = {
    ChangeTable.HOLIDAY_ADDED: _calendar_effects,
    ChangeTable.HOLIDAY_REMOVED: _calendar_effects,
    ChangeTable.TIME_LIMIT: _limit_effects,
    ChangeTable.RECIPIENT_BODY: _body_effects,
    ChangeTable.VIOLATION_RULE: _violation_effects,
    ChangeTable.ACT_RULE: _act_rule_effects,
    ChangeTable.PHASE_ADDED: _phase_effects,
    ChangeTable.CONTEST_PHASE: _phase_effects,
    ChangeTable.OFFICE_SEATS: _seats_effects,
}


def _until_day(fields: Mapping[str, Any]) -> str:
    last = dt.date.fromisoformat(fields["valid_from"]) - dt.timedelta(days=1)
    return _("Versi sekarang berlaku sampai %(day)s.") % {"day": _day_words(last.isoformat())}


def _from_day(fields: Mapping[str, Any], text: str) -> str:
    return text % {"day": _day_words(fields["valid_from"])}


def _day_words(iso: str) -> str:
    return dateformat.format(dt.date.fromisoformat(iso), "j F Y")


def _shown(field: Any, value: Any) -> str:
    """Return a field's value in words: the label of a choice, several one after the other."""
    if isinstance(field, forms.DateField) and value:
        return _day_words(str(value))
    choices = {str(key): label for key, label in getattr(field, "choices", ())}
    values = value if isinstance(value, list) else [value]
    return "; ".join(
        str(choices.get(str(each), each)) for each in values if each is not None and each != ""
    )


def _act_rule_words(row: ActRule) -> str:
    other = f" ({_('alternatif')} {row.rank})" if row.rank else ""
    return f"{row.act.label_id} · {row.get_stage_display()}: {row.rule_code}{other}"


def _phase_words(row: ContestPhase) -> str:
    last = _day(row.ends_on) if row.ends_on else "…"
    return f"{row.contest.name}: {row.get_kind_display()}, {_day(row.starts_on)} – {last}"


def _seats(row: Office) -> str:
    return str(row.seats) if row.seats else _("belum dicatat")
