"""Contests and their phases."""

import datetime as dt

from bawaslu_cases.registry.models import (
    Contest,
    ContestPhase,
    ElectionCode,
    PhaseKind,
    Regime,
    Region,
    RegionKind,
    Stage,
)
from bawaslu_cases.registry.remembered import remembered

_FAR = 10**6
# Counting goes on for five weeks (Pemilu 2024: 35 days); until then events still concern that vote.
_COUNTING = dt.timedelta(days=40)


@remembered
def contest_for(
    *, on: dt.date, regime: str | None = None, region: Region | None = None
) -> Contest | None:
    """Return the contest an event of that day most likely belongs to; an officer may choose another.

    A contest held for the region alone comes first, then one still to be voted on or counted,
    then the one whose voting day is nearest. In a Pilkada the region decides between governor,
    bupati and wali kota; in a Pemilu the legislative election is taken, whose candidates are
    determined first. Two queries, none when remembered.
    """
    running = Contest.objects.running(on).prefetch_related("regions")
    if regime:
        running = running.filter(regime=regime)
    places = {region.pk, region.parent_id} if region is not None else set()

    def fits(contest: Contest) -> bool:
        limited_to = {place.pk for place in contest.regions.all()}
        return not limited_to or bool(limited_to & places)

    def order(contest: Contest) -> tuple[bool, bool, int, int, str]:
        voting_on = contest.voting_on
        return (
            not contest.regions.all(),
            voting_on is not None and voting_on + _COUNTING < on,
            abs((voting_on - on).days) if voting_on else _FAR,
            _code_distance(contest, region),
            contest.code,
        )

    return min((contest for contest in running if fits(contest)), key=order, default=None)


def _code_distance(contest: Contest, region: Region | None) -> int:
    """Return 0 for the likeliest kind of election in the region, more for the others."""
    if contest.regime == Regime.PEMILU:
        likeliest = ElectionCode.PL
    elif region is None or region.kind == RegionKind.PROVINCE or not region.is_autonomous:
        likeliest = ElectionCode.PG
    elif region.kind == RegionKind.KABUPATEN:
        likeliest = ElectionCode.PB
    else:
        likeliest = ElectionCode.PW
    return int(contest.election_code != likeliest)


def phase_on(contest: Contest, on: dt.date) -> ContestPhase | None:
    """Return the narrowest phase that contains the day, for example the campaign. One query."""
    containing = [
        phase
        for phase in contest.phases.all()
        if phase.starts_on <= on and (phase.ends_on is None or on <= phase.ends_on)
    ]
    return min(
        containing,
        key=lambda phase: ((phase.ends_on or dt.date.max) - phase.starts_on, phase.kind),
        default=None,
    )


@remembered
def _determined(contest: Contest) -> list[tuple[dt.date, dt.date]]:
    """Return the stretches in which candidates stood determined, in order. One query."""
    return sorted(
        (phase.starts_on, phase.ends_on or dt.date.max)
        for phase in contest.phases.all()
        if phase.kind == PhaseKind.DETERMINED
    )


def determination_before(contest: Contest, on: dt.date) -> dt.date | None:
    """Return the day candidates were determined, when the event comes on or after it.

    One query, none when remembered.

    Candidates may lose that standing for a while (a repeat election): between two stretches of
    DETERMINED there is no determined candidate. After the last stretch the answer stays.
    """
    stretches = _determined(contest)
    for number, (first, last) in enumerate(stretches, start=1):
        if first <= on and (on <= last or number == len(stretches)):
            return first
    return None


def is_after_determination(contest: Contest, on: dt.date) -> bool:
    """Whether candidates stood determined on the day; the day of determination counts. One query.

    It decides between ethics and discipline (SKB 2022 Lampiran II), by the day of the event,
    never of the report.
    """
    return determination_before(contest, on) is not None


def stage_on(contest: Contest | None, on: dt.date) -> Stage:
    """Return the stage an event falls in. Outside any contest nobody is determined. At most one query."""
    if contest is not None and is_after_determination(contest, on):
        return Stage.AFTER_DETERMINATION
    return Stage.BEFORE_DETERMINATION
