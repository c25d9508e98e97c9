"""What a recipient names as missing, and what the next version says became of each.

A referral that comes back carries a list, never only a sentence; the version after it answers every
row before a second person may look at it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import DomainError
from referrals.models import MissingItem, MissingItemAnswer, Referral
from referrals.selectors.review_talk import unanswered_items
from referrals.services.packets import refuse_leaks
from referrals.states import MissingKind

MAX_ITEMS = 20
MAX_WORDS = 1000


@dataclass(frozen=True)
class Missing:
    """One row of a return: its kind, and what exactly is wanted."""

    kind: MissingKind
    words: str = ""

    @property
    def told(self) -> str:
        """The row in one line, as the history keeps it."""
        label = str(self.kind.label)
        return f"{label}: {self.words.strip()}" if self.words.strip() else label


def name_missing(
    *, referral: Referral, by: User | None, at: datetime, missing: Sequence[Missing]
) -> None:
    """Write down what the version at hand lacks; ``by`` is None for a line.

    Call in the transaction that returns it. Raises DomainError for more rows or words than a return
    holds, and for "something else" without words.
    """
    if len(missing) > MAX_ITEMS:
        raise DomainError(_("Paling banyak 20 butir."), field="missing")
    for each in missing:
        if each.kind is MissingKind.OTHER and not each.words.strip():
            raise DomainError(_("Tulis apa yang kurang"), field="missing")
    MissingItem.objects.bulk_create(
        MissingItem(
            referral=referral,
            version=referral.version,
            number=number,
            kind=each.kind,
            words=each.words.strip()[:MAX_WORDS],
            asked_by=by,
            asked_at=at,
        )
        for number, each in enumerate(missing, start=1)
    )


def checked_answers(
    *, referral: Referral, answers: Mapping[int, str], reason: str
) -> dict[MissingItem, str]:
    """Return the answer to each open row, looked through for what must not leave.

    What was returned with one sentence is answered with one: ``reason`` then counts. Raises DomainError
    while a row has no answer, LeakError. Eight queries, one when nothing is open.
    """
    items = unanswered_items(referral)
    if not items:
        return {}
    told = {item: answers.get(item.pk, "").strip()[:MAX_WORDS] for item in items}
    if len(items) == 1 and items[0].kind == MissingKind.OTHER and not told[items[0]]:
        told[items[0]] = reason.strip()[:MAX_WORDS]
    if left := [item for item, words in told.items() if not words]:
        raise DomainError(
            _("Jawab dulu setiap butir yang diminta penerima; tersisa %(count)d.")
            % {"count": len(left)},
            code="unanswered",
            field=f"missing_{left[0].pk}",
        )
    texts = {f"answer.{number}": words for number, words in enumerate(told.values(), start=1)}
    refuse_leaks(referral=referral, texts=texts, field=f"missing_{items[0].pk}")
    return told


def keep_answers(
    *, referral: Referral, officer: User, at: datetime, told: Mapping[MissingItem, str]
) -> None:
    """Write the answers down with the version that was just made."""
    MissingItemAnswer.objects.bulk_create(
        MissingItemAnswer(
            item=item,
            version=referral.version,
            words=words,
            answered_by=officer,
            answered_at=at,
        )
        for item, words in told.items()
    )
