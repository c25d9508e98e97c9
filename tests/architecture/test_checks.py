"""docs/checks.md cannot lie: what it names exists, what it counts is counted here.

``python -m tests.architecture.test_checks`` prints the figure.
"""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
TABLE = TESTS.parent / "docs" / "checks.md"
STATES = ("passes", "partly", "not done")
IDS = {
    "C": (1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 14, 15, 16, 17, 18, 19, 21),
    "V": (
        *(1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 23),
        *(24, 25, 26, 27, 29, 30),
    ),
    "R": (1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18),
    "H": (1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 22),
    "L": (1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 13, 14, 16),
    "E": (
        *(1, 2, 4, 5, 6, 7, 8, 9, 11, 12, 14, 15, 16, 17, 18, 19, 21, 23, 24),
        *(26, 27, 29, 30, 32),
    ),
    "A": (
        *(1, 2, 3, 4, 5, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17),
        *(18, 19, 20, 21, 23, 24, 25, 26, 27, 28, 30, 32, 33, 34, 35),
    ),
    "K": (1, 2, 4, 5, 7, 8, 9, 10, 12, 13, 14, 15, 17, 18, 19, 20),
    "P": (1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
    "F": (1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 24),
}
"""The numbers of each group as the list of checks has them; the gaps are its own."""

ROW = re.compile(r"\| ([CVRHLEAKPF]\d\d) \| ([a-z ]+) \| (.*) \| (.*) \|")
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def rows() -> list[tuple[str, str, list[tuple[str, str]], str]]:
    """Return id, state, named tests and note of every line of the table."""
    found = map(ROW.fullmatch, TABLE.read_text(encoding="utf-8").splitlines())
    return [
        (match[1], match[2], NAMED.findall(match[3]), match[4].strip()) for match in found if match
    ]


@cache
def found_in(path: str) -> dict[str, str]:
    """Return every test of a file with its text of documentation."""
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return {
        node.name: ast.get_docstring(node) or ""
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def figure() -> str:
    """Return the share in words, as the document says it."""
    counted = Counter(state for _id, state, _named, _note in rows())
    whole = sum(counted.values())
    return (
        f"{counted['passes']} of {whole} pass, {counted['partly']} partly, "
        f"{counted['not done']} are not done."
    )


def test_every_check_stands_in_the_table_once():
    wanted = [f"{group}{number:02d}" for group, numbers in IDS.items() for number in numbers]
    assert [identity for identity, *_rest in rows()] == wanted
    assert len(wanted) == 198


def test_every_test_that_is_named_exists():
    missing = [
        (identity, path, name)
        for identity, _state, named, _note in rows()
        for path, name in named
        if not (TESTS / path).is_file() or name not in found_in(path)
    ]
    assert missing == []


def test_what_passes_names_a_test_and_what_does_not_says_why():
    for identity, state, named, note in rows():
        assert state in STATES, identity
        assert bool(named) is (state != "not done"), identity
        assert note or state == "passes", identity


def test_every_check_is_found_by_its_id():
    """At least one test of a check carries the id in its name, or says "check <id>"."""
    for identity, state, named, _note in rows():
        if state == "not done":
            continue
        assert any(
            identity.lower() in name.split("_") or identity in found_in(path)[name]
            for path, name in named
        ), identity


def test_figure_in_the_document_is_the_count():
    assert figure() in " ".join(TABLE.read_text(encoding="utf-8").replace("**", "").split())


if __name__ == "__main__":
    print(figure())
