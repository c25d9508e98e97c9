"""What a province or RI sees of the units below: load, lateness, and the way to take a matter over."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import dateformat, timezone
from django.utils.formats import localize
from django.views.decorators.http import require_GET

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.http import OfficerRequest
from complaints.models import Case, Complaint
from complaints.rules.overdue import FAR_AFTER_DAYS, STALLED_AFTER_DAYS
from complaints.selectors.oversight import UnitLoad, unit_loads
from complaints.selectors.workload import routing_alarms
from complaints.states import STAFF
from complaints.web.desk import desk_context


@role_required(*STAFF)
@require_GET
def oversight(request: OfficerRequest) -> HttpResponse:
    """Show the units of the person's scope with their open work, the furthest behind first."""
    at = timezone.now()
    loads = unit_loads(user=request.user, at=at)
    return render(
        request,
        "complaints/desk/oversight.html",
        desk_context(
            request.user,
            rows=_rows(loads),
            alarms=_alarms(request.user),
            at=at,
            far_after=FAR_AFTER_DAYS,
            stalled_after=STALLED_AFTER_DAYS,
            behind=sum(load.far > 0 for load in loads),
            search_action=reverse("desk:queue"),
        ),
    )


def _rows(loads: Sequence[UnitLoad]) -> list[tuple[str, ...]]:
    """Return the units as the table's cells, in words of the moment's language. No query."""
    # Five hundred units share some hundreds of days and numbers: each is put into words once.
    number = cache(lambda value: str(localize(value)))
    day = cache(lambda on: dateformat.format(on, "j M Y"))
    return [
        (
            load.office.code,
            load.office.name,
            number(load.records),
            number(load.cases),
            number(load.nobody),
            number(load.passed),
            number(load.far) if load.far else "",
            number(load.still_records) if load.still_records else "",
            number(load.still_cases) if load.still_cases else "",
            day(timezone.localtime(load.oldest).date()) if load.oldest else "",
        )
        for load in loads
    ]


def _alarms(user: User) -> list[dict[str, Any]]:
    """Return what came up because of a conflict, with the way to it."""
    return [
        {
            "alarm": alarm,
            "reference": subject.reference if subject else "",
            "href": _href(subject),
        }
        for alarm, subject in routing_alarms(user=user)
    ]


def _href(subject: Complaint | Case | None) -> str:
    if subject is None:
        return ""
    name = "desk:record" if isinstance(subject, Complaint) else "desk:case"
    return reverse(name, args=[subject.public_id])
