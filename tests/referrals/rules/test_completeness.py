"""What the gate asks for and what it lets pass; no database."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from referrals.rules.completeness import (
    CaseFacts,
    Met,
    PersonFacts,
    case_lines,
    missing,
    number_kind,
    person_lines,
)

PERSON = PersonFacts(
    who="Contoh",
    allegation=UUID(int=1),
    employment="PNS",
    name="Contoh",
    number="NIP 197001012000011904",
    position="Camat",
    grade="IV/a",
    unit="Kecamatan",
    agency="Pemerintah Kabupaten Contoh",
    event="05-10-2024",
    place="Balai desa",
    rule="DS-08",
)
CASE = CaseFacts(
    summary="Ringkasan.",
    assessment="Kajian.",
    paper="",
    copies=2,
    waiting=0,
    withheld=0,
    links=1,
    minutes="14/BA/X/2024, 07-10-2024",
)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("197001012000011904", "NIP"),
        ("19700101 200001 1 904", "NIP"),
        ("3308011505700001", "NIK"),
        ("12345", ""),
        ("", ""),
        ("tidak tahu", ""),
    ],
)
def test_a_number_is_told_by_its_length(number, kind):
    assert number_kind(number) == kind


def test_a_whole_file_lacks_nothing():
    assert missing([*person_lines(PERSON), *case_lines(CASE)]) == ()


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("name", "Contoh: nama"),
        ("number", "Contoh: NIP atau NIK"),
        ("position", "Contoh: jabatan"),
        ("grade", "Contoh: pangkat/golongan"),
        ("unit", "Contoh: unit kerja"),
        ("agency", "Contoh: instansi"),
        ("event", "Contoh: tanggal kejadian"),
        ("place", "Contoh: tempat kejadian"),
        ("rule", "Contoh: kode pelanggaran"),
    ],
)
def test_each_thing_of_a_person_stops_the_referral(field, words):
    emptied: dict[str, Any] = {field: " "}

    assert missing(person_lines(replace(PERSON, **emptied))) == (words,)


def test_non_asn_staff_have_no_grade():
    assert missing(person_lines(replace(PERSON, employment="PPNPN", grade=""))) == ()


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("summary", "ringkasan netral"),
        ("assessment", "kajian"),
        ("minutes", "berita acara pleno"),
    ],
)
def test_each_paper_of_the_case_stops_the_referral(field, words):
    emptied: dict[str, Any] = {field: ""}

    assert missing(case_lines(replace(CASE, **emptied))) == (words,)


@pytest.mark.parametrize(
    ("changes", "met", "told"),
    [
        ({}, Met.YES, "2 salinan, 1 tautan"),
        ({"waiting": 1}, Met.NO, "1 berkas belum punya salinan aman"),
        ({"copies": 0, "links": 0}, Met.NOTED, "tidak ada berkas; penerima dapat menanyakannya"),
        (
            {"withheld": 3},
            Met.YES,
            "2 salinan, 1 tautan; 3 berkas tidak ikut: ditahan, ditolak, atau diperiksa manual",
        ),
        (
            {"copies": 0, "links": 0, "withheld": 1},
            Met.NOTED,
            "0 salinan, 0 tautan; 1 berkas tidak ikut: ditahan, ditolak, atau diperiksa manual",
        ),
    ],
)
def test_evidence_without_a_safe_copy_stops_and_none_at_all_is_told(changes, met, told):
    line = next(each for each in case_lines(replace(CASE, **changes)) if each.key == "evidence")

    assert (line.met, line.told) == (met, told)


def test_what_was_sent_on_without_a_register_has_no_assessment():
    lines = case_lines(replace(CASE, summary="", assessment="", is_registered=False))

    assert missing(lines) == ()
    assert [(line.key, line.met.value) for line in lines][:2] == [
        ("summary", "noted"),
        ("assessment", "noted"),
    ]
