"""Who gets a record or case that nobody has: a table that a chair can read decides, not a program.

``complaints/data/routing.csv``: the first row that fits counts; ``*`` fits everything. Nobody gets what
they may not see (recusal, the reporter's wish), and nobody who is suspended or away gets anything.
"""

import csv
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from bawaslu_cases.accounts.models import Absence, User
from bawaslu_cases.registry import selectors as registry
from complaints.models import Case, Complaint, Recusal, WorkAction, WorkEvent
from complaints.states import OFFICERS, OPEN_CASE_STATUSES, OPEN_COMPLAINT_STATUSES

TABLE = Path(__file__).parents[1] / "data" / "routing.csv"
ANY = "*"
CASE = "case"
"""What stands for the lane where a case, not a record, is given to somebody."""
BATCH = 500
LOOK_BACK = 200
"""Of so many steps it is asked whose turn it is: more than any office has officers."""


class Rule(NamedTuple):
    """One row of the table."""

    office_level: str
    lane: str
    act_group: str
    regime: str
    role: str
    strategy: str
    why: str


@cache
def rules() -> tuple[Rule, ...]:
    """Return the table as it stands in the file. No query."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(Rule(**row) for row in csv.DictReader(file))


def rule_for(*, level: str, lane: str, groups: Iterable[str], regime: str) -> Rule:
    """Return the first row that fits. No query. A table without a last row for everything is an error."""
    groups = set(groups)
    for rule in rules():
        if (
            rule.office_level in (ANY, level)
            and rule.lane in (ANY, lane)
            and (rule.act_group == ANY or rule.act_group in groups)
            and rule.regime in (ANY, regime)
        ):
            return rule
    raise LookupError("routing.csv has no row for everything else")


def rule_of(subject: Complaint | Case) -> Rule:
    """Return the row for a record or case. At most three queries."""
    if isinstance(subject, Complaint):
        acts, lane = list(subject.acts), subject.lane
    else:
        lane = CASE
        acts = [act for row in subject.allegations.values_list("acts", flat=True) for act in row]
    kinds = registry.acts_by_code()
    return rule_for(
        level=subject.office.level,
        lane=lane,
        groups={kinds[act].group for act in acts if act in kinds},
        regime=subject.contest.regime if subject.contest else "",
    )


def eligible_officers(subject: Complaint | Case, *roles: str) -> QuerySet[User]:
    """Return who of the subject's office may have it: active, of a role, not recused. A filter."""
    key = "complaint" if isinstance(subject, Complaint) else "case"
    away = Recusal.objects.filter(**{key: subject.pk}).values("user")
    rows = User.objects.filter(
        office=subject.office_id, is_active=True, role_grants__role__in=roles or OFFICERS
    ).exclude(pk__in=away)
    if subject.office_id in subject.excluded_offices:
        return rows.none()
    return rows.distinct()


def next_officer(subject: Complaint | Case, *, at: datetime) -> User | None:
    """Return who gets it by the table; None where the table leaves it to people, or nobody can.

    Nobody gets anything on a day on which they are away, by the clock of the office.
    Least loaded: the fewest open records and cases. In turn: who was given something longest ago.
    """
    rule = rule_of(subject)
    if rule.strategy == "none":
        return None
    today = at.astimezone(ZoneInfo(subject.office.time_zone)).date()
    rows = eligible_officers(subject, rule.role).exclude(
        pk__in=Absence.objects.on(today).values("user")
    )
    if rule.strategy == "round_robin":
        turns = _latest_turns(subject)
        people = list(rows.order_by("pk"))
        return min(people, key=lambda user: turns.get(user.pk, 0)) if people else None
    rows = rows.annotate(
        load=_open_of(Complaint, OPEN_COMPLAINT_STATUSES) + _open_of(Case, OPEN_CASE_STATUSES)
    )
    return rows.order_by("load", "pk").first()


def _latest_turns(subject: Complaint | Case) -> dict[int, int]:
    """Return person → the latest event by which they were given something of this office. One query."""
    key = "complaint__office" if isinstance(subject, Complaint) else "case__office"
    rows = WorkEvent.objects.filter(action=WorkAction.ASSIGN, **{key: subject.office_id})
    latest = rows.order_by("-pk").values_list("pk", "detail")[:LOOK_BACK]
    return {detail["to"]: pk for pk, detail in reversed(latest)}


def _open_of(model: type[Complaint] | type[Case], statuses: Iterable[str]) -> Coalesce:
    rows = model._default_manager.filter(assignee=OuterRef("pk"), status__in=list(statuses))
    counted = rows.order_by().values("assignee").annotate(rows=Count("pk")).values("rows")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def route_waiting(*, at: datetime) -> int:
    """Give what nobody has to somebody, by the table; return how many found one.

    Run again and again: a record that somebody took meanwhile is left alone, as is one that a person
    laid down on purpose.
    """
    given = 0
    touched = [WorkAction.ASSIGN, WorkAction.HAND_OVER, WorkAction.RELEASE]
    for rows in (Complaint.objects.open(), Case.objects.open()):
        waiting = (
            rows.filter(assignee=None)
            .exclude(work_events__action__in=touched)
            .select_related("office", "contest")
            .order_by("due_at", "pk")[:BATCH]
        )
        for row in waiting:
            given += _give(row, at=at)
    return given


@transaction.atomic
def _give(subject: Complaint | Case, *, at: datetime) -> bool:
    # Locked: a recusal that is being written is waited for, and counts.
    held = (
        type(subject)
        ._default_manager.select_for_update(of=("self",), skip_locked=True)
        .select_related("office", "contest")
        .filter(pk=subject.pk, assignee=None)
        .first()
    )
    to = next_officer(held, at=at) if held else None
    if held is None or to is None:
        return False
    held.assignee = to
    held.save(update_fields=["assignee"])
    WorkEvent.objects.create(
        complaint=held if isinstance(held, Complaint) else None,
        case=held if isinstance(held, Case) else None,
        action=WorkAction.ASSIGN,
        actor=None,
        at=at,
        detail={"from": None, "to": to.pk, "by": "table"},
    )
    return True
