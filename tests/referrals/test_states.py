"""Every status × action of both machines, and every role, against tables a lawyer can read."""

import csv
from pathlib import Path
from typing import Any

import pytest

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.shared.state_machine import IllegalTransitionError
from referrals.states import (
    DESTINATION_LIFECYCLE,
    DISPATCH_LIFECYCLE,
    FOLLOW_UP_LIFECYCLE,
    REFERRAL_LIFECYCLE,
    DestinationAction,
    DestinationStatus,
    DispatchAction,
    DispatchStatus,
    FollowUpAction,
    FollowUpStatus,
    ReferralAction,
    ReferralStatus,
)

HERE = Path(__file__).parent
MACHINES: dict[str, tuple[Any, Any, Any]] = {
    "referral": (REFERRAL_LIFECYCLE, ReferralStatus, ReferralAction),
    "dispatch": (DISPATCH_LIFECYCLE, DispatchStatus, DispatchAction),
    "destination": (DESTINATION_LIFECYCLE, DestinationStatus, DestinationAction),
    "follow_up": (FOLLOW_UP_LIFECYCLE, FollowUpStatus, FollowUpAction),
}


def _table(name):
    with (HERE / f"{name}_cells.csv").open(encoding="utf-8") as file:
        return {(row["status"], row["action"]): row for row in csv.DictReader(file)}


EXPECTED = {name: _table(name) for name in MACHINES}
ALL_CELLS = [
    (name, status, action)
    for name, (_machine, statuses, actions) in MACHINES.items()
    for status in statuses
    for action in actions
]


@pytest.mark.parametrize(("name", "status", "action"), ALL_CELLS)
def test_cell(name, status, action):
    machine = MACHINES[name][0]
    expected = EXPECTED[name].get((status.value, action.value))

    if expected is None:
        with pytest.raises(IllegalTransitionError):
            machine.step(status, action)
        return

    step = machine.step(status, action)
    assert step.target.value == expected["target"]
    assert {role for role in Role if role in step.roles} == set(expected["roles"].split())
    assert step.needs_reason == (expected["reason"] == "yes")
    assert step.second_person == expected["second_person"]


def test_tables_have_no_line_that_no_machine_knows():
    known = {(name, status.value, action.value) for name, status, action in ALL_CELLS}

    assert {(name, *cell) for name, table in EXPECTED.items() for cell in table} <= known


def test_cells_counted():
    assert len(ALL_CELLS) == 11 * 16 + 7 * 8 + 3 * 2 + 7 * 12


@pytest.mark.parametrize("name", list(MACHINES))
def test_every_status_is_reached(name):
    machine, statuses, _actions = MACHINES[name]

    assert machine.reachable() == frozenset(statuses)
