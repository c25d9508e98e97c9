"""Two records beside each other: what is the same, what differs, and what an officer makes of it."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import dateformat, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import ConflictError, DomainError
from bawaslu_cases.shared.http import OfficerRequest
from complaints.access import readable_complaint
from complaints.models import Complaint, LikenessEvent
from complaints.selectors.candidates import compared
from complaints.selectors.case_file import official_facts, opened_statement
from complaints.selectors.clusters import likeness_of
from complaints.selectors.record_page import PLATFORM_NAMES, day_text, facts_of
from complaints.services.matching import Two, dismiss, join, relate, undo
from complaints.states import OFFICERS, Lane, LikenessAction, LikenessStatus
from complaints.web.desk import desk_context
from complaints.web.likeness_panel import VERDICTS, reasons_of

DONE = {
    LikenessAction.JOIN: gettext_lazy(
        "Laporan digabung. Setiap pelapor tetap dengan kodenya sendiri."
    ),
    LikenessAction.RELATE: gettext_lazy("Dicatat sebagai terkait."),
    LikenessAction.DISMISS: gettext_lazy("Dicatat sebagai bukan yang sama. Tidak ditawarkan lagi."),
    LikenessAction.UNDO: gettext_lazy("Keputusan dibatalkan."),
}


class LikenessForm(forms.Form):
    """What the officer decides; ``seen`` is the status the page was drawn for."""

    action = forms.ChoiceField(choices=LikenessAction.choices)
    lead = forms.ChoiceField(choices=[("one", ""), ("other", "")], required=False)
    seen = forms.ChoiceField(choices=LikenessStatus.choices)
    reason = forms.CharField(max_length=500, required=False)


@role_required(*OFFICERS)
@require_http_methods(["GET", "POST"])
def likeness(request: OfficerRequest, public_id: UUID, other_id: UUID) -> HttpResponse:
    """Show two records side by side, and join, relate or dismiss them."""
    user, at = request.user, timezone.now()
    if public_id == other_id:
        raise Http404
    one = readable_complaint(public_id=public_id, user=user)
    other = readable_complaint(public_id=other_id, user=user)
    form = LikenessForm(request.POST if request.method == "POST" else None)
    refusal, answer = "", 200
    if request.method == "POST":
        try:
            action = _take(form, one, other, user, at)
        except DomainError as error:
            refusal, answer = str(error.message), 409 if isinstance(error, ConflictError) else 200
        else:
            messages.success(request, str(DONE[action]))
            return redirect("desk:likeness", public_id=public_id, other_id=other_id)
    pair = likeness_of(one, other)
    status = LikenessStatus(pair.status) if pair else LikenessStatus.OPEN
    match = compared(one, other, viewer=user)
    return render(
        request,
        "complaints/desk/likeness.html",
        desk_context(
            user,
            one=one,
            other=other,
            rows=_rows(one, other, user, at),
            verdict=VERDICTS[match.verdict],
            reasons=reasons_of(match),
            status=status,
            history=_history(pair.events.select_related("actor") if pair else [], one),
            refusal=refusal,
            search_action=reverse("desk:queue"),
        ),
        status=answer,
    )


def _take(
    form: LikenessForm, one: Complaint, other: Complaint, officer: User, at: datetime
) -> LikenessAction:
    if not form.is_valid():
        raise DomainError(_("Pilih salah satu tindakan."))
    told = form.cleaned_data
    action = LikenessAction(told["action"])
    two = Two(one, other, LikenessStatus(told["seen"]))
    if action is LikenessAction.JOIN:
        lead = other if told["lead"] == "other" else one
        join(two=two, lead=lead, officer=officer, at=at, reason=told["reason"])
    elif action is LikenessAction.UNDO:
        undo(two=two, officer=officer, at=at, reason=told["reason"])
    elif action is LikenessAction.RELATE:
        relate(two=two, officer=officer, at=at, reason=told["reason"])
    else:
        dismiss(two=two, officer=officer, at=at, reason=told["reason"])
    return action


def _rows(one: Complaint, other: Complaint, viewer: User, at: datetime) -> list[dict[str, Any]]:
    """Return the same fields of both, aligned; ``differs`` where both say something, and not the same."""
    mine, theirs = _fields(one, viewer, at), _fields(other, viewer, at)
    return [
        {
            "term": term,
            "one": mine[term],
            "other": theirs[term],
            "differs": bool(mine[term] and theirs[term] and mine[term] != theirs[term]),
        }
        for term in mine
    ]


def _fields(row: Any, viewer: User, at: datetime) -> dict[str, str]:
    today = at.astimezone(ZoneInfo(row.office.time_zone)).date()
    people = [official_facts(each, on=today) for each in row.official_rows]
    facts = facts_of(row)
    words = opened_statement(complaint=row, viewer=viewer)
    return {
        _("Masuk"): day_text(row.received_on),
        _("Jalur"): Lane(row.lane).label,
        _("Unit"): row.office.name,
        _("Terlapor"): "; ".join(person["shown"] for person in people),
        _("NIP"): "; ".join(person["nip_text"] for person in people if person["nip"]),
        _("Jabatan"): "; ".join(person["position"] for person in people if person["position"]),
        _("Instansi"): "; ".join(person["place"] for person in people if person["place"]),
        _("Perbuatan"): facts[0]["value"],
        _("Waktu"): day_text(row.event_on, row.event_precision) if row.event_on else "",
        _("Tempat"): row.place,
        _("Wilayah"): row.region.name,
        _("Media"): str(PLATFORM_NAMES.get(row.platform, row.platform)),
        _("Uraian"): row.summary if words.is_sealed else words.story,
        _("Tautan"): "\n".join(words.links),
    }


def _history(events: Any, one: Complaint) -> list[dict[str, Any]]:
    zone = ZoneInfo(one.office.time_zone)
    return [
        {
            "title": LikenessAction(event.action).label,
            "when": dateformat.format(event.at.astimezone(zone), "l j M Y, H.i"),
            "note": event.actor.name if event.actor else _("Sistem"),
            "quote": event.reason,
            "state": "done",
        }
        for event in sorted(events, key=_newest)
    ]


def _newest(event: LikenessEvent) -> int:
    return -event.pk
