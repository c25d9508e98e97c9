"""The officer's word that an alarm about a file was dealt with."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.audit.reads import remark
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import editable_complaint
from complaints.services.evidence_alarms import see_alarms
from complaints.states import OFFICERS


@role_required(*OFFICERS)
@require_POST
def settle(request: OfficerRequest, public_id: UUID, number: int) -> HttpResponse:
    """Take a file's alarms off the first page; they stay in the log."""
    complaint = editable_complaint(public_id=public_id, user=request.user)
    evidence = complaint.evidence.filter(number=number).first()
    if evidence is None:
        raise Http404
    remark(evidence=evidence.public_id)
    evidence.complaint = complaint
    if see_alarms(evidence=evidence, officer=request.user, at=timezone.now()):
        messages.success(request, _("Peringatan berkas ini ditandai selesai."))
    return redirect("desk:evidence_item", public_id=public_id, number=number)
