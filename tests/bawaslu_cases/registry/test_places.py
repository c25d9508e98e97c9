import csv
import json
from pathlib import Path

import pytest

from bawaslu_cases.registry.models import Office, OfficeLevel, Region, RegionAlias, RegionKind
from bawaslu_cases.registry.selectors import (
    office_for,
    offices_under,
    province_office,
    provinces_with_regencies,
    region_named,
)
from bawaslu_cases.registry.services.loading import DATA

pytestmark = pytest.mark.django_db

# Printed differently in Lampiran Perbawaslu 7/2022; each is told apart by hand, none by likeness.
MISPRINTED = {
    "Kabupaten Bener Meria": "Kabupaten Bener Meriah",
    "Kabupaten Bireun": "Kabupaten Bireuen",
    "Kabupaten Simeuleu": "Kabupaten Simeulue",
    "Kota Padang Sidempuan": "Kota Padangsidimpuan",
    "Kabupaten Humban Hasundutan": "Kabupaten Humbang Hasundutan",
    "Kabupaten Pakpakbgarat": "Kabupaten Pakpak Bharat",
    "Kabupaten Ogan Kemering Ulu": "Kabupaten Ogan Komering Ulu",
    "Kabupaten Kutai Kertanegara": "Kabupaten Kutai Kartanegara",
    "Kabupaten Panajam Paser Utara": "Kabupaten Penajam Paser Utara",
    "Kabupaten Bolaang Mongondown Selatan": "Kabupaten Bolaang Mongondow Selatan",
    "Kabupaten Memberamo Raya": "Kabupaten Mamberamo Raya",
    "Kabupaten Memberamo Tengah": "Kabupaten Mamberamo Tengah",
    "Kabupaten Diyai": "Kabupaten Deiyai",
}
SHORTENED = {
    "Bangka Belitung": "Kepulauan Bangka Belitung",
    "DI Yogyakarta": "Daerah Istimewa Yogyakarta",
    "Kabupaten OKU Selatan": "Kabupaten Ogan Komering Ulu Selatan",
    "Kabupaten OKU Timur": "Kabupaten Ogan Komering Ulu Timur",
    "Kabupaten Penukal Abab": "Kabupaten Penukal Abab Lematang Ilir",
    "Kabupaten Pangkep": "Kabupaten Pangkajene dan Kepulauan",
    "Kabupaten Selayar": "Kabupaten Kepulauan Selayar",
    "Kabupaten Morotai": "Kabupaten Pulau Morotai",
    "Kabupaten Kepulauan Raja Ampat": "Kabupaten Raja Ampat",
}
RENAMED = {
    "Kabupaten Toba Samosir": "Kabupaten Toba",  # PP 14/2020
    "Kabupaten Sawahlunto Sijunjung": "Kabupaten Sijunjung",  # PP 25/2008
    "Kabupaten Pontianak": "Kabupaten Mempawah",  # PP 58/2014
    "Kabupaten Mamuju Utara": "Kabupaten Pasangkayu",  # PP 61/2017
    "Kabupaten Maluku Tenggara Barat": "Kabupaten Kepulauan Tanimbar",  # PP 2/2019
    "Kabupaten Yapen Waropen": "Kabupaten Kepulauan Yapen",  # PP 40/2008
}
NO_CODE = [
    ("kota-denpasar", "merged into row 17.00 Bali in the printed table"),
    ("papua-selatan", "province of 2022, younger than the table's list"),
    ("papua-tengah", "province of 2022, younger than the table's list"),
    ("papua-pegunungan", "province of 2022, younger than the table's list"),
    ("papua-barat-daya", "province of 2022, younger than the table's list"),
]


def test_the_country_has_38_provinces_and_514_regencies():
    kinds = [
        Region.objects.provinces().count(),
        Region.objects.regencies().count(),
        Region.objects.filter(kind=RegionKind.KABUPATEN).count(),
        Region.objects.filter(kind=RegionKind.KOTA).count(),
    ]

    assert kinds == [38, 514, 416, 98]


def test_bawaslu_has_553_permanent_offices():
    levels = [Office.objects.filter(level=level).count() for level in OfficeLevel]

    assert levels == [1, 38, 514]
    assert Office.objects.count() == 553


def test_six_units_of_jakarta_are_not_autonomous():
    units = Region.objects.filter(is_autonomous=False).values_list("code", flat=True)

    assert list(units) == ["31.01", "31.71", "31.72", "31.73", "31.74", "31.75"]


def test_names_and_time_zones_agree_with_the_reference_tables(shared_material: Path):
    expected: set[tuple[str, str, str]] = set()
    for name in ("provinces.csv", "regencies.csv"):
        with (shared_material / "refdata" / name).open(encoding="utf-8") as stream:
            expected |= {
                (row["code"], row["name"], row["iana_tz"]) for row in csv.DictReader(stream)
            }

    ours = set(Region.objects.values_list("code", "name", "time_zone"))

    assert ours == expected


def test_every_office_takes_its_time_zone_from_its_region():
    differing = [
        office.code
        for office in Office.objects.select_related("region")
        if office.region and office.time_zone != office.region.time_zone
    ]

    assert differing == []


def test_every_printed_bawaslu_code_belongs_to_one_office():
    with (DATA / "bawaslu_codes.csv").open(encoding="utf-8") as stream:
        table = list(csv.DictReader(stream))

    by_code = dict(Office.objects.values_list("bawaslu_code", "region__code"))

    assert len(table) == 547
    assert {row["bawaslu_code"]: row["region"] for row in table} == {
        code: region for code, region in by_code.items() if code not in {None, "00.00"}
    }


def test_printed_names_that_differ_from_ours_are_all_explained():
    def plain(name: str) -> str:
        for word in ("Administratif", "Administrasi"):
            name = name.replace(word, "")
        return "".join(letter for letter in name.lower() if letter.isalpha())

    names = dict(Region.objects.values_list("code", "name"))
    with (DATA / "bawaslu_codes.csv").open(encoding="utf-8") as stream:
        differing = {
            row["name_as_printed"]: names[row["region"]]
            for row in csv.DictReader(stream)
            if plain(row["name_as_printed"]) != plain(names[row["region"]])
        }

    assert differing == MISPRINTED | SHORTENED | RENAMED


def test_our_copy_of_the_printed_table_is_complete(shared_material: Path):
    source = json.loads((shared_material / "domain" / "region_codes.json").read_text("utf-8"))
    with (DATA / "bawaslu_codes.csv").open(encoding="utf-8") as stream:
        ours = [(row["bawaslu_code"], row["name_as_printed"]) for row in csv.DictReader(stream)]

    assert ours == [(row["bawaslu_code"], row["name"]) for row in source["rows"]]


def test_offices_without_a_printed_code_are_five_and_known():
    without = Office.objects.filter(bawaslu_code=None).values_list("code", flat=True)

    assert sorted(without) == sorted(code for code, _why in NO_CODE)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("ri", "00.00"),
        ("jawa-tengah", "14.00"),
        ("kab-blitar", "16.12"),
        ("kab-gianyar", "17.04"),
        ("kab-pamekasan", "16.28"),
        ("kota-denpasar", "Denpasar"),
        ("papua-selatan", "Papua Selatan"),
    ],
)
def test_official_numbers_write_the_code_or_the_name(code: str, expected: str):
    assert Office.objects.get(code=code).number_region == expected


@pytest.mark.parametrize(
    ("region", "name", "level_code", "path"),
    [
        ("11", "Panwaslih Provinsi Aceh", "Prov", "00.11"),
        ("11.71", "Panwaslih Kota Banda Aceh", "Kota", "00.11.71"),
        ("33.08", "Bawaslu Kabupaten Magelang", "Kab", "00.33.08"),
    ],
)
def test_offices_carry_name_level_and_path(region: str, name: str, level_code: str, path: str):
    office = Office.objects.get(region__code=region)

    assert (office.name, office.level_code, office.path) == (name, level_code, path)


def test_scope_of_a_province_is_itself_and_its_regencies(django_assert_num_queries):
    office = Office.objects.get(path="00.34")

    with django_assert_num_queries(1):
        paths = [each.path for each in offices_under(office=office)]

    assert paths == ["00.34", "00.34.01", "00.34.02", "00.34.03", "00.34.04", "00.34.71"]


def test_scope_stops_at_the_dot():
    assert list(Office.objects.under("00.3")) == []


def test_scope_of_ri_is_everything():
    assert Office.objects.under("00").count() == 553


def test_grouped_choices_take_two_queries(django_assert_num_queries):
    with django_assert_num_queries(2):
        groups = {
            province.code: [regency.code for regency in province.children.all()]
            for province in provinces_with_regencies()
        }

    assert len(groups) == 38
    assert groups["34"] == ["34.02", "34.03", "34.01", "34.04", "34.71"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("33.08", "33.08"),
        ("Kabupaten Magelang", "33.08"),
        ("kota magelang", "33.71"),
        ("Sidrap", "73.14"),
        ("Sulsel", "73"),
        ("Kota Padang Sidempuan", "12.77"),
        ("91.12", "95.02"),  # Pegunungan Bintang before 2022
        ("96.04", "96.04"),  # given out again: the current owner wins
    ],
)
def test_a_region_is_found_by_code_name_abbreviation_and_old_code(text: str, code: str):
    region = region_named(text)

    assert region is not None
    assert region.code == code


@pytest.mark.parametrize("text", ["Magelang", "Atlantis", ""])
def test_an_ambiguous_or_unknown_region_is_not_guessed(text: str):
    assert region_named(text) is None


def test_old_codes_never_point_at_a_current_code_of_the_same_region():
    codes = dict(RegionAlias.objects.filter(kind="OLD_CODE").values_list("alias", "region__code"))

    assert len(codes) == 30
    assert [old for old, new in codes.items() if old == new] == []


def test_office_of_a_region_its_province_and_the_nation(django_assert_num_queries):
    magelang = Region.objects.get(code="33.08")

    with django_assert_num_queries(3):
        paths = [
            office_for(region=magelang).path,
            province_office(region=magelang).path,
            office_for(region=None).path,
        ]

    assert paths == ["00.33.08", "00.33", "00"]
