"""Grounds of a refusal against what the record says (PB7 ps 14, 23, 24)."""

import pytest

from complaints.rules.refusals import Review, why_not_a_tip, why_not_on
from complaints.states import Requirement

MET = {item.value: True for item in Requirement}
LATE = MET | {"in_time": False}
FORMAL = MET | {"reporter": False}
MATERIAL = MET | {"evidence": False}


def review(checks=MET, *, spent=False, withdrawn=False) -> Review:
    return Review(checks, chance_is_spent=spent, is_withdrawn=withdrawn)


@pytest.mark.parametrize(
    ("ground", "seen", "article"),
    [
        ("incomplete", review(MET, spent=True), "ayat (1) dan (7)"),
        ("incomplete", review(FORMAL), "ayat (1) dan (7)"),
        ("incomplete", review(MATERIAL), "ayat (1) dan (7)"),
        ("incomplete", review(FORMAL, spent=True), ""),
        ("incomplete", review(MATERIAL, spent=True), ""),
        ("incomplete", review(LATE), "ayat (1) dan (7)"),
        ("incomplete", review(LATE | MATERIAL | {"in_time": False}), "ayat (3)"),
        ("incomplete", review(MATERIAL | {"in_time": False}, spent=True), ""),
        ("late", review(LATE), ""),
        ("late", review(MET), "ayat (3)"),
        ("late", review({}), "ayat (3)"),
        ("withdrawn", review(), "ps 14 dan ps 23"),
        ("withdrawn", review(withdrawn=True), ""),
        ("settled", review(FORMAL), ""),
        ("no_violation", review(FORMAL), ""),
        ("", review(FORMAL), "ayat (1) dan (7)"),
        ("", review(FORMAL, spent=True), ""),
        ("", review(MET), ""),
        ("", review(LATE), ""),
    ],
)
def test_grounds(ground, seen, article):
    why = str(why_not_on(ground, seen))

    assert (article in why) if article else why == ""


@pytest.mark.parametrize(
    ("seen", "article"),
    [
        (review(FORMAL, spent=True), ""),
        (review(LATE), ""),
        (review(FORMAL), "ayat (1) dan (7)"),
        (review(MET), "ayat (8)"),
        (review(MATERIAL, spent=True), "ayat (8)"),
        (review(FORMAL | {"evidence": False}, spent=True), "ayat (8)"),
        (review({"reporter": False}, spent=True), "ayat (8)"),
        (review({}), "ayat (8)"),
    ],
)
def test_what_goes_on_as_a_tip(seen, article):
    why = str(why_not_a_tip(seen))

    assert (article in why) if article else why == ""
