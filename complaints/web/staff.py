"""The administrator's page of people: who has an account where, with which roles; suspending one.

Nothing of a record or case is shown or counted here (protection.md E).
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.selectors import (
    SHOWN,
    dormant_after,
    find_staff,
    waiting_staff_changes,
)
from bawaslu_cases.accounts.services import reactivate
from bawaslu_cases.audit import services as audit
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.services.staff_changes import suspend_colleague
from complaints.web.desk import desk_context


@role_required(Role.ADMINISTRATOR)
@require_GET
def staff(request: OfficerRequest) -> HttpResponse:
    """List people by unit, or those found by a name; only the dormant ones on demand."""
    now = timezone.now()
    words, dormant = request.GET.get("q", "").strip(), "dormant" in request.GET
    people = find_staff(words=words, dormant=dormant, at=now)
    return render(
        request,
        "complaints/desk/staff.html",
        {
            "people": [_line(user, now - dormant_after()) for user in people],
            "words": words,
            "dormant": dormant,
            "waiting": waiting_staff_changes(),
            "days": dormant_after() // timedelta(days=1),
            "shown": SHOWN,
        }
        | desk_context(request.user),
    )


def _line(user: User, before: Any) -> dict[str, Any]:
    unit = user.office or user.recipient_body or user.agency
    grants = [Role(grant.role).label for grant in user.role_grants.all()]
    return {
        "user": user,
        "unit": unit.name if unit else "",
        "roles": ", ".join(grants),
        "is_dormant": user.is_active and _last_used(user) < before,
    }


def _last_used(user: User) -> datetime:
    return max(user.last_login or user.date_joined, user.reactivated_at or user.date_joined)


@role_required(Role.ADMINISTRATOR)
@require_POST
def staff_suspend(request: OfficerRequest, person_id: UUID) -> HttpResponse:
    """Shut somebody out at once."""
    step = partial(suspend_colleague, at=timezone.now())
    return _change(request, person_id, step, "staff.suspend", _("Akun dibekukan."))


@role_required(Role.ADMINISTRATOR)
@require_POST
def staff_reactivate(request: OfficerRequest, person_id: UUID) -> HttpResponse:
    """Let somebody in again."""
    return _change(
        request,
        person_id,
        partial(reactivate, at=timezone.now()),
        "staff.reactivate",
        _("Akun diaktifkan."),
    )


def _change(
    request: HttpRequest, person_id: UUID, step: Any, action: str, done: str
) -> HttpResponse:
    person = get_object_or_404(User, public_id=person_id)
    admin = request.user
    assert isinstance(admin, User)  # noqa: S101 -- the door let only people in
    # Written first: without its entry nobody is shut out or let in.
    audit.record(
        actor=admin.public_id, action=action, subject=f"person:{person.public_id}", detail={}
    )
    try:
        step(person=person, administrator=admin)
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, done)
    return redirect("desk:staff_person", person.public_id)
