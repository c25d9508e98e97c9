"""What the rules recommend, cell by cell against a table that a lawyer reads (recommendations.csv)."""

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bawaslu_cases.registry.models import Agency, Contest, ViolationRule
from bawaslu_cases.registry.selectors import Deed
from complaints.models import Official
from referrals.rules.recommendation import NoRecommendation
from tests.referrals.rules.answers import answer_for

pytestmark = pytest.mark.django_db

TABLE = Path(__file__).with_name("recommendations.csv")
ROWS = list(csv.DictReader(TABLE.read_text("utf-8").splitlines()))
ANSWERS = (
    "stage",
    "row",
    "category",
    "class",
    "second_row",
    "bases",
    "types",
    "crime",
    "recipient",
    "asked",
    "ppk_title",
    "conflict",
    "copy_to",
    "nothing_because",
)
PENALTY = re.compile(r" \((?:Pilkada|Pemilu|pejabat negara):.*")
"""The table names the article, the registry the penalty too."""


@pytest.fixture(scope="module")
def agencies(django_db_setup: None, django_db_blocker: Any) -> dict[str, Agency]:
    with django_db_blocker.unblock():
        return {each.code: each for each in Agency.objects.select_related("region")}


@pytest.fixture(scope="module")
def contests(django_db_setup: None, django_db_blocker: Any) -> dict[str, Contest]:
    with django_db_blocker.unblock():
        return {each.code: each for each in Contest.objects.prefetch_related("phases")}


def _answered(
    row: dict[str, str], agencies: dict[str, Agency], contests: dict[str, Contest]
) -> dict[str, str]:
    event_on, on = date.fromisoformat(row["event_on"]), date.fromisoformat(row["referred_on"])
    deed = Deed(tuple(row["acts"].split()), event_on, row["employment"])
    official = Official(
        name="Contoh",
        position=row["position"],
        unit_kind=row["unit_kind"],
        agency=agencies[row["agency"]],
        employment=row["employment"],
    )
    answer, recipient = answer_for(
        deed=deed,
        official=official,
        contest=contests.get(row["contest"]),
        on=on,
        candidates=[agencies[code] for code in row["ppk_candidate"].split()],
    )
    plain = dict.fromkeys(ANSWERS, "") | {"recipient": recipient.code}
    if isinstance(answer, NoRecommendation):
        return plain | {"nothing_because": answer.value}
    to = answer.addressee
    assert to is not None
    determined = any("sesudah penetapan" in line.text for line in answer.lines)
    return plain | {
        "stage": "AFTER" if determined else "BEFORE",
        "row": answer.rule.code,
        "category": answer.rule.category,
        "class": answer.sanction_class.value,
        "second_row": answer.tracks[1].code if len(answer.tracks) > 1 else "",
        "bases": " | ".join(answer.bases),
        "types": "|".join(each.code for each in answer.types),
        "crime": " | ".join(PENALTY.sub("", each) for each in answer.criminal_articles),
        "asked": to.agency.code,
        "ppk_title": to.title,
        "conflict": "yes" if to.has_conflict else "",
        "copy_to": to.copy_title,
    }


def test_every_row_of_the_table_is_answered_cell_by_cell(agencies, contests):
    wrong = []
    for row in ROWS:
        answered = _answered(row, agencies, contests)
        wrong += [
            (row["case"], name, row[name], answered[name])
            for name in ANSWERS
            if answered[name] != row[name]
        ]

    assert wrong == []


def test_the_table_covers_every_row_of_the_decree_for_everybody():
    covered = Counter((row["row"], row["employment"]) for row in ROWS)
    today = date(2024, 10, 7)
    # DS-13a is what an officer chooses where somebody only attended: no act leads to it
    codes = {rule.code for rule in ViolationRule.objects.in_force(today)} - {"DS-13a"}

    assert len(ROWS) >= 140
    assert {
        (code, kind)
        for code in codes
        for kind in ("PNS", "PPPK", "PPNPN")
        if not covered[code, kind]
    } == set()
    assert {row["stage"] for row in ROWS} >= {"BEFORE", "AFTER"}
    assert {row["recipient"] for row in ROWS} == {"KASN", "BKN"}
    assert {row["nothing_because"] for row in ROWS} == {"", *NoRecommendation.values}


def test_every_line_of_law_names_its_article_and_how_sure_it_is(agencies, contests):
    deed = Deed(("PRESSURE_OTHERS",), date(2024, 9, 1), "PNS")
    official = Official(position="Camat", agency=agencies["R-33.08"], employment="PNS")

    answer, _body = answer_for(
        deed=deed, official=official, contest=contests["pilkada-2024-pb"], on=date(2024, 10, 7)
    )

    assert not isinstance(answer, NoRecommendation)
    lines = [
        (line.text.split(":")[0], bool(line.article), line.confidence) for line in answer.lines
    ]
    assert lines == [
        ("Perbuatan", False, ""),
        ("Peristiwa 01-09-2024 sebelum penetapan calon (Pilkada 2024", True, "TWO_SOURCES"),
        ("Disiplin DS-08", True, "TWO_SOURCES"),
        ("Kode etik KE-06", True, "TWO_SOURCES"),
        ("Dua dasar berlaku bersama", True, "ONE_SOURCE"),
        ("Golongan sanksi", True, "TWO_SOURCES"),
        ("Jenis yang mungkin", True, "TWO_SOURCES"),
        ("Unsur pidana", True, "TWO_SOURCES"),
        ("PPK adalah pimpinan instansi itu sendiri.", True, ""),
        ("Penerima pada 07-10-2024", True, "TWO_SOURCES"),
    ]
