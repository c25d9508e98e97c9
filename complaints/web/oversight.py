"""What a province or RI sees of the units below: load, lateness, and the way to take a matter over."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.shared.http import OfficerRequest
from complaints.rules.overdue import FAR_AFTER_DAYS
from complaints.selectors.oversight import unit_loads
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
            loads=loads,
            at=at,
            far_after=FAR_AFTER_DAYS,
            behind=sum(load.far > 0 for load in loads),
            search_action=reverse("desk:queue"),
        ),
    )
