"""The periodic report of the recipient body: a page to print, and the same numbers as a file."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.file_marks import file_mark, mark_head
from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.audit.reads import remark
from bawaslu_cases.shared.http import OfficerRequest
from bawaslu_cases.shared.spreadsheets import csv_download
from referrals.selectors.review_report import ZONE, Grain, ReportRow, ReviewReport, review_report

RAIL = {"section": "report"}


@require_GET
@role_required(Role.REVIEWER)
def report(request: OfficerRequest) -> HttpResponse:
    """Show a year of the body by month or quarter."""
    found = _asked(request.GET, request.user)
    remark(year=found.year, grain=found.grain.value)
    context = {
        "rail": RAIL,
        "report": found,
        "grains": [
            {"value": each.value, "label": label, "selected": each is found.grain}
            for each, label in ((Grain.MONTH, _("Bulan")), (Grain.QUARTER, _("Triwulan")))
        ],
        "head": _head(),
        "rows": [_cells(row, found.grain) for row in found.rows],
        "total": [_("Jumlah"), *_numbers(found.total)],
        "body": request.user.recipient_body,
        "mark": _mark(request.user, timezone.now()),
    }
    return render(request, "referrals/review_report.html", context)


@require_POST
@role_required(Role.REVIEWER)
def report_csv(request: OfficerRequest) -> HttpResponse:
    """Hand the same numbers out as CSV, each row with who took it and when."""
    found = _asked(request.POST, request.user)
    # one row more than periods: their sum
    mark = file_mark(request.user, at=timezone.now(), rows=len(found.rows) + 1)
    rows = [[*_cells(row, found.grain), mark] for row in found.rows]
    rows.append([_("Jumlah"), *_numbers(found.total), mark])
    # the request's entry in the log is written before a byte leaves, or the file does not leave
    remark(rows=len(rows), year=found.year, grain=found.grain.value)
    return csv_download(stem="laporan-berkala", head=[*_head(), mark_head()], rows=rows)


def _asked(given: QueryDict, user: User) -> ReviewReport:
    year = given.get("tahun", "")
    grain = given.get("per", "")
    return review_report(
        user,
        year=int(year) if year.isascii() and year.isdigit() and len(year) == _YEAR else None,
        grain=Grain(grain) if grain in set(Grain) else Grain.MONTH,
        at=timezone.now(),
    )


_YEAR = 4


def _head() -> list[str]:
    return [
        _("Masa"),
        _("Diterima"),
        _("Dikembalikan"),
        _("Direkomendasikan"),
        _("Tidak terbukti"),
        _("Menunggu di akhir masa"),
        _("Median hari"),
    ]


def _cells(row: ReportRow, grain: Grain) -> list[Any]:
    return [_span(row.first, grain), *_numbers(row)]


def _numbers(row: ReportRow) -> Sequence[Any]:
    days = "" if row.days is None else f"{row.days:g}"
    return [row.received, row.returned, row.recommended, row.not_proven, row.waiting, days]


def _span(first: date, grain: Grain) -> str:
    if grain is Grain.MONTH:
        return dateformat.format(first, "F Y")
    return _("Triwulan %(number)d %(year)d") % {
        "number": (first.month + 2) // 3,
        "year": first.year,
    }


def _mark(user: User, at: datetime) -> str:
    body = user.recipient_body.short_name if user.recipient_body else ""
    when = dateformat.format(at.astimezone(ZONE), "j M Y, H.i")
    return f"{user.name} · {body} · {when} WIB"
