"""Starting, ending, pausing and re-reckoning statutory deadlines.

Works on any concrete :class:`StatutoryDeadline`; the referral side has its own table of the same
shape. A deadline stores its explanation, so a passed one stays as it was told to people.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db import models, transaction

from bawaslu_cases.registry import selectors as registry
from bawaslu_cases.registry.models import CalendarVersion, Office, TimeLimit
from bawaslu_cases.shared.clocks import by_the_database
from bawaslu_cases.shared.new_rows import write_new
from bawaslu_cases.shared.working_days import (
    CountedDay,
    Pause,
    Unit,
    WorkingCalendar,
    count_days,
    due_at,
)
from complaints.deadlines import DEFAULT_REGIME, WINDOWS
from complaints.models import Case, Complaint, Deadline, StatutoryDeadline

D = TypeVar("D", bound=StatutoryDeadline)
Status = StatutoryDeadline.Status


def local_day(at: datetime, office: Office) -> date:
    """Return the day it is at the office (WIB, WITA or WIT), by the database's clock."""
    return by_the_database(at).astimezone(ZoneInfo(office.time_zone)).date()


def reckon(deadline: StatutoryDeadline, *, limit: TimeLimit, calendar: WorkingCalendar) -> None:
    """Fill ``due_on``, ``due_at`` and the explanation of an unsaved or loaded row. No query.

    While a pause is open the due day is unknown; the row then keeps the last known one.
    """
    pauses = [
        Pause(
            date.fromisoformat(pause["starts_on"]),
            date.fromisoformat(pause["ends_on"]) if pause["ends_on"] else None,
            pause["reason"],
        )
        for pause in deadline.pauses
    ]
    count = count_days(
        start=deadline.starts_on,
        days=limit.value,
        unit=Unit(limit.unit),
        calendar=calendar,
        pauses=pauses,
    )
    if count.due_on is not None:
        deadline.due_on = count.due_on
        deadline.due_at = due_at(count.due_on, deadline.time_zone)
    deadline.calendar_version = calendar.version
    deadline.explanation = _told(count.days)


def _told(days: Iterable[CountedDay]) -> list[dict[str, Any]]:
    return [
        {
            "date": day.date.isoformat(),
            "counted": day.counted,
            "number": day.number,
            "reason": str(day.reason),
            "detail": day.detail,
        }
        for day in days
    ]


def new_deadline(
    *,
    model: type[D],
    kind: str,
    office: Office,
    regime: str,
    starts_on: date,
    **subject: Any,
) -> D:
    """Return one running deadline of ``kind``, reckoned and not yet saved.

    The limit is the one in force on the starting day; the calendar is the office's.
    """
    limit = registry.time_limit(code=kind, regime=regime or DEFAULT_REGIME, on=starts_on)
    deadline = model(
        kind=kind,
        time_limit=limit,
        time_zone=office.time_zone,
        starts_on=starts_on,
        status=Status.OPEN,
        **subject,
    )
    reckon(deadline, limit=limit, calendar=registry.calendar_at_hand(office=office))
    return deadline


def start_deadline(
    *,
    model: type[D],
    kind: str,
    office: Office,
    regime: str,
    starts_on: date,
    **subject: Any,
) -> D:
    """Create one running deadline of ``kind`` for ``subject`` and return it."""
    deadline = new_deadline(
        model=model, kind=kind, office=office, regime=regime, starts_on=starts_on, **subject
    )
    write_new(deadline)
    return deadline


def end_deadline(deadlines: Any, *, on: date, status: str = Status.MET) -> int:
    """Close the running ones of a queryset (compare-and-set) and return how many."""
    ended: int = deadlines.filter(status=Status.OPEN).update(status=status, ended_on=on)
    return ended


def lapse_windows(*, at: datetime, case: Case | None = None) -> int:
    """End every time in which somebody else might have acted and did not; return how many.

    Of one case where it is named. Nobody is late by it. Harmless when run twice. One query.
    """
    rows = Deadline.objects.filter(kind__in=WINDOWS, status=Status.OPEN, due_at__lt=at)
    if case is not None:
        rows = rows.filter(case=case)
    ended: int = rows.update(status=Status.LAPSED, ended_on=models.F("due_on"))
    return ended


def start_complaint_deadline(*, complaint: Complaint, kind: str, starts_on: date) -> Deadline:
    """Start a clock of a record and put it on the record for the queue."""
    deadline = start_deadline(
        model=Deadline,
        kind=kind,
        office=complaint.office,
        regime=complaint.contest.regime if complaint.contest else "",
        starts_on=starts_on,
        complaint=complaint,
    )
    refresh_complaint_due(complaint)
    return deadline


def refresh_complaint_due(complaint: Complaint) -> None:
    """Repeat the earliest running deadline on the record. Two queries."""
    first = complaint.deadlines.filter(status=Status.OPEN).order_by("due_at").first()
    complaint.due_at = first.due_at if first else None
    complaint.save(update_fields=["due_at"])


def start_case_deadline(*, case: Case, kind: str, starts_on: date) -> Deadline:
    """Start a clock of a case and put it on the case, unless it is one that the office does not owe."""
    deadline = start_deadline(
        model=Deadline,
        kind=kind,
        office=case.office,
        regime=case.contest.regime if case.contest else "",
        starts_on=starts_on,
        case=case,
    )
    if kind not in WINDOWS:
        refresh_case_due(case)
    return deadline


def refresh_case_due(case: Case) -> None:
    """Repeat the earliest deadline that the office owes on the case. Two queries."""
    owed = case.deadlines.filter(status=Status.OPEN).exclude(kind__in=WINDOWS)
    first = owed.order_by("due_at").first()
    case.due_at = first.due_at if first else None
    case.save(update_fields=["due_at"])


@transaction.atomic
def pause_deadline(*, deadline: StatutoryDeadline, office: Office, on: date, reason: str) -> None:
    """Stop counting from ``on``; only days of this deadline are touched."""
    deadline.pauses = [
        *deadline.pauses,
        {"starts_on": on.isoformat(), "ends_on": None, "reason": reason},
    ]
    _reckon_again(deadline, office=office, why=reason)


@transaction.atomic
def resume_deadline(*, deadline: StatutoryDeadline, office: Office, on: date, reason: str) -> None:
    """End the running pause on ``on``, the last day that does not count."""
    if not deadline.pauses or deadline.pauses[-1]["ends_on"] is not None:
        return
    last = {**deadline.pauses[-1], "ends_on": on.isoformat()}
    deadline.pauses = [*deadline.pauses[:-1], last]
    _reckon_again(deadline, office=office, why=reason)


def _reckon_again(deadline: StatutoryDeadline, *, office: Office, why: str) -> bool:
    """Reckon a running deadline anew; say whether the day moved, and keep the former one."""
    has_moved = _reckoned(deadline, calendar=registry.working_calendar(office=office), why=why)
    deadline.save(update_fields=_REWRITTEN)
    return has_moved


_REWRITTEN = ["pauses", "due_on", "due_at", "calendar_version", "explanation", "history"]


def _reckoned(deadline: StatutoryDeadline, *, calendar: WorkingCalendar, why: str) -> bool:
    """Reckon without saving. No query where the limit is loaded."""
    before = deadline.due_on
    reckon(deadline, limit=deadline.time_limit, calendar=calendar)
    if deadline.due_on != before:
        deadline.history = [
            *deadline.history,
            {"due_on": before.isoformat(), "why": why, "calendar": deadline.calendar_version},
        ]
    return deadline.due_on != before


BATCH = 500


def reckon_after_calendar_change(
    model: type[StatutoryDeadline],
    *,
    at: datetime,
    subjects: Sequence[str],
    moved: Callable[[Any], None],
) -> int:
    """Reckon the rows of ``model`` that run, have not passed at ``at``, and know an older calendar.

    ``subjects`` are the relations to load, ``moved`` is told each row whose day changed. A passed
    deadline is never touched. Batches of 500, each in its own transaction with its rows locked, so
    it can be stopped and run again. Records are locked before their clocks, as every step of a person
    does; what somebody works on in this moment is left for the next round. Returns how many days moved.
    The reason kept is the calendar version's own.
    """
    latest = CalendarVersion.objects.order_by("-number").first()
    if latest is None:
        return 0
    changed = 0
    stale = model._default_manager.filter(
        status=Status.OPEN, due_at__gte=at, calendar_version__lt=latest.number
    )
    while True:
        with transaction.atomic():
            rows = list(
                stale.filter(pk__in=_free(stale, model, subjects))
                .select_for_update(of=("self",), skip_locked=True)
                .select_related("time_limit", *subjects)
                .order_by("pk")
            )
            # One calendar per office and one write per batch: 20,000 clocks are a matter of minutes.
            calendars: dict[int, WorkingCalendar] = {}
            later = []
            for row in rows:
                office = row.office()
                if office.pk not in calendars:
                    calendars[office.pk] = registry.working_calendar(office=office)
                if _reckoned(row, calendar=calendars[office.pk], why=latest.reason):
                    later.append(row)
            model._default_manager.bulk_update(rows, _REWRITTEN)
            for row in later:
                moved(row)
            changed += len(later)
        if not rows:
            return changed


def _free(
    stale: models.QuerySet[Any], model: type[StatutoryDeadline], subjects: Sequence[str]
) -> list[int]:
    """Return the first clocks whose records nobody holds, and hold those. A query each relation more."""
    names = sorted({path.partition("__")[0] for path in subjects})
    found = list(stale.order_by("pk").values_list("pk", *(f"{name}_id" for name in names))[:BATCH])
    for place, name in enumerate(names, start=1):
        wanted = {row[place] for row in found if row[place] is not None}
        of: Any = model._meta.get_field(name).related_model
        rows = of._default_manager.select_for_update(of=("self",), skip_locked=True, no_key=True)
        held = set(rows.filter(pk__in=wanted).order_by("pk").values_list("pk", flat=True))
        found = [row for row in found if row[place] is None or row[place] in held]
    return [row[0] for row in found]


def reckon_open_deadlines(*, at: datetime) -> int:
    """Bring the running clocks of complaints and cases up to the latest calendar."""

    def tell(deadline: Deadline) -> None:
        if deadline.complaint is not None:
            refresh_complaint_due(deadline.complaint)
        elif deadline.case is not None:
            refresh_case_due(deadline.case)

    return reckon_after_calendar_change(
        Deadline, at=at, subjects=("complaint__office", "case__office"), moved=tell
    )
