"""Every status × action of every machine against a table that a lawyer can read."""

import csv
from pathlib import Path
from typing import Any

import pytest

from bawaslu_cases.shared.state_machine import IllegalTransitionError
from complaints.states import (
    CASE_LIFECYCLE,
    EVIDENCE_LIFECYCLE,
    FINDING_LIFECYCLE,
    REPORT_LIFECYCLE,
    TIP_LIFECYCLE,
    UNSEAL_LIFECYCLE,
    CaseAction,
    CaseStatus,
    ComplaintAction,
    ComplaintStatus,
    EvidenceAction,
    EvidenceStatus,
    UnsealAction,
    UnsealStatus,
)

CELLS = Path(__file__).with_name("complaint_cells.csv")
MACHINES: dict[str, Any] = {
    "tip": (TIP_LIFECYCLE, ComplaintStatus, ComplaintAction),
    "report": (REPORT_LIFECYCLE, ComplaintStatus, ComplaintAction),
    "unseal": (UNSEAL_LIFECYCLE, UnsealStatus, UnsealAction),
    "finding": (FINDING_LIFECYCLE, ComplaintStatus, ComplaintAction),
    "evidence": (EVIDENCE_LIFECYCLE, EvidenceStatus, EvidenceAction),
    "case": (CASE_LIFECYCLE, CaseStatus, CaseAction),
}

with CELLS.open(encoding="utf-8") as _file:
    EXPECTED = {
        (row["machine"], row["status"], row["action"]): row for row in csv.DictReader(_file)
    }

ALL_CELLS = [
    (name, status, action)
    for name, (_machine, statuses, actions) in MACHINES.items()
    for status in statuses
    for action in actions
]


@pytest.mark.parametrize(("name", "status", "action"), ALL_CELLS)
def test_cell(name, status, action):
    machine = MACHINES[name][0]
    expected = EXPECTED.get((name, status.value, action.value))

    if expected is None:
        with pytest.raises(IllegalTransitionError):
            machine.step(status, action)
        return

    step = machine.step(status, action)
    assert step.target.value == expected["target"]
    assert " ".join(sorted(step.roles)) == expected["roles"]
    assert step.needs_reason == (expected["reason"] == "yes")
    assert step.second_person == expected["second_person"]


def test_table_has_no_line_that_no_machine_knows():
    known = {(name, status.value, action.value) for name, status, action in ALL_CELLS}

    assert set(EXPECTED) <= known


def test_cells_counted():
    assert len(ALL_CELLS) == 3 * 9 * 19 + 7 * 6 + 6 * 6 + 6 * 6


@pytest.mark.parametrize(
    ("name", "reachable"),
    [
        ("tip", {"received", "proposed", "tracing", "found", "archived"}),
        ("finding", {"recorded", "registered", "archived"}),
        ("case", {"registered", "assessed", "decided", "referred", "stopped", "closed"}),
    ],
)
def test_every_status_of_a_machine_is_reached(name, reachable):
    assert {status.value for status in MACHINES[name][0].reachable()} == reachable
