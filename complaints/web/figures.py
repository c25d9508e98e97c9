"""The figures of a unit: one page, and the same numbers as a file for a spreadsheet."""

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.audit.reads import remark
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.http import OfficerRequest
from bawaslu_cases.shared.spreadsheets import csv_download
from complaints.selectors.case_file import act_labels
from complaints.selectors.unit_figures import UnitFigures, unit_choices, unit_figures
from complaints.selectors.unit_figures_counts import Unit
from complaints.selectors.unit_figures_period import Period, Stretch, read_period
from complaints.selectors.workload import officer_loads
from complaints.services.deadlines import local_day
from complaints.web.desk import desk_context
from complaints.web.figures_file import file_head, file_rows
from complaints.web.figures_links import FigureLinks, period_query
from complaints.web.figures_tables import (
    course_columns,
    flow,
    load_rows,
    span_words,
    standing_rows,
    tables,
    time_rows,
)


class Asked:
    """What a URL asks for: whose figures, of which days. Raises Http404 outside the person's scope.

    One query.
    """

    def __init__(self, given: QueryDict, user: User) -> None:
        self.user, self.at = user, timezone.now()
        office, self.offices = unit_choices(user=user, asked=given.get("unit", ""))
        if office is None:
            raise Http404
        self.office: Office = office
        self.has_below = any(each.parent_id == office.pk for each in self.offices)
        self.unit = Unit(office, alone=self.has_below and given.get("only") == "1")
        first, last = self.typed = (given.get("from", "").strip(), given.get("to", "").strip())
        self.period: Period = read_period(
            stretch=Stretch.RANGE if first or last else given.get("p", ""),
            first=first,
            last=last,
            today=local_day(self.at, office),
            zone=office.time_zone,
        )

    def figures(self) -> UnitFigures:
        """Return the figures asked for. Three queries."""
        return unit_figures(
            user=self.user,
            unit=self.unit,
            period=self.period,
            at=self.at,
            offices=self.offices,
            acts=act_labels(),
        )


@role_required(*BAWASLU_ROLES)
@require_GET
def figures(request: OfficerRequest) -> HttpResponse:
    """Show the figures of the person's unit, or of one below it."""
    user = request.user
    asked = Asked(request.GET, user)
    found = asked.figures()
    loads = officer_loads(user=user, at=asked.at, office=asked.office)
    links = FigureLinks(user=user, unit=asked.unit, period=asked.period)
    remark(unit=asked.office.code, period=asked.period.stretch.value)
    context = {
        "asked": asked,
        "span": span_words(asked.period.span),
        "before": span_words(asked.period.before),
        "stretches": [
            {
                "label": each.label,
                "href": f"?{period_query(asked.unit, each)}",
                "current": each is asked.period.stretch,
            }
            for each in Stretch
            if each is not Stretch.RANGE
        ],
        "units": [
            {"value": each.code, "label": each.name, "selected": each.pk == asked.office.pk}
            for each in asked.offices
        ],
        "is_range": asked.period.stretch is Stretch.RANGE,
        "flow": flow(found, links),
        "course": course_columns(found),
        "standing": standing_rows(found, links),
        "times": time_rows(found.times),
        "tables": tables(found, links),
        "ends": time_rows(found.ends),
        "decisions": time_rows(found.decisions),
        "loads": load_rows(loads, links),
        "search_action": reverse("desk:queue"),
    }
    return render(request, "complaints/desk/figures.html", desk_context(user, **context))


@role_required(*BAWASLU_ROLES)
@require_POST
def figures_export(request: OfficerRequest) -> HttpResponse:
    """Hand the same figures out as CSV, each row with who took it, when and where."""
    asked = Asked(request.POST, request.user)
    loads = officer_loads(user=request.user, at=asked.at, office=asked.office)
    rows = file_rows(
        asked.figures(), loads, user=request.user, unit=asked.unit, period=asked.period, at=asked.at
    )
    # The request's entry in the log is written before a byte leaves, or the file does not leave.
    remark(rows=len(rows), unit=asked.office.code, period=asked.period.stretch.value)
    return csv_download(stem="angka-unit", head=file_head(), rows=rows)
