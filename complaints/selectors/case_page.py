"""What the page of one case shows, assembled: the road, the clocks, who is said to have done what."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import Employment
from bawaslu_cases.registry.selectors import Deed
from complaints.deadlines import DeadlineKind
from complaints.models import Case, CaseLink, CorrectionRequest, Deadline, Hearing
from complaints.selectors.case_file import Row, clocks_of, history_of, official_facts
from complaints.selectors.case_rows import day_of, moment_of
from complaints.selectors.clocks import Clock, clock, day_cells, former_days
from complaints.selectors.record_page import day_text
from complaints.states import (
    CaseAction,
    CaseStatus,
    CorrectionStatus,
    HearingStatus,
    Lane,
)

_K = CaseStatus
_ROAD: tuple[tuple[str | Promise, frozenset[CaseStatus]], ...] = (
    (gettext_lazy("Diterima"), frozenset()),
    (gettext_lazy("Registrasi"), frozenset()),
    (gettext_lazy("Kajian"), frozenset({_K.REGISTERED})),
    (gettext_lazy("Pleno"), frozenset({_K.ASSESSED})),
    (gettext_lazy("Rujukan"), frozenset({_K.DECIDED})),
    (gettext_lazy("Lembaga penerima dan PPK"), frozenset({_K.REFERRED})),
    (gettext_lazy("Selesai"), frozenset({_K.CLOSED, _K.STOPPED})),
)
_CLARIFICATION = gettext_lazy("Klarifikasi")
_OPEN_HEARINGS = frozenset({HearingStatus.INVITED, HearingStatus.INVITED_AGAIN})
_HANDLING = (DeadlineKind.HANDLING, DeadlineKind.HANDLING_EXTENDED)
LONGEST_BAR = 26
"""Days a bar of the case page draws: fourteen working days with every weekend and a long holiday."""


@dataclass(frozen=True)
class Bar:
    """One clock of the case as a strip of days. ``ended`` is a sentence once it does not run any more."""

    clock: Clock
    days: list[dict[str, Any]]
    ended: str = ""
    pauses: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    basis: str = ""


@dataclass(frozen=True)
class CasePage:
    """One case, ready to draw. ``kinds`` are the plenary's kinds of decision as values of CaseAction."""

    case: Case
    status: str
    decision: str
    also: list[str]
    kinds: frozenset[str]
    stages: list[Row]
    allegations: list[Row]
    complaints: list[Row]
    clocks: list[Clock]
    bars: list[Bar]
    history: list[Row]
    missing: list[str]
    hearings: list[Row]
    corrections: list[Row]
    links: list[Row]
    may_extend: bool


def case_page(
    case: Any, *, labels: dict[str, str], at: datetime, with_rules: bool = True
) -> CasePage:
    """Assemble the page of a case read by ``whole_case_files``. ``labels``: act code to words.

    Three queries for the rules of all allegations, none without them.
    """
    today = at.astimezone(ZoneInfo(case.office.time_zone)).date()
    allegations = [_allegation(row, labels, today) for row in case.allegation_rows]
    if with_rules:
        _put_rules(allegations, case)
    missing = []
    for row in allegations:
        lacks = [*row["missing"], *([] if row["where"] else [_("tempat kejadian")])]
        if lacks:
            missing.append(f"{row['shown']}: {', '.join(lacks)}")
    hearings = [_hearing(row, case.office.time_zone) for row in case.hearing_rows]
    bars = deadline_bars(case.deadline_rows, at=at)
    also = _also(case)
    return CasePage(
        case=case,
        status=CaseStatus(case.status).label,
        decision=str(CaseAction(case.decision).label) if case.decision else "",
        also=[str(CaseAction(kind).label) for kind in also],
        kinds=frozenset({case.decision, *also} - {""}),
        stages=_stages(case, hearings),
        allegations=allegations,
        complaints=[
            {
                **row,
                "lane_label": Lane(row["lane"]).label,
                "received": day_text(day_of(row, "received_on")),
            }
            for row in case.record_rows
        ],
        clocks=clocks_of(case.deadline_rows, at=at),
        bars=bars,
        history=history_of(case.event_rows, case.decision_rows, time_zone=case.office.time_zone),
        missing=missing,
        hearings=hearings,
        corrections=[_correction(row) for row in case.correction_rows],
        links=[_link(row, case) for row in case.link_rows],
        may_extend=case.status == _K.REGISTERED
        and any(
            row["kind"] == DeadlineKind.HANDLING
            and row["status"] == Deadline.Status.OPEN
            and (moment_of(row["due_at"]) or at) > at
            for row in case.deadline_rows
        ),
    )


def _allegation(row: Row, labels: dict[str, str], today: date) -> Row:
    return official_facts(row, on=today) | {
        "act_text": "; ".join(labels.get(code, code) for code in row["acts"]),
        "day": day_text(date.fromisoformat(row["event_on"])),
        "where": row["place"],
    }


def _put_rules(allegations: Iterable[Row], case: Case) -> None:
    """Write into each row how its day leads to its phase and its rule. Three queries for all."""
    deeds = [
        Deed(tuple(row["acts"]), day_of(row, "event_on"), Employment(row["employment"]))
        for row in allegations
    ]
    found = registry.violation_rules_for(deeds, contest=case.contest)
    for row, deed in zip(allegations, deeds, strict=True):
        proposal = found[deed]
        row["rule"] = (
            None
            if proposal is None
            else {
                "stage": proposal.stage.label,
                "title": proposal.rule.title_id,
                "verdict": f"{proposal.category.label}, {proposal.sanction_class.label}",
                "lines": [
                    {"counted": True, "label": text, "note": article}
                    for text, article in proposal.explanation
                ],
            }
        )


def _also(case: Any) -> list[str]:
    """Return the further kinds of the decision that stands, as values of CaseAction."""
    rows = [row for row in case.decision_rows if row["outcome"] == case.decision]
    return rows[-1].get("also") or [] if rows else []


def _stages(case: Any, hearings: list[Row]) -> list[Row]:
    status = CaseStatus(case.status)
    now = next(index for index, (_name, statuses) in enumerate(_ROAD) if status in statuses)
    ended = status in {_K.CLOSED, _K.STOPPED}
    # Sent straight on without a register (ps 22): nobody registered or assessed it.
    skipped = {1, 2} if case.register_number is None else set()
    # A stopped case never went on the road's later stretch.
    skipped |= {4, 5} if status is _K.STOPPED else set()
    stages: list[Row] = []
    for index, (name, _statuses) in enumerate(_ROAD):
        if index in skipped:
            continue
        if index == 2 and hearings:  # noqa: PLR2004 -- people are heard during the assessment
            waiting = status is _K.REGISTERED and any(row["is_open"] for row in hearings)
            stages.append({"label": _CLARIFICATION, "state": "now" if waiting else "done"})
        state = "done" if index < now or ended else "now" if index == now else "next"
        stages.append({"label": name, "state": state})
    first_now = next((row for row in stages if row["state"] == "now"), None)
    for row in stages:
        if row["state"] == "now" and row is not first_now:
            row["state"] = "next"
    return stages


def _hearing(row: Row, time_zone: str) -> Row:
    status = HearingStatus(row["status"])
    zone = ZoneInfo(time_zone)
    moment = moment_of(row["held_at"]) or moment_of(row["session_at"])
    return {
        **row,
        "capacity_label": Hearing.Capacity(row["capacity"]).label,
        "who": row["official"] or row["person"] or row["position"],
        "status_label": status.label,
        "is_open": status in _OPEN_HEARINGS,
        "when": dateformat.format(moment.astimezone(zone), "l j M Y, H.i") if moment else "",
        "state": {
            HearingStatus.HEARD: "done",
            HearingStatus.ABSENT: "late",
            HearingStatus.CANCELLED: "stopped",
        }.get(status, "waiting"),
    }


def _correction(row: Row) -> Row:
    status = CorrectionStatus(row["status"])
    return {
        **row,
        "who": row["official"] or CorrectionRequest.Requester(row["requester"]).label,
        "status_label": status.label,
        "filed": day_text(day_of(row, "filed_on")),
        "state": {
            CorrectionStatus.FILED: "waiting",
            CorrectionStatus.GRANTED: "done",
        }.get(status, "stopped"),
    }


def _link(row: Row, case: Case) -> Row:
    """Return a link as this case tells it; of a split the other side tells where it went."""
    outward = row["case"] == str(case.public_id)
    side = "other" if outward else "case"
    kind = CaseLink.Kind(row["kind"])
    words = str(kind.label)
    if kind is CaseLink.Kind.SPLIT_FROM and not outward:
        words = _("Dipisah menjadi")
    return {
        "id": row["id"],
        "kind": words,
        "public_id": row[side],
        "reference": row[f"{side}_reference"],
        "title": row[f"{side}_title"],
    }


def deadline_bars(rows: list[Row], *, at: datetime) -> list[Bar]:
    """Return the clocks that run, and both of the handling: the longer one as a second bar. No query."""
    wanted = [
        row for row in rows if row["status"] == Deadline.Status.OPEN or row["kind"] in _HANDLING
    ]
    wanted.sort(key=lambda row: (row["kind"] not in _HANDLING, row["due_at"]))
    return [_bar(row, at) for row in wanted]


def _bar(row: Row, at: datetime) -> Bar:
    told, due_at = row["explanation"], datetime.fromisoformat(row["due_at"])
    today = at.astimezone(ZoneInfo(row["time_zone"])).date()
    found = clock(
        kind=row["kind"], due_at=due_at, time_zone=row["time_zone"], explanation=told, at=at
    )
    ended = ""
    if row["status"] != Deadline.Status.OPEN:
        day = dateformat.format(date.fromisoformat(row["ended_on"]), "l j M Y")
        words = {
            Deadline.Status.MET: _("Dipenuhi %(day)s"),
            Deadline.Status.CANCELLED: _("Diganti waktu yang lebih panjang %(day)s"),
            Deadline.Status.LAPSED: _("Habis %(day)s"),
        }
        ended = words[Deadline.Status(row["status"])] % {"day": day}
    return Bar(
        clock=found,
        days=day_cells(
            told, due_on=date.fromisoformat(row["due_on"]), today=today, longest=LONGEST_BAR
        ),
        ended=ended,
        pauses=[_pause(each) for each in row.get("pauses") or ()],
        moved=former_days(row["history"]),
        basis=row["basis"],
    )


def _pause(pause: Row) -> str:
    days = [
        dateformat.format(date.fromisoformat(day), "j M Y") if day else _("sekarang")
        for day in (pause["starts_on"], pause["ends_on"])
    ]
    return _("Dijeda %(start)s sampai %(end)s: %(why)s") % {
        "start": days[0],
        "end": days[1],
        "why": pause["reason"],
    }
