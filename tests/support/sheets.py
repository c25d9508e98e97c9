"""Spreadsheets of an invented old register, made for tests."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

HEADS = (
    "No",
    "No. Register",
    "Tgl Kejadian",
    "Nama Terlapor",
    "NIP",
    "Jabatan",
    "Instansi",
    "Bentuk Pelanggaran",
    "Kab/Kota",
    "Lokasi",
    "Status",
    "Nama Pelapor",
)
GOOD = (
    "1",
    "001/TM/2019",
    "5 Oktober 2019",
    "Contoh Lamasari",
    "196501011990011001",
    "Camat",
    "Pemerintah Kabupaten Magelang",
    "PRESSURE_OTHERS",
    "Kab. Magelang",
    "Balai Desa",
    "Selesai",
    "Rahasia Sumberwati",
)
"""A row without fault; its last cell names a reporter and must appear nowhere."""
BAD = ("2", "002", "31-02-2019", "", "12345", "", "", "menari", "Bali", "", "entah", "")


def rows(number: int) -> list[tuple[str, ...]]:
    """Return so many good rows, each another."""
    return [
        (str(at), f"{at:03}/TM/2019", *GOOD[2:3], f"Contoh Lama {at}", "", *GOOD[5:])
        for at in range(1, number + 1)
    ]


def workbook(
    lines: Sequence[Sequence[Any]], *, heads: Sequence[str] = HEADS, above: Sequence[str] = ()
) -> bytes:
    """Return an XLSX file; ``above`` are title rows over the head."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for title in above:
        sheet.append([title])
    sheet.append(list(heads))
    for line in lines:
        sheet.append(list(line))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def comma_file(
    lines: Sequence[Sequence[str]],
    *,
    heads: Sequence[str] = HEADS,
    separator: str = ";",
    encoding: str = "utf-8",
) -> bytes:
    """Return a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(heads)
    writer.writerows(lines)
    return text.getvalue().encode(encoding)
