"""The ladder as a table: six rungs, whom each addresses, what it rests on, from when it is counted.

How many working days lie between two rungs is a row of the registry for each (TimeLimit, code
``rung_…``), with its source: no text found sets them, so all are proposals that two people may change.
The first rung is counted from the PPK's last day, each other from the day the one before was taken, so
whoever is addressed always has those days, also after an outage.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bawaslu_cases.registry.models import AgencyKind, TimeLimit
from bawaslu_cases.shared.working_days import Unit, WorkingCalendar, count_days
from referrals.states import Rung


class Addressee(StrEnum):
    """Whom a rung's letter goes to."""

    PPK = "ppk"
    RECIPIENT = "recipient"
    MINISTER = "minister"


@dataclass(frozen=True)
class RungRule:
    """One row: the registry's limit, the addressee, and the article that lets Bawaslu write."""

    limit: str
    addressee: Addressee
    article: str


LADDER: Mapping[Rung, RungRule] = {
    Rung.REMINDER_1: RungRule("rung_reminder_1", Addressee.PPK, "Perbawaslu 7/2022 ps 60"),
    Rung.REMINDER_2: RungRule("rung_reminder_2", Addressee.PPK, "Perbawaslu 7/2022 ps 60"),
    Rung.WARNING: RungRule("rung_warning", Addressee.RECIPIENT, "Perpres 116/2022 ps 19"),
    Rung.DATA_BLOCK: RungRule(
        "rung_data_block", Addressee.RECIPIENT, "Perpres 116/2022 ps 19; Peraturan BKN 1/2023"
    ),
    Rung.HOME_AFFAIRS: RungRule("rung_home_affairs", Addressee.MINISTER, "UU 23/2014 ps 373"),
    Rung.PUBLICATION: RungRule("rung_publication", Addressee.PPK, "UU 14/2008 ps 9"),
}

_LOCAL = frozenset({AgencyKind.PROVINCE, AgencyKind.KABUPATEN, AgencyKind.KOTA})
HOME_AFFAIRS_TITLE = "Menteri Dalam Negeri"
# Home Affairs supervises local governments; of a ministry or body the reform ministry is told.
REFORM_TITLE = "Menteri Pendayagunaan Aparatur Negara dan Reformasi Birokrasi"


def rung_after(reached: int) -> Rung | None:
    """Return the next rung, or None after the last."""
    return Rung(reached + 1) if reached < max(Rung) else None


def addressee_of(rung: Rung, *, ppk_title: str, recipient: str, agency_kind: str) -> str:
    """Return to whom the letter of a rung is addressed, in words."""
    rule = LADDER[rung]
    if rule.addressee is Addressee.PPK:
        return ppk_title
    if rule.addressee is Addressee.RECIPIENT:
        return f"Pimpinan {recipient}"
    return HOME_AFFAIRS_TITLE if agency_kind in _LOCAL else REFORM_TITLE


def rung_day(*, anchor: date, limit: TimeLimit, calendar: WorkingCalendar) -> date:
    """Return the day on which a rung is due: ``limit`` days after ``anchor``, which is day 0."""
    count = count_days(start=anchor, days=limit.value, unit=Unit(limit.unit), calendar=calendar)
    if count.due_on is None:
        raise ValueError("a count without a pause has an end")
    return count.due_on


def is_working_day(day: date, calendar: WorkingCalendar) -> bool:
    """Say whether letters go out on the day at an office with this calendar."""
    return day.weekday() < 5 and day not in calendar.days_off  # noqa: PLR2004 -- Saturday
