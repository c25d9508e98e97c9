"""The page a new colleague enters by: the first password, by a link that works once."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bawaslu_cases.accounts.services import accept_invitation, invitation_of
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.forms import HouseForm


class FirstPasswordForm(HouseForm):
    """The new password, twice."""

    password = forms.CharField(
        label=gettext_lazy("Kata sandi"),
        help_text=gettext_lazy("Paling sedikit 15 huruf. Kalimat pendek mudah diingat."),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": gettext_lazy("Tulis kata sandi")},
    )
    again = forms.CharField(
        label=gettext_lazy("Kata sandi sekali lagi"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": gettext_lazy("Tulis kata sandi")},
    )

    def clean(self) -> dict[str, Any]:
        """Let both be the same."""
        data = super().clean() or self.cleaned_data
        if "password" in data and "again" in data and data["password"] != data["again"]:
            self.add_error("again", _("Kedua kata sandi tidak sama"))
        return data


@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the first password. Looking at the page spends nothing: mail filters follow links too."""
    at = timezone.now()
    found = invitation_of(token, at=at)
    if found is None:
        raise Http404
    form = FirstPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            accept_invitation(invitation=found, password=form.cleaned_data["password"], at=at)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            messages.success(request, _("Kata sandi disimpan. Masuk, lalu pasang langkah kedua."))
            return redirect("staff_login")
    return render(request, "account/invitation.html", {"form": form, "person": found.user})
