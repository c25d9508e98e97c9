"""What is published month by month, and what a reader of every month's publication can work out.

The attack is exhaustion over small worlds under small thresholds: all worlds that give the very same
publications, series, tables, answers and all, are collected; whatever is not told must have at least k
possible values among them.
"""

import itertools
from collections import defaultdict
from datetime import date

import pytest

from referrals.rules import publication
from referrals.rules.publication import (
    Counts,
    Places,
    Rules,
    Table,
    last_publishable,
    months,
    months_on,
    publish,
)

JANUARY, MARCH, JUNE = date(2024, 1, 1), date(2024, 3, 1), date(2024, 6, 1)
NOWHERE = Places(acts=[], regencies={}, agencies={})


def told(tables):
    return tuple(
        (table.name, table.first, table.last, table.total, tuple(sorted(table.cells.items())))
        for table in tables
    )


def fewest_values(worlds):
    """Return the fewest values of anything untold; ``worlds``: pairs of (publication, {cell: value})."""
    alike = defaultdict(list)
    for publications, secrets in worlds:
        shown = {
            (name, first, last, key)
            for name, first, last, _, cells in publications
            for key, value in cells
            if value is not None
        }
        alike[publications].append({at: v for at, v in secrets.items() if at not in shown})
    return min(len({world[at] for world in group}) for group in alike.values() for at in group[0])


# --- attacks ---------------------------------------------------------------------------------------


def series_worlds(rules, top):
    """Yield each way in which up to ``top`` are recommended and answered in three months.

    Each with its running totals, and with what they tell: each month's numbers, and who waits after it.

    Kept are the publications all of whose worlds are among them: the last total told is small enough.
    """
    spring = list(months(JANUARY, MARCH))
    ways = [way for way in itertools.product(range(top + 1), repeat=3) if sum(way) <= top]
    running = {way: list(itertools.accumulate(way)) for way in ways}
    first = Table("series", months_on(JANUARY, -1), months_on(JANUARY, -1), {})
    for came, went in itertools.product(ways, repeat=2):
        totals = list(zip(running[came], running[went], strict=True))
        if any(gone > here for here, gone in totals):
            continue
        by_month = zip(spring, came, went, strict=True)
        counts = Counts(series={at: {"recommended": c, "answered": w} for at, c, w in by_month})
        # the same first month in every world: a later one would say that nothing came before
        tables = publish(counts, places=NOWHERE, through=MARCH, before=[first], rules=rules)
        rows = [table for table in tables if table.name == "series"]
        if max(row.cells["recommended"] or 0 for row in rows) + rules.k - 1 > top:
            continue
        yield (
            told(rows),
            {
                ("series", at, at, name): total
                for at, both in zip(spring, totals, strict=True)
                for name, total in zip(("recommended", "answered"), both, strict=True)
            },
            [
                *came,
                *went,
                *(here - gone for here, gone in totals),
            ],
        )


def smallest_pinned(worlds, k):
    """Return the smallest month's number, or number of waiting, that has fewer than k possible values."""
    alike = defaultdict(list)
    for publications, _, numbers in worlds:
        alike[publications].append(numbers)
    return min(
        min(values)
        for group in alike.values()
        for values in map(set, zip(*group, strict=True))
        if len(values) < k
    )


@pytest.mark.parametrize(("k", "top"), [(2, 7), (3, 8)])
def test_k15_running_totals_of_successive_months_keep_k_values(k, top):
    worlds = list(series_worlds(Rules(k=k), top))

    assert fewest_values([(publications, totals) for publications, totals, _ in worlds]) >= k
    assert smallest_pinned(worlds, k) >= k


def test_k15_the_attack_finds_totals_that_are_simply_not_small(monkeypatch):
    def not_small(value, *, last, above, k):
        return value >= k

    monkeypatch.setattr(publication, "may_release", not_small)

    assert smallest_pinned(list(series_worlds(Rules(k=3), 6)), 3) == 0


LEAVES = {"11": ["11.01", "11.02"], "12": ["12.01"]}
KEYS = [key for keys in LEAVES.values() for key in keys]


def place_worlds(rules, top):
    """Yield each way in which two quarters fall on three regencies of two provinces."""
    places = Places(acts=[], regencies=LEAVES, agencies={})
    for leaves in itertools.product(range(top + 1), repeat=2 * len(KEYS)):
        quarters = {
            MARCH: dict(zip(KEYS, leaves, strict=False)),
            JUNE: dict(zip(KEYS, leaves[len(KEYS) :], strict=True)),
        }
        counts = Counts(
            series={month: {"received": sum(by.values())} for month, by in quarters.items()},
            regencies=quarters,
        )
        first = Table("series", JANUARY, JANUARY, {})
        tables = publish(counts, places=places, through=JUNE, before=[first], rules=rules)
        secrets = {}
        for last, by in quarters.items():
            since = months_on(last, -2)
            for province, keys in LEAVES.items():
                secrets["provinces", since, last, province] = sum(by[key] for key in keys)
                secrets |= {(f"regencies:{province}", since, last, key): by[key] for key in keys}
        yield told(tables), secrets


def whole_place_worlds(rules):
    """Keep what was enumerated whole: at most four a quarter."""
    for publications, secrets in place_worlds(rules, top=4):
        quarters: dict[date, int] = defaultdict(int)
        for (name, _, last, _), value in secrets.items():
            quarters[last] += value if name == "provinces" else 0
        if max(quarters.values()) <= 4:
            yield publications, secrets


def test_k15_k17_tables_within_tables_of_successive_quarters_keep_k_values():
    rules = Rules(k=2, least_stretch=4)
    whole = list(whole_place_worlds(rules))

    assert len({publications for publications, _ in whole}) > 20
    assert fewest_values(whole) >= rules.k


@pytest.mark.long
def test_k15_the_attack_finds_places_when_nothing_is_sacrificed(monkeypatch):
    def only_the_small(cells, *, salt, k):
        return {key: None if value < k else value for key, value in cells.items()}

    monkeypatch.setattr(publication, "cells_to_show", only_the_small)

    assert fewest_values(list(whole_place_worlds(Rules(k=2, least_stretch=4)))) == 1


def answer_worlds(rules, wholes):
    """Yield each way in which the recommendations of two provinces are answered in time, late, or not."""
    places = Places(acts=[], regencies={}, agencies={"11": ["A"], "12": ["B"]})
    for in_time in itertools.product(*(range(whole + 1) for whole in wholes)):
        for late in range(sum(wholes) - sum(in_time) + 1):
            counts = Counts(
                series={
                    MARCH: {"recommended": sum(wholes)},
                    JUNE: {"answered": sum(in_time) + late},
                },
                agencies={MARCH: dict(zip(("A", "B"), wholes, strict=True))},
                answers={MARCH: dict(zip(("11", "12"), in_time, strict=True))},
            )
            tables = publish(counts, places=places, through=JUNE, rules=rules)
            secrets = {
                ("answers", MARCH, MARCH, place): part
                for place, part in zip(("11", "12"), in_time, strict=True)
            }
            yield told(tables), secrets


@pytest.mark.parametrize("wholes", [(6, 7), (9, 12), (5, 5), (14, 6)])
def test_k15_answers_keep_k_values_beside_the_running_totals(wholes):
    rules = Rules(k=3, least_stretch=6)

    assert fewest_values(list(answer_worlds(rules, wholes))) >= rules.k


# --- what is published -----------------------------------------------------------------------------

PLACES = Places(
    acts=["LIKE", "ATTEND", "OTHER"],
    regencies={"33": ["33.01", "33.02", "33.03"], "34": ["34.01"], "51": ["51.01"]},
    agencies={"33": ["P33", "K3301"], "00": ["BKN", "KEMENAG"]},
)


def year(**by_month):
    return {date(2024, int(month[1:]), 1): value for month, value in by_month.items()}


def rows(tables, name):
    return [(f"{t.first:%m}-{t.last:%m}", dict(t.cells)) for t in tables if t.name == name]


def test_a_small_month_is_told_with_the_next():
    counts = Counts(
        series=year(m1={"received": 9}, m2={"received": 2}, m3={"received": 2, "cases": 2})
        | year(m4={"received": 1})
    )

    tables = publish(counts, places=NOWHERE, through=date(2024, 4, 1))

    assert [row["received"] for _, row in rows(tables, "series")] == [9, None, None, 14]
    assert [row["cases"] for _, row in rows(tables, "series")] == [None] * 4


def test_running_totals_go_on_from_what_was_published():
    first = publish(Counts(series=year(m1={"received": 9}, m2={"received": 2})),
                    places=NOWHERE, through=date(2024, 2, 1))  # fmt: skip
    counts = Counts(series=year(m2={"received": 2}, m3={"received": 3}))

    added = publish(counts, places=NOWHERE, through=MARCH, before=first)

    assert rows(added, "series")[0] == ("03-03", rows(added, "series")[0][1])
    assert [row["received"] for _, row in rows(added, "series")] == [14]


def test_all_at_once_or_month_by_month_is_the_same_publication():
    series = {
        date(2024, month, 1): {"received": 11 * month % 17, "cases": month % 5, "referred": 1}
        for month in range(1, 13)
    }
    regencies = {
        month: {"33.01": by["received"] // 2, "51.01": by["received"] - by["received"] // 2}
        for month, by in series.items()
    }
    counts = Counts(series=series, regencies=regencies)
    at_once = publish(counts, places=PLACES, through=date(2024, 12, 1))

    step_by_step: list[Table] = []
    for month in months(JANUARY, date(2024, 12, 1)):
        past = Counts(
            series={at: by for at, by in series.items() if at <= month},
            regencies={at: by for at, by in regencies.items() if at <= month},
        )
        step_by_step += publish(past, places=PLACES, through=month, before=step_by_step)

    assert told(step_by_step) == told(at_once)


def test_places_within_places_and_a_hidden_one_has_no_table():
    counts = Counts(
        series=year(m1={"received": 40}, m3={"received": 60}),
        acts=year(m1={"LIKE": 40}, m3={"ATTEND": 52, "OTHER": 8}),
        regencies=year(
            m1={"33.01": 30, "33.02": 10},
            m3={"33.03": 20, "34.01": 38, "51.01": 2},
        ),
    )

    tables = publish(counts, places=PLACES, through=MARCH)

    assert rows(tables, "acts") == [("01-03", {"LIKE": 40, "ATTEND": 52, "OTHER": 8})]
    (provinces,) = [table for table in tables if table.name == "provinces"]
    # Bali is small, alone, and takes the other two with it
    assert (provinces.total, set(provinces.cells.values())) == (100, {None})
    assert not [table for table in tables if table.name.startswith("regencies")]


def test_a_quarter_with_few_is_told_with_the_next():
    counts = Counts(
        series=year(m1={"received": 20}, m6={"received": 30}),
        regencies=year(m1={"33.01": 20}, m6={"33.02": 10, "34.01": 10, "51.01": 10}),
    )

    tables = publish(counts, places=PLACES, through=JUNE)

    assert rows(tables, "provinces") == [("01-06", {"33": 30, "34": 10, "51": 10})]
    assert [t.name for t in tables if ":" in t.name] == [
        "regencies:33", "regencies:34", "regencies:51",
    ]  # fmt: skip


def test_answers_are_looked_at_three_months_after_the_stretch():
    counts = Counts(
        series=year(m3={"recommended": 60}, m4={"answered": 28}, m6={"answered": 8}),
        agencies=year(m3={"P33": 20, "K3301": 10, "BKN": 14, "KEMENAG": 16}),
        answers={MARCH: {"33": 22, "00": 14}},
    )

    soon = publish(counts, places=PLACES, through=date(2024, 5, 1))
    later = publish(counts, places=PLACES, through=JUNE, before=soon)

    assert not rows(soon, "answers")
    assert rows(later, "answers") == [("03-03", {"33": 22, "00": 14})]


def test_answers_are_held_back_where_the_total_leaves_no_room():
    counts = Counts(
        series=year(m3={"recommended": 60}, m4={"answered": 13}),
        agencies=year(m3={"P33": 20, "K3301": 10, "BKN": 14, "KEMENAG": 16}),
        answers={MARCH: {"33": 3, "00": 10}},
    )

    tables = publish(counts, places=PLACES, through=JUNE)

    assert rows(tables, "answers") == [("03-03", {"33": None, "00": None})]


def test_quartiles_need_twenty():
    days = {JANUARY: {"decision": (20, 9, 14, 21), "answer": (19, 3, 5, 8)}}

    tables = publish(Counts(series={}, days=days), places=NOWHERE, through=MARCH)

    assert rows(tables, "days") == [
        ("01-03", {"decision_q1": 9, "decision_median": 14, "decision_q3": 21})
    ]


@pytest.mark.parametrize(
    ("today", "month"),
    [
        (date(2024, 10, 14), date(2024, 8, 1)),
        (date(2024, 10, 15), date(2024, 9, 1)),
        (date(2024, 3, 14), date(2024, 1, 1)),
        (date(2024, 3, 15), date(2024, 2, 1)),
        (date(2025, 1, 15), date(2024, 12, 1)),
    ],
)
def test_a_month_is_told_fourteen_days_after_its_end(today, month):
    assert last_publishable(today) == month


def test_nothing_ever_happened():
    assert told(publish(Counts(series={}), places=PLACES, through=MARCH))[0][4] == (
        ("answered", None),
        ("cases", None),
        ("received", None),
        ("recommended", None),
        ("referred", None),
        ("sanctioned", None),
    )
