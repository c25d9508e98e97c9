"""Originals at the verification desk: which wait for a person, and fetching one for a written purpose."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.shared import object_storage
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import original_in_hand
from complaints.errors import DamagedFileError
from complaints.models import Evidence, OriginalOpening
from complaints.rules.evidence_words import WAITING_WORDS
from complaints.selectors.evidence import waiting_originals
from complaints.services.evidence_check import check_original
from complaints.services.originals import key_file, open_taking, take_original
from complaints.states import EvidenceStatus
from complaints.web.desk import place_error
from complaints.web.forms_vault import OriginalForm
from complaints.web.verification import vault_door


@vault_door(Role.VERIFIER)
@require_GET
def originals(request: OfficerRequest) -> HttpResponse:
    """List what the cleaner could not copy, the scanner held back, or is not whole any more."""
    rows = [
        {
            "evidence": row,
            "is_held": row.status == EvidenceStatus.BLOCKED,
            "why": WAITING_WORDS.get(row.refusal, ""),
        }
        for row in waiting_originals(request.user)
    ]
    return render(request, "complaints/vault/originals.html", {"rows": rows})


@vault_door(Role.VERIFIER, step_up=True)
@require_http_methods(["GET", "POST"])
def original(request: OfficerRequest, evidence_id: UUID) -> HttpResponse:
    """Show one original's way out: the purpose first, the two files then."""
    evidence = original_in_hand(evidence_id=evidence_id, user=request.user)
    at = timezone.now()
    form = OriginalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            take_original(
                evidence=evidence,
                verifier=request.user,
                purpose=OriginalOpening.Purpose(form.cleaned_data["purpose"]),
                reason=form.cleaned_data["reason"],
                at=at,
            )
        except DomainError as error:
            place_error(form, error)
        else:
            return redirect("vault:original", evidence_id=evidence_id)
    taken = open_taking(evidence=evidence, verifier=request.user, at=at)
    context = {"evidence": evidence, "form": form, "taken": taken}
    return render(request, "complaints/vault/original.html", context)


@vault_door(Role.VERIFIER)
@require_GET
def original_key(request: OfficerRequest, evidence_id: UUID) -> HttpResponse:
    """Hand out the file's key as it is sealed to the desk, and the sealed manifest."""
    evidence = _taken(request, evidence_id)
    response = JsonResponse(key_file(evidence))
    response["Content-Disposition"] = f'attachment; filename="bukti-{evidence.number}.json"'
    return response


@vault_door(Role.VERIFIER)
@require_GET
def original_object(request: OfficerRequest, evidence_id: UUID) -> HttpResponse:
    """Hand out the original as it lies in the storage: sealed, whole or not at all (check E18)."""
    evidence = _taken(request, evidence_id)
    try:
        is_whole = check_original(evidence=evidence, at=timezone.now())
        why = DamagedFileError().message
    except DomainError as error:
        is_whole, why = False, error.message
    if not is_whole:
        messages.error(request, str(why))
        return redirect("vault:original", evidence_id=evidence_id)
    response = cast(
        "HttpResponse",
        StreamingHttpResponse(
            object_storage.read(evidence.object_name), content_type="application/octet-stream"
        ),
    )
    response["Content-Length"] = str(evidence.sealed_bytes)
    response["Content-Disposition"] = f'attachment; filename="bukti-{evidence.number}.bks"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _taken(request: OfficerRequest, evidence_id: UUID) -> Evidence:
    """Return the evidence whose purpose this verifier wrote within the hour, or raise Http404."""
    evidence = original_in_hand(evidence_id=evidence_id, user=request.user)
    if open_taking(evidence=evidence, verifier=request.user, at=timezone.now()) is None:
        raise Http404
    return evidence
