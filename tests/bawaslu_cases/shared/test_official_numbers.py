"""Official numbers against the regulation's examples and the patterns drawn from it."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bawaslu_cases.shared.official_numbers import (
    ElectionCode,
    OfficialNumberError,
    OutcomeCode,
    SourceCode,
    correction_number,
    recommendation_number,
    register_number,
    submission_number,
)

FORMATS = Path(__file__).parents[4] / "shared" / "domain" / "number_formats.json"
BUILDERS: dict[str, Any] = {
    "submission": submission_number,
    "register": register_number,
    "recommendation": recommendation_number,
    "correction": correction_number,
}
# One per form of the number, as printed in Perbawaslu 7/2022 Lampiran; the Pilkada one is real.
EXAMPLES = [
    ("001/LP/PL/Prov/02.00/IX/2022", "submission", {}),
    ("005/LP/PL/Kota/01.01/VIII/2022", "submission", {}),
    ("010/LP/PP/Kab/33.29/XII/2023", "submission", {}),
    ("003/LP/PL/Kec-Ngaliyan/14.01/I/2024", "submission", {}),
    ("002/LP/PP/PLN-KualaLumpur/Malaysia/XI/2023", "submission", {}),
    ("001/PL/PB/RI/00.00/XI/2024", "submission", {}),
    ("001/Reg/TM/PL/Prov/21.00/XII/2022", "register", {"source": "TM"}),
    ("005/Reg/LP/PL/Kab/16.28/I/2023", "register", {"source": "LP"}),
    ("001/Reg/LP/PP/PLN-Melbourne/Australia/II/2024", "register", {"source": "LP"}),
    ("009/Rekom-DPPL/TM/PP/Kab/32.04/II/2023", "recommendation", {"source": "TM"}),
    (
        "002/Terus-TPP/LP/PL/Kec-Sirimau/34.01/III/2024",
        "recommendation",
        {"source": "LP", "kind": "Terus-TPP"},
    ),
    ("001/K/LP/PL/RI/00.00/XII/2022", "correction", {"source": "LP"}),
]
MONTHS = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]
GOOD: dict[str, Any] = {
    "sequence": 1,
    "source": "TM",
    "election": "PL",
    "level": "Kab",
    "region": "16.28",
    "on": date(2023, 1, 9),
}


def parts_of(number):
    *rest, level, region, month, year = number.split("/")
    election = rest[-1]
    return {
        "sequence": int(number.split("/")[0]),
        "election": election,
        "level": level,
        "region": region,
        "on": date(int(year), MONTHS.index(month) + 1, 15),
    }


def formats():
    if not FORMATS.exists():
        pytest.skip("the reference material is not beside the checkout")
    return json.loads(FORMATS.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("number", "form", "more"), EXAMPLES, ids=lambda each: str(each)[:40])
def test_printed_example_is_written_exactly(number, form, more):
    assert BUILDERS[form](**parts_of(number), **more) == number


def test_examples_of_the_reference_file_are_covered():
    listed = {each.split(" ")[0] for each in formats()["examples"]}
    ours = {number for number, _form, _more in EXAMPLES}

    # 002/PL/PB… and 02/Reg/LP… are real numbers; the second has two digits, which we never write.
    assert listed - ours == {"002/PL/PB/Kab/16.12/X/2020", "02/Reg/LP/PB/Kab/16.12/X/2020"}
    assert (
        submission_number(
            sequence=2, election="PB", level="Kab", region="16.12", on=date(2020, 10, 1)
        )
        == "002/PL/PB/Kab/16.12/X/2020"
    )


@given(
    sequence=st.integers(1, 9999),
    election=st.sampled_from(ElectionCode),
    level=st.sampled_from(["RI", "Prov", "Kab", "Kota", "Kec-Ngaliyan", "PLN-KualaLumpur"]),
    region=st.sampled_from(["00.00", "16.28", "Papua Barat Daya", "Malaysia"]),
    on=st.dates(date(2019, 1, 1), date(2099, 12, 31)),
    source=st.sampled_from(SourceCode),
    kind=st.sampled_from(OutcomeCode),
)
def test_every_number_fits_the_pattern(sequence, election, level, region, on, source, kind):
    patterns = formats()["regex"]
    common = {
        "sequence": sequence,
        "election": election,
        "level": level,
        "region": region,
        "on": on,
    }

    assert re.fullmatch(patterns["submission"], submission_number(**common))
    assert re.fullmatch(patterns["register"], register_number(**common, source=source))
    assert re.fullmatch(
        patterns["recommendation"], recommendation_number(**common, source=source, kind=kind)
    )
    # the pattern knows codes only; provinces without one are the stated deviation
    if level in {"RI", "Prov"} and region[0].isdigit():
        assert re.fullmatch(patterns["correction"], correction_number(**common, source=source))


@pytest.mark.parametrize("month", range(1, 13))
def test_month_is_roman(month):
    number = register_number(**{**GOOD, "on": date(2023, month, 28)})

    assert number == f"001/Reg/TM/PL/Kab/16.28/{MONTHS[month - 1]}/2023"


@pytest.mark.parametrize(
    "wrong",
    [
        {"sequence": 0},
        {"sequence": 10_000},
        {"source": "XX"},
        {"election": "DPR"},
        {"level": "Desa"},
        {"level": "Kec-a/b"},
        {"region": ""},
        {"region": "1628"},
        {"region": "16.28/1"},
        {"region": "16.28\n"},
        {"on": date(1999, 1, 1)},
    ],
    ids=str,
)
def test_part_the_format_cannot_carry_is_refused(wrong):
    with pytest.raises(OfficialNumberError):
        register_number(**{**GOOD, **wrong})


def test_unknown_outcome_and_a_regency_correction_are_refused():
    with pytest.raises(OfficialNumberError, match="unknown outcome"):
        recommendation_number(**GOOD, kind="Rekom")
    with pytest.raises(OfficialNumberError, match="only RI and Prov"):
        correction_number(**GOOD)


def test_province_without_a_code_is_written_in_words():
    number = correction_number(**{**GOOD, "level": "Prov", "region": "Papua Barat Daya"})

    assert number == "001/K/TM/PL/Prov/Papua Barat Daya/I/2023"
