"""Opening an office's spreadsheet, XLSX or CSV, as rows of text. No database, nothing evaluated.

A file comes from outside even when a colleague sends it: an XLSX is a ZIP archive, so what it says it
unpacks to is added up first; XML is read without entities or DTD (defusedxml); formulas are never
evaluated, the value that the spreadsheet stored is what counts; links to other files are not followed.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from complaints.imports.columns import guessed

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 80
LONGEST_CELL = 5000
_UNPACKED_BYTES = 160 * 1024 * 1024
_ONE_FILE_BYTES = 96 * 1024 * 1024
_MOST_FILES = 2000
_BLANK_ROWS = 2000
_HEADS_LOOKED_AT = 15
_EXACT_NUMBER = 10**15
"""From here on a spreadsheet's numbers are rounded: a NIP kept as a number has lost its last digits."""
_SEPARATORS = (";", ",", "\t")


class UnreadableSheetError(Exception):
    """The file is not what can be read; ``code`` says why (words in ``rules/legacy_words``)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Sheet:
    """The rows of a file below its head, each with its number as the spreadsheet counts it."""

    heads: list[str]
    head_at: int
    rows: list[tuple[int, list[str]]]


def read_sheet(content: bytes) -> Sheet:
    """Return the first sheet that holds anything. Raises UnreadableSheetError."""
    if len(content) > MOST_BYTES:
        raise UnreadableSheetError("too_large")
    if content[:4] == b"PK\x03\x04":
        return _sheet_of(_workbook_tables(content))
    if (
        content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    ):  # a workbook of before 2007, or a locked one
        raise UnreadableSheetError("old_format")
    if content[:4] in {b"%PDF", b"\x89PNG", b"{\\rt"} or content[:2] == b"\xff\xd8":
        raise UnreadableSheetError("not_a_sheet")
    return _sheet_of([_csv_rows(decoded(content))])


def decoded(content: bytes) -> str:
    """Return the text of a CSV file: UTF-8, UTF-16 with or without its mark, else Windows-1252."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        encoding = "utf-16"
    elif content[:3] == b"\xef\xbb\xbf":
        encoding = "utf-8-sig"
    else:
        start = content[:2000]
        # In Latin text every second byte of UTF-16 is nought.
        if start and start[1::2].count(0) > len(start) // 4:
            encoding = "utf-16-le"
        elif start and start[0::2].count(0) > len(start) // 4:
            encoding = "utf-16-be"
        else:
            encoding = "utf-8"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _sheet_of(tables: Iterable[Iterator[list[str]]]) -> Sheet:
    for table in tables:
        rows: list[tuple[int, list[str]]] = []
        for number, cells in enumerate(table, start=1):
            kept = _trimmed(cells)
            if kept:
                rows.append((number, kept))
            if len(rows) > MOST_ROWS + _HEADS_LOOKED_AT:
                raise UnreadableSheetError("too_many_rows")
        if rows:
            return _below_its_head(rows)
    raise UnreadableSheetError("empty")


def _below_its_head(rows: list[tuple[int, list[str]]]) -> Sheet:
    known = [
        sum(1 for name in guessed(cells) if name) for _number, cells in rows[:_HEADS_LOOKED_AT]
    ]
    at = known.index(max(known))
    number, heads = rows[at]
    below = rows[at + 1 :]
    if not below:
        raise UnreadableSheetError("empty")
    if len(below) > MOST_ROWS:
        raise UnreadableSheetError("too_many_rows")
    if max(len(cells) for _number, cells in below) > MOST_COLUMNS or len(heads) > MOST_COLUMNS:
        raise UnreadableSheetError("too_many_columns")
    return Sheet(heads, number, below)


def _trimmed(cells: list[str]) -> list[str]:
    texts = [text.strip()[:LONGEST_CELL] for text in cells[: MOST_COLUMNS + 1]]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _csv_rows(text: str) -> Iterator[list[str]]:
    text = text.replace("\x00", "")
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first.lower().startswith("sep=") and len(first.strip()) <= len("sep=;"):
        separator = first.strip()[4:] or "\t"
        text = text.partition("\n")[2]
    else:
        separator = _separator(text)
    # A cell longer than any we keep is cut below; without a limit of its own one quote would take all.
    csv.field_size_limit(MOST_BYTES)
    try:
        yield from csv.reader(io.StringIO(text), delimiter=separator)
    except csv.Error as error:
        raise UnreadableSheetError("not_a_sheet") from error


def _separator(text: str) -> str:
    """Return the sign that cuts the first lines into most columns, the same number in most lines."""
    sample = "\n".join(text.splitlines()[:30])

    def fit(sign: str) -> tuple[int, int]:
        try:
            widths = [len(cells) for cells in csv.reader(io.StringIO(sample), delimiter=sign)]
        except csv.Error:
            return 0, 0
        wide = [width for width in widths if width > 1]
        if not wide:
            return 0, 0
        common = max(set(wide), key=lambda width: (wide.count(width), width))
        return wide.count(common), common

    return max(_SEPARATORS, key=fit)


def _workbook_tables(content: bytes) -> Iterator[Iterator[list[str]]]:
    from openpyxl import load_workbook  # noqa: PLC0415 -- memory: a web process opens no workbook

    _check_archive(content)
    with _refusing():
        book = load_workbook(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False, rich_text=False
        )
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for sheet in sheets:
        yield _workbook_rows(sheet)


def _workbook_rows(sheet: Any) -> Iterator[list[str]]:
    """Yield the rows of one sheet until it is empty for long: many are formatted to their last row."""
    with _refusing():
        # What the file says its extent is may be anything; the rows themselves are read.
        sheet.reset_dimensions()
        blank = 0
        for row in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1):
            cells = [_cell_text(value) for value in row]
            blank = 0 if any(cells) else blank + 1
            if blank > _BLANK_ROWS:
                return
            yield cells


@contextmanager
def _refusing() -> Iterator[None]:
    """Say of whatever a broken or forged workbook makes the reader stumble over that it is no sheet."""
    try:
        yield
    except (
        ArithmeticError,
        AttributeError,
        EOFError,
        LookupError,
        OSError,
        ParseError,
        RuntimeError,  # NotImplementedError of zipfile among them
        TypeError,
        ValueError,  # what defusedxml refuses among them
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise UnreadableSheetError("not_a_sheet") from error


def _check_archive(content: bytes) -> None:
    """Refuse what unpacks to more than any register: nothing is unpacked to find out."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableSheetError("not_a_sheet") from error
    if (
        len(entries) > _MOST_FILES
        or sum(entry.file_size for entry in entries) > _UNPACKED_BYTES
        or any(entry.file_size > _ONE_FILE_BYTES for entry in entries)
    ):
        raise UnreadableSheetError("too_large")
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableSheetError("locked")
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise UnreadableSheetError("not_a_sheet")


def _cell_text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, int | float):
        return _number_text(value)
    return "" if value is None else str(value)  # a day is written YYYY-MM-DD


def _number_text(value: float) -> str:
    if abs(value) >= _EXACT_NUMBER:
        return f"{value:.14E}"
    return str(int(value)) if value == int(value) else repr(value)
