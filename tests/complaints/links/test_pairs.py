"""Pairs of links, ours and those of the reference data where it lies beside the checkout."""

import csv
from pathlib import Path

import pytest

from complaints.links import read_link, same_post

REFERENCE = Path(__file__).parents[4] / "shared" / "refdata"


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


OUR_OWN = rows_of(Path(__file__).parent / "pairs.csv")


def answered(rows, *, one, other):
    """Return the pairs that are answered otherwise than they say, both ways round."""
    wrong = []
    for row in rows:
        first, second = read_link(row[one]), read_link(row[other])
        said = {str(same_post(first, second)), str(same_post(second, first))}
        if said != {row["same"]}:
            wrong.append((row[one], row[other], row["same"], said))
    return wrong


def test_our_own_pairs_are_all_decided_right():
    assert len(OUR_OWN) >= 100
    assert {row["same"] for row in OUR_OWN} == {"yes", "no", "unknown"}
    assert answered(OUR_OWN, one="one", other="other") == []


@pytest.mark.parametrize(("name", "count"), [("urls.csv", 150), ("urls_unresolved.csv", 12)])
def test_reference_pairs_are_all_decided_right(name, count):
    path = REFERENCE / name
    if not path.exists():
        pytest.skip("the reference data does not lie beside the checkout")
    rows = rows_of(path)
    assert len(rows) == count
    assert answered(rows, one="url_a", other="url_b") == []


@pytest.mark.parametrize("row", OUR_OWN, ids=lambda row: row["rule"])
def test_a_cleaned_link_reads_as_itself(row):
    for text in (row["one"], row["other"]):
        link = read_link(text)
        if link.clean_url:
            again = read_link(link.clean_url)
            assert (again.clean_url, again.key) == (link.clean_url, link.key)
            assert (again.within, again.stripped) == (link.within, ())
        else:
            assert link.key is None
            assert link.why is not None
