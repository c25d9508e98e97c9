"""What a record says that a refusal is held against (PB7 ps 14, 23, 24)."""

from collections.abc import Iterable

from complaints.models import Complaint
from complaints.rules.refusals import Review
from complaints.states import ComplaintAction

_SPENDS = frozenset({ComplaintAction.REPAIR, ComplaintAction.REPAIR_LAPSED})
_STARTS_ANEW = frozenset({ComplaintAction.WITHDRAW, ComplaintAction.KEEP_AS_TIP})
"""After these the record is a tip; with a name given again it is a report of that day."""


def chance_is_spent(actions: Iterable[str]) -> bool:
    """Say whether the reporter answered, or let pass, a request for completion. No query.

    ``actions`` are the record's steps, the oldest first. A request that a takeover cut short spends
    nothing: the office above asks anew if it must.
    """
    spent = False
    for action in actions:
        if action in _STARTS_ANEW:
            spent = False
        elif action in _SPENDS:
            spent = True
    return spent


def review_of(complaint: Complaint) -> Review:
    """Return what stands on the record now. Two queries."""
    actions = _actions(complaint)
    back = [each for each in actions if each in {ComplaintAction.WITHDRAW, ComplaintAction.RAISE}]
    return Review(
        checks=dict(complaint.checks.values_list("requirement", "is_met")),
        chance_is_spent=chance_is_spent(actions),
        is_withdrawn=bool(back) and back[-1] == ComplaintAction.WITHDRAW,
    )


def had_its_chance(complaint: Complaint) -> bool:
    """Say the same of a record whose history is not at hand. One query."""
    return chance_is_spent(_actions(complaint))


def _actions(complaint: Complaint) -> list[str]:
    return list(complaint.events.order_by("pk").values_list("action", flat=True))
