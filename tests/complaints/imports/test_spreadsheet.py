"""What a file of an office is read as, and what is refused before it can do harm."""

import io
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from complaints.imports import spreadsheet
from complaints.imports.spreadsheet import UnreadableSheetError, read_sheet
from tests.support.sheets import GOOD, HEADS, comma_file, rows, workbook


def refused(content: bytes) -> str:
    with pytest.raises(UnreadableSheetError) as caught:
        read_sheet(content)
    return caught.value.code


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_every_encoding_and_separator_reads_the_same(separator, encoding):
    line = ("1", "", "5/10/2019", "José Contoh, S.H.", *GOOD[4:])

    sheet = read_sheet(comma_file([line], separator=separator, encoding=encoding))

    assert sheet.heads == list(HEADS)
    assert sheet.rows == [(2, list(line))]


def test_quoted_line_breaks_and_a_sep_line():
    sheet = read_sheet(b'sep=;\r\nNama;Uraian\r\n"Contoh";"satu\r\ndua; tiga"\r\n')

    assert sheet.rows == [(2, ["Contoh", "satu\r\ndua; tiga"])]


def test_the_head_is_found_below_titles_and_rows_keep_their_numbers():
    content = workbook([GOOD, (), GOOD], above=("REKAP TEMUAN", "TAHUN 2019"))

    sheet = read_sheet(content)

    assert sheet.head_at == 3
    assert [number for number, _cells in sheet.rows] == [4, 6]


def test_dates_numbers_and_truth_become_text():
    line = (1, 2.5, datetime(2019, 10, 5), date(2019, 10, 6), 197001012000011904, True, None, "x")

    ((number, cells),) = read_sheet(
        workbook([line], heads=("Nama", "b", "c", "d", "e", "f", "g", "h"))
    ).rows

    assert number == 2
    assert cells == ["1", "2.5", "2019-10-05", "2019-10-06", "1.97001012000012E+17", "ya", "", "x"]


def test_a_formula_is_never_evaluated():
    content = workbook(
        [("=1+1", '=WEBSERVICE("http://contoh.id/")', "Contoh")], heads=("a", "b", "Nama")
    )

    assert read_sheet(content).rows == [(2, ["", "", "Contoh"])]


def test_the_first_sheet_that_shows_and_holds_something():
    book = Workbook()
    hidden = book.active
    assert hidden is not None
    hidden.append(["Nama"])
    hidden.append(["Tersembunyi"])
    hidden.sheet_state = "hidden"
    book.create_sheet("kosong")
    shown = book.create_sheet("isi")
    shown.append(["Nama"])
    shown.append(["Contoh"])
    made = io.BytesIO()
    book.save(made)

    assert read_sheet(made.getvalue()).rows == [(2, ["Contoh"])]


def test_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 3)

    assert len(read_sheet(workbook(rows(3))).rows) == 3
    assert refused(workbook(rows(4))) == "too_many_rows"
    assert refused(comma_file(rows(4))) == "too_many_rows"
    assert refused(comma_file([["x"] * 90])) == "too_many_columns"
    assert refused(b"a" * (20 * 1024 * 1024 + 1)) == "too_large"


def bomb(size: int) -> bytes:
    made = io.BytesIO(workbook([GOOD]))
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/big", b"\0" * size)
    return made.getvalue()


def test_a_zip_bomb_is_refused_by_what_it_says_it_unpacks_to():
    content = bomb(100 * 1024 * 1024)

    assert len(content) < 200_000
    assert refused(content) == "too_large"


def test_an_archive_that_lies_about_its_size_is_refused():
    content = bytearray(workbook([GOOD] * 50))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    content = bytearray(
        bytes(content).replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))
    )

    assert refused(bytes(content)) == "not_a_sheet"


def test_entities_are_refused():
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([GOOD]))) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                content = content.replace(
                    b"<worksheet",
                    b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet',
                    1,
                )
            new.writestr(entry.filename, content)

    assert refused(made.getvalue()) == "not_a_sheet"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_format"),
        (b"%PDF-1.7 ...", "not_a_sheet"),
        (b"PK\x03\x04 no archive at all", "not_a_sheet"),
        (b"", "empty"),
        (b"\r\n;;;\r\n", "empty"),
        (b"Nama;NIP\r\n", "empty"),
    ],
)
def test_what_is_no_register(content, code):
    assert refused(content) == code


@given(st.binary(max_size=400))
def test_whatever_bytes_come_they_are_read_or_refused(content):
    for start in (b"", b"PK\x03\x04"):
        try:
            sheet = read_sheet(start + content)
        except UnreadableSheetError:
            continue
        assert sheet.rows
