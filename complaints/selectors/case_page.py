"""What the page of one case shows, assembled: the road, the clock, who is said to have done what."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from complaints.models import Case
from complaints.selectors.case_file import Row, clocks_of, history_of, official_facts
from complaints.selectors.clocks import Clock
from complaints.selectors.record_page import day_text
from complaints.states import CaseStatus, Lane

_K = CaseStatus
_ROAD = (
    ("Registrasi", frozenset[CaseStatus]()),
    ("Kajian", frozenset({_K.REGISTERED})),
    ("Pleno", frozenset({_K.ASSESSED})),
    ("Rujukan", frozenset({_K.DECIDED})),
    ("Lembaga penerima dan PPK", frozenset({_K.REFERRED})),
    ("Selesai", frozenset({_K.CLOSED, _K.STOPPED})),
)


@dataclass(frozen=True)
class CasePage:
    """One case, ready to draw."""

    case: Case
    status: str
    stages: list[Row]
    allegations: list[Row]
    complaints: list[Row]
    clocks: list[Clock]
    history: list[Row]
    missing: list[str]


def case_page(case: Any, *, labels: dict[str, str], at: datetime) -> CasePage:
    """Assemble the page of a case read by ``case_files``. ``labels``: act code to words. No query."""
    today = at.astimezone(ZoneInfo(case.office.time_zone)).date()
    allegations = [_allegation(row, labels, today) for row in case.allegation_rows]
    missing = []
    for row in allegations:
        lacks = [*row["missing"], *([] if row["where"] else [_("tempat kejadian")])]
        if lacks:
            missing.append(f"{row['shown']}: {', '.join(lacks)}")
    return CasePage(
        case=case,
        status=CaseStatus(case.status).label,
        stages=_stages(CaseStatus(case.status)),
        allegations=allegations,
        complaints=[
            {
                **row,
                "lane_label": Lane(row["lane"]).label,
                "received": day_text(date.fromisoformat(row["received_on"])),
            }
            for row in case.complaint_rows
        ],
        clocks=clocks_of(case.deadline_rows, at=at),
        history=history_of(case.event_rows, case.decision_rows, time_zone=case.office.time_zone),
        missing=missing,
    )


def _allegation(row: Row, labels: dict[str, str], today: date) -> Row:
    return official_facts(row, on=today) | {
        "act_text": "; ".join(labels.get(code, code) for code in row["acts"]),
        "day": day_text(date.fromisoformat(row["event_on"])),
        "where": row["place"],
    }


def _stages(status: CaseStatus) -> list[Row]:
    now = next(index for index, (_name, statuses) in enumerate(_ROAD) if status in statuses)
    ended = status in {_K.CLOSED, _K.STOPPED}
    return [
        {
            "label": _(name),
            "state": "done" if index < now or ended else "now" if index == now else "next",
        }
        for index, (name, _statuses) in enumerate(_ROAD)
        # A stopped case never went on the road's later stretch.
        if not (status is _K.STOPPED and index in {3, 4})
    ]
