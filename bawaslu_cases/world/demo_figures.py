"""Invented counts for the public figures: five quarters of a large election, published by the rules.

The demo's own few records would all be hidden. Nothing here is a complaint; only numbers are made, and
what of them may be told is decided where real ones are.
"""

import datetime as dt
import random
from collections.abc import Mapping, Sequence

from referrals.models import PublishedTable
from referrals.rules.publication import (
    DELAY_DAYS,
    NATION,
    Counts,
    Places,
    last_publishable,
    months,
    months_on,
)
from referrals.selectors.figure_counts import ZONE, places
from referrals.services.figures import publish_counts

MONTHS = 17
BUSY = (9, 10, 11)
"""The months of the campaign, as calendar months before the newest: most comes then."""
WEIGHTS = {"73": 9, "74": 8, "82": 7, "52": 6, "72": 6, "33": 6, "32": 5, "35": 5, "36": 4, "12": 4}
"""Provinces that much came from in 2018 to 2020; the others weigh 0.3 to 2."""
ACTS = (("POST_SUPPORT", 30), ("LIKE_COMMENT", 22), ("ATTEND_EVENT", 14), ("PHOTO_SYMBOL", 9),
        ("PRESSURE_OTHERS", 6), ("USE_STATE_RESOURCES", 5), ("CAMPAIGN_TEAM", 5), ("OTHER", 3),
        ("DISPLAY_MATERIAL", 2), ("FAVOURING_DECISION", 2), ("ID_CARD_SUPPORT", 1))  # fmt: skip


def publish_demo_figures(now: dt.datetime) -> int:
    """Publish invented figures once; return the number of tables, 0 when there are some already."""
    if PublishedTable.objects.exists():
        return 0
    through = last_publishable(now.astimezone(ZONE).date())
    where = places()
    counts = _invented(where, through=through)
    return len(
        publish_counts(
            counts,
            where=where,
            through=through,
            on=months_on(through, 1) + dt.timedelta(days=DELAY_DAYS),
        )
    )


def _invented(where: Places, *, through: dt.date) -> Counts:
    rng = random.Random(2024)  # noqa: S311 -- an invented world, the same each time
    weight = {
        code: WEIGHTS.get(code, rng.choice((0.3, 0.5, 0.8, 1.2, 2))) for code in where.regencies
    }
    series: dict[dt.date, dict[str, int]] = {}
    acts: dict[dt.date, dict[str, int]] = {}
    regencies: dict[dt.date, dict[str, int]] = {}
    agencies: dict[dt.date, dict[str, int]] = {}
    answers: dict[dt.date, dict[str, int]] = {}
    first = months_on(through, 1 - MONTHS)
    for age, month in enumerate(months(first, through)):
        busy = age in BUSY
        received = rng.randint(420, 560) if busy else rng.randint(18, 110)
        regencies[month] = _spread(rng, received, where.regencies, weight)
        acts[month] = _drawn(rng, received, dict(ACTS))
        recommended = round(received * 0.3)
        nest = {code: keys for code, keys in where.agencies.items() if code != NATION}
        agencies[month] = _spread(rng, recommended, nest, weight)
        for code in rng.choices(where.agencies[NATION], k=recommended // 20):
            agencies[month][code] = agencies[month].get(code, 0) + 1
        recommended = sum(agencies[month].values())
        answers[month] = {}
        for province, keys in where.agencies.items():
            asked = sum(agencies[month].get(key, 0) for key in keys)
            willing = 0.2 + (sum(map(ord, province)) * 37 % 60) / 100
            answers[month][province] = sum(rng.random() < willing for _ in range(asked))
        series[month] = {
            "received": received,
            "cases": round(received * 0.46),
            "referred": round(received * 0.37),
            "recommended": recommended,
        }
        # answers come two months later, proofs of sanctions another two
        before = months_on(month, -2)
        if before in answers:
            series[month]["answered"] = sum(answers[before].values())
        earlier = months_on(month, -4)
        if earlier in answers:
            series[month]["sanctioned"] = round(sum(answers[earlier].values()) * 0.6)
    days = {
        month: {
            "decision": (90, 11 + n % 3, 16 + n % 4, 24 + n % 5),
            "review": (60, 19 + n % 5, 31 + n % 7, 47 + n % 9),
            "answer": (45, 24 + n % 6, 52 - 4 * n, 96 - 6 * n),
        }
        for n, month in enumerate(month for month in months(first, through) if month.month % 3 == 1)
    }
    return Counts(series, acts, regencies, agencies, answers, days)


def _spread(
    rng: random.Random, number: int, nest: Mapping[str, Sequence[str]], weight: dict[str, float]
) -> dict[str, int]:
    """Return how a number falls on the smaller places of provinces: a third of each on its first few."""
    found: dict[str, int] = {}
    codes = list(nest)
    for code in rng.choices(codes, [weight[code] for code in codes], k=number):
        keys = nest[code]
        key = rng.choice(keys[:4] if rng.random() < 0.6 else keys)  # noqa: PLR2004 -- invented
        found[key] = found.get(key, 0) + 1
    return found


def _drawn(rng: random.Random, number: int, weight: dict[str, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for code in rng.choices(list(weight), list(weight.values()), k=number):
        found[code] = found.get(code, 0) + 1
    return found
