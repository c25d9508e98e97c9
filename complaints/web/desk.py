"""The officer's desk: the start of the day, and what every desk page shares."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bawaslu_cases.accounts.adapter import StaffAccountAdapter
from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import BAWASLU_ROLES, PLENARY_ROLES, Role
from bawaslu_cases.accounts.selectors import stand_ins_of, today_of
from bawaslu_cases.shared.errors import ConflictError, DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.selectors import desk as lists
from complaints.selectors.case_file import last_change
from complaints.selectors.evidence_alarms import alarms_for
from complaints.states import (
    OFFICERS,
)


def desk_context(user: User, **more: Any) -> dict[str, Any]:
    """Return what every desk page draws around its content. One query."""
    return {"rail": {"counts": lists.rail_counts(user)}, **more}


@role_required(*Role)
@require_GET
def today(request: OfficerRequest) -> HttpResponse:
    """Show the start of the day; whoever has a first page elsewhere is led there."""
    user, at = request.user, timezone.now()
    home = StaffAccountAdapter(request).get_login_redirect_url(request)
    if home != reverse("desk:today"):
        return redirect(home)
    if not user.has_role(*BAWASLU_ROLES):
        return redirect("desk:parked" if user.has_role(Role.ADMINISTRATOR) else "desk:trail")
    counts = lists.desk_counts(user=user, at=at)
    return render(
        request,
        "complaints/desk/today.html",
        desk_context(
            user,
            alarms=alarms_for(user),
            tiles=_tiles(counts, user),
            stand_ins=stand_ins_of(user, on=today_of(user, at)),
            mine_href=f"{reverse('desk:queue')}?v=mine",
            soonest=[row_context(row, at) for row in lists.soonest(user=user)],
            newest=[row_context(row, at) for row in lists.newest(user=user)],
            search_action=reverse("desk:queue"),
        ),
    )


def _tiles(counts: dict[str, int], user: User) -> list[dict[str, Any]]:
    queue, cases, plenary = reverse("desk:queue"), reverse("desk:cases"), reverse("desk:plenary")
    tiles = [
        ("overdue", _("laporan lewat tenggat"), f"{queue}?v=overdue", "late"),
        ("today", _("jatuh tempo hari ini"), f"{queue}?v=today", "soon"),
        ("cases_overdue", _("perkara lewat tenggat"), f"{cases}?view=overdue", "late"),
    ]
    if user.has_role(*OFFICERS):
        tiles += [
            ("received", _("belum diperiksa"), f"{queue}?v=review", ""),
            ("tracing", _("sedang ditelusuri"), f"{queue}?v=tracing", ""),
            ("recorded", _("temuan belum diregistrasi"), f"{queue}?v=finding", ""),
            ("cases_open", _("perkara dikaji"), f"{cases}?view=registered", ""),
            ("cases_decided", _("perkara perlu rujukan"), f"{cases}?view=decided", ""),
        ]
    if user.has_role(*PLENARY_ROLES):
        tiles += [
            ("proposed", _("usulan menunggu pleno"), plenary, ""),
            ("cases_assessed", _("kajian menunggu pleno"), plenary, ""),
        ]
    return [
        {
            "number": lists.capped_text(counts[name]),
            "label": label,
            "href": href,
            "tone": tone if counts[name] else "",
        }
        for name, label, href, tone in tiles
    ]


def row_context(row: Any, at: datetime) -> dict[str, Any]:
    """Return a listed record as a row of a list, leading to its page. No query."""
    return line_context(row, at, href=reverse("desk:record", args=[row.public_id]))


def line_context(row: Any, at: datetime, *, href: str) -> dict[str, Any]:
    """Return a listed record as a row of a list, leading where it is told. No query."""
    return {**vars(lists.queue_row(row, at=at)), "href": href, "current": False}


def uuid_of(text: str) -> UUID | None:
    """Return the id a URL names, None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def check_seen(row: Any, seen: str) -> None:
    """Refuse a form that was drawn for another state, and say who was faster.

    ``row`` is a record or case read with its file; raises ConflictError.
    """
    if seen != row.status:
        raise ConflictError(last_change(row))


def refused(form: Any, error: DomainError) -> None:
    """Put a refusal where it is read on a page that has no banner of its own for a conflict."""
    if isinstance(error, ConflictError):
        form.add_error(None, str(error.message))
        form.conflict = str(error.message)
        return
    place_error(form, error)


def place_error(form: Any, error: DomainError) -> None:
    """Put a service's refusal at its field, or above the form."""
    if isinstance(error, ConflictError):
        form.add_error("seen" if "seen" in form.fields else None, str(error.message))
        form.conflict = str(error.message)
    elif (
        error.field and error.field in form.fields and not form.fields[error.field].widget.is_hidden
    ):
        form.add_error(error.field, str(error.message))
    else:
        form.add_error(None, str(error.message))
