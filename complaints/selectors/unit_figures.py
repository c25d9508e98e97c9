"""The figures of one unit as rows: what came in, what became of it, how long it took, what stands open.

Whoever asks sees numbers of what they could open and of nothing else: ``visible_to`` counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from complaints.rules.overdue import FAR_AFTER_DAYS
from complaints.selectors.unit_figures_counts import (
    DECIDED,
    ENDED,
    Tallies,
    Tally,
    Timing,
    Timings,
    Unit,
    unit_counts,
    unit_durations,
)
from complaints.selectors.unit_figures_period import Period
from complaints.states import CaseAction, CaseStatus, ComplaintStatus, Lane

Text = str | Promise
NONE = Tally()
NEVER = Timing()


@dataclass(frozen=True)
class Row:
    """One figure: its code, its words, how many now and in the period before."""

    code: str
    label: Text
    number: Tally

    @property
    def change(self) -> int:
        """How many more than before."""
        return self.number.now - self.number.before


@dataclass(frozen=True)
class TimeRow:
    """One stretch of the road and how many days it took."""

    code: str
    label: Text
    days: Timing


@dataclass(frozen=True)
class Standing:
    """What stands open at this moment: of records and of cases."""

    code: str
    label: Text
    records: int
    cases: int


@dataclass(frozen=True)
class Month:
    """One month of the course: what came in, what ended, and the middle one of its days."""

    first: date
    came: int
    ended: int
    median: float | None


@dataclass(frozen=True)
class UnitFigures:
    """Everything the page of a unit shows; tables leave out what there is none of, now and before."""

    head: Sequence[Row]
    course: Sequence[Month]
    standing: Sequence[Standing]
    times: Sequence[TimeRow]
    lanes: Sequence[Row]
    statuses: Sequence[Row]
    acts: Sequence[Row]
    ends: Sequence[TimeRow]
    case_statuses: Sequence[Row]
    case_acts: Sequence[Row]
    decisions: Sequence[TimeRow]
    offices: Sequence[Row]
    case_offices: Sequence[Row]


def unit_choices(*, user: User, asked: str) -> tuple[Office | None, list[Office]]:
    """Return the unit that a URL names and the units to choose from; None outside the person's scope.

    To choose from: the own office and those right below, those above and right below the unit asked
    for. One query.
    """
    own = user.office
    if own is None:
        return None, []
    near = Q(pk=own.pk) | Q(parent=own)
    if asked:
        near |= Q(code=asked) | Q(children__code=asked) | Q(parent__code=asked)
    found = Office.objects.under(own.path).filter(near).distinct().order_by("path")
    offices = list(found.select_related("region"))
    code = asked or own.code
    return next((office for office in offices if office.code == code), None), offices


def unit_figures(
    *,
    user: User,
    unit: Unit,
    period: Period,
    at: datetime,
    offices: Sequence[Office],
    acts: Mapping[str, str],
) -> UnitFigures:
    """Return all figures of a unit. Two queries.

    ``offices`` are those among which the ones right below the unit stand; ``acts`` the words of acts.
    """
    counts = unit_counts(user=user, unit=unit, period=period, at=at)
    days = unit_durations(user=user, unit=unit, period=period)
    return UnitFigures(
        head=_head(counts, days),
        course=_course(period, counts, days),
        standing=_standing(counts),
        times=_times(days),
        lanes=_rows(counts.get("lane", {}), Lane.choices),
        statuses=_rows(counts.get("status", {}), ComplaintStatus.choices),
        acts=_by_size(counts.get("act", {}), acts),
        ends=_kinds(days.get("ended", {}), [(each.value, each.label) for each in ENDED]),
        case_statuses=_rows(counts.get("case_status", {}), CaseStatus.choices),
        case_acts=_by_size(counts.get("case_act", {}), acts),
        decisions=_kinds(
            days.get("decided", {}), [(kind.value, _decision(kind)) for kind in DECIDED]
        ),
        offices=_by_office(counts.get("office", {}), unit, offices),
        case_offices=_by_office(counts.get("case_office", {}), unit, offices),
    )


def _head(counts: Tallies, days: Timings) -> list[Row]:
    """Return the road in five numbers."""
    return [
        Row("came", _("laporan dan temuan masuk"), _sum(counts.get("lane", {}).values())),
        Row("ended", _("selesai dikaji awal"), days.get("ended", {}).get("", NEVER)),
        Row("cases", _("menjadi perkara"), _sum(counts.get("case_status", {}).values())),
        Row("decided", _("diputus pleno"), days.get("decided", {}).get("", NEVER)),
        Row("sent", _("diteruskan"), days.get("sent", {}).get("", NEVER)),
    ]


def _course(period: Period, counts: Tallies, days: Timings) -> list[Month]:
    came, ended = counts.get("month", {}), days.get("ended_month", {})
    months = []
    for first in period.months:
        key = first.isoformat()
        end = ended.get(key, NEVER)
        months.append(Month(first, came.get(key, NONE).now, end.now, end.median))
    return months


def _standing(counts: Tallies) -> list[Standing]:
    """Return what is open, what nobody has, and the two levels of lateness."""

    def of(name: str, *keys: str) -> list[int]:
        """Sum the groups of these codes, all of them without any, for records and for cases."""
        found = (counts.get(f"{prefix}{name}", {}) for prefix in ("", "case_"))
        return [
            sum(tally.now for key, tally in group.items() if not keys or key in keys)
            for group in found
        ]

    far = _("lewat tenggat lebih dari %(days)s hari") % {"days": FAR_AFTER_DAYS}
    return [
        Standing("open", _("terbuka"), *of("open")),
        Standing("nobody", _("belum ditugaskan"), *of("held", "nobody")),
        Standing("late", _("lewat tenggat"), *of("late", "passed", "far")),
        Standing("far", far, *of("late", "far")),
    ]


def _times(days: Timings) -> list[TimeRow]:
    rows = (
        ("ended", _("Diterima sampai selesai dikaji awal")),
        ("assessed", _("Diregistrasi sampai diputus pleno")),
        ("decided", _("Diterima sampai diputus pleno")),
        ("sent_after", _("Diputus sampai diteruskan")),
        ("sent", _("Diterima sampai diteruskan")),
    )
    return [TimeRow(code, label, days.get(code, {}).get("", NEVER)) for code, label in rows]


def _decision(kind: CaseAction) -> Text:
    """Return what was decided, without "decide" before it."""
    words: dict[CaseAction, Text] = {
        CaseAction.DECIDE_REFER: _("Pelanggaran hukum lain: diteruskan"),
        CaseAction.DECIDE_ADMINISTRATIVE: _("Pelanggaran administratif"),
        CaseAction.DECIDE_ETHICS: _("Kode etik penyelenggara"),
        CaseAction.DECIDE_CRIME: _("Tindak pidana pemilihan"),
        CaseAction.DECIDE_STOP: _("Dihentikan"),
        CaseAction.FORWARD: _("Diteruskan tanpa register"),
    }
    return words[kind]


def _rows(found: Mapping[str, Tally], choices: Iterable[tuple[str, Text]]) -> list[Row]:
    return [Row(code, label, found[code]) for code, label in choices if _some(found.get(code))]


def _kinds(found: Mapping[str, Timing], choices: Iterable[tuple[str, Text]]) -> list[TimeRow]:
    return [TimeRow(code, label, found[code]) for code, label in choices if _some(found.get(code))]


def _by_size(found: Mapping[str, Tally], words: Mapping[str, str]) -> list[Row]:
    rows = [
        Row(code, words.get(code, code), tally) for code, tally in found.items() if _some(tally)
    ]
    return sorted(rows, key=lambda row: (-row.number.now, -row.number.before, str(row.label)))


def _by_office(found: Mapping[str, Tally], unit: Unit, offices: Sequence[Office]) -> list[Row]:
    """Return a row for the unit itself and one for each office right below, with what lies under it."""
    if unit.alone:
        return []
    below = [office for office in offices if office.parent_id == unit.office.pk]
    own = Row(unit.office.code, _("Kantor ini sendiri"), found.get(unit.office.path, NONE))
    rows = [own]
    for office in below:
        under = (
            tally
            for path, tally in found.items()
            if path == office.path or path.startswith(f"{office.path}.")
        )
        rows.append(Row(office.code, office.name, _sum(under)))
    return [row for row in rows if _some(row.number)] if below else []


def _some(tally: Tally | None) -> bool:
    return tally is not None and bool(tally.now or tally.before)


def _sum(found: Iterable[Tally]) -> Tally:
    tallies = list(found)
    return Tally(sum(each.now for each in tallies), sum(each.before for each in tallies))
