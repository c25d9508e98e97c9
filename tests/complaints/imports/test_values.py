"""Heads, days, codes and what is wrong with a cell."""

from datetime import date

import pytest

from complaints.imports.columns import BY_NAME, guessed, is_kept_out
from complaints.imports.values import PROBLEMS, Problem, Words, read_day, read_row

WORDS = Words(
    acts={"pressure others": "PRESSURE_OTHERS", "ikut kampanye": "CAMPAIGN"},
    regions={"33 08": "33.08", "kab magelang": "33.08", "magelang": "33.08"},
    agencies={"pemerintah kabupaten magelang": "R-33.08"},
    own_region="33",
    office="33",
    today=date(2024, 10, 7),
)
CELLS = {"name": "Contoh Lama", "event_on": "5-10-2019", "act": "Ikut Kampanye"}


def problems(**changes: str) -> list[tuple[str, str]]:
    return [(each.column, each.code) for each in read_row(CELLS | changes, WORDS).problems]


def test_heads_are_recognised_by_their_words():
    heads = [
        "No",
        "NO. REG",
        "Tgl. Kejadian",
        "Nama ASN Terlapor",
        "NIP/NRP",
        "Jabatan Terlapor",
        "Asal Instansi",
        "Bentuk Dugaan Pelanggaran",
        "Kabupaten/Kota",
        "Tempat Kejadian",
        "Status Penanganan",
        "Tindak Lanjut",
        "Uraian Singkat",
        "Nama Pelapor",
        "NIK",
    ]

    assert guessed(heads) == [
        "",
        "register_number",
        "event_on",
        "name",
        "nip",
        "position",
        "agency",
        "act",
        "region",
        "place",
        "standing",
        "outcome",
        "description",
        "",
        "",
    ]


def test_each_column_once_and_what_was_chosen_before_first():
    assert guessed(["Nama", "Nama Terlapor"]) == ["", "name"]
    assert guessed(["Nama", "Ket"], {"ket": "name", "nama": ""}) == ["", "name"]


@pytest.mark.parametrize(
    "head", ["Pelapor", "Nama Pelapor/Penemu", "Saksi", "No HP", "NIK", "Alamat pelapor"]
)
def test_who_reported_is_kept_out_whatever_was_chosen(head):
    assert is_kept_out(head)
    assert guessed([head], {head.casefold(): "name"}) == [""]


@pytest.mark.parametrize("head", ["Nama Terlapor", "Dilaporkan pada", "Nomor Laporan"])
def test_who_was_reported_is_not(head):
    assert not is_kept_out(head)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2019-10-05", date(2019, 10, 5)),
        ("2019-10-05 08:30:00", date(2019, 10, 5)),
        ("5/10/2019", date(2019, 10, 5)),
        ("05.10.19", date(2019, 10, 5)),
        ("5 Oktober 2019", date(2019, 10, 5)),
        ("Sabtu, 5 Okt 2019", date(2019, 10, 5)),
        ("1-Agt-99", date(1999, 8, 1)),
        ("31/02/2019", None),
        ("10/2019", None),
        ("kemarin", None),
        ("5 Brumaire 2019", None),
    ],
)
def test_days_as_people_write_them(text, day):
    assert read_day(text) == day


def test_a_row_in_our_codes():
    row = read_row(
        CELLS
        | {
            "nip": "19700101 200001 1 904",
            "region": "KAB. MAGELANG",
            "standing": "Tuntas",
            "agency": "Dinas Rakaan",
            "description": " dua\n baris ",
        },
        WORDS,
    ).row

    assert row is not None
    assert (row.act, row.region, row.standing) == ("CAMPAIGN", "33.08", "closed")
    assert row.nip == "197001012000011904"
    assert (row.agency, row.agency_text, row.description) == ("", "Dinas Rakaan", "dua\n baris")


def test_a_row_without_region_lies_in_the_offices_own():
    row = read_row(CELLS, WORDS).row

    assert row is not None
    assert (row.region, row.standing) == ("33", "unknown")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"name": ""}, [("name", "nobody")]),
        ({"event_on": ""}, [("event_on", "no_day")]),
        ({"event_on": "8/10/2024"}, [("event_on", "future")]),
        ({"event_on": "8/10/1924"}, [("event_on", "old")]),
        ({"event_on": "entah"}, [("event_on", "day")]),
        ({"act": ""}, [("act", "missing")]),
        ({"act": "menari"}, [("act", "act")]),
        ({"region": "Bali"}, [("region", "region")]),
        ({"nip": "1234"}, [("nip", "nip")]),
        ({"nip": "1,97001E+17"}, [("nip", "rounded")]),
        ({"standing": "entah"}, [("standing", "standing")]),
        ({"place": "x" * 201}, [("place", "long")]),
        ({"act": "#REF!"}, [("act", "broken")]),
        (
            {"name": "", "act": "", "event_on": ""},
            [("name", "nobody"), ("event_on", "no_day"), ("act", "missing")],
        ),
    ],
)
def test_everything_wrong_with_a_row_is_told_at_once(changes, found):
    assert problems(**changes) == found


def test_every_problem_has_words_and_every_column_a_label():
    assert all(str(words) for words in PROBLEMS.values())
    assert Problem("act", "act").code in PROBLEMS
    assert all(str(column.label) for column in BY_NAME.values())


def test_the_key_is_the_same_for_the_same_row_and_another_for_another_office():
    key = read_row(CELLS, WORDS).row.key  # type: ignore[union-attr]
    again = read_row(CELLS | {"name": " contoh  LAMA ", "event_on": "2019-10-05"}, WORDS).row
    other = read_row(CELLS | {"name": "Contoh Lain"}, WORDS).row
    elsewhere = Words(**(vars(WORDS) | {"office": "51"}))

    assert again is not None
    assert again.key == key
    assert other is not None
    assert other.key != key
    assert read_row(CELLS, elsewhere).row.key != key  # type: ignore[union-attr]
