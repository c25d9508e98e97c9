"""What the public form asks the reference data. Remembered by the process: every page asks it again."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import (
    ActGroup,
    Agency,
    LimitUnit,
    Office,
    RecipientBody,
    Region,
    RegionKind,
)
from bawaslu_cases.registry.remembered import remembered
from bawaslu_cases.shared.working_days import Unit, count_days
from complaints.deadlines import DEFAULT_REGIME, REPORT_WINDOW

Choice = tuple[str, str]
Grouped = list[tuple[str, list[Choice]]]


def acts_for_reporters() -> Grouped:
    """Return the acts a reporter can tick as (heading, [(code, label)]). One query at most."""
    acts = [act for act in registry.acts_by_code().values() if act.is_public]
    return [
        (str(ActGroup(group).label), [(act.code, act.label) for act in members])
        for group, members in groupby(acts, key=lambda act: act.group)
    ]


def social_media_acts() -> frozenset[str]:
    """Return the codes of acts that happen on social media. One query at most."""
    return frozenset(
        code for code, act in registry.acts_by_code().items() if act.group == ActGroup.SOCIAL_MEDIA
    )


@remembered
def provinces() -> list[Choice]:
    """Return (code, province), by name. One query at most."""
    return list(
        Region.objects.filter(kind=RegionKind.PROVINCE).order_by("name").values_list("code", "name")
    )


@remembered
def _regencies() -> dict[str, Region]:
    """Return every regency and city by code, by name. One query."""
    return {region.code: region for region in Region.objects.regencies().order_by("name")}


def regencies_of(province: str) -> list[Choice]:
    """Return (code, regency or city) of a province, by name. One query at most."""
    return [
        (code, region.name.replace("Kabupaten ", "Kab. ", 1))
        for code, region in _regencies().items()
        if code.startswith(f"{province[:2]}.")
    ]


@remembered
def offices_near(region: Region) -> list[tuple[int, str]]:
    """Return (id, name) of the regency's and the province's Bawaslu office. One query at most.

    These may be kept from a report. Bawaslu RI may not: somebody has to handle it.
    """
    return list(
        Office.objects.filter(region__code__in=[region.code, region.province_code])
        .order_by("-path")
        .values_list("pk", "name")
    )


def regency(code: str) -> Region | None:
    """Return the regency or city of a code, or None. One query at most."""
    return _regencies().get(code)


def agencies_named(names: list[str], *, on: date) -> dict[str, Agency]:
    """Return typed name → agency for the names that fit exactly, but for capitals. One query at most."""
    typed = [name for name in names if name.strip()]
    if not typed:
        return {}
    known = registry.agencies_by_name(on)
    found = {name: known.get(registry.folded(name)) for name in typed}
    return {name: agency for name, agency in found.items() if agency is not None}


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
    """Return how much of the seven days since ``known_on`` is left. Six queries, none when remembered.

    Which law's days count follows from the contest on the day of the event. It tells and decides
    nothing, so a calendar that is a minute old will do.
    """
    contest = registry.contest_for(on=event_on or known_on, region=region)
    limit = registry.time_limit(
        code=REPORT_WINDOW, regime=contest.regime if contest else DEFAULT_REGIME, on=known_on
    )
    count = count_days(
        start=known_on,
        days=limit.value,
        unit=Unit(limit.unit),
        calendar=registry.calendar_at_hand(office=registry.province_office(region=region)),
    )
    assert count.due_on is not None  # noqa: S101 -- None only while a pause is open
    return ReportWindow(
        due_on=count.due_on,
        days_left=sum(1 for day in count.days if day.counted and day.date > today),
        is_working_days=limit.unit == LimitUnit.WORKING_DAY,
        is_over=today > count.due_on,
    )
