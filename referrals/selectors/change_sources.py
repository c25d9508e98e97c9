"""What the change feed is made of, kind by kind, and the scope with which each can be read."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from bawaslu_cases.accounts.scopes import Scope
from complaints.models import RecordKind
from complaints.selectors import api_records as records
from complaints.selectors.changes import Source
from referrals.models import FollowUp, Referral
from referrals.selectors import api_records as referral_records

SOURCES = (
    Source(
        RecordKind.COMPLAINT,
        lambda user: records.complaint_values(records.api_complaints(user)),
        records.complaint_told,
        records.complaints_by_key,
    ),
    Source(
        RecordKind.CASE,
        lambda user: records.case_values(records.api_cases(user)),
        records.case_told,
        records.cases_by_key,
    ),
    Source(
        RecordKind.DEADLINE,
        lambda user: [records.deadline_values(rows) for rows in records.api_deadlines(user)],
        records.deadline_told,
        records.deadlines_by_key,
    ),
    Source(
        RecordKind.REFERRAL,
        lambda user: referral_records.referral_values(referral_records.api_referrals(user)),
        referral_records.referral_told,
        referral_records.referrals_by_key,
    ),
    Source(
        RecordKind.FOLLOW_UP,
        lambda user: referral_records.follow_up_values(referral_records.api_follow_ups(user)),
        referral_records.follow_up_told,
        referral_records.follow_ups_by_key,
    ),
)
"""In the order of a first sync: what others point at comes first."""

NEEDED: Mapping[str, Scope] = {
    RecordKind.COMPLAINT: Scope.COMPLAINTS_READ,
    RecordKind.CASE: Scope.CASES_READ,
    RecordKind.DEADLINE: Scope.CASES_READ,
    RecordKind.REFERRAL: Scope.REFERRALS_READ,
    RecordKind.FOLLOW_UP: Scope.REFERRALS_READ,
}


def readable_sources(scopes: Collection[str], kind: str = "") -> list[Source]:
    """Return the kinds that somebody with these scopes may read, or only one of them. No query."""
    return [
        source for source in SOURCES if NEEDED[source.kind] in scopes and kind in {"", source.kind}
    ]


def status_moments(kind: str, ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """Return since when referrals or follow-ups stand where they stand. One query, none for none.

    For whoever compares moments; none of them leaves.
    """
    asked = list(ids)
    if not asked:
        return {}
    model = Referral if kind == RecordKind.REFERRAL else FollowUp
    return dict(model.objects.filter(public_id__in=asked).values_list("public_id", "status_at"))
