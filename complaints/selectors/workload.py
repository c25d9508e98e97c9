"""How much each officer of the units in scope has in hand, and how much of it is late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, Value

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.selectors import today_of
from bawaslu_cases.registry.models import Office
from complaints.models import Case, Complaint, RoutingAlarm
from complaints.selectors.stand_ins import away_until
from complaints.states import OFFICERS

SOON = timedelta(days=1)


@dataclass(frozen=True)
class OfficerLoad:
    """One officer: open records and cases in hand, due within a day, and past their time."""

    officer: User
    records: int
    cases: int
    soon: int
    passed: int

    @property
    def total(self) -> int:
        """Records and cases together."""
        return self.records + self.cases


def officer_loads(*, user: User, at: datetime, office: Office | None = None) -> list[OfficerLoad]:
    """Return the active officers of the person's own office and the ones below, the busiest first.

    With ``office`` those of that one office. Two queries. Counts hold only what the person could open.
    """
    officers = User.objects.filter(is_active=True, role_grants__role__in=OFFICERS)
    if user.scope_office_ids is not None:
        officers = officers.filter(office__in=user.scope_office_ids)
    if office is not None:
        officers = officers.filter(office=office)
    in_hand = {} if office is None else {"assignee__office": office}
    records, cases = _by_officer(
        *(
            rows.filter(assignee__isnull=False, **in_hand)
            for rows in (
                Complaint.objects.visible_to(user).open(),
                Case.objects.visible_to(user).open(),
            )
        ),
        at=at,
    )
    away = away_until(today_of(user, at))
    loads = [
        OfficerLoad(
            officer,
            records.get(officer.pk, {}).get("rows", 0),
            cases.get(officer.pk, {}).get("rows", 0),
            *(
                records.get(officer.pk, {}).get(name, 0) + cases.get(officer.pk, {}).get(name, 0)
                for name in ("soon", "passed")
            ),
        )
        for officer in officers.select_related("office").annotate(away_until=away).distinct()
    ]
    return sorted(
        loads, key=lambda each: (-each.passed, -each.total, each.officer.name, each.officer.pk)
    )


def _by_officer(*kinds: Any, at: datetime) -> tuple[dict[int, dict[str, int]], ...]:
    """Return what each officer has in hand, of each kind of work. One query."""
    groups = [
        rows.order_by()
        .values(kind=Value(number), officer=F("assignee"))
        .annotate(
            rows=Count("pk"),
            soon=Count("pk", filter=Q(due_at__gte=at, due_at__lt=at + SOON)),
            passed=Count("pk", filter=Q(due_at__lt=at)),
        )
        .values_list("kind", "officer", "rows", "soon", "passed")
        for number, rows in enumerate(kinds)
    ]
    found: tuple[dict[int, dict[str, int]], ...] = tuple({} for _kind in kinds)
    for kind, officer, *numbers in groups[0].union(*groups[1:], all=True):
        found[kind][officer] = dict(zip(("rows", "soon", "passed"), numbers, strict=True))
    return found


def routing_alarms(*, user: User) -> list[tuple[RoutingAlarm, Complaint | Case | None]]:
    """Return what came up to the person's scope because of a conflict and is open still. Three queries.

    Only what the person may open is there: an accused office learns nothing of it. Without a record it is a
    whole desk in which nobody is left, for those above it.
    """
    records = Complaint.objects.visible_to(user).open()
    cases = Case.objects.visible_to(user).open()
    desks = Q(complaint__isnull=True, case__isnull=True)
    if user.scope_office_ids is not None:
        desks &= Q(target__in=user.scope_office_ids)
    rows = RoutingAlarm.objects.filter(
        Q(complaint__in=records.values("pk")) | Q(case__in=cases.values("pk")) | desks,
        ended_at__isnull=True,
    ).select_related("office", "complaint", "case")
    return [(row, row.complaint or row.case) for row in rows[:100]]
