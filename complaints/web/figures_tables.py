"""Figures in words and shares: what the tables of the page show. No query."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils import dateformat
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from complaints.selectors.unit_figures import Row, TimeRow, UnitFigures
from complaints.selectors.unit_figures_period import Span
from complaints.selectors.workload import OfficerLoad
from complaints.web.figures_links import FigureLinks

Link = Callable[[Span, str], str]
FULL = 100


def number_words(number: int) -> str:
    """Return a number as people of the page's language write it: 1.234."""
    return number_format(number, force_grouping=True)


def days_words(days: float | None) -> str:
    """Return days with one decimal where there is one; a dash where nothing was timed."""
    if days is None:
        return "–"
    rounded = round(days, 1)
    return number_format(int(rounded) if rounded.is_integer() else rounded)


def change_words(change: int) -> str:
    """Return how many more or fewer, with a sign that a screen reader says."""
    if not change:
        return "0"
    return f"{'+' if change > 0 else '−'}{number_words(abs(change))}"


def span_words(span: Span) -> str:
    """Return the days of a period: "1–21 November 2026"."""
    first, last = span.first, span.last
    if first == last:
        return dateformat.format(first, "j F Y")
    head = "j F Y" if first.year != last.year else "j F" if first.month != last.month else "j"
    joint = " – " if " " in head else "–"
    return f"{dateformat.format(first, head)}{joint}{dateformat.format(last, 'j F Y')}"


def flow(found: UnitFigures, links: FigureLinks) -> list[dict[str, Any]]:
    """Return the road in five numbers; what came in leads to its list."""
    return [
        {
            "number": number_words(row.number.now),
            "label": row.label,
            "href": links.received(links.period.span) if row.code == "came" else "",
            "before": number_words(row.number.before),
            "change": change_words(row.change),
        }
        for row in found.head
    ]


def course_columns(found: UnitFigures) -> dict[str, Any]:
    """Return the months as columns; heights are shares of the highest."""
    top = max((max(month.came, month.ended) for month in found.course), default=0)
    columns = [
        {
            "short": dateformat.format(month.first, "M"),
            "label": dateformat.format(month.first, "F Y"),
            "came": number_words(month.came),
            "ended": number_words(month.ended),
            "came_height": _share(month.came, top),
            "came_top": FULL - _share(month.came, top),
            "ended_height": _share(month.ended, top),
            "ended_top": FULL - _share(month.ended, top),
            "median": days_words(month.median),
        }
        for month in found.course
    ]
    return {"columns": columns, "top": number_words(top), "is_empty": not top}


def standing_rows(found: UnitFigures, links: FigureLinks) -> list[dict[str, Any]]:
    """Return what stands open, each number with its list where there is one."""
    records = {
        "open": links.open(),
        "nobody": links.open(assignee="nobody"),
        "late": links.open(view="overdue"),
        "far": links.open(late="far"),
    }
    cases = {"open": links.cases("open"), "late": links.cases("overdue")}
    return [
        {
            "label": row.label,
            "records": _cell(row.records, records.get(row.code, "")),
            "cases": _cell(row.cases, cases.get(row.code, "")),
            "is_late": row.code in {"late", "far"},
        }
        for row in found.standing
    ]


def time_rows(rows: Sequence[TimeRow]) -> list[dict[str, Any]]:
    """Return how long things took."""
    top = max((row.days.median or 0 for row in rows), default=0)
    return [
        {
            "label": row.label,
            "now": number_words(row.days.now),
            "before": number_words(row.days.before),
            "change": change_words(row.days.now - row.days.before),
            "median": days_words(row.days.median),
            "median_before": days_words(row.days.median_before),
            "slow": days_words(row.days.slow),
            "percent": _share(row.days.median or 0, top),
        }
        for row in rows
    ]


def tables(found: UnitFigures, links: FigureLinks) -> list[dict[str, Any]]:
    """Return every table of figures with the period before, its rows leading to their lists."""

    def by(name: str) -> Link:
        return lambda span, code: links.received(span, **{name: code})

    def nowhere(_span: Span, _code: str) -> str:
        return ""

    offices = {row.code: links.office(row.code) for row in found.offices}
    offices |= {row.code: links.office(row.code) for row in found.case_offices}
    lane, status, act, office = _("Jalur"), _("Status"), _("Perbuatan"), _("Kantor")
    listed: list[tuple[str, str, str, Sequence[Row], Link]] = [
        ("lane", _("Laporan menurut jalur"), lane, found.lanes, by("lane")),
        ("status", _("Laporan menurut status kini"), status, found.statuses, by("status")),
        ("act", _("Laporan menurut perbuatan"), act, found.acts, by("act")),
        ("case-status", _("Perkara menurut status kini"), status, found.case_statuses, nowhere),
        ("case-act", _("Perkara menurut perbuatan"), act, found.case_acts, nowhere),
        ("office", _("Laporan menurut kantor"), office, found.offices, nowhere),
        ("case-office", _("Perkara menurut kantor"), office, found.case_offices, nowhere),
    ]
    several = _("Satu berkas dapat memuat beberapa perbuatan.")
    return [
        {
            "id": name,
            "caption": caption,
            "label": label,
            "head": _("Dibuka") if name.startswith("case") else _("Masuk"),
            "note": several if name.endswith("act") else "",
            "rows": _rows(rows, link, links, offices if name.endswith("office") else {}),
        }
        for name, caption, label, rows, link in listed
        if rows
    ]


def load_rows(loads: Sequence[OfficerLoad], links: FigureLinks) -> list[dict[str, Any]]:
    """Return who has how much; the queue filters by colleagues of the person's own office."""
    rows = []
    for load in loads:
        mine = load.officer.office_id == links.user.office_id
        person = f"{load.officer.public_id}"
        rows.append(
            {
                "name": load.officer.name,
                "records": _cell(load.records, links.open(assignee=person) if mine else ""),
                "cases": _cell(load.cases, ""),
                "soon": number_words(load.soon),
                "passed": load.passed,
            }
        )
    return rows


def _rows(
    rows: Sequence[Row], link: Link, links: FigureLinks, leads: dict[str, str]
) -> list[dict[str, Any]]:
    top = max((row.number.now for row in rows), default=0)
    period = links.period
    return [
        {
            "label": row.label,
            "href": leads.get(row.code, ""),
            "now": _cell(row.number.now, link(period.span, row.code)),
            "before": _cell(row.number.before, link(period.before, row.code)),
            "change": change_words(row.change),
            "percent": _share(row.number.now, top),
        }
        for row in rows
    ]


def _cell(number: int, href: str) -> dict[str, str]:
    """Return a number; nothing leads to an empty list."""
    return {"text": number_words(number), "href": href if number else ""}


def _share(number: float, top: float) -> int:
    return round(FULL * number / top) if top else 0
