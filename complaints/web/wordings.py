"""The office's own wordings of messages: the list, a proposal, a colleague's answer to it, the end of one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.shared.errors import ConflictError, DomainError
from bawaslu_cases.shared.forms import CheckboxList, HouseForm
from bawaslu_cases.shared.http import OfficerRequest
from complaints.models import LetterStep
from complaints.selectors.wordings import national_wordings, office_wordings
from complaints.services.messages import MAX_MESSAGE
from complaints.services.wordings import (
    DECIDERS,
    MAX_REFUSAL,
    approve_wording,
    end_wording,
    propose_wording,
    refuse_wording,
)
from complaints.states import OFFICERS, Requirement
from complaints.web.desk import desk_context


class WordingForm(HouseForm):
    """A wording that is proposed to the office."""

    title = forms.CharField(label=gettext_lazy("Nama kalimat"), max_length=80)
    step = forms.ChoiceField(label=gettext_lazy("Dipakai untuk"), choices=LetterStep.choices)
    requirements = forms.MultipleChoiceField(
        label=gettext_lazy("Yang diminta"),
        choices=Requirement.choices,
        widget=CheckboxList,
        required=False,
    )
    body = forms.CharField(
        label=gettext_lazy("Isi"),
        help_text=gettext_lazy("Kalimat pendek, kata sehari-hari, tanpa nama petugas."),
        max_length=MAX_MESSAGE,
        widget=forms.Textarea({"rows": 6, "maxlength": MAX_MESSAGE}),
    )
    assigns_sender = forms.BooleanField(
        label=gettext_lazy("Sekaligus tugaskan laporan ke pengirim"), required=False
    )


@role_required(*DECIDERS)
@require_http_methods(["GET", "POST"])
def wordings(request: OfficerRequest) -> HttpResponse:
    """Show the nation's wordings and the office's own, and propose a new one."""
    form = WordingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not request.user.has_role(*OFFICERS):
            raise PermissionDenied
        if form.is_valid() and _is_proposed(request, form):
            messages.success(
                request, _("Kalimat diusulkan. Dapat dipakai setelah seorang rekan menyetujuinya.")
            )
            return redirect("desk:wordings")
    return _page(request, form)


def _is_proposed(request: OfficerRequest, form: WordingForm) -> bool:
    """Propose what was written; where that is refused, say why in the form."""
    data = form.cleaned_data
    try:
        propose_wording(
            title=data["title"],
            body=data["body"],
            step=LetterStep(data["step"]),
            requirements=[Requirement(code) for code in data["requirements"]],
            assigns_sender=data["assigns_sender"],
            officer=request.user,
            at=timezone.now(),
        )
    except DomainError as error:
        field = "title" if isinstance(error, ConflictError) else error.field
        form.add_error(field if field in form.fields else None, str(error.message))
        return False
    return True


def _page(request: OfficerRequest, form: WordingForm, **more: Any) -> HttpResponse:
    """Draw the page; ``failed`` says why a decision was not taken, ``typed`` what its reason was."""
    user = request.user
    status = more.pop("status", 200)
    context: dict[str, Any] = {
        "form": form if user.has_role(*OFFICERS) else None,
        "own": [
            (row, row.is_waiting and row.made_by_id != user.pk)
            for row in (office_wordings(user.office) if user.office else [])
        ],
        "shared": national_wordings(),
        "longest": MAX_REFUSAL,
        "search_action": reverse("desk:queue"),
        **more,
    }
    return render(
        request, "complaints/desk/wordings.html", desk_context(user, **context), status=status
    )


@role_required(*DECIDERS)
@require_POST
def wording_decide(request: OfficerRequest, wording_id: int) -> HttpResponse:
    """Approve or refuse what a colleague proposed."""
    step, reason = request.POST.get("do", ""), request.POST.get("reason", "")
    at = timezone.now()
    try:
        if step == "approve":
            approve_wording(wording_id=wording_id, officer=request.user, at=at)
            told = _("Kalimat disetujui dan dapat dipakai sekarang.")
        elif step == "refuse":
            refuse_wording(wording_id=wording_id, officer=request.user, at=at, reason=reason)
            told = _("Kalimat tidak disetujui.")
        else:
            raise Http404
    except DomainError as error:
        return _page(
            request,
            WordingForm(),
            failed=error.message,
            failed_id=wording_id,
            typed=reason,
            status=409 if isinstance(error, ConflictError) else 200,
        )
    messages.success(request, told)
    return redirect("desk:wordings")


@role_required(*OFFICERS)
@require_POST
def wording_end(request: OfficerRequest, wording_id: int) -> HttpResponse:
    """End one of the office's own wordings today."""
    try:
        end_wording(wording_id=wording_id, officer=request.user, at=timezone.now())
    except DomainError as error:
        messages.warning(request, str(error.message))
    else:
        messages.success(request, _("Kalimat diakhiri."))
    return redirect("desk:wordings")
