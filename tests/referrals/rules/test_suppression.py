"""Small numbers cannot be worked out, by a reader who knows the algorithm and every published number.

The attack is exhaustion: all worlds that give the very same publication are collected, and a hidden cell
must take at least k different values among them.
"""

import itertools
from collections import defaultdict

import pytest

from referrals.rules.suppression import (
    K,
    cells_to_show,
    hidden_cells,
    may_release,
    split_to_show,
)


def fewest_values(hide, *, cells, top, k):
    """Return the smallest number of values that a hidden cell may have, over all worlds up to ``top``."""
    worlds = defaultdict(list)
    for values in itertools.product(range(top + 1), repeat=cells):
        total = sum(values)
        if total > top:
            continue  # beyond it the list of worlds would not be whole
        hidden = hide(values, k=k)
        told = tuple(None if i in hidden else value for i, value in enumerate(values))
        worlds[total if total >= k else None, told].append(values)
    return min(
        len({world[index] for world in alike})
        for (_, told), alike in worlds.items()
        for index, value in enumerate(told)
        if value is None
    )


def only_the_small(values, *, k):
    """Hide the small ones and nothing for them: what the attack must break."""
    return {index for index, value in enumerate(values) if value < k}


def the_small_and_the_smallest_other(values, *, k):
    """Hide as the textbooks do: one more, the smallest."""
    small = only_the_small(values, k=k)
    others = sorted((value, index) for index, value in enumerate(values) if index not in small)
    return small | ({others[0][1]} if len(small) == 1 and others else set())


@pytest.mark.parametrize(
    ("cells", "top", "k"),
    [(1, 20, 5), (2, 24, 5), (3, 22, 5), (4, 15, 5), (4, 12, 3), (5, 11, 3), (6, 9, 3), (6, 8, 2)],
)
def test_k15_every_hidden_cell_keeps_k_values(cells, top, k):
    assert fewest_values(hidden_cells, cells=cells, top=top, k=k) >= k


@pytest.mark.parametrize(
    ("hide", "found"), [(only_the_small, 1), (the_small_and_the_smallest_other, 1)]
)
def test_k15_the_same_attack_finds_cells_of_weaker_rules(hide, found):
    assert fewest_values(hide, cells=3, top=20, k=5) == found


@pytest.mark.parametrize(
    ("values", "hidden"),
    [
        ([40, 12, 5, 9], set()),
        ([40, 3, 12, 9], {1, 0, 2}),  # alone: the first two others
        ([0, 40, 12, 9], {0, 1, 2}),  # nought is small
        ([40, 3, 12, 1], {1, 3, 0}),  # the two could be told to be under five together
        ([4, 40, 4, 12], {0, 2, 1}),  # two fours give eight and nothing else does
        ([2, 40, 3, 3, 12], {0, 2, 3}),  # three: their sum of eight says nothing
        ([4, 4, 40, 4, 12], {0, 1, 3, 2}),  # their sum of twelve would say four each
        ([3, 40], {0, 1}),
        ([1, 1, 1], {0, 1, 2}),
    ],
)
def test_what_is_hidden(values, hidden):
    assert hidden_cells(values) == hidden


def test_k17_one_civil_servant_in_a_district_is_not_told():
    shown = cells_to_show({"33.01": 1, "33.02": 30, "33.03": 22, "33.04": 17}, salt="x")

    assert shown["33.01"] is None
    assert sum(value is None for value in shown.values()) == 3
    assert {value for value in shown.values() if value is not None} <= {30, 22, 17}


def test_the_sacrificed_cell_is_drawn_by_the_table_and_not_by_its_values():
    small = {"a": 1, "b": 30, "c": 22, "d": 17, "e": 90, "f": 8}
    other = {"a": 3, "b": 6, "c": 99, "d": 40, "e": 5, "f": 77}
    hidden = [
        {
            key
            for key, value in cells_to_show(cells, salt="provinces:2024-03").items()
            if value is None
        }
        for cells in (small, other)
    ]

    assert hidden[0] == hidden[1]
    drawn = {
        key
        for month in range(12)
        for key, value in cells_to_show(small, salt=f"provinces:{month}").items()
        if value is None
    }
    assert drawn == set(small)


@pytest.mark.parametrize(
    ("value", "last", "above", "released"),
    [
        (4, 0, None, False),
        (5, 0, None, True),
        (14, 10, None, False),
        (15, 10, None, True),
        (15, 10, 20, True),
        (15, 10, 19, False),  # four waiting would be told
        (15, 10, 15, False),
    ],
)
def test_running_totals(value, last, above, released):
    assert may_release(value, last=last, above=above) is released


@pytest.mark.parametrize(
    ("part", "whole", "shown"), [(5, 10, 5), (4, 10, None), (6, 10, None), (0, 10, None)]
)
def test_splits(part, whole, shown):
    assert split_to_show(part, whole) == shown


def test_the_threshold_is_five():
    assert K == 5
