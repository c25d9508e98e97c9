"""Ties that keep a person away: declaring them, standing back from one matter, and who has how much."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import BAWASLU_ROLES, Role
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.forms import DatalistInput, HouseForm, RadioCards
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import editable_case, editable_complaint
from complaints.models import Case, Complaint, ConflictDeclaration, Recusal
from complaints.selectors.choices import agency_named, agency_names
from complaints.selectors.workload import OfficerLoad, officer_loads
from complaints.services.conflicts import declare_conflict, end_conflict
from complaints.services.hand_over import hand_over_all
from complaints.services.recusals import OWN_REASONS, recuse_oneself
from complaints.web.desk import desk_context, place_error
from complaints.web.forms_desk import DayField


class RecuseForm(HouseForm):
    """Why somebody stands back; a code, so that no kin is named."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Alasan"),
        choices=[(each.value, each.label) for each in OWN_REASONS],
        widget=RadioCards,
        error_messages={"required": gettext_lazy("Pilih alasannya.")},
    )


class ConflictForm(HouseForm):
    """One tie. Which fields it needs depends on its kind; the service says so."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Jenis hubungan"),
        choices=ConflictDeclaration.Kind.choices,
        widget=RadioCards,
        error_messages={"required": gettext_lazy("Pilih jenis hubungannya.")},
    )
    name = forms.CharField(
        label=gettext_lazy("Nama keluarga"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Nama tidak disimpan; hanya sidiknya, untuk dibandingkan."),
    )
    agency = forms.CharField(label=gettext_lazy("Instansi"), max_length=200, required=False)
    since = DayField(label=gettext_lazy("Sejak"))
    until = DayField(label=gettext_lazy("Sampai"), required=False)

    def __init__(self, *args: Any, agencies: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].widget = DatalistInput(agencies, {"maxlength": 200})


@role_required(*BAWASLU_ROLES, Role.VERIFIER)
@require_http_methods(["GET", "POST"])
def conflicts(request: OfficerRequest) -> HttpResponse:
    """Show the person's own ties; take a new one, or let one end."""
    user, today = request.user, timezone.localdate()
    if request.POST.get("end"):
        return _end(request)
    form = ConflictForm(
        request.POST or None, agencies=agency_names(user, on=today), initial={"since": today}
    )
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data["agency"]
        agency = agency_named(typed, on=today)
        if typed and agency is None:
            form.add_error("agency", _("Pilih instansi dari daftar."))
        else:
            try:
                declare_conflict(
                    user=user,
                    kind=form.cleaned_data["kind"],
                    name=form.cleaned_data["name"],
                    agency=agency,
                    since=form.cleaned_data["since"],
                    until=form.cleaned_data["until"],
                    at=timezone.now(),
                )
            except DomainError as error:
                place_error(form, error)
            else:
                messages.success(
                    request, _("Disimpan. Perkara terkait tidak lagi tampak bagi Anda.")
                )
                return redirect("desk:conflicts")
    context = {
        "form": form,
        "declared": user.conflicts.select_related("agency").order_by("-pk"),
        "search_action": reverse("desk:queue"),
    }
    return render(request, "complaints/desk/conflicts.html", desk_context(user, **context))


def _end(request: OfficerRequest) -> HttpResponse:
    number = request.POST["end"]
    rows = request.user.conflicts.filter(pk=int(number)) if number.isdecimal() else None
    row = rows.first() if rows is not None else None
    if row is None:
        raise Http404
    try:
        end_conflict(declaration=row, user=request.user, on=timezone.localdate())
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("desk:conflicts")


@role_required(*BAWASLU_ROLES)
@require_http_methods(["GET", "POST"])
def recuse(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Let a person stand back from a record: at the next click it is not there for them."""
    return _recuse(
        request, editable_complaint(public_id=public_id, user=request.user), "desk:record"
    )


@role_required(*BAWASLU_ROLES)
@require_http_methods(["GET", "POST"])
def recuse_case(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Let a person stand back from a case and all of its records."""
    return _recuse(request, editable_case(public_id=public_id, user=request.user), "desk:case")


def _recuse(request: OfficerRequest, subject: Complaint | Case, page: str) -> HttpResponse:
    form = RecuseForm(
        request.POST if request.method == "POST" else None,
        initial={"reason": Recusal.Reason.DECLARED},
    )
    if request.method == "POST" and form.is_valid():
        try:
            recuse_oneself(
                subject=subject,
                user=request.user,
                reason=form.cleaned_data["reason"],
                at=timezone.now(),
            )
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, _("Anda mundur dari penanganan. Tugas diteruskan."))
            return redirect("desk:queue")
    context = {
        "case": subject,
        "form": form,
        "heading": _("Mundur dari penanganan"),
        "button": _("Mundur"),
        "note": _("Sesudah ini Anda tidak dapat membukanya lagi, juga lewat pencarian."),
        "article": "",
        "back_url": reverse(page, args=[subject.public_id]),
        "search_action": reverse("desk:queue"),
    }
    return render(request, "complaints/desk/case_step.html", desk_context(request.user, **context))


class HandOverForm(HouseForm):
    """From whom to whom; everything open goes over."""

    giver = forms.ChoiceField(label=gettext_lazy("Dari"))
    to = forms.ChoiceField(
        label=gettext_lazy("Kepada"),
        error_messages={"required": gettext_lazy("Pilih siapa yang menerima.")},
    )

    def __init__(self, *args: Any, loads: list[OfficerLoad], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(load.officer.public_id): load.officer for load in loads}
        # How much goes over stands in the choice itself: the preview of the step.
        self.fields["giver"].choices = [  # type: ignore[attr-defined]
            (str(load.officer.public_id), f"{load.officer.name} ({load.total})") for load in loads
        ]
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            ("", _("Pilih")),
            *((key, user.name) for key, user in self.people.items()),
        ]


@role_required(Role.CHAIR)
@require_http_methods(["GET", "POST"])
def workload(request: OfficerRequest) -> HttpResponse:
    """Show the chair who has how much in the unit and those below; hand one's work to another."""
    loads = officer_loads(user=request.user, at=timezone.now())
    form = HandOverForm(request.POST if request.method == "POST" else None, loads=loads)
    if request.method == "POST" and form.is_valid():
        try:
            done = hand_over_all(
                giver=form.people[form.cleaned_data["giver"]],
                to=form.people[form.cleaned_data["to"]],
                officer=request.user,
                at=timezone.now(),
            )
        except DomainError as error:
            place_error(form, error)
        else:
            text = _("Diserahkan: %(given)s. Tetap: %(kept)s.")
            messages.success(request, text % {"given": done.given, "kept": done.kept})
            return redirect("desk:workload")
    context = {
        "loads": loads,
        "form": form,
        "search_action": reverse("desk:queue"),
    }
    return render(request, "complaints/desk/workload.html", desk_context(request.user, **context))
