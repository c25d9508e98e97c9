"""The gap of every pair of classes, and what a ledger says, against tables a lawyer can read."""

import csv
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bawaslu_cases.registry.models import SanctionClass
from referrals.rules.gap import GAPS, gap_between
from referrals.rules.standing import last_of, rows_in_force, standing
from referrals.states import EntryKind

HERE = Path(__file__).parent
DAY = date(2026, 3, 2)


def _table(name):
    with (HERE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", _table("gap_table.csv"), ids=lambda row: "-".join(row.values()))
def test_gap(row):
    assert gap_between(row["recommended"], row["imposed"]) == row["gap"]


def test_the_table_names_every_pair_once():
    pairs = [(row["recommended"], row["imposed"]) for row in _table("gap_table.csv")]

    assert len(pairs) == len(set(pairs)) == len(SanctionClass) * (len(SanctionClass) + 1)
    assert {len(row) for row in GAPS.values()} == {len(SanctionClass)}


@dataclass(frozen=True)
class Row:
    pk: int
    kind: str
    sanction_class: str = ""
    outcome: str = ""
    replaces_id: int | None = None
    recorded_on: date = DAY


def _row(number, text):
    kind, _, rest = text.partition(":")
    outcome, _, imposed = rest.partition(":")
    if kind != EntryKind.APPEAL_DECIDED:
        outcome, imposed = "", rest
    return Row(number, kind, imposed, outcome, recorded_on=DAY + timedelta(days=number))


def _rows(texts):
    return [_row(number, text) for number, text in enumerate(texts.split())]


@pytest.mark.parametrize("row", _table("standings.csv"), ids=lambda row: row["case"])
def test_standing(row):
    held = standing(_rows(row["rows"]))

    assert (held.imposed.sanction_class if held.imposed else "") == row["imposed"]
    assert (held.gap or "") == row["gap"]
    told = (held.is_verified, held.is_appealed, held.is_annulled)
    assert told == tuple(row[name] == "yes" for name in ("verified", "appealed", "annulled"))


def test_every_kind_of_row_stands_in_the_table():
    told = {
        text.partition(":")[0] for row in _table("standings.csv") for text in row["rows"].split()
    }

    assert told == set(EntryKind)


def test_as_of_a_day_only_what_was_recorded_by_then():
    rows = _rows("recommended:SEVERE imposed:LIGHT verified appeal_filed appeal_decided:annulled")

    gaps = [standing(rows, on=DAY + timedelta(days=number)).gap for number in range(-1, 5)]

    assert gaps == [None, None, "lighter", "lighter", "lighter", "none"]


def test_a_correction_stands_in_the_place_of_the_row_it_replaces():
    rows = _rows("recommended:SEVERE imposed:LIGHT verified")
    first = Row(7, "imposed", "SEVERE", replaces_id=1, recorded_on=DAY + timedelta(days=7))
    second = replace(first, pk=8, sanction_class="MODERATE", replaces_id=7)

    assert [row.pk for row in rows_in_force([*rows, first, second])] == [0, 8, 2]
    assert standing([*rows, first]).gap == "equal"
    assert standing([*rows, first, second]).gap == "lighter"
    # a week before, the record said what it said then
    assert standing([*rows, first, second], on=DAY + timedelta(days=3)).imposed == rows[1]
    assert last_of([*rows, first, second], EntryKind.IMPOSED) == second
    assert last_of(rows, EntryKind.OBJECTED) is None
