"""Who opened an identity, as its reporter is told: what for and on which day. Never by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from complaints.models import Complaint, UnsealEvent
from complaints.states import UnsealAction, UnsealPurpose


@dataclass(frozen=True)
class Opening:
    """One opening."""

    purpose: UnsealPurpose
    on: date


def opened_for(complaint: Complaint, *, at: datetime) -> Sequence[Opening]:
    """Return every opening whose request has expired by now, the newest first. One query.

    Told after the request expired, so that nobody is warned while a court's order is carried out;
    by day, in the office's own zone.
    """
    rows = UnsealEvent.objects.filter(
        request__complaint=complaint, action=UnsealAction.OPEN, request__expires_at__lte=at
    ).order_by("-pk")
    zone = ZoneInfo(complaint.office.time_zone)
    return [
        Opening(UnsealPurpose(purpose), when.astimezone(zone).date())
        for purpose, when in rows.values_list("request__purpose", "at")
    ]
