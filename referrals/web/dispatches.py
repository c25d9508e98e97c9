"""What is on its way to recipients: what is stuck, what must be carried, what was sent back."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import BAWASLU_ROLES, Role
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.forms import DayMonthYearField, HouseForm
from bawaslu_cases.shared.http import OfficerRequest
from referrals import access
from referrals.models import Dispatch
from referrals.selectors.dispatches import stuck_dispatches
from referrals.services.dispatches import Slip, record_hand_over, send_again
from referrals.services.follow_up import MAX_PROOF_BYTES
from referrals.states import SENDERS, DispatchStatus
from referrals.web.forms import ReasonForm

READERS = (*sorted(BAWASLU_ROLES), Role.AUDITOR)
RAIL = {"section": "referrals"}

TROUBLES = (
    (
        "parked",
        gettext_lazy("Berhenti"),
        gettext_lazy(
            "Sudah dicoba berulang kali. Administrator menjalankannya lagi di halaman Sistem."
        ),
    ),
    (
        "carry",
        gettext_lazy("Menunggu serah terima"),
        gettext_lazy("Cetak, antar, lalu catat penerimanya."),
    ),
    (
        "back",
        gettext_lazy("Dikembalikan atau ditolak"),
        gettext_lazy("Lengkapi, lalu ajukan versi berikutnya."),
    ),
    ("slow", gettext_lazy("Lebih dari satu jam di antrean"), gettext_lazy("Masih dicoba sendiri.")),
    (
        "silent",
        gettext_lazy("Terkirim, belum ada tanda terima"),
        gettext_lazy("Hubungi penerima; kirim ulang bila tautannya hilang."),
    ),
)
"""Kinds of trouble in the order in which somebody should look, each with what to do."""


class HandOverForm(HouseForm):
    """The signed slip of a printed referral."""

    received_by = forms.CharField(
        label=gettext_lazy("Diterima oleh"),
        max_length=120,
        error_messages={"required": gettext_lazy("Tulis nama penerima")},
    )
    position = forms.CharField(
        label=gettext_lazy("Jabatan penerima"),
        max_length=120,
        error_messages={"required": gettext_lazy("Tulis jabatan penerima")},
    )
    place = forms.CharField(
        label=gettext_lazy("Tempat"),
        max_length=120,
        error_messages={"required": gettext_lazy("Tulis tempat penyerahan")},
    )
    handed_on = DayMonthYearField(label=gettext_lazy("Tanggal diserahkan"))
    proof = forms.FileField(
        label=gettext_lazy("Tanda terima yang ditandatangani"),
        help_text=gettext_lazy("PDF, JPG, atau PNG, paling besar 5 MB."),
        error_messages={"required": gettext_lazy("Pilih berkas tanda terima")},
    )


@require_GET
@role_required(*READERS)
def dispatches(request: OfficerRequest) -> HttpResponse:
    """Show what needs a person, by kind of trouble."""
    stuck = stuck_dispatches(request.user, at=timezone.now())
    groups = [
        {"code": code, "title": title, "advice": advice, "lines": stuck.of(code)}
        for code, title, advice in TROUBLES
    ]
    context = {
        "rail": RAIL,
        "stuck": stuck,
        "groups": [group for group in groups if group["lines"]],
        "may_send": request.user.has_role(*SENDERS),
    }
    return render(request, "referrals/dispatches.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*SENDERS)
def hand_over(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Record who took a printed referral."""
    dispatch = access.readable_dispatch(user=request.user, public_id=public_id)
    if dispatch.status not in {DispatchStatus.TO_HAND_OVER, DispatchStatus.ACKNOWLEDGED}:
        raise Http404
    form = HandOverForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
    )
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        slip = Slip(
            received_by=told["received_by"],
            position=told["position"],
            place=told["place"],
            handed_on=told["handed_on"],
            proof=told["proof"].read(MAX_PROOF_BYTES + 1),
        )
        return _step(
            request,
            dispatch,
            form,
            lambda: record_hand_over(
                dispatch=dispatch, slip=slip, officer=request.user, at=timezone.now()
            ),
        )
    return _page(request, dispatch, form)


@require_http_methods(["GET", "POST"])
@role_required(*SENDERS)
def again(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Send once more; the reason is kept."""
    dispatch = access.readable_dispatch(user=request.user, public_id=public_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _step(
            request,
            dispatch,
            form,
            lambda: send_again(
                dispatch=dispatch,
                officer=request.user,
                at=timezone.now(),
                reason=form.cleaned_data["reason"],
            ),
        )
    return _page(request, dispatch, form)


def _step(request: OfficerRequest, dispatch: Dispatch, form: HouseForm, take: Any) -> HttpResponse:
    try:
        take()
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error.message))
        return _page(request, dispatch, form, status=409 if error.code == "conflict" else 200)
    messages.success(request, _("Tersimpan."))
    return redirect("referrals:detail", public_id=dispatch.referral.public_id)


def _page(
    request: OfficerRequest, dispatch: Dispatch, form: HouseForm, *, status: int = 200
) -> HttpResponse:
    is_slip = isinstance(form, HandOverForm)
    context = {
        "rail": RAIL,
        "dispatch": dispatch,
        "form": form,
        "heading": _("Catat serah terima") if is_slip else _("Kirim ulang"),
        "is_slip": is_slip,
    }
    return render(request, "referrals/dispatch_step.html", context, status=status)
