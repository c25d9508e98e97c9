"""Legacy cases: the list, one of them, and the finding that an officer records from it."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bawaslu_cases.accounts.decorators import role_required
from bawaslu_cases.accounts.roles import BAWASLU_ROLES
from bawaslu_cases.registry.selectors import acts_by_code
from bawaslu_cases.shared.http import OfficerRequest
from bawaslu_cases.shared.nip import masked_nip
from complaints.access import readable_legacy
from complaints.models import LegacyCase
from complaints.selectors.keyset import decode_cursor
from complaints.selectors.legacy import description_of
from complaints.selectors.legacy import legacy_cases as legacy_page
from complaints.selectors.record_page import day_text
from complaints.states import OFFICERS
from complaints.web.desk import desk_context

LONGEST_SEARCH = 200


@role_required(*BAWASLU_ROLES)
@require_GET
def legacy_cases(request: OfficerRequest) -> HttpResponse:
    """List the legacy cases of the scope, the latest imported first."""
    q = request.GET.get("q", "")[:LONGEST_SEARCH].replace("\x00", "").strip()
    cursor = decode_cursor(request.GET.get("at", ""))
    page = legacy_page(user=request.user, q=q, cursor=cursor)
    labels = acts_by_code()
    context = {
        "q": q,
        "rows": [_row(row, labels) for row in page.rows],
        "previous_href": _href(q, page.previous),
        "next_href": _href(q, page.following),
        "may_import": request.user.has_role(*OFFICERS),
        "search_action": reverse("desk:queue"),
    }
    return render(
        request, "complaints/desk/legacy_cases.html", desk_context(request.user, **context)
    )


def _href(q: str, cursor: Any) -> str:
    return f"?{urlencode({'q': q, 'at': cursor.encode()})}" if cursor else ""


def _row(row: LegacyCase, labels: Any) -> dict[str, Any]:
    day = row.event_on or row.registered_on
    who = row.name or row.position
    return {
        "cells": [
            {
                "text": row.register_number or _("tanpa nomor"),
                "href": reverse("desk:legacy_case", args=[row.public_id]),
                "note": row.office.name,
            },
            {"text": who, "note": row.position if row.name else ""},
            {"text": labels[row.act].label_id, "note": row.region.name},
            {"text": day_text(day) if day else ""},
            {"text": row.get_standing_display(), "tag": True},
        ]
    }


@role_required(*BAWASLU_ROLES)
@require_GET
def legacy_case(request: OfficerRequest, public_id: UUID) -> HttpResponse:
    """Show one legacy case."""
    row = readable_legacy(public_id=public_id, user=request.user)
    finding = row.finding
    facts = [
        {"term": _("Nomor register lama"), "value": row.register_number},
        {"term": _("Status"), "value": row.get_standing_display(), "note": row.outcome},
        {"term": _("Terlapor"), "value": row.name or row.position},
        {"term": _("NIP"), "value": masked_nip(row.nip)},
        {"term": _("Jabatan"), "value": row.position, "note": row.unit},
        {"term": _("Instansi"), "value": row.agency.name if row.agency else row.agency_text},
        {"term": _("Perbuatan"), "value": acts_by_code()[row.act].label_id},
        {"term": _("Tanggal kejadian"), "value": day_text(row.event_on) if row.event_on else ""},
        {
            "term": _("Tanggal register"),
            "value": day_text(row.registered_on) if row.registered_on else "",
        },
        {"term": _("Wilayah"), "value": row.region.name, "note": row.place},
        {"term": _("Kantor"), "value": row.office.name},
    ]
    user = request.user
    context = {
        "row": row,
        "facts": facts,
        "description": description_of(row),
        "finding": finding,
        "may_adopt": finding is None and user.has_role(*OFFICERS) and row.office == user.office,
        "search_action": reverse("desk:queue"),
    }
    return render(request, "complaints/desk/legacy_case.html", desk_context(user, **context))
