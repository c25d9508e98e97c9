"""What the administrator looks at: the place for files, promised work that was given up, a second try."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from bawaslu_cases.shared.outbox.selectors import outbox_backlog, parked_messages
from bawaslu_cases.shared.outbox.services import retry_parked
from bawaslu_cases.shared.pulses import SCHEDULE, last_pulses, silences
from complaints.selectors.cleaner_state import cleaner_state
from complaints.selectors.desk import rail_counts
from complaints.selectors.evidence_alarms import alarm_counts
from complaints.selectors.evidence_storage import last_sweep, storage_state

SHOWN = 100
QUEUES = {
    SCHEDULE: gettext_lazy("pekerjaan berkala"),
    "celery": gettext_lazy("antrean umum"),
    "intake": gettext_lazy("antrean laporan masuk"),
    "evidence": gettext_lazy("antrean bukti"),
    "copies": gettext_lazy("antrean salinan"),
    "referral": gettext_lazy("antrean rujukan dan surat"),
    "notify": gettext_lazy("antrean pemberitahuan"),
    "figures": gettext_lazy("antrean angka"),
}
"""The queues of docs/operations.md in words; another one is shown by its code."""


@role_required(Role.ADMINISTRATOR)
@require_GET
def parked(request: OfficerRequest) -> HttpResponse:
    """Show how the place for files stands, and the workers and the outbox: what waits and what was parked."""
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
            "silent": _silent(),
            "pulses": _pulses(),
            "alarms": alarm_counts(),
            "rail": {"counts": rail_counts(request.user) | {"parked": backlog.parked}},
        },
    )


def _silent() -> list[dict[str, object]]:
    """Return the queues of which nothing was finished for too long, in words. Two queries."""
    return [
        {"label": str(QUEUES.get(each.queue, each.queue)), "since": each.since}
        for each in silences()
    ]


def _pulses() -> list[dict[str, object]]:
    """Return what was finished last, by queue; how the periodic jobs stand comes first. One query."""
    told = last_pulses()
    return [
        {"label": str(QUEUES.get(queue, queue)), "at": told[queue]}
        for queue in sorted(told, key=lambda queue: (queue != SCHEDULE, queue))
    ]


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
