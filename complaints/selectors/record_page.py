"""What the page of one intake record shows, assembled: facts, words, checklist, clock, history."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F
from django.utils import dateformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Employment
from complaints.deadlines import DeadlineKind
from complaints.models import Complaint
from complaints.selectors.case_file import (
    OpenedStatement,
    Row,
    clocks_of,
    history_of,
    official_facts,
    opened_statement,
)
from complaints.selectors.clocks import Clock
from complaints.selectors.suggestions import (
    RuleSuggestion,
    Suggestion,
    rule_suggestion,
    suggestions_for,
)
from complaints.selectors.viewings import unviewed_count
from complaints.states import (
    FORMAL_REQUIREMENTS,
    MATERIAL_REQUIREMENTS,
    OFFICERS,
    REPORT_LANES,
    ComplaintStatus,
    Lane,
    Requirement,
    requirements_of,
)

PLATFORM_NAMES: dict[str, str | Promise] = {
    "whatsapp": "WhatsApp",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "tiktok": "TikTok",
    "youtube": "YouTube",
    "x": "X",
    "telegram": "Telegram",
    "other": gettext_lazy("Media sosial lain"),
}
TICKABLE = frozenset({ComplaintStatus.RECEIVED, ComplaintStatus.RECORDED})


@dataclass(frozen=True)
class RecordPage:
    """One record, ready to draw."""

    complaint: Complaint
    tags: list[Row]
    facts: list[Row]
    officials: list[Row]
    statement: OpenedStatement
    checklist: list[Row]
    open_requirements: int
    unmet_requirements: int
    suggested: list[str]
    may_tick: bool
    rule: RuleSuggestion | None
    clocks: list[Clock]
    history: list[Row]


def record_page(
    complaint: Any, *, viewer: User, at: datetime, unviewed: int | None = None
) -> RecordPage:
    """Assemble the page of a record read by ``complaint_files``; opens its statement for the viewer.

    ``unviewed`` counts the evidence that its office has not opened; two queries where nobody counted. Three
    for the rule and three for the reporting window while the registry is not at hand.
    Raises NotPermittedError for somebody who may not read it.
    """
    today = at.astimezone(ZoneInfo(complaint.office.time_zone)).date()
    statement = opened_statement(complaint=complaint, viewer=viewer)
    officials = [official_facts(row, on=today) for row in complaint.official_rows]
    may_tick = complaint.status in TICKABLE and viewer.has_role(*OFFICERS)
    checks = {row["requirement"]: row for row in complaint.check_rows}
    unseen = [item for item in requirements_of(complaint.lane) if item.value not in checks]
    suggestions = (
        suggestions_for(
            complaint=complaint,
            officials=officials,
            statement=statement,
            unviewed=_unviewed(complaint, unviewed),
        )
        if may_tick and unseen
        else {}
    )
    # What the system proves is as good as ticked: it writes that down with the proposal.
    unseen = [
        item for item in unseen if item not in suggestions or not suggestions[item].is_provable
    ]
    employment = officials[0]["employment"] if officials else Employment.UNKNOWN
    return RecordPage(
        complaint=complaint,
        tags=_tags(complaint),
        facts=facts_of(complaint),
        officials=officials,
        statement=statement,
        checklist=_checklist(
            checks, suggestions, lane=complaint.lane, zone=ZoneInfo(complaint.office.time_zone)
        ),
        open_requirements=len(unseen),
        unmet_requirements=sum(not row["is_met"] for row in checks.values()),
        suggested=[
            item.value for item in unseen if item in suggestions and suggestions[item].is_met
        ],
        may_tick=may_tick,
        rule=rule_suggestion(complaint, employment=employment),
        clocks=clocks_of(complaint.deadline_rows, at=at),
        history=history_of(
            complaint.event_rows,
            complaint.decision_rows,
            time_zone=complaint.office.time_zone,
        ),
    )


def _unviewed(complaint: Any, known: int | None) -> int:
    if known is not None:
        return known
    return unviewed_count(complaint) if complaint.evidence_count or complaint.link_rows else 0


def missed_finding_day(finding: Complaint) -> date | None:
    """Return the last day on which a finding was to be set, where it was set later. One query."""
    late = finding.deadlines.filter(kind=DeadlineKind.FINDING, ended_on__gt=F("due_on"))
    return late.values_list("due_on", flat=True).first()


def day_text(day: date | None, precision: str = "day") -> str:
    """Return a date in words, as precisely as it is known."""
    if day is None or precision == Complaint.DatePrecision.UNKNOWN:
        return _("Tidak diketahui")
    pattern = "F Y" if precision == Complaint.DatePrecision.MONTH else "l j M Y"
    return dateformat.format(day, pattern)


_STATUS_TONE = {
    ComplaintStatus.RECEIVED: ("blue", "inbox"),
    ComplaintStatus.PROPOSED: ("amber", "hourglass"),
    ComplaintStatus.TRACING: ("blue", "search"),
    ComplaintStatus.RECORDED: ("blue", "notebook-pen"),
    ComplaintStatus.FOUND: ("green", "circle-check"),
    ComplaintStatus.REGISTERED: ("green", "circle-check"),
    ComplaintStatus.AWAITING: ("amber", "hourglass"),
    ComplaintStatus.FORWARDED: ("green", "circle-check"),
    ComplaintStatus.TAKEOVER: ("amber", "hourglass"),
    ComplaintStatus.REFUSED: ("", "archive"),
    ComplaintStatus.ARCHIVED: ("", "archive"),
}


def _tags(complaint: Complaint) -> list[Row]:
    status = ComplaintStatus(complaint.status)
    tone, icon = _STATUS_TONE[status]
    tags: list[Row] = [{"text": status.label, "tone": tone, "icon": icon}]
    if complaint.lane == Lane.TIP:
        tags.append({"text": _("Tanpa nama pelapor"), "tone": "ink", "icon": "hat-glasses"})
        if complaint.reporter_kind != Complaint.ReporterKind.UNDISCLOSED:
            kind = complaint.get_reporter_kind_display()
            tags.append({"text": _("Pelapor: %(kind)s") % {"kind": kind}, "icon": "user"})
    elif complaint.lane in REPORT_LANES:
        icon = "lock" if complaint.lane == Lane.SEALED else "user-check"
        tags.append({"text": Lane(complaint.lane).label, "tone": "ink", "icon": icon})
        tags.append({"text": _("Identitas pelapor di brankas"), "icon": "lock"})
    else:
        tags.append({"text": Lane.FINDING.label, "tone": "ink", "icon": "notebook-pen"})
    if complaint.platform:
        tags.append({"text": PLATFORM_NAMES.get(complaint.platform, complaint.platform)})
    return tags


def facts_of(complaint: Any) -> list[Row]:
    """Return the structured facts of a record read by ``complaint_files``, in words. No query."""
    known = (
        _("Diketahui %(day)s") % {"day": day_text(complaint.known_on)}
        if complaint.known_on
        else _("Tanggal tahu tidak diisi")
    )
    basis = getattr(complaint, "supervision", None)
    report = (
        [
            {
                "term": _("Laporan hasil pengawasan"),
                "value": day_text(basis.report_on),
                "note": ", ".join(filter(None, (basis.report_number, basis.assignment_number))),
            }
        ]
        if basis
        else []
    )
    return [
        {"term": _("Perbuatan"), "value": "; ".join(complaint.act_rows)},
        {
            "term": _("Waktu"),
            "value": day_text(complaint.event_on, complaint.event_precision),
            "note": known,
        },
        {
            "term": _("Tempat"),
            "value": complaint.place or _("Tidak diisi"),
            "note": complaint.region.name,
        },
        {"term": _("Saksi"), "value": _("Ada") if complaint.witness_known else _("Tidak disebut")},
        {
            "term": _("Pemilihan"),
            "value": complaint.contest.name if complaint.contest else _("Di luar tahapan"),
        },
        *report,
    ]


def _checklist(
    checks: dict[str, Row],
    suggestions: dict[Requirement, Suggestion],
    *,
    lane: str,
    zone: ZoneInfo,
) -> list[Row]:
    key = 0
    groups = []
    for legend, items in (
        (_("Syarat formal"), FORMAL_REQUIREMENTS),
        (_("Syarat materiel"), MATERIAL_REQUIREMENTS),
    ):
        lines = []
        for item in items:
            if item not in requirements_of(lane):
                continue
            key += 1
            lines.append(
                _check_line(item, checks.get(item.value), suggestions.get(item), key, zone)
            )
        met = sum(1 for line in lines if line["state"] == "met")
        groups.append(
            {
                "legend": legend,
                "count": _("%(met)d dari %(all)d") % {"met": met, "all": len(lines)},
                "items": lines,
            }
        )
    return groups


def _check_line(
    item: Requirement, check: Row | None, suggestion: Suggestion | None, key: int, zone: ZoneInfo
) -> Row:
    if check is None and item is Requirement.REPORTER:
        state, note, hint = "open", _("Menunggu pernyataan verifikator"), ""
    elif check is None and suggestion is not None and suggestion.is_provable:
        state, hint = "met", "system"
        note = _("Sistem: %(why)s") % {"why": suggestion.why}
    elif check is None:
        state, note = "open", suggestion.why if suggestion else _("Belum diperiksa")
        hint = "" if suggestion is None or suggestion.is_met is None else "suggested-no"
        if suggestion is not None and suggestion.is_met:
            hint = "suggested-yes"
    else:
        state, hint = ("met" if check["is_met"] else "unmet"), ""
        at = datetime.fromisoformat(check["at"]).astimezone(zone)
        note = _("%(who)s, %(when)s") % {
            "who": check["by"] or _("Sistem"),
            "when": dateformat.format(at, "j M H.i"),
        }
        if check["note"]:
            note = f"{check['note']} · {note}"
    held = "open" if check is None else state
    return {
        "code": item.value,
        "label": item.label,
        "note": note,
        "hint": hint,
        "state": state,
        "by_verifier": item is Requirement.REPORTER,
        # One key press moves: not looked at → met → not met → met. The third part is what the page shows.
        "next_value": f"{item.value}:{'0' if state == 'met' else '1'}:{held}",
        "other_value": f"{item.value}:0:{held}" if state == "open" else "",
        "key": str(key),
        "missing": state == "unmet" or (suggestion is not None and suggestion.is_met is False),
    }
