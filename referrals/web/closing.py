"""Closing a case that was sent on and that no follow-up closes."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.forms import HouseForm
from bawaslu_cases.shared.http import OfficerRequest
from complaints.states import CASE_LIFECYCLE, CaseAction
from complaints.web.case_steps import step_page
from complaints.web.desk import place_error
from complaints.web.forms_desk import DayField
from referrals import access
from referrals.services.closing import close_by_hand, standing, why_not

MAX_REASON = 2000


class CloseForm(HouseForm):
    """What the body answered, or why no answer is waited for; ``seen`` is how the case stood."""

    reply_number = forms.CharField(
        label=gettext_lazy("Nomor balasan lembaga"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Kosongkan bila lembaga tidak membalas dengan surat."),
    )
    reply_on = DayField(label=gettext_lazy("Tanggal balasan"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Isi balasan, atau alasan menutup"),
        max_length=MAX_REASON,
        required=False,
        widget=forms.Textarea({"rows": 4, "maxlength": MAX_REASON}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


@role_required(Role.CASE_OFFICER, Role.CHAIR)
@require_http_methods(["GET", "POST"])
def close(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Close the case with the answer of the body it went to, or with a reason."""
    case, at = access.readable_case(user=request.user, public_id=public_id), timezone.now()
    form = CloseForm(
        request.POST if request.method == "POST" else None, initial={"seen": standing(case)}
    )
    if request.method == "POST" and form.is_valid():
        try:
            close_by_hand(case=case, officer=request.user, at=at, **form.cleaned_data)
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, _("Perkara ditutup."))
            return redirect("desk:case", public_id=case.public_id)
    row = CASE_LIFECYCLE.table[CaseAction.CLOSE_BY_HAND]
    is_sent = case.status in row.sources
    refusal = why_not(case, at=at) if is_sent else _("Perkara ini tidak sedang diteruskan.")
    return step_page(
        request,
        case,
        form,
        heading=_("Tutup perkara"),
        button="" if refusal else _("Tutup perkara"),
        article=row.article,
        note=refusal
        or _("Pelapor diberi tahu bahwa perkaranya selesai. Alasan ini tidak dibacanya."),
    )
