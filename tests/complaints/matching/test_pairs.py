"""The project's own pairs: rewrites of one event, and near misses of every kind we could think of."""

import csv
from datetime import date
from pathlib import Path

import pytest

from complaints.matching.records import Person, Precision, Record
from complaints.matching.scoring import Match, Verdict, compare
from complaints.matching.words import read_words

ROWS = list(csv.DictReader((Path(__file__).parent / "pairs.csv").read_text().splitlines()))
PERSON = ("name", "nip", "position", "unit", "agency", "account")


def pairs() -> list[tuple[str, str, dict[str, str], dict[str, str]]]:
    """Each pair; what the second row leaves empty it takes from the first, but for its words and post."""
    found = []
    for a, b in zip(ROWS[::2], ROWS[1::2], strict=True):
        assert (a["pair"], a["side"], b["side"]) == (b["pair"], "a", "b")
        kept = {name: value or (a[name] if name != "text" else "") for name, value in b.items()}
        found.append((a["pair"], a["expected"], a, kept))
    return found


def record(row: dict[str, str]) -> Record:
    precision = Precision(row["precision"])
    return Record(
        people=(Person(**{name: row[name] for name in PERSON}),),
        region=row["region"] if "." in row["region"] else "",
        province=row["region"][:2],
        event_on=None if precision == Precision.UNKNOWN else date.fromisoformat(row["day"]),
        precision=precision,
        received_on=date.fromisoformat(row["received"]),
        acts=frozenset(row["acts"].split(";")),
        platform=row["platform"],
        place=row["place"],
        posts=frozenset(row["posts"].split()),
        reading=read_words(row["text"]),
    )


def judged(a: dict[str, str], b: dict[str, str]) -> Match:
    return compare(record(a), record(b))


PAIRS = pairs()


def test_there_are_enough_of_both_kinds():
    kinds = [expected for _name, expected, _a, _b in PAIRS]
    assert len(kinds) >= 60
    assert min(kinds.count("same") + kinds.count("found"), kinds.count("apart")) >= 25


@pytest.mark.parametrize(
    ("expected", "a", "b"), [pair[1:] for pair in PAIRS], ids=[p[0] for p in PAIRS]
)
def test_a_pair_is_judged_right(expected, a, b):
    verdict = judged(a, b).verdict
    allowed = {
        "same": {Verdict.SAME},
        "found": {Verdict.SAME, Verdict.RELATED},
        "apart": {Verdict.RELATED, Verdict.NONE},
    }
    assert verdict in allowed[expected], judged(a, b)


@pytest.mark.parametrize(("a", "b"), [pair[2:] for pair in PAIRS], ids=[p[0] for p in PAIRS])
def test_the_order_of_two_records_changes_nothing(a, b):
    assert judged(a, b).score == pytest.approx(judged(b, a).score)
    assert judged(a, b).verdict == judged(b, a).verdict
