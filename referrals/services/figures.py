"""Counting what the public page shows."""

from datetime import datetime

from django.db import transaction

from complaints.models import Case, Complaint
from referrals.models import Delivery, FollowUp, FollowUpAnswer, PublicFigure
from referrals.states import AnswerKind, FollowUpStatus


@transaction.atomic
def refresh_figures(*, at: datetime) -> dict[str, int]:
    """Count the funnel anew and keep it; return what was counted. Six queries.

    A matter is counted once: a finding that was traced from a tip is the tip's. A case waits while
    one of its officials' PPKs has not answered; it counts as sanctioned once a sanction's proof was
    verified.
    """
    waiting = FollowUp.objects.filter(status=FollowUpStatus.AWAITING)
    sanctioned = FollowUpAnswer.objects.filter(
        kind=AnswerKind.SANCTION, follow_up__status=FollowUpStatus.VERIFIED
    )
    counted = {
        "received": Complaint.objects.filter(traced_from__isnull=True).count(),
        "cases": Case.objects.count(),
        "referred": Delivery.objects.values("referral__case").distinct().count(),
        "waiting": waiting.values("referral__case").distinct().count(),
        "sanctioned": sanctioned.values("follow_up__referral__case").distinct().count(),
    }
    PublicFigure.objects.bulk_create(
        [PublicFigure(name=name, value=value, counted_at=at) for name, value in counted.items()],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["value", "counted_at"],
    )
    return counted
