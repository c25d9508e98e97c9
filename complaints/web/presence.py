"""The sign of life of an open record, answered with who else has it open; one entry in the log a sitting."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.audit.reads import note_recorded
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import editable_complaint
from complaints.selectors.handling import names_of
from complaints.services.presence import beat, begins_sitting


@role_required(*BAWASLU_ROLES)
@require_POST
def presence(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Say who else has the record open, "" for nobody."""
    complaint = editable_complaint(public_id=public_id, user=request.user)
    if not begins_sitting(complaint=complaint, viewer=request.user):
        # One entry a sitting, not one a minute; opening the record left its own.
        note_recorded()
    others = beat(complaint=complaint, viewer=request.user, at=timezone.now())
    names = names_of(others)
    text = _("%(names)s juga membuka laporan ini.") % {"names": ", ".join(names)} if names else ""
    return JsonResponse({"text": text})
