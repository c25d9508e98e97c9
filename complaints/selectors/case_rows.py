"""What stands around one case, read with it in one query: records, people heard, corrections, links."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone

from bawaslu_cases.accounts.models import User
from complaints.models import (
    Case,
    CaseComplaint,
    CaseLink,
    Complaint,
    CorrectionRequest,
    Evidence,
    EvidenceLink,
    Hearing,
    Invitation,
)
from complaints.models.case import CaseQuerySet
from complaints.selectors.case_file import Row, case_files
from complaints.selectors.filters import Asker
from complaints.selectors.kept import kept_rows
from complaints.states import EvidenceStatus


def whole_case_files(viewer: User) -> CaseQuerySet:
    """Return cases with all that their own page shows this viewer. One query when read."""
    records = CaseComplaint.objects.filter(
        case=OuterRef("pk"), complaint__in=Complaint.objects.visible_to(viewer)
    )
    last = Invitation.objects.filter(hearing=OuterRef("pk")).order_by("-number")
    linked = Case.objects.visible_to(viewer)
    return (
        case_files()
        .select_related("office__parent", "assignee")
        .annotate(
            record_rows=ArraySubquery(
                records.order_by("pk").values(
                    data=JSONObject(
                        public_id="complaint__public_id",
                        reference="complaint__reference",
                        title="complaint__title",
                        lane="complaint__lane",
                        received_on="complaint__received_on",
                        files=_count(Evidence, exclude=Q(status=EvidenceStatus.ERASED)),
                        links=_count(EvidenceLink),
                    )
                )
            ),
            hearing_rows=ArraySubquery(
                Hearing.objects.filter(case=OuterRef("pk"))
                .order_by("pk")
                .values(
                    data=JSONObject(
                        public_id="public_id",
                        capacity="capacity",
                        person="person",
                        official="official__name",
                        position="official__position",
                        status="status",
                        held_at="held_at",
                        session_at=Subquery(last.values("session_at")[:1]),
                    )
                )
            ),
            correction_rows=ArraySubquery(
                CorrectionRequest.objects.filter(case=OuterRef("pk"))
                .order_by("pk")
                .values(
                    data=JSONObject(
                        public_id="public_id",
                        requester="requester",
                        official="official__name",
                        status="status",
                        filed_on="filed_on",
                    )
                )
            ),
            link_rows=ArraySubquery(
                CaseLink.objects.filter(
                    Q(case=OuterRef("pk"), other__in=linked)
                    | Q(other=OuterRef("pk"), case__in=linked),
                    ended_at=None,
                )
                .order_by("pk")
                .values(
                    data=JSONObject(
                        id="pk",
                        kind="kind",
                        case="case__public_id",
                        case_reference="case__reference",
                        case_title="case__title",
                        other="other__public_id",
                        other_reference="other__reference",
                        other_title="other__title",
                    )
                )
            ),
        )
    )


def whole_case_file(*, public_id: UUID, viewer: User) -> Case | None:
    """Return a case that somebody may see, with all its own page shows them. One query."""

    def build(asker: Asker, public_id: UUID) -> CaseQuerySet:
        user = asker.user
        return whole_case_files(user).visible_to(user).filter(public_id=public_id)

    rows = kept_rows("whole case", build, Asker(viewer, timezone.now()), public_id=public_id)
    return rows[0] if rows else None


def _count(model: type[Evidence | EvidenceLink], *, exclude: Q | None = None) -> Coalesce:
    rows: Any = model._default_manager.filter(complaint=OuterRef("complaint"))
    if exclude is not None:
        rows = rows.exclude(exclude)
    counted = rows.order_by().values("complaint").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


def evidence_of_case(case: Case, *, viewer: User) -> list[Row]:
    """Return files and links of a case's records, as far as the viewer may open the record. Two queries."""
    seen = Complaint.objects.visible_to(viewer).filter(case_link__case=case)
    files = (
        Evidence.objects.filter(complaint__in=seen)
        .exclude(status=EvidenceStatus.ERASED)
        .select_related("complaint")
        .order_by("complaint", "number")
    )
    links = (
        EvidenceLink.objects.filter(complaint__in=seen)
        .select_related("complaint")
        .order_by("complaint", "pk")
    )
    rows: dict[str, Row] = {}

    def group(record: Complaint) -> Row:
        return rows.setdefault(record.reference, {"record": record, "files": [], "links": []})

    for file in files:
        group(file.complaint)["files"].append(file)
    for link in links:
        group(link.complaint)["links"].append(link)
    return list(rows.values())


def moment_of(text: str | None) -> datetime | None:
    """Return a moment as it came back inside an array."""
    return datetime.fromisoformat(text) if text else None


def day_of(row: Row, name: str) -> date:
    """Return a day as it came back inside an array."""
    return date.fromisoformat(row[name])
