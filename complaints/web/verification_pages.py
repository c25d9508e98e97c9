"""The pages under /brankas/: lists, one report, one request. They show no identity; the client does."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.keyring import selectors as keyring
from bawaslu_cases.shared.envelope import UnsealError
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import unseal_request, verifiable_report
from complaints.models import UnsealRequest
from complaints.selectors.case_file import clocks_of, official_facts
from complaints.selectors.desk import queue_row
from complaints.selectors.evidence import waiting_originals
from complaints.selectors.record_page import facts_of
from complaints.selectors.vault import (
    decided_requests,
    identity_card,
    own_requests,
    pending_requests,
    pseudonym,
    requests_of,
    waiting_reports,
)
from complaints.services import unsealing
from complaints.services.exchange import desk_words, signed_request
from complaints.services.summaries import digest_of, write_summary
from complaints.states import (
    REPORT_LANES,
    DenialReason,
    Lane,
    UnsealPurpose,
    UnsealStatus,
)
from complaints.vault.crypto.requests import basis_of
from complaints.web.desk import place_error
from complaints.web.forms_vault import AskForm, AttestForm, DenyForm, FileForm, SummaryForm
from complaints.web.verification import exchange, vault_door

TONES = {
    UnsealStatus.PENDING: ("waiting", "amber"),
    UnsealStatus.RELEASED: ("working", "blue"),
    UnsealStatus.OPENED: ("working", "blue"),
    UnsealStatus.ATTESTED: ("done", "green"),
}


@vault_door(Role.VERIFIER, Role.CUSTODIAN)
@require_GET
def home(request: OfficerRequest) -> HttpResponse:
    """Show what waits: reports for a verifier, requests for a custodian."""
    user, at = request.user, timezone.now()
    context: dict[str, Any] = {"has_keys": keyring.certificate_of(user.public_id) is not None}
    if user.has_role(Role.VERIFIER):
        reports = []
        for row in waiting_reports(user):
            line = queue_row(row, at=at)
            reports.append(
                {
                    **{name: getattr(line, name) for name in line.__dataclass_fields__},
                    "href": reverse("vault:report", args=[line.public_id]),
                    "pseudonym": pseudonym(line.public_id),
                    "asked": UnsealStatus(row.asked).label
                    if row.asked
                    else _("KTP sudah dipindai")
                    if row.has_card
                    else "",
                }
            )
        return render(
            request,
            "complaints/vault/verifier.html",
            context
            | {
                "reports": reports,
                "requests": _lines(own_requests(user), at),
                "files": len(waiting_originals(user)),
            },
        )
    return render(
        request,
        "complaints/vault/custodian.html",
        context
        | {
            "pending": _lines(pending_requests(user, at=at), at),
            "decided": _lines(decided_requests(user), at),
        },
    )


def _lines(rows: Sequence[UnsealRequest], at: Any) -> list[dict[str, Any]]:
    return [_line(row, at) for row in rows]


def _line(row: UnsealRequest, at: Any) -> dict[str, Any]:
    status = UnsealStatus(row.status)
    left = max(0, int((row.expires_at - at).total_seconds() // 60))
    open_ = status in {UnsealStatus.PENDING, UnsealStatus.RELEASED}
    return {
        "href": reverse("vault:request", args=[row.id]),
        "pseudonym": pseudonym(row.complaint.public_id),
        "title": f"{pseudonym(row.complaint.public_id)} · {UnsealPurpose(row.purpose).label}",
        "purpose": UnsealPurpose(row.purpose).label,
        "status": status.label,
        "due_text": _("%(hours)d jam %(minutes)d menit")
        % {"hours": left // 60, "minutes": left % 60}
        if open_
        else status.label,
        "due_tone": "soon" if open_ and left < 60 else "",  # noqa: PLR2004 -- the last hour
        "tone": TONES.get(status, ("stopped", ""))[1],
    }


@vault_door(Role.VERIFIER, step_up=True)
@require_GET
def report(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show one report without its reporter: facts, words for the desk, the way to ask."""
    return _report(request, public_id, SummaryForm())


def _report(
    request: OfficerRequest, public_id: UUID, form: SummaryForm, status: int = 200
) -> HttpResponse:
    found: Any = verifiable_report(public_id=public_id, user=request.user)
    at = timezone.now()
    today = at.astimezone(ZoneInfo(found.office.time_zone)).date()
    if not form.is_bound:
        form.initial = {"text": found.summary, "seen": digest_of(found.summary)}
    rows = list(requests_of(found))
    return render(
        request,
        "complaints/vault/report.html",
        {
            "record": found,
            "name": pseudonym(found.public_id),
            "lane_label": Lane(found.lane).label,
            "facts": facts_of(found),
            "officials": [official_facts(row, on=today) for row in found.official_rows],
            "clocks": clocks_of(found.deadline_rows, at=at),
            "words_for_desk": desk_words(found),
            "form": form,
            "ask": AskForm(),
            "file": FileForm(auto_id="ask_%s"),
            "requests": _lines(rows, at),
            "may_ask": found.lane in REPORT_LANES,
        },
        status=status,
    )


@vault_door(Role.VERIFIER)
@require_http_methods(["POST"])
def summary(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Keep the neutral summary."""
    form = SummaryForm(request.POST)
    if form.is_valid():
        try:
            write_summary(
                complaint=verifiable_report(public_id=public_id, user=request.user),
                verifier=request.user,
                text=form.cleaned_data["text"],
                at=timezone.now(),
                seen=form.cleaned_data["seen"],
            )
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, _("Ringkasan disimpan."))
            return redirect("vault:report", public_id=public_id)
    return _report(request, public_id, form, status=409 if form.has_error("seen") else 200)


@vault_door(Role.VERIFIER, Role.CUSTODIAN, step_up=True)
@require_GET
def unseal_page(request: OfficerRequest, request_id: UUID) -> HttpResponse:
    """Show one request: to its maker the way to open, to a custodian what to decide on."""
    return _request(request, request_id, DenyForm())


def _request(request: OfficerRequest, request_id: UUID, form: DenyForm) -> HttpResponse:
    row = unseal_request(request_id=request_id, user=request.user)
    at = timezone.now()
    found, own = row.complaint, row.verifier_id == request.user.pk
    zone = ZoneInfo(found.office.time_zone)
    is_late = at >= row.expires_at
    return render(
        request,
        "complaints/vault/request.html" if own else "complaints/vault/decide.html",
        {
            "row": row,
            "line": _line(row, at),
            "name": pseudonym(found.public_id),
            "reason": _reason(row),
            "facts": [
                {"term": _("Pelapor"), "value": pseudonym(found.public_id)},
                {"term": _("Tujuan"), "value": UnsealPurpose(row.purpose).label},
                {
                    "term": _("Pemohon"),
                    "value": row.verifier.name,
                    "note": row.verifier.office.name if row.verifier.office else "",
                },
                {
                    "term": _("Berlaku sampai"),
                    "value": dateformat.format(row.expires_at.astimezone(zone), "j M Y, H.i"),
                },
            ],
            "is_late": is_late,
            "may_decide": not own and row.status == UnsealStatus.PENDING and not is_late,
            "may_open": own and row.status == UnsealStatus.RELEASED and not is_late,
            "may_attest": own and row.status == UnsealStatus.OPENED,
            "may_withdraw": own and row.status in {UnsealStatus.PENDING, UnsealStatus.RELEASED},
            "card": identity_card(found) if own else None,
            "is_handover": row.purpose == UnsealPurpose.LPSK_HANDOVER,
            "form": form,
            "answers": AttestForm(auto_id="answer_%s"),
            "release_file": FileForm(auto_id="release_%s"),
            "attest_file": FileForm(auto_id="attestation_%s"),
            "parcel_file": FileForm(auto_id="parcel_%s"),
        },
    )


def _reason(row: UnsealRequest) -> dict[str, str]:
    """Return a request's reason and what it rests on; both blank when the row was tampered with."""
    try:
        text = signed_request(row).reason
    except UnsealError:
        return {"text": "", "basis": "", "digest": ""}
    basis = basis_of(text)
    if basis is None:
        return {"text": text, "basis": "", "digest": ""}
    return {
        "text": text.partition("\n")[2],
        "basis": basis.reference,
        "digest": basis.document_sha256.hex(),
    }


@vault_door(Role.CUSTODIAN)
@require_http_methods(["POST"])
def deny(request: OfficerRequest, request_id: UUID) -> HttpResponse:
    """Refuse to let go of the share."""
    form = DenyForm(request.POST)
    if form.is_valid():
        row = unseal_request(request_id=request_id, user=request.user)
        try:
            unsealing.deny(
                request=row,
                custodian=request.user,
                reason=DenialReason(form.cleaned_data["reason"]),
                at=timezone.now(),
            )
        except DomainError as error:
            messages.error(request, str(error.message))
        else:
            messages.success(request, _("Permintaan ditolak."))
        return redirect("vault:request", request_id=request_id)
    return _request(request, request_id, form)


def _page_of(request_id: UUID) -> str:
    return reverse("vault:request", args=[request_id])


@vault_door(Role.VERIFIER)
@require_POST
@exchange(_page_of, step_up=False)
def withdraw(request: OfficerRequest, request_id: UUID) -> HttpResponse:
    """Take one's own request back."""
    row = unseal_request(request_id=request_id, user=request.user)
    unsealing.withdraw(request=row, verifier=request.user, at=timezone.now())
    messages.success(request, _("Permintaan dibatalkan."))
    return redirect("vault:report", public_id=row.complaint.public_id)
