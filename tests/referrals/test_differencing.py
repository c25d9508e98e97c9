"""The differencing attack at full size: everything published in seventeen months, put into one system.

Each hidden cell is an unknown of at least nought. Every sum that a reader can form is an equation: cells
of a table and its total, a total and the difference of two running totals, a place's cell and the table
within it. Bounds are carried along the equations until none moves, which on such trees is exact. What
cannot be enumerated here is enumerated in ``rules/test_publication.py``, by one who knows the rules.
"""

import itertools
from collections import defaultdict
from datetime import UTC, datetime

import pytest

from bawaslu_cases.world import demo_figures
from referrals.models import PublishedTable
from referrals.rules import publication as rules
from referrals.rules.publication import months_on
from referrals.rules.suppression import K

pytestmark = pytest.mark.django_db
FAR = 10**9
BASES = {"acts": "received", "provinces": "received", "agency_provinces": "recommended"}
NESTS = {"regencies": "provinces", "agencies": "agency_provinces"}


def equations(tables):
    """Yield (parts, whole): variables whose values add up. A variable is (table, last month, key)."""
    totals = {
        (name, table.last_month): value
        for table in tables
        if table.name == "series"
        for name, value in table.cells.items()
        if value is not None
    }
    for table in tables:
        base, _, place = table.name.partition(":")
        if base not in BASES and base not in NESTS:
            continue
        parts = [(table.name, table.last_month, key) for key in table.cells]
        yield parts, (table.name, table.last_month, "total")
        if base in NESTS:
            yield [(table.name, table.last_month, "total")], (NESTS[base], table.last_month, place)
        else:
            before = totals.get((BASES[base], months_on(table.first_month, -1)), 0)
            known = totals[BASES[base], table.last_month] - before
            yield [(table.name, table.last_month, "total")], known


def bounds(tables):
    """Return the least and the greatest value that each cell can have."""
    low: dict[object, int] = defaultdict(int)
    high: dict[object, int] = defaultdict(lambda: FAR)
    for table in tables:
        for key, value in {**table.cells, "total": table.total}.items():
            if value is not None:
                at = (table.name, table.last_month, key)
                low[at] = high[at] = value
    system = list(equations(tables))
    for _parts, whole in system:
        if isinstance(whole, int):
            low[whole] = high[whole] = whole
    while sum(tightened(low, high, parts, whole) for parts, whole in system):
        pass
    return low, high


def tightened(low, high, parts, whole):
    """Carry bounds along one equation; say whether any moved."""
    before = [(low[each], high[each]) for each in (*parts, whole)]
    least, most = sum(low[part] for part in parts), sum(high[part] for part in parts)
    for part in parts:
        others_least, others_most = least - low[part], most - high[part]
        low[part] = max(low[part], low[whole] - others_most)
        high[part] = min(high[part], high[whole] - others_least)
        least, most = others_least + low[part], others_most + high[part]
    low[whole], high[whole] = max(low[whole], least), min(high[whole], most)
    return before != [(low[each], high[each]) for each in (*parts, whole)]


def narrow_cells(tables):
    """Return the hidden cells that have fewer than K possible values."""
    low, high = bounds(tables)
    return [
        (table.name, table.last_month, key)
        for table in tables
        if table.name.partition(":")[0] in BASES | NESTS
        for key, value in table.cells.items()
        if value is None
        and high[table.name, table.last_month, key] - low[table.name, table.last_month, key] + 1 < K
    ]


def published():
    demo_figures.publish_demo_figures(datetime(2024, 11, 20, 3, tzinfo=UTC))
    return list(PublishedTable.objects.all())


def test_k15_no_hidden_cell_of_any_table_is_pinned():
    tables = published()

    hidden = sum(value is None for table in tables for value in table.cells.values())
    assert hidden > 500
    assert narrow_cells(tables) == []


def test_k15_the_attack_finds_cells_where_only_the_small_are_hidden(monkeypatch):
    def only_the_small(cells, *, salt, k):
        return {key: None if value < k else value for key, value in cells.items()}

    monkeypatch.setattr(rules, "cells_to_show", only_the_small)

    assert len(narrow_cells(published())) > 10


def test_k15_k17_no_number_and_no_difference_of_two_is_small():
    tables = published()

    shown = [
        value
        for table in tables
        if table.name != "days"
        for value in (*table.cells.values(), table.total)
        if value is not None
    ]
    assert min(shown) >= K
    series = [table for table in tables if table.name == "series"]
    for name, above in rules.SERIES.items():
        told = [row.cells[name] for row in series if row.cells[name] is not None]
        assert min(b - a for a, b in itertools.pairwise(told)) >= K, name
        if above:
            last = 0
            for row in series:
                last = row.cells[above] or last
                assert row.cells[name] is None or last - row.cells[name] >= K, name
    wholes = {
        (table.last_month, key): value
        for table in tables
        if table.name == "agency_provinces"
        for key, value in table.cells.items()
    }
    for table in tables:
        if table.name == "answers":
            for key, part in table.cells.items():
                assert part is None or wholes[table.last_month, key] - part >= K
