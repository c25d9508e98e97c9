"""The rules asked as the product asks them, for facts that stand in a table instead of a case."""

from collections.abc import Iterable
from datetime import date

from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import Agency, Contest, RecipientBody
from bawaslu_cases.registry.selectors import Deed
from complaints.models import Official
from referrals.rules.recommendation import NoRecommendation, Recommended, recommend
from referrals.selectors.proposals import AtHand, pair_of, situation_of

Answer = Recommended | NoRecommendation


def answer_for(
    *,
    deed: Deed,
    official: Official,
    contest: Contest | None,
    on: date,
    candidates: Iterable[Agency] = (),
) -> tuple[Answer, RecipientBody]:
    """Return what the rules say of one official, and to whom it would go on the day."""
    proposal = registry.violation_rules_for([deed], contest=contest)[deed]
    pairs = registry.paired_rules([proposal.rule.pair_code] if proposal else [])
    recipient = registry.recipient_on(on)
    situation = situation_of(
        deed=deed,
        proposal=proposal,
        pair=pair_of(proposal, pairs, deed),
        official=official,
        contest=contest,
        on=on,
        at_hand=AtHand(
            recipient=recipient,
            types=registry.types_in_force(on),
            ppk_rules=registry.ppk_rules(),
            candidates=frozenset(each.pk for each in candidates),
        ),
    )
    return recommend(situation), recipient
