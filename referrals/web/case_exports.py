"""The whole file of a case: what it is for, the page one waits at, and the file, once."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.audit.reads import remark
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.forms import HouseForm
from bawaslu_cases.shared.http import OfficerRequest
from referrals import access
from referrals.rules.export_words import FAILURES
from referrals.services.case_exports import fetch_export, order_export

RAIL = {"section": "referrals"}


class ExportForm(HouseForm):
    """What the file is for, and for whose key it is closed."""

    purpose = forms.CharField(
        label=gettext_lazy("Untuk apa berkas ini"),
        help_text=gettext_lazy("Misalnya sidang, supervisi provinsi, arsip. Tercatat di berkas."),
        max_length=200,
        error_messages={"required": gettext_lazy("Tulis untuk apa berkas ini")},
    )
    age_key = forms.CharField(
        label=gettext_lazy("Kunci publik age Anda"),
        help_text=gettext_lazy(
            "Bila diisi (age1…), berkas terkunci dan hanya terbuka dengan kunci rahasia Anda."
        ),
        max_length=80,
        required=False,
    )


@role_required(*BAWASLU_ROLES)
@require_http_methods(["GET", "POST"])
def export_new(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Order the file of a case."""
    case = access.readable_case(user=request.user, public_id=public_id)
    form = ExportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            order = order_export(
                case=case, officer=request.user, at=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            return redirect("referrals:export", public_id=case.public_id, export_id=order.pk)
    context = {"rail": RAIL, "case": case, "form": form, "search_action": reverse("desk:queue")}
    return render(request, "referrals/case_export_new.html", context)


@role_required(*BAWASLU_ROLES)
@require_http_methods(["GET", "POST"])
def export_page(request: OfficerRequest, public_id: UUID, export_id: UUID) -> HttpResponse:
    """Wait for the file; POST takes it along, once."""
    now = timezone.now()
    case = access.readable_case(user=request.user, public_id=public_id)
    order = access.own_export(user=request.user, case=case, export_id=export_id, at=now)
    remark(export=order.pk)
    if request.method == "POST":
        remark(download=True, closed=bool(order.age_key))
        try:
            content, ending = fetch_export(order=order, at=now)
        except DomainError as error:
            messages.error(request, str(error.message))
            return redirect("referrals:export_new", public_id=case.public_id)
        response = HttpResponse(content, content_type="application/octet-stream")
        stem = f"perkara-{case.public_id.hex[:8]}"
        response["Content-Disposition"] = f'attachment; filename="{stem}.{ending}"'
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "no-store"
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return response
    context = {
        "rail": RAIL,
        "case": case,
        "order": order,
        "failure": FAILURES.get(order.failure, ""),
        "is_working": order.stage == order.Stage.WAITING,
        "search_action": reverse("desk:queue"),
    }
    response = render(request, "referrals/case_export.html", context)
    if context["is_working"]:
        response["Refresh"] = "5"
    return response
