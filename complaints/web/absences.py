"""Who is away and who stands in: one's own days, and for a chair those of the people in scope."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import Absence, User
from bawaslu_cases.accounts.roles import WORKING_ROLES, Role
from bawaslu_cases.accounts.selectors import (
    absences_of,
    absences_under,
    deputies_for,
    has_deputy,
    officers_under,
    today_of,
)
from bawaslu_cases.accounts.services import end_absence, enter_absence
from bawaslu_cases.audit import services as audit
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.forms import HouseForm
from bawaslu_cases.shared.http import OfficerRequest
from complaints.web.desk import desk_context, place_error
from complaints.web.forms_desk import DayField


class AbsenceForm(HouseForm):
    """From when to when, and who stands in."""

    first_on = DayField(label=gettext_lazy("Hari pertama"))
    last_on = DayField(label=gettext_lazy("Hari terakhir"))
    deputy = forms.ChoiceField(
        label=gettext_lazy("Pengganti"),
        help_text=gettext_lazy("Tugas yang ada tampak juga baginya, kecuali yang dihalangi."),
        error_messages={"required": gettext_lazy("Pilih penggantinya.")},
    )

    def __init__(self, *args: Any, deputies: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deputies = {str(user.public_id): user for user in deputies}
        names = [(key, user.name) for key, user in self.deputies.items()]
        self.fields["deputy"].choices = [("", _("Pilih petugas")), *names]  # type: ignore[attr-defined]

    def chosen(self) -> User:
        """Return the deputy who was chosen."""
        return self.deputies[self.cleaned_data["deputy"]]


@role_required(*WORKING_ROLES, Role.CHAIR)
@require_http_methods(["GET", "POST"])
def absences(request: OfficerRequest) -> HttpResponse:
    """Show who is away; enter days for oneself, or as a chair for somebody in scope; end them."""
    user, at = request.user, timezone.now()
    is_chair = user.has_role(Role.CHAIR)
    today = today_of(user, at)
    people = {str(each.public_id): each for each in officers_under(user)} if is_chair else {}
    listed = absences_under(user, on=today) if is_chair else absences_of(user, on=today)
    if request.POST.get("end"):
        return _end(request, listed)
    person = _person(request, people)
    deputies = deputies_for(person) if person else []
    given = request.POST if request.method == "POST" else None
    form = AbsenceForm(given, deputies=deputies, initial={"first_on": today})
    if request.method == "POST" and person and form.is_valid():
        try:
            with transaction.atomic():  # no absence without its entry
                row = enter_absence(
                    person=person,
                    deputy=form.chosen(),
                    first_on=form.cleaned_data["first_on"],
                    last_on=form.cleaned_data["last_on"],
                    officer=user,
                    at=at,
                )
                _log(request, "staff.absence", row)
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, _("Ketidakhadiran dicatat."))
            return redirect("desk:absences")
    context = {
        "form": form if person else None,
        "person": person,
        "people": [
            {"key": key, "user": each, "current": each == person} for key, each in people.items()
        ],
        "listed": [
            {"row": row, "runs": row.first_on <= today, "is_held": has_deputy(row)}
            for row in listed
        ],
        "is_chair": is_chair,
        "has_deputies": bool(deputies),
        "search_action": reverse("desk:queue"),
    }
    return render(request, "complaints/desk/absences.html", desk_context(user, **context))


def _person(request: OfficerRequest, people: dict[str, User]) -> User | None:
    """Return whose days are entered: oneself, or whom a chair chose. Raises Http404 for anybody else."""
    asked = request.GET.get("siapa", "")
    if asked:
        if asked not in people:
            raise Http404
        return people[asked]
    return request.user if request.user.has_role(*WORKING_ROLES) else None


def _end(request: OfficerRequest, listed: list[Absence]) -> HttpResponse:
    row = next((each for each in listed if str(each.pk) == request.POST["end"]), None)
    if row is None:
        raise Http404
    try:
        with transaction.atomic():
            end_absence(absence=row, officer=request.user, at=timezone.now())
            _log(request, "staff.absence_end", row)
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Ketidakhadiran diakhiri."))
    return redirect("desk:absences")


def _log(request: OfficerRequest, action: str, row: Absence) -> None:
    audit.record(
        actor=request.user.public_id,
        action=action,
        subject=f"person:{row.user.public_id}",
        detail={
            "deputy": row.deputy.public_id,
            "from": row.first_on.isoformat(),
            "to": row.last_on.isoformat(),
        },
    )
