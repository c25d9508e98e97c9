"""The recommendation of a suspected breach of other law (form B.17), with a data sheet per person.

Drawn from the packet's record alone (``referrals/packets/record.py``), so a letter says what the record
holds and nothing else.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from bawaslu_cases.shared.paper_dates import long_date
from bawaslu_cases.shared.typesetter import typeset
from referrals.models import Referral
from referrals.packets.record import draft_record, numbered, record_day

TEMPLATE = "b17-1"
"""Form and edition; kept with every letter that was made from it."""
TEMPLATE_FILE = Path(__file__).resolve().with_name(f"{TEMPLATE}.typ")


def recommendation_letter(record: Mapping[str, Any]) -> bytes:
    """Return the letter of a numbered record as PDF/A-2a; the same record gives the same bytes.

    The file says of its making no more than the letter's day (check K09). No query.
    """
    day = date.fromisoformat(record["issued_on"])
    return typeset(TEMPLATE_FILE, letter_words(record), at=datetime.combine(day, time(), UTC))


def letter_data(*, referral: Referral, number: str, at: datetime) -> dict[str, Any]:
    """Return what the letter of a referral would say if it were issued at ``at``. Three queries."""
    day = record_day(referral, at)
    draft = draft_record(referral=referral, on=day)
    return letter_words(numbered(draft, number=number, on=day))


def letter_words(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a numbered record with its days in words, as the template reads it. Pure."""
    minutes = record.get("minutes")
    return {
        **record,
        "letterhead": record["office"],
        "day": _words_of(record["issued_on"]),
        "minutes_day": _words_of(minutes["decided_on"]) if minutes else "",
        "people": [
            {
                **person,
                "allegations": [
                    {**alleged, "event": _words_of(alleged["event_on"])}
                    for alleged in person["allegations"]
                ],
            }
            for person in record["people"]
        ],
    }


def _words_of(day: str) -> str:
    return long_date(date.fromisoformat(day))
