"""Forms B.1 to B.21 as papers: a template of one edition, filled with what a selector put together.

Here is only paper: what a form may say stands in ``rules/document_forms.py``, the words come from
``selectors/document_data.py``.
"""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bawaslu_cases.shared.paper_dates import long_date
from bawaslu_cases.shared.typesetter import pictures, typeset

FOLDER = Path(__file__).resolve().parent
PREVIEW_PPI = 84
"""Dots per inch of the preview's pictures: readable at the width of the desk's page."""


def form_paper(
    *, template: str, data: Mapping[str, Any], number: str, on: date, draft: bool, at: datetime
) -> bytes:
    """Return one form as PDF/A-2a. The same input gives the same bytes. No query.

    Raises typst.TypstError for a template that asks for what the data does not hold.
    """
    return typeset(_file(template), _told(template, data, number, on, draft=draft), at=at)


def form_pictures(
    *, template: str, data: Mapping[str, Any], number: str, on: date, draft: bool
) -> list[bytes]:
    """Return a PNG of each page of the same form, for a page that shows it before it is printed."""
    told = _told(template, data, number, on, draft=draft)
    return pictures(_file(template), told, ppi=PREVIEW_PPI)


def _told(
    template: str, data: Mapping[str, Any], number: str, on: date, *, draft: bool
) -> dict[str, Any]:
    return {
        **data,
        "edition": template.rpartition("-")[2],
        "number": number,
        "day": long_date(on),
        "draft": draft,
    }


def _file(template: str) -> Path:
    return FOLDER / f"{template}.typ"
