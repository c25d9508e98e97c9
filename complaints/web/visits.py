"""The counter: who brings a visit code shows their card. Nothing of a report is on this page (check A35)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.errors import TooManyTriesError, WrongVisitCodeError
from complaints.services.visits import check_visit_code, keep_identity_card
from complaints.states import OFFICERS
from complaints.web.desk import desk_context, place_error
from complaints.web.forms_visits import CardForm, VisitCodeForm


@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
def counter(request: OfficerRequest) -> HttpResponse:
    """Ask for a code, then for the card; the code travels in the form and stands in no address."""
    if request.method != "POST":
        return _page(request, VisitCodeForm())
    if request.POST.get("do") == "scan":
        return _scan(request)
    form = VisitCodeForm(request.POST)
    if form.is_valid():
        code = form.cleaned_data["code"]
        try:
            check_visit_code(typed=code, officer=request.user, at=timezone.now())
        except DomainError as error:
            place_error(form, error)
        else:
            return _page(request, CardForm(initial={"code": code}))
    return _page(request, form)


@sensitive_variables()
def _scan(request: OfficerRequest) -> HttpResponse:
    form = CardForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form)
    try:
        keep_identity_card(
            typed=form.cleaned_data["code"],
            picture=form.cleaned_data["card"],
            is_of_bearer=form.cleaned_data["is_of_bearer"] == "yes",
            officer=request.user,
            at=timezone.now(),
        )
    except (WrongVisitCodeError, TooManyTriesError) as error:
        asked = VisitCodeForm({"code": form.cleaned_data["code"]})
        place_error(asked, error)
        return _page(request, asked)
    except DomainError as error:
        place_error(form, error)
        return _page(request, form)
    messages.success(
        request, _("KTP terkunci dan terkirim ke meja verifikasi. Kode itu tidak berlaku lagi.")
    )
    return redirect("desk:counter")


def _page(request: OfficerRequest, form: VisitCodeForm | CardForm) -> HttpResponse:
    context = desk_context(
        request.user,
        form=form,
        takes_card=isinstance(form, CardForm),
        search_action=reverse("desk:queue"),
    )
    context["rail"]["section"] = "counter"
    return render(request, "complaints/desk/counter.html", context)
