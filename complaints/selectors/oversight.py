"""What a province or RI looks after: each unit's open work, how much of it is late, and the oldest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from complaints.models import Case, Complaint
from complaints.rules.overdue import far_before, stalled_before


@dataclass(frozen=True)
class UnitLoad:
    """One office: open records and cases, those past their time, far past, and without anybody.

    ``stalled``: a clock runs or is past and nobody did anything for days.
    """

    office: Office
    records: int
    cases: int
    passed: int
    far: int
    nobody: int
    stalled: int
    oldest: datetime | None

    @property
    def total(self) -> int:
        """Records and cases together."""
        return self.records + self.cases


def unit_loads(*, user: User, at: datetime) -> list[UnitLoad]:
    """Return the loads of the offices in scope that have open work, the latest first.

    Five queries. Counts contain what the person could open and nothing else.
    """
    far = far_before(at)
    wanted = {
        "rows": Count("pk"),
        "passed": Count("pk", filter=Q(due_at__lt=at)),
        "far": Count("pk", filter=Q(due_at__lt=far)),
        "nobody": Count("pk", filter=Q(assignee=None)),
        "oldest": Min("due_at"),
    }
    records = _by_office(Complaint.objects.visible_to(user).open(), wanted)
    cases = _by_office(Case.objects.visible_to(user).open(), wanted)
    still = stalled_before(at)
    stalled = [
        _by_office(
            rows.filter(due_at__isnull=False, status_at__lt=still).exclude(
                work_events__at__gte=still
            ),
            {"rows": Count("pk")},
        )
        for rows in (
            Complaint.objects.visible_to(user).open(),
            Case.objects.visible_to(user).open(),
        )
    ]
    offices = Office.objects.filter(pk__in=records.keys() | cases.keys())
    loads = [
        _load(
            office,
            records.get(office.pk, {}),
            cases.get(office.pk, {}),
            sum(each.get(office.pk, {}).get("rows", 0) for each in stalled),
        )
        for office in offices
    ]
    return sorted(loads, key=lambda load: (-load.far, -load.passed, -load.total, load.office.path))


def _by_office(rows: Any, wanted: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    return {row["office"]: row for row in rows.order_by().values("office").annotate(**wanted)}


def _load(
    office: Office, records: Mapping[str, Any], cases: Mapping[str, Any], stalled: int
) -> UnitLoad:
    oldest = [row["oldest"] for row in (records, cases) if row and row["oldest"]]
    return UnitLoad(
        office=office,
        records=records.get("rows", 0),
        cases=cases.get("rows", 0),
        passed=records.get("passed", 0) + cases.get("passed", 0),
        far=records.get("far", 0) + cases.get("far", 0),
        nobody=records.get("nobody", 0) + cases.get("nobody", 0),
        stalled=stalled,
        oldest=min(oldest) if oldest else None,
    )
