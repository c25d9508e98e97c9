"""Alarms about files that nobody has dealt with yet."""

from collections.abc import Mapping

from django.db.models import Count, QuerySet

from bawaslu_cases.accounts.models import User
from complaints.models import Complaint, Evidence, EvidenceAlarm

MOST_SHOWN = 20


def _open_alarms() -> QuerySet[EvidenceAlarm]:
    return EvidenceAlarm.objects.filter(seen_on__isnull=True, ended_on__isnull=True)


def alarms_for(user: User) -> list[EvidenceAlarm]:
    """Return the open alarms of records a person sees, oldest day first, at most twenty. One query."""
    visible = Complaint.objects.visible_to(user).values("pk")
    rows = _open_alarms().filter(evidence__complaint__in=visible)
    found = rows.select_related("evidence__complaint").order_by("raised_on", "public_id")
    return list(found[:MOST_SHOWN])


def alarms_of(evidence: Evidence) -> list[EvidenceAlarm]:
    """Return the open alarms of one file. One query."""
    return list(_open_alarms().filter(evidence=evidence).order_by("why", "part"))


def alarm_counts() -> Mapping[str, int]:
    """Return how many open alarms there are of each kind, everywhere; ids of nothing. One query."""
    rows = _open_alarms().values("why").annotate(count=Count("pk")).order_by("why")
    return {row["why"]: row["count"] for row in rows}
