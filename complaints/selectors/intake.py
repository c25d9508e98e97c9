"""What the public form asks the reference data."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import (
    ActGroup,
    ActKind,
    Agency,
    AgencyKind,
    LimitUnit,
    RecipientBody,
    Region,
    RegionKind,
)
from bawaslu_cases.shared.working_days import Unit, count_days
from complaints.deadlines import DEFAULT_REGIME, REPORT_WINDOW

Choice = tuple[str, str]
Grouped = list[tuple[str, list[Choice]]]

_SUGGESTED = (AgencyKind.MINISTRY, AgencyKind.BODY, AgencyKind.PROVINCE)


def acts_for_reporters() -> Grouped:
    """Return the acts a reporter can tick as (heading, [(code, label)]). One query."""
    acts = ActKind.objects.for_reporters()
    return [
        (str(ActGroup(group).label), [(act.code, act.label_id) for act in members])
        for group, members in groupby(acts, key=lambda act: act.group)
    ]


def social_media_acts() -> frozenset[str]:
    """Return the codes of acts that happen on social media. One query."""
    return frozenset(
        ActKind.objects.filter(group=ActGroup.SOCIAL_MEDIA).values_list("code", flat=True)
    )


def regencies_by_province() -> Grouped:
    """Return (province, [(code, regency or city)]) for a grouped select. One query."""
    rows = Region.objects.order_by("code").values_list("code", "name", "kind")
    provinces = {code: name for code, name, kind in rows if kind == RegionKind.PROVINCE}
    members: dict[str, list[Choice]] = defaultdict(list)
    for code, name, kind in rows:
        if kind != RegionKind.PROVINCE:
            members[code[:2]].append((code, name.replace("Kabupaten ", "Kab. ", 1)))
    return [(name, members[code]) for code, name in provinces.items()]


def regency(code: str) -> Region | None:
    """Return the regency or city of a code, or None. One query."""
    return Region.objects.regencies().filter(code=code).first()


def agency_suggestions(*, on: date) -> list[str]:
    """Return names of central and provincial agencies in force, to type ahead. One query.

    The 514 local governments are left out: the list would outweigh the page, and a name typed in
    full is found all the same (:func:`agencies_named`).
    """
    return list(
        Agency.objects.in_force(on)
        .filter(kind__in=_SUGGESTED)
        .order_by("short_name")
        .values_list("short_name", flat=True)
    )


def agencies_named(names: list[str], *, on: date) -> dict[str, Agency]:
    """Return typed name → agency for the names that fit exactly, but for capitals. One query."""
    wanted = {_folded(name): name for name in names if name.strip()}
    if not wanted:
        return {}
    found: dict[str, Agency] = {}
    for agency in Agency.objects.in_force(on):
        for name in (agency.name, agency.short_name):
            if _folded(name) in wanted:
                found[wanted[_folded(name)]] = agency
    return found


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def recipient_short_name(*, on: date) -> str:
    """Return how people call the body that referrals go to on a day. One query."""
    body: RecipientBody = registry.recipient_on(on)
    return body.short_name


@dataclass(frozen=True)
class ReportWindow:
    """The statutory window of a reporter: its last day and the days left, 0 on the last day."""

    due_on: date
    days_left: int
    is_working_days: bool
    is_over: bool


def report_window(
    *, region: Region, event_on: date | None, known_on: date, today: date
) -> ReportWindow:
    """Return how much of the seven days since ``known_on`` is left. Six queries.

    Which law's days count follows from the contest on the day of the event.
    """
    contest = registry.contest_for(on=event_on or known_on, region=region)
    limit = registry.time_limit(
        code=REPORT_WINDOW, regime=contest.regime if contest else DEFAULT_REGIME, on=known_on
    )
    count = count_days(
        start=known_on,
        days=limit.value,
        unit=Unit(limit.unit),
        calendar=registry.working_calendar(office=registry.province_office(region=region)),
    )
    assert count.due_on is not None  # noqa: S101 -- None only while a pause is open
    return ReportWindow(
        due_on=count.due_on,
        days_left=sum(1 for day in count.days if day.counted and day.date > today),
        is_working_days=limit.unit == LimitUnit.WORKING_DAY,
        is_over=today > count.due_on,
    )
