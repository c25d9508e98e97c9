"""A PPK's office over its link: the code first, then the one recommendation and the form that answers it.

No account, no session: a signed cookie of this link alone, for two hours. Before the code the page tells
nothing, not even which agency the link is for.
"""

from uuid import UUID

from django import forms
from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.forms import HouseForm
from complaints.services.deadlines import local_day
from referrals.models import PpkPass
from referrals.selectors.ppk import AgencySheet, agency_sheet, recommendation_of
from referrals.services.ppk_passes import (
    CODE_DIGITS,
    PassGoneError,
    answer_by_pass,
    open_pass,
    standing_pass,
)
from referrals.states import OWED, FollowUpStatus
from referrals.web.forms import AnswerForm, answer_of

COOKIE = "jawab"
SALT = "referrals.ppk_pass.cookie"
OPEN_SECONDS = 2 * 3600


class CodeForm(HouseForm):
    """The code that came another way than the link."""

    code = forms.CharField(
        label=gettext_lazy("Kode"),
        help_text=gettext_lazy("Delapan angka, disampaikan terpisah dari tautan ini."),
        max_length=20,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "size": CODE_DIGITS}
        ),
        error_messages={"required": gettext_lazy("Tulis kodenya")},
    )


class WhoForm(HouseForm):
    """Who answers for the office."""

    name = forms.CharField(
        label=gettext_lazy("Nama Anda"),
        max_length=120,
        error_messages={"required": gettext_lazy("Tulis nama Anda")},
    )
    position = forms.CharField(
        label=gettext_lazy("Jabatan Anda"),
        max_length=120,
        error_messages={"required": gettext_lazy("Tulis jabatan Anda")},
    )


@require_http_methods(["GET", "POST"])
@never_cache
def page(request: HttpRequest, public_id: UUID, token: str) -> HttpResponse:
    """Ask for the code; behind it show the recommendation and take the answer."""
    at = timezone.now()
    try:
        ppk_pass = standing_pass(public_id=public_id, token=token, at=at)
    except PassGoneError as error:
        context = {"gone": str(error.message), "form": None}
        return render(request, "referrals/ppk_code.html", context, status=410)
    if not _is_open(request, ppk_pass):
        return _code(request, ppk_pass, token)
    if request.POST.get("do") == "close":
        response = redirect(request.path)
        response.delete_cookie(COOKIE, path=_path(ppk_pass), samesite="Strict")
        return response
    return _recommendation(request, ppk_pass)


def _is_open(request: HttpRequest, ppk_pass: PpkPass) -> bool:
    try:
        held = request.get_signed_cookie(COOKIE, "", salt=SALT, max_age=OPEN_SECONDS)
    except BadSignature:
        return False
    return held == ppk_pass.public_id.hex


def _path(ppk_pass: PpkPass) -> str:
    return reverse("ppk_pass:page", args=[ppk_pass.public_id, "x"]).removesuffix("x/")


def _code(request: HttpRequest, ppk_pass: PpkPass, token: str) -> HttpResponse:
    is_code = request.method == "POST" and "code" in request.POST
    form = CodeForm(request.POST if is_code else None)
    if is_code and form.is_valid():
        at = timezone.now()
        if open_pass(ppk_pass=ppk_pass, code=form.cleaned_data["code"], at=at):
            response = redirect("ppk_pass:page", ppk_pass.public_id, token)
            response.set_signed_cookie(
                COOKIE,
                ppk_pass.public_id.hex,
                salt=SALT,
                max_age=OPEN_SECONDS,
                path=_path(ppk_pass),
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Strict",
            )
            return response
        form.add_error("code", _("Kode tidak cocok. Sesudah lima kali salah akses ini berakhir."))
    status = 403 if form.errors else 200
    return render(request, "referrals/ppk_code.html", {"gone": "", "form": form}, status=status)


def _recommendation(request: HttpRequest, ppk_pass: PpkPass) -> HttpResponse:
    follow_up = recommendation_of(ppk_pass.follow_up)
    at = timezone.now()
    form = who = None
    if follow_up.status in OWED or request.method == "POST":
        given = request.POST if request.method == "POST" else None
        who = WhoForm(given)
        form = AnswerForm(
            given,
            request.FILES if request.method == "POST" else None,
            recommended=follow_up.recommended_class,
            on=local_day(at, follow_up.referral.case.office),
            is_accepted=follow_up.status == FollowUpStatus.ACCEPTED,
        )
        if request.method == "POST" and all([who.is_valid(), form.is_valid()]):
            ppk_pass.follow_up = follow_up
            try:
                answer_by_pass(
                    ppk_pass=ppk_pass,
                    answer=answer_of(form),
                    name=who.cleaned_data["name"],
                    position=who.cleaned_data["position"],
                    at=at,
                )
            except DomainError as error:
                form.add_error(
                    error.field if error.field in form.fields else None, str(error.message)
                )
            else:
                return redirect(f"{request.path}?terkirim")
    sheet: AgencySheet = agency_sheet(follow_up, at=at)
    context = {
        "follow_up": follow_up,
        "sheet": sheet,
        "form": form,
        "who": who,
        "is_sent": "terkirim" in request.GET,
    }
    return render(request, "referrals/ppk_pass.html", context)
