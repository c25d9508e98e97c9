"""An officer's own finding (temuan): one page by keyboard, also as what comes of a traced tip."""

from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import Employment, Region
from bawaslu_cases.shared.errors import DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import own_legacy, readable_complaint
from complaints.models import Complaint
from complaints.selectors.case_file import opened_statement
from complaints.selectors.choices import (
    act_choices,
    agency_named,
    agency_names,
    region_choices,
    region_with_code,
)
from complaints.selectors.legacy import description_of
from complaints.selectors.record_page import day_text, missed_finding_day
from complaints.services.intake import Facts, ReportedPerson, record_finding
from complaints.services.legacy_imports import adopt_legacy
from complaints.services.supervision import Supervision
from complaints.services.triage import confirm_tip
from complaints.states import OFFICERS, ComplaintStatus
from complaints.web.desk import check_seen, desk_context, place_error
from complaints.web.forms_desk import FindingForm, PeopleForms


@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
def finding_new(request: OfficerRequest) -> HttpResponse:
    """Record a finding; its page then offers the register in one button."""
    form, people = _forms(request, initial={"region": _own_region(request.user)}, people=[])
    if request.method == "POST" and _both_valid(form, people):
        try:
            finding = record_finding(
                facts=_facts(form, people),
                officer=request.user,
                at=timezone.now(),
                supervision=_supervision(form),
            )
        except DomainError as error:
            _place(form, people, error)
        else:
            return _recorded(request, finding)
    return _page(request, form, people, heading=_("Temuan baru"), cancel=reverse("desk:today"))


@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
def confirm(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Turn a traced tip into the office's finding: its facts are prefilled, the story is written anew."""
    tip: Any = readable_complaint(public_id=public_id, user=request.user)
    known = {
        "acts": tip.acts,
        "region": tip.region.code,
        "event_on": tip.event_on,
        "known_on": _today(request.user),
        "place": tip.place,
        "platform": tip.platform,
        "seen": tip.status,
    }
    people = [
        {name: row[name] for name in ("name", "position", "nip", "unit", "unit_kind", "account")}
        | {"employment": row["employment"], "agency": row["agency"] or row["agency_text"]}
        for row in tip.official_rows
    ]
    if request.method == "GET" and tip.status != ComplaintStatus.TRACING:
        messages.warning(request, _("Laporan ini tidak sedang ditelusuri."))
        return redirect("desk:record", public_id=tip.public_id)
    form, persons = _forms(request, initial=known, people=people)
    if request.method == "POST" and _both_valid(form, persons):
        try:
            check_seen(tip, form.cleaned_data["seen"])
            finding = confirm_tip(
                complaint=tip,
                facts=_facts(form, persons, contest=tip.contest),
                officer=request.user,
                at=timezone.now(),
                supervision=_supervision(form),
            )
        except DomainError as error:
            _place(form, persons, error)
        else:
            return _recorded(request, finding)
    return _page(
        request,
        form,
        persons,
        heading=_("Catat sebagai temuan"),
        cancel=reverse("desk:record", args=[tip.public_id]),
        tip=tip,
        statement=opened_statement(complaint=tip, viewer=request.user),
    )


@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
def adopt(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Record a finding from a legacy case: what the old register says is prefilled."""
    legacy = own_legacy(public_id=public_id, user=request.user)
    back = reverse("desk:legacy_case", args=[legacy.public_id])
    if legacy.finding is not None:
        messages.warning(request, _("Perkara lama ini sudah dicatat sebagai temuan."))
        return redirect(back)
    known = {
        "acts": [legacy.act],
        "region": legacy.region.code,
        "event_on": legacy.event_on,
        "place": legacy.place,
        "story": description_of(legacy),
    }
    people = [
        {
            **{name: getattr(legacy, name) for name in ("name", "position", "nip", "unit")},
            "agency": legacy.agency.name if legacy.agency else legacy.agency_text,
        }
    ]
    form, persons = _forms(request, initial=known, people=people)
    if request.method == "POST" and _both_valid(form, persons):
        try:
            finding = adopt_legacy(
                legacy=legacy,
                facts=_facts(form, persons),
                officer=request.user,
                at=timezone.now(),
                supervision=_supervision(form),
            )
        except DomainError as error:
            _place(form, persons, error)
        else:
            return _recorded(request, finding)
    return _page(request, form, persons, heading=_("Catat temuan dari perkara lama"), cancel=back)


def _own_region(user: User) -> str:
    return user.office.region.code if user.office and user.office.region else ""


def _today(user: User) -> date:
    zone = ZoneInfo(user.office.time_zone if user.office else "Asia/Jakarta")
    return timezone.now().astimezone(zone).date()


def _forms(
    request: OfficerRequest, *, initial: dict[str, Any], people: list[dict[str, Any]]
) -> tuple[FindingForm, Any]:
    today = _today(request.user)
    data = request.POST if request.method == "POST" else None
    form = FindingForm(
        data,
        initial={"known_on": today} | initial,
        acts=act_choices(),
        regions=region_choices(request.user),
    )
    names = agency_names(request.user, on=today)
    persons = PeopleForms(data, prefix="p", initial=people, form_kwargs={"agencies": names})
    return form, persons


def _both_valid(form: FindingForm, people: Any) -> bool:
    # Both are asked, so that all errors stand on the page at once.
    form_valid, people_valid = form.is_valid(), people.is_valid()
    return form_valid and people_valid


def _facts(form: FindingForm, people: Any, *, contest: Any = None) -> Facts:
    data = form.cleaned_data
    region = region_with_code(data["region"])
    if region is None:
        raise DomainError(_("Pilih wilayah kejadian"), field="region")
    return Facts(
        acts=data["acts"],
        people=[
            _person(each.cleaned_data, region=region, on=data["event_on"])
            for each in people.forms
            if each.names_somebody
        ],
        region=region,
        story=data["story"],
        event_on=data["event_on"],
        known_on=data["known_on"],
        place=data["place"],
        platform=data["platform"],
        links=data["links"],
        witness=data["witness"],
        reporter_kind=Complaint.ReporterKind.OFFICER,
        contest=contest,
    )


def _supervision(form: FindingForm) -> Supervision | None:
    data = form.cleaned_data
    if data["report_on"] is None:
        return None
    return Supervision(
        report_on=data["report_on"],
        report_number=data["report_number"],
        assignment_number=data["assignment_number"],
    )


def _person(typed: dict[str, Any], *, region: Region, on: date) -> ReportedPerson:
    agency = agency_named(typed["agency"], on=on)
    employment = typed["employment"]
    if employment == Employment.UNKNOWN:
        employment = registry.employment_of(typed["position"], region=region)
    return ReportedPerson(
        name=typed["name"],
        position=typed["position"],
        unit=typed["unit"],
        unit_kind=typed["unit_kind"],
        agency=agency,
        agency_text="" if agency else typed["agency"],
        account=typed["account"],
        nip=typed["nip"],
        employment=employment,
    )


def _place(form: FindingForm, people: Any, error: DomainError) -> None:
    if error.field == "name":
        people.forms[0].add_error("name", str(error.message))
        form.add_error(None, str(error.message))
    else:
        place_error(form, error)


def _recorded(request: OfficerRequest, finding: Complaint) -> HttpResponse:
    messages.success(request, _("Temuan %(reference)s dicatat.") % {"reference": finding.reference})
    due_on = missed_finding_day(finding)
    if due_on is not None:
        messages.warning(
            request,
            _("Menurut tanggal LHP-nya, temuan ini harus ditetapkan paling lambat %(day)s.")
            % {"day": day_text(due_on)},
        )
    return redirect("desk:record", public_id=finding.public_id)


def _page(request: OfficerRequest, form: FindingForm, people: Any, **more: Any) -> HttpResponse:
    links = [link for each in [form, *people.forms] if each.is_bound for link in each.error_links]
    conflict = bool(form.is_bound and form.errors.get("seen"))
    context = {
        "form": form,
        "people": people,
        "page_errors": links,
        "search_action": reverse("desk:queue"),
        **more,
    }
    return render(
        request,
        "complaints/desk/finding_form.html",
        desk_context(request.user, **context),
        status=409 if conflict else 200,
    )
