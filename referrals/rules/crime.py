"""Whether the same act may be a crime, so that Gakkumdu looks at it beside the civil-service body.

Only what carries a penalty opens the second referral; a bare prohibition (UU 7/2017 ps 283) does not. The
articles are those of the contest's own law, and of a law that was there on the day.
"""

from collections.abc import Iterable
from datetime import date

from bawaslu_cases.registry.models import Contest, Employment, Regime, ViolationRule

LAWS = {
    Regime.PEMILU: ("UU 7/2017", date(2017, 8, 16)),
    Regime.PILKADA: ("UU 10/2016", date(2016, 7, 1)),
}
"""The law of the contest and its first day; its articles are cited by its name."""

PENALTIES = ("penjara", "kurungan")


def criminal_articles(
    *,
    rules: Iterable[ViolationRule],
    contest: Contest | None,
    event_on: date,
    employment: str,
) -> tuple[str, ...]:
    """Return the articles with a penalty that the rows name; empty outside any contest.

    Both laws speak of civil servants (UU 7/2017 ps 280(2) huruf f, UU 10/2016 ps 71(1)), so non-ASN staff
    are not referred on them. Somebody whose employment is unknown counts as a civil servant until checked.
    """
    if contest is None or not Employment(employment).is_asn:
        return ()
    law, since = LAWS[Regime(contest.regime)]
    if event_on < since:
        return ()
    named = (article for rule in rules for article in rule.criminal_overlap)
    return tuple(
        dict.fromkeys(
            article
            for article in named
            if article.startswith(law) and any(word in article for word in PENALTIES)
        )
    )
