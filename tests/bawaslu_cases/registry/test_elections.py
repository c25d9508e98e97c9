import datetime as dt

import pytest

from bawaslu_cases.registry.models import Contest, ContestPhase, PhaseKind, Region
from bawaslu_cases.registry.selectors import (
    contest_for,
    determination_before,
    is_after_determination,
    phase_on,
    stage_on,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("on", "regime", "region", "code"),
    [
        ("2018-12-16", "PEMILU", "76", "pemilu-2019-pl"),
        ("2024-01-20", "PEMILU", "32.75", "pemilu-2024-pl"),
        ("2020-02-15", "PILKADA", "74.07", "pilkada-2020-pb"),
        ("2024-10-07", "PILKADA", "33.08", "pilkada-2024-pb"),
        ("2024-10-07", "PILKADA", "33.71", "pilkada-2024-pw"),
        ("2024-10-07", "PILKADA", "33", "pilkada-2024-pg"),
        ("2024-10-07", "PILKADA", "31.71", "pilkada-2024-pg"),  # no election of its own
        ("2024-10-07", "PILKADA", None, "pilkada-2024-pg"),
        ("2025-03-12", "PILKADA", "32.06", "pilkada-2024-pb"),  # repeat voting
        ("2025-08-08", "PILKADA", "19.71", "pilkada-ulang-2025-pw"),
        ("2025-08-08", "PILKADA", "19.01", "pilkada-ulang-2025-pb"),
        ("2024-01-30", None, "33.08", "pemilu-2024-pl"),  # both run: the nearer vote
        ("2024-03-15", None, "33.08", "pemilu-2024-pl"),  # still counting
        ("2024-05-10", None, "33.08", "pilkada-2024-pb"),
        ("2028-01-01", None, "33.08", "pemilu-2029-pl"),
    ],
)
def test_the_contest_of_a_day(django_assert_num_queries, on, regime, region, code):
    place = Region.objects.get(code=region) if region else None

    with django_assert_num_queries(2):
        contest = contest_for(on=dt.date.fromisoformat(on), regime=regime, region=place)

    assert contest is not None
    assert contest.code == code


@pytest.mark.parametrize("on", [dt.date(2013, 1, 1), dt.date(2026, 5, 1)])
def test_outside_all_stages_there_is_no_contest(on: dt.date):
    assert contest_for(on=on) is None


@pytest.mark.parametrize(
    ("contest", "on", "expected"),
    [
        ("pilkada-2024-pb", "2024-09-21", False),
        ("pilkada-2024-pb", "2024-09-22", True),
        ("pilkada-2020-pb", "2020-09-22", False),
        ("pilkada-2020-pb", "2020-09-23", True),
        ("pemilu-2024-pl", "2023-11-02", False),
        ("pemilu-2024-pl", "2023-11-03", True),
        ("pemilu-2024-pp", "2023-11-12", False),
        ("pemilu-2024-pp", "2023-11-13", True),
        ("pilkada-ulang-2025-pw", "2025-07-21", False),
        ("pilkada-ulang-2025-pw", "2025-07-22", True),
        ("pilkada-2024-pb", "2026-03-01", True),  # long after: the answer stays
    ],
)
def test_the_day_of_determination_is_after(django_assert_num_queries, contest, on, expected):
    row = Contest.objects.get(code=contest)

    with django_assert_num_queries(1):
        answer = is_after_determination(row, dt.date.fromisoformat(on))

    assert answer is expected


def test_between_two_determinations_nobody_is_a_candidate():
    contest = Contest.objects.get(code="pilkada-2024-pb")
    ContestPhase.objects.filter(contest=contest, kind=PhaseKind.DETERMINED).update(
        ends_on=dt.date(2025, 1, 31)
    )
    ContestPhase.objects.create(
        contest=contest,
        kind=PhaseKind.DETERMINED,
        starts_on=dt.date(2025, 3, 1),
        confidence="BACKGROUND",
    )

    days = [dt.date(2025, 1, 31), dt.date(2025, 2, 1), dt.date(2025, 3, 1)]

    assert [determination_before(contest, day) for day in days] == [
        dt.date(2024, 9, 22),
        None,
        dt.date(2025, 3, 1),
    ]


@pytest.mark.parametrize(
    ("on", "kind"),
    [
        ("2024-05-01", PhaseKind.PREPARATION),
        ("2024-08-28", PhaseKind.REGISTRATION),
        ("2024-09-23", PhaseKind.DETERMINED),
        ("2024-10-07", PhaseKind.CAMPAIGN),
        ("2024-11-25", PhaseKind.QUIET_PERIOD),
        ("2024-11-27", PhaseKind.VOTING),
        ("2024-12-01", PhaseKind.RECAPITULATION),
        ("2025-04-19", PhaseKind.REPEAT_VOTING),
    ],
)
def test_the_narrowest_phase_answers(django_assert_num_queries, on, kind):
    contest = Contest.objects.get(code="pilkada-2024-pb")

    with django_assert_num_queries(1):
        phase = phase_on(contest, dt.date.fromisoformat(on))

    assert phase is not None
    assert phase.kind == kind


def test_phase_outside_the_contest_is_none():
    assert phase_on(Contest.objects.get(code="pilkada-2024-pb"), dt.date(2023, 1, 1)) is None


def test_without_a_contest_nobody_is_determined(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert stage_on(None, dt.date(2026, 5, 1)) == "BEFORE_DETERMINATION"


def test_phases_lie_inside_their_contest():
    outside = [
        f"{phase.contest.code} {phase}"
        for phase in ContestPhase.objects.select_related("contest")
        if phase.starts_on < phase.contest.starts_on
        or (phase.contest.ends_on and (phase.ends_on or dt.date.max) > phase.contest.ends_on)
    ]

    assert outside == []


def test_every_contest_with_a_voting_day_votes_on_it():
    votes = {
        contest.code: phase.kind if (phase := phase_on(contest, contest.voting_on)) else None
        for contest in Contest.objects.all()
        if contest.voting_on is not None
    }

    assert len(votes) == 21
    assert set(votes.values()) == {PhaseKind.VOTING}
