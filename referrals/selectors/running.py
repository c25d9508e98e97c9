"""What a list says of running clocks: the days themselves, so that a row counts as its own page does."""

from typing import Any, TypeVar

from django.db.models import JSONField, OuterRef, QuerySet, Subquery

from referrals.models import ReferralDeadline

Rows = TypeVar("Rows", bound=QuerySet[Any])


def with_days(rows: Rows, subject: str) -> Rows:
    """Add ``days_told``, the explanation of each row's running deadline, to what is read anyway. No query.

    ``subject`` is ``"referral"`` or ``"follow_up"``.
    """
    clocks = ReferralDeadline.objects.filter(
        **{subject: OuterRef("pk")}, status=ReferralDeadline.Status.OPEN
    )
    if subject == "referral":
        clocks = clocks.filter(follow_up=None)
    told = clocks.order_by("due_at").values("explanation")[:1]
    return rows.annotate(days_told=Subquery(told, output_field=JSONField()))
