"""What a province or RI looks after: each unit's open work, how much of it is late, and the oldest."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Count, Min, Q, QuerySet

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from complaints.models import Case, Complaint
from complaints.rules.overdue import far_before
from complaints.selectors.stalled import stands_still


@dataclass(frozen=True)
class UnitLoad:
    """One office: open records and cases, those past their time, far past, and without anybody.

    ``still_records`` and ``still_cases``: a clock runs or is past and nobody did anything for days.
    """

    office: Office
    records: int
    cases: int
    passed: int
    far: int
    nobody: int
    still_records: int
    still_cases: int
    oldest: datetime | None

    @property
    def stalled(self) -> int:
        """Stalled records and cases together."""
        return self.still_records + self.still_cases

    @property
    def total(self) -> int:
        """Records and cases together."""
        return self.records + self.cases


def unit_loads(*, user: User, at: datetime) -> list[UnitLoad]:
    """Return the loads of the offices in scope that have open work, the latest first.

    Three queries. Counts contain what the person could open and nothing else.
    """
    records = _by_office(Complaint.objects.visible_to(user).open(), subject="complaint", at=at)
    cases = _by_office(Case.objects.visible_to(user).open(), subject="case", at=at)
    offices = Office.objects.only("code", "name", "path").filter(
        pk__in=records.keys() | cases.keys()
    )
    loads = [_load(office, records.get(office.pk), cases.get(office.pk)) for office in offices]
    return sorted(loads, key=lambda load: (-load.far, -load.passed, -load.total, load.office.path))


@dataclass(frozen=True)
class _Counts:
    """What one office has of records, or of cases."""

    rows: int = 0
    passed: int = 0
    far: int = 0
    nobody: int = 0
    stalled: int = 0
    oldest: datetime | None = None


def _by_office(
    rows: "QuerySet[Any]", *, subject: Literal["complaint", "case"], at: datetime
) -> dict[int, _Counts]:
    """Return the counts of each office. One query, which reads an index of open work and no row of it."""
    found = (
        rows.order_by()
        .values("office")
        .annotate(
            rows=Count("pk"),
            passed=Count("pk", filter=Q(due_at__lt=at)),
            far=Count("pk", filter=Q(due_at__lt=far_before(at))),
            nobody=Count("pk", filter=Q(assignee=None)),
            stalled=Count("pk", filter=stands_still(subject, at=at)),
            oldest=Min("due_at"),
        )
    )
    return {row.pop("office"): _Counts(**row) for row in found}


def _load(office: Office, records: _Counts | None, cases: _Counts | None) -> UnitLoad:
    own, theirs = records or _Counts(), cases or _Counts()
    return UnitLoad(
        office=office,
        records=own.rows,
        cases=theirs.rows,
        passed=own.passed + theirs.passed,
        far=own.far + theirs.far,
        nobody=own.nobody + theirs.nobody,
        still_records=own.stalled,
        still_cases=theirs.stalled,
        oldest=min((each for each in (own.oldest, theirs.oldest) if each), default=None),
    )
