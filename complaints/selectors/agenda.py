"""The plenary's agenda: everything that waits for its decision, grouped by what it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import OfficeLevel
from complaints.models import (
    Case,
    Complaint,
    ComplaintEvent,
    CorrectionRequest,
    OfficeChange,
    RequirementCheck,
)
from complaints.selectors.desk import explanation_of, listed
from complaints.selectors.news import RowCount
from complaints.states import (
    PROPOSED_BY,
    REPORT_PROPOSED_BY,
    CaseStatus,
    ComplaintStatus,
    CorrectionStatus,
)

AGENDA_SIZE = 50
_PROPOSALS = (*PROPOSED_BY.split(), *REPORT_PROPOSED_BY.split())


@dataclass(frozen=True)
class Agenda:
    """What the plenary has before it, the nearest deadline first.

    ``takeovers`` were asked for by offices below, ``corrections`` are examined by this office.
    """

    proposals: Sequence[Complaint]
    assessments: Sequence[Case]
    takeovers: Sequence[Complaint]
    corrections: Sequence[CorrectionRequest]
    more: bool


def plenary_agenda(user: User) -> Agenda:
    """Return what waits for a decision of the plenary, or is seen by it below. Four queries."""
    last = ComplaintEvent.objects.filter(complaint=OuterRef("pk"), action__in=_PROPOSALS).order_by(
        "-pk"
    )
    records = listed(Complaint.objects.visible_to(user))
    proposals = list(
        records.filter(status=ComplaintStatus.PROPOSED)
        .only(*_BRIEF)
        .annotate(
            proposed_action=Subquery(last.values("action")[:1]),
            proposed_by=Subquery(last.values("actor__name")[:1]),
            proposed_reason=Subquery(last.values("reason")[:1]),
            met=RowCount(_checks(is_met=True)),
        )
        .order_by("due_at", "id")[: AGENDA_SIZE + 1]
    )
    assessments = list(
        Case.objects.visible_to(user)
        .filter(status=CaseStatus.ASSESSED)
        .select_related("office")
        .annotate(told=explanation_of("case"))
        .order_by("due_at", "id")[: AGENDA_SIZE + 1]
    )
    change = OfficeChange.objects.filter(complaint=OuterRef("pk"), ended_on=None)
    takeovers = list(
        records.filter(
            status=ComplaintStatus.TAKEOVER,
            office_changes__ended_on=None,
            office_changes__target=user.office_id,
        )
        .only(*_BRIEF)
        .annotate(
            proposed_reason=Subquery(change.values("reason")[:1]),
            ground=Subquery(change.values("ground")[:1]),
        )
        .order_by("due_at", "id")[: AGENDA_SIZE + 1]
    )
    corrections = list(_corrections(user)[: AGENDA_SIZE + 1])
    found: list[Sequence[Any]] = [proposals, assessments, takeovers, corrections]
    return Agenda(
        proposals[:AGENDA_SIZE],
        assessments[:AGENDA_SIZE],
        takeovers[:AGENDA_SIZE],
        corrections[:AGENDA_SIZE],
        more=any(len(rows) > AGENDA_SIZE for rows in found),
    )


def _corrections(user: User) -> "QuerySet[CorrectionRequest]":
    """Return the requests that this office examines: its own, and a regency's by its province."""
    own = Q(case__office=user.office_id) & ~Q(
        case__office__level=OfficeLevel.REGENCY, case__office__parent__isnull=False
    )
    below = Q(case__office__level=OfficeLevel.REGENCY, case__office__parent=user.office_id)
    return (
        CorrectionRequest.objects.filter(
            own | below,
            status=CorrectionStatus.FILED,
            case__in=Case.objects.visible_to(user),
        )
        .select_related("case__office", "official")
        .order_by(F("case__due_at").asc(nulls_last=True), "pk")
    )


_BRIEF = (
    "public_id",
    "reference",
    "title",
    "lane",
    "status",
    "due_at",
    "received_on",
    "event_on",
    "event_precision",
    "region__short_name",
    "office__name",
    "office__parent",
    "office__time_zone",
)


def _checks(**wanted: bool) -> "QuerySet[Any]":
    return RequirementCheck.objects.filter(complaint=OuterRef("pk"), **wanted).values("pk")
