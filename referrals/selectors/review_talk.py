"""What passes between a recipient body and the sending office: missing items, questions, drafts."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch

from referrals.models import (
    MissingItem,
    MissingItemAnswer,
    RecommendationDraft,
    Referral,
    ReviewQuestion,
)


def unanswered_items(referral: Referral) -> list[MissingItem]:
    """Return what the recipient named as missing and no version answered yet. One query."""
    return list(referral.missing_items.filter(answers__isnull=True).order_by("version", "number"))


@dataclass(frozen=True)
class AnsweredItem:
    """One row of a return with the newest answer a reader may see, or None."""

    item: MissingItem
    answer: MissingItemAnswer | None


def checklist(referral: Referral, *, delivered: bool) -> list[AnsweredItem]:
    """Return what was named as missing, oldest first. Two queries, one when nothing ever was.

    ``delivered``: for the recipient, whom an answer reaches with its version and not before.
    """
    answers = MissingItemAnswer.objects.order_by("pk")
    if delivered:
        answers = answers.filter(version__lte=referral.version)
    items = referral.missing_items.order_by("version", "number").prefetch_related(
        Prefetch("answers", queryset=answers, to_attr="told")
    )
    return [AnsweredItem(item, item.told[-1] if item.told else None) for item in items]


def questions_of(referral: Referral) -> Sequence[ReviewQuestion]:
    """Return the questions about a referral with their replies, oldest first. One query."""
    return list(referral.questions.select_related("asked_by", "reply__replied_by").order_by("pk"))


def newest_draft(referral: Referral) -> RecommendationDraft | None:
    """Return the draft that would be signed now, or None. One query."""
    return (
        referral.drafts.filter(version=referral.version)
        .select_related("written_by")
        .order_by("-number")
        .first()
    )
