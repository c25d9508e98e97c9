"""CSV for spreadsheets, in which no cell can be a formula."""

import csv
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
BYTE_ORDER_MARK = "\ufeff"
"""Without it a spreadsheet on Windows reads UTF-8 as something else."""


def safe_cell(value: object) -> str:
    """Return a cell's text; what a spreadsheet would run as a formula begins with an apostrophe.

    Blanks before the sign do not help it: spreadsheets trim them. Numbers we count are cells too, and a
    negative one would be told as text.
    """
    text = "" if value is None else str(value).replace("\x00", "")
    begins = text.lstrip(" \u00a0\ufeff")
    return f"'{text}" if begins.startswith(_BEGINS_A_FORMULA) else text


def csv_download(
    *, stem: str, head: Sequence[object], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """Return a CSV file as an attachment with an ASCII name of our own, every cell safe."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{stem}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    response.write(BYTE_ORDER_MARK)
    writer = csv.writer(response)
    writer.writerow([safe_cell(name) for name in head])
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
    return response
