"""One account: the invitation, roles, unit and home agency, each proposed by one and settled by another.

Nothing of a record or case is shown or counted here (protection.md E).
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import TextChoices
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from bawaslu_cases.accounts import provider as sso
from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import Invitation, StaffChange, StaffChangeKind, User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.selectors import (
    change_lines,
    changes_of,
    open_invitation,
    role_words,
    staff_change,
    staff_file,
    stands,
    subject_of,
)
from bawaslu_cases.accounts.services import (
    invite_again,
    invite_staff,
    propose_home_agency,
    propose_roles,
    propose_subject,
    propose_unit,
    reject_staff_change,
    withdraw_staff_change,
)
from bawaslu_cases.accounts.services.invitations import is_mailed, link_of
from bawaslu_cases.accounts.states import ChangeAction, ChangeStatus
from bawaslu_cases.audit import services as audit
from bawaslu_cases.shared.errors import ConflictError, DomainError
from bawaslu_cases.shared.http import OfficerRequest
from bawaslu_cases.shared.kept_words import kept_words
from complaints.selectors.choices import agency_names
from complaints.services.staff_changes import approve_change_of_staff
from complaints.web.desk import desk_context, place_error, refused
from complaints.web.forms_staff import (
    HomeAgencyForm,
    NewStaffForm,
    RefuseForm,
    RolesForm,
    SubjectForm,
    UnitChangeForm,
)


def _around(user: User) -> dict[str, Any]:
    """Return what is drawn around these pages, which stand under "Staf" of the rail. One query."""
    context = desk_context(user)
    context["rail"]["section"] = "staff"
    return context


class Step(TextChoices):
    """What the page of an account proposes; the value is its ``do``."""

    ROLES = "roles", gettext_lazy("Usulkan peran")
    UNIT = "unit", gettext_lazy("Usulkan unit")
    HOME_AGENCY = "home_agency", gettext_lazy("Usulkan instansi asal")
    SUBJECT = "subject", gettext_lazy("Usulkan akun SSO")


@role_required(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def staff_new(request: OfficerRequest) -> HttpResponse:
    """Open an account without any role and send its link."""
    form = NewStaffForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and form.chosen:
        try:
            with transaction.atomic():  # no account without its entry
                row = invite_staff(
                    email=form.cleaned_data["email"],
                    name=form.cleaned_data["name"],
                    unit=form.chosen,
                    administrator=request.user,
                    at=timezone.now(),
                )
                _log(request, "staff.invite", row.user)
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, _("Akun dibuka tanpa peran. Usulkan perannya sekarang."))
            return redirect("desk:staff_person", row.user.public_id)
    return render(request, "complaints/desk/staff_new.html", _around(request.user) | {"form": form})


@role_required(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def staff_person(request: OfficerRequest, person_id: UUID) -> HttpResponse:
    """Show one account; propose a change of it, or send its link again."""
    person = staff_file(person_id)
    if person is None:
        raise Http404
    asked = request.POST.get("do", "")
    if asked == "invite":
        return _invite_again(request, person)
    shown = _forms(request, person, asked)
    if request.method == "POST" and asked not in shown:
        raise Http404
    if request.method == "POST":
        step, form = Step(asked), shown[Step(asked)]
        if form.is_valid():
            try:
                with transaction.atomic():
                    change = _propose(step, form, person, request.user)
                    _log(request, "staff.propose", person, change)
            except DomainError as error:
                refused(form, error)
                person = staff_file(person_id) or person
            else:
                messages.success(request, _("Usulan disimpan dan menunggu administrator kedua."))
                return redirect("desk:staff_change", change.public_id)
    return _person_page(request, person, shown, asked)


def _forms(request: OfficerRequest, person: User, asked: str) -> dict[Step, Any]:
    """Return the forms of the page; only the one that was sent is filled."""
    on = timezone.localdate()
    given = {step: request.POST if asked == step.value else None for step in Step}
    unit = person.office or person.recipient_body or person.agency
    home = person.home_agency.name if person.home_agency else ""
    provider = sso.configured()
    found: dict[Step, Any] = {
        Step.ROLES: RolesForm(
            given[Step.ROLES],
            initial={"roles": sorted(person.roles), "seen": stands(person, StaffChangeKind.ROLES)},
            prefix="roles",
        ),
        Step.UNIT: UnitChangeForm(
            given[Step.UNIT],
            initial={
                "unit": unit.name if unit else "",
                "seen": stands(person, StaffChangeKind.UNIT),
            },
            prefix="unit",
        ),
        Step.HOME_AGENCY: HomeAgencyForm(
            given[Step.HOME_AGENCY],
            initial={"agency": home, "seen": stands(person, StaffChangeKind.HOME_AGENCY)},
            prefix="home",
            agencies=agency_names(person, on=on),
            on=on,
        ),
    }
    if provider:
        subject = subject_of(person, provider.issuer)
        found[Step.SUBJECT] = SubjectForm(
            given[Step.SUBJECT],
            initial={"subject": subject, "seen": stands(person, StaffChangeKind.SUBJECT)},
            prefix="subject",
        )
    return found


def _propose(step: Step, form: Any, person: User, proposer: User) -> StaffChange:
    said: dict[str, Any] = {
        "person": person,
        "proposer": proposer,
        "reason": form.cleaned_data["reason"],
        "seen": form.cleaned_data["seen"],
        "at": timezone.now(),
    }
    if step is Step.ROLES:
        return propose_roles(roles=form.cleaned_data["roles"], **said)
    if step is Step.UNIT:
        return propose_unit(unit=form.chosen, **said)
    if step is Step.SUBJECT:
        return propose_subject(subject=form.cleaned_data["subject"], **said)
    return propose_home_agency(agency=form.chosen, **said)


def _person_page(
    request: OfficerRequest, person: User, shown: dict[Step, Any], asked: str
) -> HttpResponse:
    invitation = open_invitation(person)
    unit = person.office or person.recipient_body or person.agency
    context: dict[str, Any] = {
        "person": person,
        "unit": unit.name if unit else "",
        "roles": role_words(person.roles),
        "is_own": person.pk == request.user.pk,
        "steps": [
            {"step": step, "form": form, "open": step.value == asked}
            for step, form in shown.items()
        ],
        "form": shown[Step(asked)] if asked in shown else None,
        "changes": changes_of(person),
        "invitation": invitation,
        "is_entered": bool(person.last_login) or person.has_usable_password(),
        "link": _shown_link(request, invitation),
        "is_late": invitation is not None and invitation.expires_at <= timezone.now(),
    }
    return render(
        request,
        "complaints/desk/staff_person.html",
        _around(request.user) | context,
        status=409 if getattr(context["form"], "conflict", "") else 200,
    )


def _shown_link(request: OfficerRequest, invitation: Invitation | None) -> str:
    """Return the link where no mail carries it and this administrator made it, "" otherwise."""
    if invitation is None or is_mailed() or invitation.made_by_id != request.user.pk:
        return ""
    return request.build_absolute_uri(link_of(invitation))


def _invite_again(request: OfficerRequest, person: User) -> HttpResponse:
    try:
        with transaction.atomic():
            invite_again(person=person, administrator=request.user, at=timezone.now())
            _log(request, "staff.invite", person)
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Tautan baru dibuat. Yang lama tidak berlaku lagi."))
    return redirect("desk:staff_person", person.public_id)


@role_required(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def staff_settle(request: OfficerRequest, change_id: UUID) -> HttpResponse:
    """Show a proposed change beside what stands; approve, refuse or take it back."""
    change = staff_change(change_id)
    if change is None:
        raise Http404
    form: forms.Form = RefuseForm(request.POST if request.POST.get("do") == "reject" else None)
    problem, status = "", 200
    if request.method == "POST":
        action = _ACTIONS.get(request.POST.get("do", ""))
        if action is None:
            raise Http404
        try:
            _settle(request, change, action)
        except DomainError as error:
            problem = str(error.message)
            status = 409 if isinstance(error, ConflictError) else 200
            change = staff_change(change_id) or change
        else:
            messages.success(request, str(ChangeStatus(change.status).label))
            return redirect(_home_of(change))
    mine = change.proposed_by_id == request.user.pk
    context = {
        "change": change,
        "lines": change_lines(change) if change.status == ChangeStatus.PROPOSED else [],
        "events": change.events.select_related("actor"),
        "waits": change.status == ChangeStatus.PROPOSED,
        "mine": mine,
        "own": change.person_id == request.user.pk,
        "refuse": form,
        "problem": problem,
        "kept": [] if change.status == ChangeStatus.PROPOSED else kept_words(request.POST),
        "back_url": _home_of(change),
    }
    return render(
        request,
        "complaints/desk/staff_change.html",
        _around(request.user) | context,
        status=status,
    )


def _home_of(change: StaffChange) -> str:
    """Return the page of the account that a change concerns."""
    person = change.person
    if change.kind == StaffChangeKind.SCOPES:
        return reverse("desk:api_client", args=[person.api_client.public_id])
    return reverse("desk:staff_person", args=[person.public_id])


_ACTIONS = {action.value: action for action in ChangeAction}


def _settle(request: OfficerRequest, change: StaffChange, action: ChangeAction) -> None:
    user, at = request.user, timezone.now()
    # Written first: without its entry no right is given or taken. A refusal leaves its entry too.
    _log(request, f"staff.{action.value}", change.person, change)
    steps: dict[ChangeAction, Callable[[], object]] = {
        ChangeAction.APPROVE: lambda: approve_change_of_staff(change=change, approver=user, at=at),
        ChangeAction.REJECT: lambda: reject_staff_change(
            change=change,
            administrator=user,
            reason=request.POST.get("reason", "")[:250],
            at=at,
        ),
        ChangeAction.WITHDRAW: lambda: withdraw_staff_change(
            change=change, administrator=user, at=at
        ),
    }
    steps[action]()


def _log(
    request: OfficerRequest, action: str, person: User, change: StaffChange | None = None
) -> None:
    detail = {"change": change.public_id, "kind": change.kind} if change else {}
    audit.record(
        actor=request.user.public_id,
        action=action,
        subject=f"person:{person.public_id}",
        detail=detail,
    )
