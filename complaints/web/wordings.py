"""The office's own wordings of messages: the list, a new one, the end of one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
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
from complaints.services.wordings import end_wording, write_wording
from complaints.states import OFFICERS, Requirement
from complaints.web.desk import desk_context


class WordingForm(HouseForm):
    """A new wording of the office."""

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


@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
def wordings(request: OfficerRequest) -> HttpResponse:
    """Show the nation's wordings and the office's own, and write a new one."""
    form = WordingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            write_wording(
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
        else:
            messages.success(request, _("Kalimat disimpan dan dapat dipakai sekarang."))
            return redirect("desk:wordings")
    context: dict[str, Any] = {
        "form": form,
        "own": office_wordings(request.user.office) if request.user.office else [],
        "shared": national_wordings(),
        "search_action": reverse("desk:queue"),
    }
    return render(request, "complaints/desk/wordings.html", desk_context(request.user, **context))


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
