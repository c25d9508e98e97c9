"""Cases in the register: the list, one case, and what is written while it is assessed."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import TextChoices
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from bawaslu_cases.shared.kept_words import kept_words
from complaints.access import (
    allegation_in_case,
    editable_case,
    official_in_case,
    readable_case,
    whole_case,
)
from complaints.models import Case
from complaints.selectors import desk as lists
from complaints.selectors.case_file import act_labels
from complaints.selectors.case_page import CasePage, case_page
from complaints.selectors.case_rows import evidence_of_case
from complaints.selectors.case_timeline import TimelineKind, case_timeline
from complaints.selectors.choices import act_choices, agency_named, agency_names, office_named
from complaints.selectors.desk import CaseView
from complaints.selectors.handling import case_handling_of
from complaints.selectors.keyset import decode_cursor
from complaints.selectors.people import named_officials
from complaints.services.cases import (
    WORKABLE,
    add_allegation,
    complete_official,
    correct_allegation,
    submit_assessment,
    write_assessment,
)
from complaints.services.corrections import CORRECTABLE
from complaints.states import (
    CASE_LIFECYCLE,
    OFFICERS,
    OPEN_CASE_STATUSES,
    PLENARY,
    CaseAction,
    CaseStatus,
)
from complaints.web.desk import check_seen, desk_context, place_error
from complaints.web.documents import papers_context
from complaints.web.forms_case import NoteForm
from complaints.web.forms_desk import (
    AllegationForm,
    AssessmentForm,
    NewAllegationForm,
    OfficialForm,
)


@role_required(*BAWASLU_ROLES)
@require_GET
def cases(request: OfficerRequest) -> HttpResponse:
    """Show the cases by deadline."""
    user, at = request.user, timezone.now()
    asked = request.GET.get("view", "")
    view = CaseView(asked) if asked in CaseView.values else CaseView.OPEN
    cursor = decode_cursor(request.GET.get("at", ""))
    code = request.GET.get("office", "")
    office = office_named(code) if code else None
    if code and office is None:
        raise Http404
    page = lists.cases_page(user=user, view=view, cursor=cursor, at=at, office=office)
    return render(
        request,
        "complaints/desk/cases.html",
        desk_context(
            user,
            rows=[lists.case_row(row, at=at) for row in page.rows],
            view_name=view.label,
            chips=[
                {
                    "label": each.label,
                    "href": _page_href(each, office=office),
                    "current": each is view,
                }
                for each in CaseView
            ],
            office=office,
            all_href=_page_href(view),
            previous_href=_page_href(view, page.previous, office) if page.previous else "",
            next_href=_page_href(view, page.following, office) if page.following else "",
            search_action=reverse("desk:queue"),
        ),
    )


def _page_href(view: CaseView, cursor: Any = None, office: Office | None = None) -> str:
    params = {"view": view.value}
    if office is not None:
        params["office"] = office.code
    if cursor:
        params["at"] = cursor.encode()
    return f"?{urlencode(params)}"


@role_required(*BAWASLU_ROLES)
@require_GET
def case(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show one case, one of its tabs at a time."""
    found, at = whole_case(public_id=public_id, user=request.user), timezone.now()
    asked = request.GET.get("t", "")
    tab = CaseTab(asked) if asked in CaseTab.values else CaseTab.SUMMARY
    page = case_page(found, labels=act_labels(), at=at, with_rules=tab is CaseTab.SUMMARY)
    return case_response(request, page, tab=tab, **_tab(request, page, tab, at))


class CaseTab(TextChoices):
    """The tabs of a case's page; the value stands in the address."""

    SUMMARY = "", gettext_lazy("Ringkasan")
    EVIDENCE = "bukti", gettext_lazy("Bukti")
    PEOPLE = "orang", gettext_lazy("Orang")
    PAPERS = "dokumen", gettext_lazy("Dokumen")
    HISTORY = "kegiatan", gettext_lazy("Kegiatan")


def _tab(request: OfficerRequest, page: CasePage, tab: CaseTab, at: datetime) -> dict[str, Any]:
    """Return what one tab shows besides the case itself. At most five queries."""
    user, found = request.user, page.case
    if tab is CaseTab.EVIDENCE:
        return {"evidence": evidence_of_case(found, viewer=user)}
    if tab is CaseTab.PEOPLE:
        return {"officials": named_officials(found, page.allegations, viewer=user)}
    if tab is CaseTab.PAPERS:
        return papers_context(found, user=user)
    if tab is CaseTab.HISTORY:
        asked = request.GET.get("saring", "")
        only = TimelineKind(asked) if asked in TimelineKind.values else TimelineKind.ALL
        return {
            "timeline": case_timeline(found, viewer=user, only=only, at=at),
            "chips": [
                {
                    "label": each.label,
                    "href": f"?{urlencode({'t': tab.value, 'saring': each.value})}",
                    "current": each is only,
                }
                for each in TimelineKind
            ],
            "note_form": NoteForm(),
        }
    return {}


def case_response(
    request: OfficerRequest,
    page: CasePage,
    *,
    tab: CaseTab = CaseTab.SUMMARY,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Draw the page of a case with one of its tabs."""
    user, found = request.user, page.case
    form = more.pop("form", None) or AssessmentForm(
        initial={
            "summary": found.summary,
            "assessment": found.assessment,
            "seen": found.digest,
        }
    )
    is_officer = user.has_role(*OFFICERS)
    context = {
        "page": page,
        "case": found,
        "form": form,
        "tab": tab.value,
        "tabs": [
            {
                "label": each.label,
                "count": _count(page, each),
                "href": reverse("desk:case", args=[found.public_id])
                + (f"?t={each.value}" if each.value else ""),
                "current": each is tab,
            }
            for each in CaseTab
        ],
        "may_work": is_officer,
        "may_write": is_officer and found.status == CaseStatus.REGISTERED,
        "may_complete": is_officer and found.status in WORKABLE,
        "may_submit": user.has_role(*CASE_LIFECYCLE.table[CaseAction.SUBMIT_ASSESSMENT].roles)
        and found.status == CaseStatus.REGISTERED,
        "may_extend": page.may_extend
        and user.has_role(*CASE_LIFECYCLE.table[CaseAction.EXTEND].roles),
        "may_decide": user.has_role(*PLENARY) and found.status == CaseStatus.ASSESSED,
        "may_send_on": user.has_role(*CASE_LIFECYCLE.table[CaseAction.SEND_ON].roles)
        and found.status == CaseStatus.DECIDED
        and CaseAction.DECIDE_REFER not in page.kinds,
        "may_examine": user.has_role(*PLENARY),
        "may_correct": is_officer and found.status in CORRECTABLE,
        "referral_url": _referral_url(found, page),
        "close_url": _close_url(found, page, user),
        **_hands(found, user),
        "search_action": reverse("desk:queue"),
        **more,
    }
    return render(
        request, "complaints/desk/case.html", desk_context(user, **context), status=status
    )


def _hands(found: Case, user: User) -> dict[str, Any]:
    """Return who has the case, and for officers the way into other hands while it is open."""
    shown = {"handling": case_handling_of(found, at=timezone.now()), "assign_url": ""}
    if not user.has_role(*OFFICERS) or found.status not in OPEN_CASE_STATUSES:
        return shown
    take = None
    if found.assignee_id != user.pk:
        take = {"seen": found.assignee_id or "", "to": user.public_id}
    return shown | {"assign_url": reverse("desk:case_assign", args=[found.public_id]), "take": take}


def _count(page: CasePage, tab: CaseTab) -> int | None:
    if tab is CaseTab.EVIDENCE:
        return sum(int(row["files"]) + int(row["links"]) for row in page.complaints)
    if tab is CaseTab.PEOPLE:
        others = [row for row in page.hearings if row["capacity"] != "reported"]
        return len({row["public_id"] for row in page.allegations}) + len(others)
    return None


def _referral_url(found: Case, page: CasePage) -> str:
    """Return the page of the case's referrals once the plenary has sent the case there."""
    sent = {CaseStatus.DECIDED, CaseStatus.REFERRED, CaseStatus.CLOSED}
    if found.status not in sent or CaseAction.DECIDE_REFER not in page.kinds:
        return ""
    return reverse("referrals:case", args=[found.public_id])


def _close_url(found: Case, page: CasePage, user: User) -> str:
    """Return where a case is closed that was sent on otherwise than by a recommendation."""
    row = CASE_LIFECYCLE.table[CaseAction.CLOSE_BY_HAND]
    if found.status not in row.sources or not user.has_role(*row.roles):
        return ""
    if CaseAction.DECIDE_REFER in page.kinds:
        return ""
    return reverse("referrals:close", args=[found.public_id])


@role_required(*OFFICERS)
@require_POST
def assess(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Save summary and assessment, and lay them before the plenary when asked to."""
    found = readable_case(public_id=public_id, user=request.user)
    form, at = AssessmentForm(request.POST), timezone.now()
    submitting = request.POST.get("go") == "submit"
    if form.is_valid():
        try:
            if found.status != CaseStatus.REGISTERED:
                check_seen(found, CaseStatus.REGISTERED)
            write_assessment(case=found, officer=request.user, **form.cleaned_data)
            if submitting:
                submit_assessment(case=found, officer=request.user, at=at)
        except DomainError as error:
            place_error(form, error)
        else:
            done = _("Kajian diajukan ke pleno.") if submitting else _("Kajian disimpan.")
            messages.success(request, done)
            return redirect("desk:case", public_id=found.public_id)
    fresh = whole_case(public_id=public_id, user=request.user)
    page = case_page(fresh, labels=act_labels(), at=at)
    conflict = bool(form.errors.get("seen"))
    return case_response(
        request, page, form=form, kept=kept_words(request.POST), status=409 if conflict else 200
    )


@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
def official(request: OfficerRequest, public_id: UUID, official_id: UUID) -> HttpResponse:
    """Complete what the recipient asks for about one reported person."""
    found = editable_case(public_id=public_id, user=request.user)
    person = official_in_case(public_id=official_id, case=found)
    on = timezone.localdate()
    initial = {
        name: getattr(person, name)
        for name in (
            "name",
            "nip",
            "grade",
            "position",
            "unit",
            "unit_kind",
            "account",
            "employment",
        )
    }
    initial |= {
        "agency": person.agency.name if person.agency else person.agency_text,
        "seen": person.digest,
    }
    form = OfficialForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        agencies=agency_names(request.user, on=on),
    )
    if request.method == "POST" and form.is_valid():
        typed = dict(form.cleaned_data)
        seen, text = typed.pop("seen"), typed["agency"]
        agency = agency_named(text, on=on)
        typed |= {"agency": agency, "agency_text": "" if agency else text}
        try:
            complete_official(case=found, official=person, officer=request.user, seen=seen, **typed)
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, _("Data terlapor disimpan."))
            return redirect("desk:case", public_id=found.public_id)
    return _form_page(request, found, form, heading=_("Lengkapi data terlapor"))


@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
def allegation(request: OfficerRequest, public_id: UUID, allegation_id: UUID) -> HttpResponse:
    """Correct one allegation."""
    found = editable_case(public_id=public_id, user=request.user)
    row = allegation_in_case(public_id=allegation_id, case=found)
    form = AllegationForm(
        request.POST if request.method == "POST" else None,
        initial={
            "acts": row.acts,
            "event_on": row.event_on,
            "place": row.place,
            "description": row.description,
            "seen": row.digest,
        },
        acts=act_choices(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            correct_allegation(
                case=found, allegation=row, officer=request.user, **form.cleaned_data
            )
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, _("Dugaan disimpan."))
            return redirect("desk:case", public_id=found.public_id)
    return _form_page(request, found, form, heading=_("Ubah dugaan"))


@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
def allegation_new(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Add a further act or day of somebody named in the case."""
    found = readable_case(public_id=public_id, user=request.user)
    officials = _officials(found)
    form = NewAllegationForm(
        request.POST if request.method == "POST" else None, acts=act_choices(), officials=officials
    )
    if request.method == "POST" and form.is_valid():
        typed = dict(form.cleaned_data)
        typed.pop("seen")
        person = official_in_case(public_id=UUID(typed.pop("official")), case=found)
        try:
            add_allegation(case=found, official=person, officer=request.user, **typed)
        except DomainError as error:
            place_error(form, error)
        else:
            messages.success(request, _("Dugaan ditambahkan."))
            return redirect("desk:case", public_id=found.public_id)
    return _form_page(request, found, form, heading=_("Tambah dugaan"))


def _officials(found: Any) -> list[tuple[str, str]]:
    named = {
        row["public_id"]: row["name"] or row["account"] or row["position"]
        for row in found.allegation_rows
    }
    if not named:
        raise Http404
    return list(named.items())


def _form_page(request: OfficerRequest, found: Case, form: Any, *, heading: str) -> HttpResponse:
    conflict = bool(form.is_bound and form.errors.get("seen"))
    return render(
        request,
        "complaints/desk/case_form.html",
        desk_context(
            request.user,
            case=found,
            form=form,
            heading=heading,
            search_action=reverse("desk:queue"),
        ),
        status=409 if conflict else 200,
    )
