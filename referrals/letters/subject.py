"""The letter that answers a data subject's request: what is held on them, or why it is refused.

From the approved content alone, which is an allow-list (``selectors/subject_data``). The secretariat gives
the letter its number.
"""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils import translation

from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.paper_dates import long_date
from bawaslu_cases.shared.typesetter import typeset
from referrals.models import SubjectRequest
from referrals.states import GROUND_ARTICLES, SubjectGround, SubjectKind

TEMPLATE_FILE = Path(__file__).resolve().with_name("subject-1.typ")


def subject_letter(
    *, request: SubjectRequest, record: Mapping[str, Any], reason: str, on: date, at: datetime
) -> bytes:
    """Return the letter as PDF/A-2a; the same request, record and day give the same bytes.

    ``reason`` is the officer's own, for a refusal. No query when the office's region was selected.
    """
    office: Office = request.office
    with translation.override("id"):
        kind = str(SubjectKind(request.kind).label)
        ground = str(SubjectGround(request.ground).label) if request.ground else ""
    data = {
        "office": office.name,
        "place": office.region.short_name if office.region else "Jakarta",
        "day": long_date(on),
        "name": request.name,
        "kind": kind,
        "received": long_date(request.received_at.date()),
        "ground": ground,
        "article": GROUND_ARTICLES[SubjectGround(request.ground)] if request.ground else "",
        "reason": reason,
        "record": with_dates(record),
    }
    return typeset(TEMPLATE_FILE, data, at=at)


def with_dates(value: Any) -> Any:
    """Return the record with its days as people read them."""
    if isinstance(value, Mapping):
        return {key: with_dates(part) for key, part in value.items()}
    if isinstance(value, list):
        return [with_dates(part) for part in value]
    if isinstance(value, str) and len(value) == len("2024-10-07"):
        try:
            return long_date(date.fromisoformat(value))
        except ValueError:
            return value
    return value
