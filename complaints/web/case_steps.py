"""Steps of a case beside its assessment: more time, letters sent, links, people of the register, notes."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import BAWASLU_ROLES, Role
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.forms import HouseForm
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import editable_case, official_in_case, reported_person
from complaints.models import Case, CaseLink
from complaints.selectors.handling import officers_for
from complaints.selectors.people import person_page
from complaints.services import assignment
from complaints.services.case_links import end_link, link_cases
from complaints.services.cases import extend_handling, send_on
from complaints.services.deadlines import local_day
from complaints.services.notes import write_note
from complaints.services.people import (
    confirm_person,
    record_person,
    refuse_person,
    release_person,
)
from complaints.states import (
    CASE_LIFECYCLE,
    OFFICERS,
    OPEN_CASE_STATUSES,
    PLENARY,
    CaseAction,
)
from complaints.web.desk import desk_context, place_error
from complaints.web.forms_case import CaseLinkForm, ExtendForm, NoteForm
from complaints.web.forms_steps import AssignForm


def step_page(
    request: OfficerRequest,
    case: Case,
    form: HouseForm,
    *,
    heading: str,
    button: str,
    article: str = "",
    note: str = "",
    back: str = "",
) -> HttpResponse:
    """Draw one step of a case as a page of its own; 409 when somebody was faster."""
    conflict = getattr(form, "conflict", "")
    context: dict[str, Any] = {
        "case": case,
        "form": form,
        "heading": heading,
        "button": button,
        "article": article,
        "note": note,
        "back_url": back or reverse("desk:case", args=[case.public_id]),
        "search_action": reverse("desk:queue"),
    }
    return render(
        request,
        "complaints/desk/case_step.html",
        desk_context(request.user, **context),
        status=409 if conflict else 200,
    )


@role_required(Role.CASE_OFFICER, *PLENARY)
@require_http_methods(["GET", "POST"])
def extend(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Take the longer time for handling (PB7 ps 26)."""
    case = editable_case(public_id=public_id, user=request.user)
    form = ExtendForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            extend_handling(case=case, officer=request.user, at=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, _("Waktu penanganan diperpanjang."))
            return redirect("desk:case", public_id=case.public_id)
    return step_page(
        request,
        case,
        form,
        heading=_("Perpanjang penanganan"),
        button=_("Perpanjang"),
        article=CASE_LIFECYCLE.table[CaseAction.EXTEND].article,
        note=_("Seluruh waktu dihitung sejak registrasi, bukan ditambahkan pada yang pertama."),
    )


@role_required(Role.CASE_OFFICER)
@require_POST
def sent_on(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Note that the letter of an administrative, ethics or criminal matter left."""
    case = editable_case(public_id=public_id, user=request.user)
    return carried(
        request,
        case,
        lambda: send_on(case=case, officer=request.user, at=timezone.now()),
        _("Surat penerusan dicatat terkirim."),
    )


@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
def assign(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Put the case into somebody's hands, or into nobody's."""
    case, at = editable_case(public_id=public_id, user=request.user), timezone.now()
    form = AssignForm(
        request.POST if request.method == "POST" else None,
        officers=officers_for(case, at=at),
        initial={"seen": str(case.assignee_id or "")},
    )
    if request.method == "POST" and form.is_valid():
        to = form.chosen()
        try:
            assignment.assign(
                subject=case, to=to, officer=request.user, at=at, seen=form.seen_holder()
            )
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(
                request,
                _("Ditugaskan kepada %(name)s.") % {"name": to.name}
                if to
                else _("Perkara ini sekarang tidak dipegang siapa pun."),
            )
            return redirect("desk:case", public_id=case.public_id)
    is_open = case.status in OPEN_CASE_STATUSES
    return step_page(
        request,
        case,
        form,
        heading=_("Tugaskan"),
        button=_("Tugaskan") if is_open else "",
        note="" if is_open else _("Sudah selesai, jadi tidak ditugaskan lagi."),
    )


@role_required(*BAWASLU_ROLES)
@require_POST
def note(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Keep an internal note on a case."""
    case = editable_case(public_id=public_id, user=request.user)
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            write_note(subject=case, author=request.user, at=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, _("Catatan internal disimpan."))
            return redirect(reverse("desk:case", args=[case.public_id]) + "?t=kegiatan")
    return step_page(
        request,
        case,
        form,
        heading=_("Catatan internal"),
        button=_("Simpan catatan"),
        back=reverse("desk:case", args=[case.public_id]) + "?t=kegiatan",
    )


@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
def link(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Note how a case has to do with another."""
    case = editable_case(public_id=public_id, user=request.user)
    form = CaseLinkForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            link_cases(
                case=case,
                reference=form.cleaned_data["reference"],
                kind=CaseLink.Kind(form.cleaned_data["kind"]),
                officer=request.user,
                at=timezone.now(),
            )
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, _("Perkara dikaitkan."))
            return redirect("desk:case", public_id=case.public_id)
    return step_page(
        request,
        case,
        form,
        heading=_("Kaitkan dengan perkara lain"),
        button=_("Kaitkan"),
        note=_("Kaitan hanya catatan: status dan tenggat kedua perkara tidak berubah."),
    )


@role_required(*OFFICERS)
@require_POST
def unlink(request: OfficerRequest, public_id: UUID, link_id: int) -> HttpResponse:
    """Take a link back."""
    case = editable_case(public_id=public_id, user=request.user)
    return carried(
        request,
        case,
        lambda: end_link(case=case, link_id=link_id, officer=request.user, at=timezone.now()),
        _("Kaitan dilepas."),
    )


@role_required(*OFFICERS)
@require_POST
def identify(request: OfficerRequest, public_id: UUID, official_id: UUID) -> HttpResponse:
    """Say who an official of the case is in the register of people, or is not."""
    case = editable_case(public_id=public_id, user=request.user)
    official = official_in_case(public_id=official_id, case=case)
    step, at = request.POST.get("go", ""), timezone.now()
    who: dict[str, Any] = {"case": case, "official": official, "officer": request.user, "at": at}
    seen = request.POST.get("seen", "")
    if step in {"confirm", "refuse"}:
        try:
            named = UUID(request.POST.get("person", ""))
        except ValueError:
            named = UUID(int=0)
        person = reported_person(public_id=named, user=request.user)
    steps = {
        "new": (lambda: record_person(seen=seen, **who), _("Dicatat di daftar terlapor.")),
        "confirm": (
            lambda: confirm_person(person=person, seen=seen, **who),
            _("Dikenali sebagai orang yang sama."),
        ),
        "refuse": (
            lambda: refuse_person(person=person, **who),
            _("Tidak akan diusulkan lagi."),
        ),
        "release": (lambda: release_person(seen=seen, **who), _("Dilepas dari daftar terlapor.")),
    }
    back = reverse("desk:case", args=[case.public_id]) + "?t=orang"
    if step not in steps:
        return redirect(back)
    act, told = steps[step]
    return carried(request, case, act, told, back=back)


def carried(
    request: OfficerRequest, case: Case, act: Any, told: str, *, back: str = ""
) -> HttpResponse:
    """Carry a step without words out; a refusal is shown on a page with the way back, 409 or 200."""
    back = back or reverse("desk:case", args=[case.public_id])
    try:
        act()
    except DomainError as error:
        form = HouseForm({})
        form.is_valid()
        place_error(form, error)
        return step_page(
            request, case, form, heading=_("Tidak jadi dilakukan"), button="", back=back
        )
    messages.success(request, told)
    return redirect(back)


@role_required(*BAWASLU_ROLES)
@require_GET
def person(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show somebody of the register: the cases in which this viewer may read of them."""
    user, at = request.user, timezone.now()
    found = reported_person(public_id=public_id, user=user)
    today = local_day(at, user.office) if user.office else timezone.localdate()
    return render(
        request,
        "complaints/desk/person.html",
        desk_context(
            user,
            page=person_page(found, viewer=user, today=today),
            search_action=reverse("desk:queue"),
            rail_section="cases",
        ),
    )
