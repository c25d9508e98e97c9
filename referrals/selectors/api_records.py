"""What the API gives out of referrals and follow-ups: an allow-list, one query for a list.

The office's own words and the lines as they stand now. No names of staff, no explanation of the rules,
no answer of a PPK in words, no proof. Which field may leave and why: tests/complaints/api/fields.csv.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from bawaslu_cases.accounts.models import User
from complaints.selectors.api_records import OFFICIAL, Values, start_of
from referrals.models import FollowUp, Referral, ReferralItem


def referral_values(rows: "QuerySet[Referral, Any]") -> Values:
    """Return referrals with what leaves of them; read each with :func:`referral_told`. One query."""
    lines = ReferralItem.objects.filter(referral=OuterRef("pk"), version=OuterRef("version"))
    return rows.values(
        "id",
        "public_id",
        "number",
        "version",
        "status",
        "status_at",
        "summary",
        "due_at",
        of_case=F("case__public_id"),
        to=F("recipient__code"),
        lines=ArraySubquery(
            lines.order_by("pk").values(
                told=JSONObject(
                    allegation="allegation__public_id",
                    official="official__public_id",
                    rule="rule__code",
                    sanction_class="sanction_class",
                    legal_bases="legal_bases",
                    agency="agency__code",
                    is_departure="is_departure",
                )
            )
        ),
    )


def referral_told(row: dict[str, Any]) -> dict[str, Any]:
    """Return one referral as it leaves. No query."""
    return {
        "id": row["public_id"],
        "case": row["of_case"],
        "recipient": row["to"],
        "number": row["number"],
        "version": row["version"],
        "status": row["status"],
        "status_on": timezone.localdate(row["status_at"]),
        "due_on": timezone.localdate(row["due_at"]) if row["due_at"] else None,
        "summary": row["summary"],
        "lines": row["lines"],
    }


def follow_up_values(rows: "QuerySet[FollowUp, Any]") -> Values:
    """Return follow-ups with what leaves of them; read each with :func:`follow_up_told`. One query."""
    return rows.values(
        "id",
        "public_id",
        "ppk_title",
        "recommended_class",
        "recommended_on",
        "status",
        "status_at",
        "due_at",
        "gap",
        of_referral=F("referral__public_id"),
        at_agency=F("agency__code"),
        imposed_type=F("imposed__code"),
        named=JSONObject(**OFFICIAL),
    )


def follow_up_told(row: dict[str, Any]) -> dict[str, Any]:
    """Return one follow-up as it leaves. No query."""
    return {
        "id": row["public_id"],
        "referral": row["of_referral"],
        "official": row["named"],
        "agency": row["at_agency"],
        "ppk_title": row["ppk_title"],
        "recommended_class": row["recommended_class"],
        "recommended_on": row["recommended_on"],
        "status": row["status"],
        "status_on": timezone.localdate(row["status_at"]),
        "due_on": timezone.localdate(row["due_at"]) if row["due_at"] else None,
        "imposed": row["imposed_type"],
        "gap": row["gap"],
    }


def api_referrals(user: User) -> "QuerySet[Referral, Any]":
    """Return the referrals that a client may know of. A filter, no query."""
    return Referral.objects.visible_to(user)


def api_follow_ups(user: User) -> "QuerySet[FollowUp, Any]":
    """Return the follow-ups that a client may know of. A filter, no query."""
    return FollowUp.objects.visible_to(user)


def narrowed(rows: Any, asked: Mapping[str, Any]) -> Any:
    """Return referrals or follow-ups cut by what a client asked for. A filter, no query."""
    cuts: dict[str, Callable[[Any], Q]] = {
        "status": lambda value: Q(status=value),
        "case": lambda value: Q(case__public_id=value),
        "referral": lambda value: Q(referral__public_id=value),
        "due_before": lambda value: Q(due_at__lt=start_of(value)),
    }
    return rows.filter(*(cuts[name](value) for name, value in asked.items()))


def referral_as_told(*, public_id: UUID, user: User) -> dict[str, Any] | None:
    """Return one referral as a client is given it; None where it may not know of it. One query."""
    row = referral_values(api_referrals(user).filter(public_id=public_id)).first()
    return referral_told(row) if row else None


def referrals_by_key(keys: Sequence[int], user: User) -> dict[int, dict[str, Any]]:
    """Return those of some referrals that a client may know of, by key. One query."""
    return _by_key(referral_values(api_referrals(user).filter(pk__in=keys)), referral_told)


def follow_ups_by_key(keys: Sequence[int], user: User) -> dict[int, dict[str, Any]]:
    """Return those of some follow-ups that a client may know of, by key. One query."""
    return _by_key(follow_up_values(api_follow_ups(user).filter(pk__in=keys)), follow_up_told)


def _by_key(rows: Iterable[dict[str, Any]], told: Any) -> dict[int, dict[str, Any]]:
    return {row["id"]: told(row) for row in rows}
