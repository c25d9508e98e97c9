"""The figures of a unit as the rows of a file; every row bears the mark of who took it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bawaslu_cases.accounts.file_marks import file_mark, mark_head
from bawaslu_cases.accounts.models import User
from complaints.selectors.unit_figures import Row, TimeRow, UnitFigures
from complaints.selectors.unit_figures_counts import Unit
from complaints.selectors.unit_figures_period import Period
from complaints.selectors.workload import OfficerLoad


def file_head() -> list[str]:
    """Return the heads of the columns."""
    return [
        _("Unit"),
        _("Sejak"),
        _("Sampai"),
        _("Bagian"),
        _("Butir"),
        _("Jumlah"),
        _("Sebelumnya"),
        _("Median hari"),
        _("Median sebelumnya"),
        _("9 dari 10 dalam hari"),
        mark_head(),
    ]


def file_rows(
    found: UnitFigures,
    loads: Sequence[OfficerLoad],
    *,
    user: User,
    unit: Unit,
    period: Period,
    at: datetime,
) -> list[list[Any]]:
    """Return each figure of the page as a row; figures of this moment have no period before."""
    office = unit.office
    name = _("%(office)s, tanpa kantor di bawahnya") % {"office": office.name}
    span = period.span
    about = [name if unit.alone else office.name, span.first.isoformat(), span.last.isoformat()]
    parts = [
        *_numbers(_("Ringkasan"), found.head),
        *(
            [_("Arus per bulan"), f"{month.first:%Y-%m} {words}", number, "", median, "", ""]
            for month in found.course
            for words, number, median in (
                (_("masuk"), month.came, ""),
                (_("selesai dikaji awal"), month.ended, _days(month.median)),
            )
        ),
        *(
            [_("Saat ini"), f"{kind}: {row.label}", number, "", "", "", ""]
            for row in found.standing
            for kind, number in ((_("Laporan"), row.records), (_("Perkara"), row.cases))
        ),
        *_times(_("Lama penanganan"), found.times),
        *_numbers(_("Laporan menurut jalur"), found.lanes),
        *_numbers(_("Laporan menurut status kini"), found.statuses),
        *_numbers(_("Laporan menurut perbuatan"), found.acts),
        *_times(_("Hasil kajian awal"), found.ends),
        *_numbers(_("Perkara menurut status kini"), found.case_statuses),
        *_numbers(_("Perkara menurut perbuatan"), found.case_acts),
        *_times(_("Putusan pleno"), found.decisions),
        *_numbers(_("Laporan menurut kantor"), found.offices),
        *_numbers(_("Perkara menurut kantor"), found.case_offices),
        *(
            [_("Beban petugas"), f"{load.officer.name}: {words}", number, "", "", "", ""]
            for load in loads
            for words, number in (
                (_("laporan"), load.records),
                (_("perkara"), load.cases),
                (_("tenggat sehari"), load.soon),
                (_("lewat tenggat"), load.passed),
            )
        ),
    ]
    mark = file_mark(user, at=at, rows=len(parts), place=office)
    return [[*about, *part, mark] for part in parts]


def _numbers(part: str, rows: Sequence[Row]) -> list[list[Any]]:
    return [[part, row.label, row.number.now, row.number.before, "", "", ""] for row in rows]


def _times(part: str, rows: Sequence[TimeRow]) -> list[list[Any]]:
    return [
        [
            part,
            row.label,
            row.days.now,
            row.days.before,
            _days(row.days.median),
            _days(row.days.median_before),
            _days(row.days.slow),
        ]
        for row in rows
    ]


def _days(days: float | None) -> str:
    """Return days with a point: a spreadsheet reads it in any language of ours as one number."""
    return "" if days is None else f"{round(days, 1):g}"
