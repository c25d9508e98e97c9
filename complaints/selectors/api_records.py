"""What the API gives out of records, cases and deadlines: an allow-list, one query for a list.

Only reports of lane ``open`` and findings, never a tip or a sealed report and nothing that points at one
(``traced_from``, the reference that a case without a register number carries). Of reporters nothing:
no words, no kind of reporter, no wishes. Days only where a reporter's step could be the cause. Which
field may leave and why stands in tests/complaints/api/fields.csv.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Contest
from complaints.models import (
    Allegation,
    Case,
    CaseComplaint,
    Complaint,
    ComplaintOfficial,
    Deadline,
)
from complaints.models.complaint import ComplaintQuerySet
from complaints.states import Lane

API_LANES = (Lane.OPEN, Lane.FINDING)
"""Lanes whose records the API gives out. The triggers of the change feed say the same (api_open)."""

Values = QuerySet[Any, Any]
"""Rows of ``values()``."""

OFFICIAL = {
    "id": "official__public_id",
    "name": "official__name",
    "position": "official__position",
    "unit": "official__unit",
    "unit_kind": "official__unit_kind",
    "agency": "official__agency__code",
    "employment": "official__employment",
}
"""A reported person: what the office needs to know who it is. No NIP, no grade, no account."""


def api_complaints(user: User) -> ComplaintQuerySet:
    """Return the records that a client may know of. A filter, no query."""
    return Complaint.objects.visible_to(user).filter(lane__in=API_LANES)


def api_cases(user: User) -> "QuerySet[Case, Any]":
    """Return the cases that a client may know of. A filter, no query."""
    return Case.objects.visible_to(user)


def _contests(code: str) -> list[int]:
    """Return the key of a contest, read first: of a code the planner cannot tell how many records it has."""
    return list(Contest.objects.filter(code=code).values_list("pk", flat=True))


def narrowed(rows: Any, asked: Mapping[str, Any]) -> Any:
    """Return records or cases cut by what a client asked for. A filter; one query for a contest.

    Days are those of Jakarta, as in the lists of the desk.
    """
    cuts: dict[str, Callable[[Any], Q]] = {
        "status": lambda value: Q(status=value),
        "lane": lambda value: Q(lane=value),
        "office": lambda value: Q(office__code=value),
        "contest": lambda value: Q(contest__in=_contests(value)),
        "status_since": lambda value: Q(status_at__gte=start_of(value)),
        "due_before": lambda value: Q(due_at__lt=start_of(value)),
    }
    return rows.filter(*(cuts[name](value) for name, value in asked.items()))


def complaint_values(rows: ComplaintQuerySet) -> Values:
    """Return records with what leaves of them; read each with :func:`complaint_told`. One query."""
    named = ComplaintOfficial.objects.filter(complaint=OuterRef("pk")).order_by("official_id")
    led_to = CaseComplaint.objects.filter(complaint=OuterRef("pk"))
    return rows.values(
        "id",
        "public_id",
        "reference",
        "lane",
        "status",
        "status_at",
        "title",
        "acts",
        "event_on",
        "event_precision",
        "received_on",
        "place",
        "platform",
        "due_at",
        "office__code",
        "office__time_zone",
        "region__code",
        "contest__code",
        case=Subquery(led_to.values("case__public_id")[:1]),
        officials=ArraySubquery(named.values(told=JSONObject(**OFFICIAL))),
    )


def complaint_told(row: dict[str, Any]) -> dict[str, Any]:
    """Return one record as it leaves. No query."""
    zone = ZoneInfo(row["office__time_zone"])
    return {
        "id": row["public_id"],
        "reference": row["reference"],
        "lane": row["lane"],
        "status": row["status"],
        "status_on": _day(row["status_at"], zone),
        "office": row["office__code"],
        "region": row["region__code"],
        "contest": row["contest__code"],
        "title": row["title"],
        "acts": row["acts"],
        "event_on": row["event_on"],
        "event_precision": row["event_precision"],
        "received_on": row["received_on"],
        "place": row["place"],
        "platform": row["platform"],
        "due_on": _day(row["due_at"], zone),
        "case": row["case"],
        "officials": row["officials"],
    }


def case_values(rows: "QuerySet[Case, Any]") -> Values:
    """Return cases with what leaves of them; read each with :func:`case_told`. One query."""
    reports = CaseComplaint.objects.filter(case=OuterRef("pk"), complaint__lane__in=API_LANES)
    alleged = Allegation.objects.filter(case=OuterRef("pk")).order_by("pk")
    return rows.values(
        "id",
        "public_id",
        "register_number",
        "status",
        "status_at",
        "title",
        "summary",
        "registered_on",
        "due_at",
        "decision",
        "office__code",
        "office__time_zone",
        "contest__code",
        reports=ArraySubquery(reports.order_by("complaint_id").values("complaint__public_id")),
        alleged=ArraySubquery(
            alleged.values(
                told=JSONObject(
                    id="public_id",
                    acts="acts",
                    event_on="event_on",
                    place="place",
                    official=JSONObject(**OFFICIAL),
                )
            )
        ),
    )


def case_told(row: dict[str, Any]) -> dict[str, Any]:
    """Return one case as it leaves. No query."""
    zone = ZoneInfo(row["office__time_zone"])
    return {
        "id": row["public_id"],
        "register_number": row["register_number"],
        "status": row["status"],
        "status_on": _day(row["status_at"], zone),
        "office": row["office__code"],
        "contest": row["contest__code"],
        "title": row["title"],
        "summary": row["summary"],
        "registered_on": row["registered_on"],
        "due_on": _day(row["due_at"], zone),
        "decision": row["decision"],
        "complaints": row["reports"],
        "allegations": row["alleged"],
    }


Branches = Sequence["QuerySet[Deadline, Any]"]


def api_deadlines(user: User) -> Branches:
    """Return the deadlines that a client may know of: those of records, and those of cases. No query.

    Two questions: one with an OR would have PostgreSQL look through every record and case first.
    """
    return (
        Deadline.objects.filter(complaint__in=api_complaints(user)),
        _of_cases(user),
    )


def running(user: User, before: date | None = None) -> Branches:
    """Return the running deadlines that a client may know of, those that end before a day. No query."""
    cut: dict[str, Any] = {"status": Deadline.Status.OPEN}
    if before:
        cut["due_at__lt"] = start_of(before)
    records = api_complaints(user)
    if user.scope_office_ids is not None:
        # A record repeats its earliest running deadline, so one without has none: an index of the
        # offices' records holds that. The country walks along the deadlines instead, and would be led
        # astray by it. A case does not repeat what others may do (WINDOWS).
        records = records.filter(due_at__isnull=False)
    rows = Deadline.objects.filter(complaint__in=records), _of_cases(user)
    return [branch.filter(**cut) for branch in rows]


def _of_cases(user: User) -> "QuerySet[Deadline, Any]":
    return Deadline.objects.filter(case__in=api_cases(user))


def deadline_values(rows: "QuerySet[Deadline, Any]") -> Values:
    """Return deadlines with what leaves of them; read each with :func:`deadline_told`. One query."""
    return rows.values(
        "id",
        "public_id",
        "kind",
        "status",
        "starts_on",
        "due_on",
        "due_at",
        "ended_on",
        "time_zone",
        limit=F("time_limit__code"),
        of_complaint=F("complaint__public_id"),
        of_case=F("case__public_id"),
    )


def deadline_told(row: dict[str, Any]) -> dict[str, Any]:
    """Return one deadline as it leaves. No query."""
    return {
        "id": row["public_id"],
        "complaint": row["of_complaint"],
        "case": row["of_case"],
        "kind": row["kind"],
        "limit": row["limit"],
        "status": row["status"],
        "starts_on": row["starts_on"],
        "due_on": row["due_on"],
        "due_at": row["due_at"],
        "ended_on": row["ended_on"],
        "time_zone": row["time_zone"],
    }


def complaint_as_told(*, public_id: UUID, user: User) -> dict[str, Any] | None:
    """Return one record as a client is given it; None where it may not know of it. One query."""
    row = complaint_values(api_complaints(user).filter(public_id=public_id)).first()
    return complaint_told(row) if row else None


def case_as_told(*, public_id: UUID, user: User) -> dict[str, Any] | None:
    """Return one case as a client is given it; None where it may not know of it. One query."""
    row = case_values(api_cases(user).filter(public_id=public_id)).first()
    return case_told(row) if row else None


def complaints_by_key(keys: Sequence[int], user: User) -> dict[int, dict[str, Any]]:
    """Return those of some records that a client may know of, by key. One query."""
    return _by_key(complaint_values(api_complaints(user).filter(pk__in=keys)), complaint_told)


def cases_by_key(keys: Sequence[int], user: User) -> dict[int, dict[str, Any]]:
    """Return those of some cases that a client may know of, by key. One query."""
    return _by_key(case_values(api_cases(user).filter(pk__in=keys)), case_told)


def deadlines_by_key(keys: Sequence[int], user: User) -> dict[int, dict[str, Any]]:
    """Return those of some deadlines that a client may know of, by key. Two queries."""
    rows = (deadline_values(branch.filter(pk__in=keys)) for branch in api_deadlines(user))
    return _by_key(chain.from_iterable(rows), deadline_told)


def _by_key(rows: Iterable[dict[str, Any]], told: Any) -> dict[int, dict[str, Any]]:
    return {row["id"]: told(row) for row in rows}


def start_of(day: date) -> datetime:
    """Return the first moment of a day as Jakarta counts it."""
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())


def _day(at: datetime | None, zone: ZoneInfo) -> date | None:
    return at.astimezone(zone).date() if at else None
