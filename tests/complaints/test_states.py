"""Every status × action of every machine against a table that a lawyer can read."""

import csv
from pathlib import Path
from typing import Any

import pytest

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.shared.state_machine import IllegalTransitionError
from complaints.states import (
    CASE_LIFECYCLE,
    CORRECTION_LIFECYCLE,
    DOCUMENT_LIFECYCLE,
    EVIDENCE_LIFECYCLE,
    FINDING_LIFECYCLE,
    HEARING_LIFECYCLE,
    LIKENESS_LIFECYCLE,
    PROPOSAL_LIFECYCLE,
    REPORT_LIFECYCLE,
    TIP_LIFECYCLE,
    UNSEAL_LIFECYCLE,
    CaseAction,
    CaseStatus,
    ComplaintAction,
    ComplaintStatus,
    CorrectionAction,
    CorrectionStatus,
    DocumentAction,
    DocumentStatus,
    EvidenceAction,
    EvidenceStatus,
    HearingAction,
    HearingStatus,
    LikenessAction,
    LikenessStatus,
    ProposalAction,
    ProposalStatus,
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
    "hearing": (HEARING_LIFECYCLE, HearingStatus, HearingAction),
    "correction": (CORRECTION_LIFECYCLE, CorrectionStatus, CorrectionAction),
    "document": (DOCUMENT_LIFECYCLE, DocumentStatus, DocumentAction),
    "likeness": (LIKENESS_LIFECYCLE, LikenessStatus, LikenessAction),
    "proposal": (PROPOSAL_LIFECYCLE, ProposalStatus, ProposalAction),
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
    intake = 3 * len(ComplaintStatus) * len(ComplaintAction)
    assert (len(ComplaintStatus), len(ComplaintAction)) == (11, 30)
    others = 7 * 6 + 6 * 6 + 6 * 14 + 5 * 4 + 5 * 4 + 4 * 4 + 4 * 4 + 3 * 2
    assert len(ALL_CELLS) == intake + others


@pytest.mark.parametrize("name", MACHINES)
def test_every_role_in_every_cell(name):
    """Status x action x role, the system among the roles: exactly what the table of the law says (A17)."""
    machine, statuses, actions = MACHINES[name]
    checked = 0
    for status in statuses:
        for action in actions:
            expected = EXPECTED.get((name, status.value, action.value))
            takers = set(expected["roles"].split() or ["system"]) if expected else set()
            for role in [*Role, None]:
                who = "system" if role is None else role.value
                roles = None if role is None else {role.value}
                assert machine.permits(status, action, roles) == (who in takers), (action, role)
                checked += 1
    assert checked == len(statuses) * len(actions) * (len(Role) + 1)


@pytest.mark.parametrize(
    ("name", "reachable"),
    [
        ("tip", {"received", "proposed", "tracing", "found", "archived"}),
        ("finding", {"recorded", "registered", "archived"}),
        ("case", {"registered", "assessed", "decided", "referred", "stopped", "closed"}),
        (
            "report",
            {"received", "awaiting", "proposed", "registered", "refused", "forwarded", "takeover"},
        ),
        ("hearing", {"invited", "invited_again", "heard", "absent", "cancelled"}),
        ("correction", {"filed", "late", "granted", "rejected", "withdrawn"}),
        ("document", {"draft", "signed", "final", "superseded"}),
        ("likeness", {"open", "joined", "related", "dismissed"}),
        ("proposal", {"open", "taken", "dismissed"}),
    ],
)
def test_every_status_of_a_machine_is_reached(name, reachable):
    assert {status.value for status in MACHINES[name][0].reachable()} == reachable
