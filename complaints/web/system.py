"""What the administrator looks at: the place for files, promised work that was given up, a second try."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from bawaslu_cases.shared.outbox.selectors import outbox_backlog, parked_messages
from bawaslu_cases.shared.outbox.services import retry_parked
from complaints.selectors.cleaner_state import cleaner_state
from complaints.selectors.desk import rail_counts
from complaints.selectors.evidence_alarms import alarm_counts
from complaints.selectors.evidence_storage import last_sweep, storage_state

SHOWN = 100


@role_required(Role.ADMINISTRATOR)
@require_GET
def parked(request: OfficerRequest) -> HttpResponse:
    """Show how the place for files stands, and the outbox: how much waits and what was parked."""
    backlog = outbox_backlog()
    rows = list(parked_messages()[:SHOWN])
    return render(
        request,
        "complaints/desk/parked.html",
        {
            "backlog": backlog,
            "oldest_minutes": int(backlog.oldest_age.total_seconds() // 60)
            if backlog.oldest_age
            else 0,
            "parked": rows,
            "now": timezone.now(),
            "storage": storage_state(),
            "last_sweep": last_sweep(),
            "cleaner": cleaner_state(),
            "alarms": alarm_counts(),
            "rail": {"counts": rail_counts(request.user) | {"parked": backlog.parked}},
        },
    )


@role_required(Role.ADMINISTRATOR)
@require_POST
def retry(request: OfficerRequest, message_id: int) -> HttpResponse:
    """Give one parked message its attempts again."""
    try:
        retry_parked(message_id=message_id, actor_id=request.user.pk)
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Pesan %(id)d dicoba lagi.") % {"id": message_id})
    return redirect("desk:parked")
