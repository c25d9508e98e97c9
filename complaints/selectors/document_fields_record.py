"""What a paper says of a record: who reported, who is said to have done what, what was found."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.paper_dates import long_date
from complaints.models import Complaint, Evidence, OfficeChange, SupervisionReport
from complaints.selectors.document_source import (
    UNKNOWN,
    Field,
    Source,
    complaint_of,
    day_words,
    in_indonesian,
    masked_reporter,
    minutes_of,
    paragraphs,
)
from complaints.states import (
    FORMAL_REQUIREMENTS,
    MATERIAL_REQUIREMENTS,
    REPORT_LANES,
    ComplaintAction,
    ComplaintStatus,
    EvidenceStatus,
    Lane,
    RefusalGround,
    Requirement,
    TakeoverGround,
)


def _reporters(source: Source) -> list[str]:
    return [masked_reporter(row) for row in source.complaints]


def _sources(source: Source) -> list[dict[str, str]]:
    """Who found or reported: an office for findings, a code for reports, nobody for tips."""
    rows = []
    for row in source.complaints:
        if row.lane == Lane.FINDING:
            rows.append(
                {"who": "Pengawas Pemilu", "post": row.office.name, "address": row.office.name}
            )
        elif row.lane in REPORT_LANES:
            rows.append(
                {
                    "who": masked_reporter(row),
                    "post": "tidak dimuat (identitas dilindungi)",
                    "address": "tidak dimuat (identitas dilindungi)",
                }
            )
        else:
            rows.append({"who": "Informasi awal (tanpa identitas)", "post": "-", "address": "-"})
    return rows


def _finder(source: Source) -> dict[str, str]:
    created = complaint_of(source).events.select_related("actor").order_by("pk").first()
    actor = created.actor if created else None
    return {
        "name": actor.name if actor else "",
        "post": "Petugas penanganan",
        "address": source.office.name,
    }


def _supervision(source: Source) -> dict[str, str]:
    """Return the numbers of the report a finding rests on, empty to be written by hand. One query."""
    held = SupervisionReport.objects.filter(complaint=complaint_of(source)).first()
    return {
        "report": ""
        if held is None
        else ", ".join(filter(None, (held.report_number, long_date(held.report_on)))),
        "assignment": "" if held is None else held.assignment_number,
    }


def reported_people(source: Source) -> list[dict[str, str]]:
    """Return the reported persons as the forms name them. One query."""
    rows = []
    for row in source.officials:
        agency = row.agency.name if row.agency else row.agency_text
        work = ", ".join(part for part in (row.unit, agency) if part)
        rows.append(
            {
                "name": row.name or UNKNOWN,
                "post": row.position or UNKNOWN,
                "address": work or UNKNOWN,
                "account": row.account,
            }
        )
    return rows


def _event(source: Source) -> list[dict[str, str]]:
    """Return each act with its place and day; of several records, each known day once."""
    known = sorted({row.known_on for row in source.complaints if row.known_on})
    knew = "; ".join(map(day_words, known)) or UNKNOWN
    if source.allegations:
        return [
            {
                "what": "; ".join(source.acts[code] for code in row.acts if code in source.acts),
                "place": row.place or UNKNOWN,
                "day": day_words(row.event_on),
                "known": knew,
            }
            for row in source.allegations
        ]
    return [
        {
            "what": "; ".join(source.acts[code] for code in row.acts if code in source.acts),
            "place": row.place or UNKNOWN,
            "day": _event_day(row),
            "known": knew,
        }
        for row in source.complaints
    ]


def _event_day(complaint: Complaint) -> str:
    if complaint.event_on is None:
        return UNKNOWN
    if complaint.event_precision == Complaint.DatePrecision.MONTH:
        return long_date(complaint.event_on).partition(" ")[2]
    return day_words(complaint.event_on)


def _witnesses(source: Source) -> str:
    if any(row.witness_known for row in source.complaints):
        return "Ada saksi; identitasnya tersegel bersama uraian asli."
    return "Tidak disebutkan"


def _evidence(source: Source) -> list[str]:
    """Return each file by number and kind, each link by its cleaned address."""
    rows = Evidence.objects.filter(complaint__in=source.complaints).exclude(
        status=EvidenceStatus.ERASED
    )
    listed = [
        f"Berkas {row.number}: {in_indonesian(Evidence.Kind(row.kind).label)}"
        for row in rows.order_by("complaint", "number")
    ]
    for complaint in source.complaints:
        listed += [
            f"Tautan: {link.clean_url}" if link.clean_url else "Tautan (alamat tersegel)"
            for link in complaint.links.order_by("pk")
        ]
    return listed


def _documents(source: Source) -> list[dict[str, str]]:
    """Return the table of form B.3: kind and quantity."""
    counts: dict[str, int] = {}
    rows = Evidence.objects.filter(complaint=complaint_of(source)).exclude(
        status=EvidenceStatus.ERASED
    )
    for kind in rows.order_by("number").values_list("kind", flat=True):
        label = in_indonesian(Evidence.Kind(kind).label)
        counts[label] = counts.get(label, 0) + 1
    links = complaint_of(source).links.count()
    if links:
        counts["Tautan"] = links
    return [{"kind": kind, "count": str(count)} for kind, count in counts.items()]


def _narrative(source: Source) -> list[str]:
    """Return the neutral account; without one, the structured facts in a sentence.

    The reporter's own words never: their style alone can tell who wrote them.
    """
    case = source.the_case
    for text in (case.summary if case else "", *(row.summary for row in source.complaints)):
        if text.strip():
            return paragraphs(text)
    return [
        f"{row['what']}; tempat: {row['place']}; waktu: {row['day']}. "
        "Uraian asli tersegel dan tidak dimuat."
        for row in _event(source)
    ]


def _received(source: Source) -> str:
    return "; ".join(
        dict.fromkeys(day_words(row.received_on) for row in source.complaints if row.received_on)
    )


def _repaired(source: Source) -> str:
    request = (
        complaint_of(source)
        .repair_requests.exclude(answered_on=None)
        .order_by("-answered_on")
        .first()
    )
    return day_words(request.answered_on) if request and request.answered_on else ""


def _withdrawn(source: Source) -> str:
    step = source.event(ComplaintAction.WITHDRAW, ComplaintAction.NOTE_WITHDRAWAL)
    return day_words(source.local(step.at).date()) if step else ""


def _election(source: Source) -> str:
    return source.contest.name if source.contest else "Pemilu"


def _submission_number(source: Source) -> str:
    held = getattr(complaint_of(source), "submission_number", None)
    return held.number if held else ""


def _register_number(source: Source) -> str:
    return (source.the_case.register_number or "") if source.the_case else ""


def _change(source: Source) -> dict[str, str]:
    change = source.change
    assert change is not None  # noqa: S101 -- fields of changes only
    ground = in_indonesian(TakeoverGround(change.ground).label) if change.ground else ""
    return {
        "source": change.source.name,
        "target": change.target.name,
        "ground": ground,
        "reason": change.reason,
    }


def _requirements(source: Source) -> dict[str, list[dict[str, Any]]]:
    """Return what was found of each requirement; empty until every one was looked at."""
    checks = {row.requirement: row for row in complaint_of(source).checks.all()}
    asked = FORMAL_REQUIREMENTS + MATERIAL_REQUIREMENTS
    if any(item not in checks for item in asked):
        return {}

    def rows(items: tuple[Requirement, ...]) -> list[dict[str, Any]]:
        return [
            {
                "name": in_indonesian(Requirement(item).label),
                "met": checks[item].is_met,
                "note": checks[item].note,
            }
            for item in items
        ]

    return {"formal": rows(FORMAL_REQUIREMENTS), "material": rows(MATERIAL_REQUIREMENTS)}


_REVIEW = {
    ComplaintStatus.REGISTERED: ("a", "a"),
    ComplaintStatus.FORWARDED: ("a", "ps22"),
    ComplaintStatus.TAKEOVER: ("a", "d"),
    ComplaintStatus.AWAITING: ("b", "g"),
}
"""Status after the review → conclusion (IV) and recommendation (V) of form B.7."""

_REFUSED = {
    RefusalGround.INCOMPLETE: ("b", "g"),
    RefusalGround.LATE: ("b", "f"),
    RefusalGround.SETTLED: ("c", "e"),
    RefusalGround.WITHDRAWN: ("c", "e"),
    RefusalGround.NO_VIOLATION: ("b", ""),
}
_PROPOSED = {
    ComplaintAction.PROPOSE_REGISTER: ("a", "a"),
    ComplaintAction.PROPOSE_FORWARD: ("a", "ps22"),
    ComplaintAction.PROPOSE_DELEGATION: ("a", "c"),
    ComplaintAction.PROPOSE_TAKEOVER: ("a", "d"),
}


def _review(source: Source) -> dict[str, Any]:
    """Return parts III c to f, IV and V of form B.7 as what was proposed or decided."""
    complaint = complaint_of(source)
    change = complaint.office_changes.select_related("target").order_by("-pk").first()
    ground = source.decision.ground if source.decision else ""
    proposal = source.event(*_PROPOSED, ComplaintAction.PROPOSE_REFUSAL)
    marks = _REVIEW.get(ComplaintStatus(complaint.status), ("", ""))
    if complaint.status == ComplaintStatus.PROPOSED and proposal:
        marks = _PROPOSED.get(ComplaintAction(proposal.action), ("b", ""))
    if complaint.status == ComplaintStatus.REFUSED and ground:
        marks = _REFUSED[RefusalGround(ground)]
    asked = complaint.repair_requests.order_by("-pk").first()
    return {
        "delegation": _reason(change, OfficeChange.Direction.DOWN),
        "takeover": _reason(change, OfficeChange.Direction.UP),
        "withdrawal": "",
        "settled": source.decision.note
        if source.decision and ground == RefusalGround.SETTLED
        else "",
        "conclusion": marks[0],
        "recommendation": marks[1],
        "target": change.target.name if change else "",
        "lacking": [in_indonesian(Requirement(item).label) for item in asked.requirements]
        if asked and marks[1] == "g"
        else [],
        "minutes": minutes_of(source),
    }


def _reason(change: OfficeChange | None, direction: str) -> str:
    if change is None or change.direction != direction:
        return ""
    return f"{change.target.name}: {change.reason}"


RECORD_FIELDS: Mapping[str, Field] = {
    "change": (_("perpindahan kantor"), _change),
    "documents": (_("dokumen"), _documents),
    "election": (_("pemilihan"), _election),
    "event": (_("peristiwa"), _event),
    "evidence": (_("bukti"), _evidence),
    "finder": (_("pengawas yang menemukan"), _finder),
    "narrative": (_("uraian kejadian"), _narrative),
    "received": (_("tanggal diterima"), _received),
    "record_code": (_("nomor catatan"), lambda source: complaint_of(source).reference),
    "register_number": (_("nomor register"), _register_number),
    "repaired": (_("tanggal perbaikan"), _repaired),
    "reported": (_("terlapor"), reported_people),
    "reporters": (_("pelapor"), _reporters),
    "requirements": (_("pemeriksaan syarat"), _requirements),
    "review": (_("hasil kajian awal"), _review),
    "sources": (_("penemu atau pelapor"), _sources),
    "supervision": (_("laporan hasil pengawasan"), _supervision),
    "submission_number": (_("nomor penyampaian"), _submission_number),
    "withdrawn": (_("tanggal pencabutan"), _withdrawn),
    "witnesses": (_("saksi"), _witnesses),
}
"""Name → what a person calls it, and what makes it."""
