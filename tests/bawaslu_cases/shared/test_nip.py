"""Employee numbers: typed in many ways, masked, remarked on but never refused."""

import csv
from datetime import date

import pytest

from bawaslu_cases.shared.nip import masked_nip, nip_remark, normal_nip

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("197001012000011904", "197001012000011904"),
        ("19700101 200001 1 904", "197001012000011904"),
        ("NIP. 19700101.200001.1.904", "197001012000011904"),
        ("NIPPPK: 199207132021212945", "199207132021212945"),
        ("NI PPPK 199207132021212945", "199207132021212945"),
        ("130 123 456", "130123456"),
        ("tidak tahu", "tidak tahu"),
        ("", ""),
    ],
)
def test_numbers_are_normalised(typed, normal):
    assert normal_nip(typed) == normal


@pytest.mark.parametrize(
    ("nip", "fits", "words"),
    [
        ("197001012000011904", True, "PNS"),
        ("199207132021212945", True, "PPPK"),
        ("130123456", False, "bukan 18 angka"),
        ("197013012000011904", False, "tanggal lahir"),
        ("197001012000131904", False, "susunan"),
        ("197001012000013904", False, "susunan"),
        ("199207132018212945", False, "susunan"),
        ("197001011980011904", False, "umur"),
        ("201001012026011904", False, "umur"),
    ],
)
def test_remark_says_what_is_odd(nip, fits, words):
    remark = nip_remark(nip, on=TODAY)

    assert remark is not None
    assert (remark.fits, words in remark.text) == (fits, True)


def test_empty_number_is_not_remarked_on():
    assert nip_remark("", on=TODAY) is None


def test_mask_hides_the_middle_of_a_whole_number_only():
    assert masked_nip("197001012000011904") == "1970••••••••••1904"
    assert masked_nip("130123456") == "130123456"


def test_forms_people_type_are_normalised(shared_material):
    with (shared_material / "refdata" / "nip_valid_forms.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))

    assert [normal_nip(row["raw"]) for row in rows] == [row["normalised"] for row in rows]
