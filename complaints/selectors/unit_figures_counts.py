"""What the database counts for the figures of a unit: two queries, each many small groups in one.

PostgreSQL counts, Python only sorts what comes back: as many rows as there are statuses, lanes, acts,
offices and months, however many records stand behind them.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Aggregate,
    Case,
    Count,
    DateField,
    F,
    FloatField,
    Func,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, TruncDate, TruncMonth

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from complaints.models import Allegation, CaseComplaint, CaseEvent, Complaint, ComplaintEvent
from complaints.models import Case as CaseFile
from complaints.models.case import CaseQuerySet
from complaints.models.complaint import ComplaintQuerySet
from complaints.rules.overdue import far_before
from complaints.selectors.unit_figures_period import Period, Span
from complaints.states import CASE_DECISIONS, CaseAction, ComplaintAction, ComplaintStatus

_S = ComplaintStatus
ENDED = (_S.REGISTERED, _S.FOUND, _S.FORWARDED, _S.REFUSED, _S.ARCHIVED)
"""What a record's own road may end in; a case may begin there."""
DECIDED = (*CASE_DECISIONS, CaseAction.FORWARD)
"""What the plenary decides on a case; FORWARD is taken with the report's own decision (PB7 ps 22)."""
SENT = (CaseAction.REFER, CaseAction.SEND_ON)
"""A case left the office, through the referral side or by hand."""


@dataclass(frozen=True)
class Unit:
    """The office that figures are of, with the offices below it unless ``alone``."""

    office: Office
    alone: bool = False

    def records(self, user: User) -> ComplaintQuerySet:
        """Keep the unit's records that the person may open. A filter, no query."""
        rows: ComplaintQuerySet = self._cut(Complaint.objects.visible_to(user))
        return rows

    def cases(self, user: User) -> CaseQuerySet:
        """Keep the unit's cases that the person may open. A filter, no query."""
        rows: CaseQuerySet = self._cut(CaseFile.objects.visible_to(user))
        return rows

    def _cut(self, rows: Any) -> Any:
        if self.alone:
            return rows.filter(office=self.office)
        if self.office.parent_id is None:
            return rows
        return rows.filter(office__in=Office.objects.under(self.office.path).values("pk"))


@dataclass(frozen=True)
class Tally:
    """How many in the period and in the one before."""

    now: int = 0
    before: int = 0


@dataclass(frozen=True)
class Timing(Tally):
    """How many steps, and after how many days: the middle one, the middle one before, nine of ten."""

    median: float | None = None
    median_before: float | None = None
    slow: float | None = None


TIMED = ("now", "before", "median", "median_before", "slow")
Group = Any
"""Rows in groups: a query of values that Django's types do not follow."""
Tallies = Mapping[str, Mapping[str, Tally]]
Timings = Mapping[str, Mapping[str, Timing]]


class Percentile(Aggregate):
    """The value below which that share of the rows lies, between two rows if need be."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


class Unnest(Func):
    """Each element of an array as a row of its own."""

    function = "unnest"
    set_returning = True
    output_field = TextField()


class DaysBetween(Func):
    """Whole days from the second day to the first."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()


def unit_counts(*, user: User, unit: Unit, period: Period, at: datetime) -> Tallies:
    """Return how many, by what is counted and its code. One query.

    Came in during the period or the one before: ``lane``, ``status``, ``act``, ``office`` (a path),
    ``case_status``, ``case_act``, ``case_office``. By month of the course: ``month``. As it stands at
    this moment: ``open``, ``late``, ``held`` and the same of cases (``case_open`` …).
    """
    records, cases = unit.records(user), unit.cases(user)
    came, opened = _days("received_on", period), _days("registered_on", period)
    course, of_case = _course_days(period), _days("case__registered_on", period)
    arrived, begun = records.filter(came.either), cases.filter(opened.either)
    named = Allegation.objects.filter(case__in=begun.values("pk"))
    groups = [
        _counted(arrived, "lane", F("lane"), came),
        _counted(arrived, "status", F("status"), came),
        _counted(arrived, "act", Unnest("acts"), came),
        _counted(arrived, "office", F("office__path"), came),
        _counted(records.filter(course.either), "month", _first_of("received_on"), course),
        _counted(begun, "case_status", F("status"), opened),
        _counted(named, "case_act", Unnest("acts"), of_case, of="case"),
        _counted(begun, "case_office", F("office__path"), opened),
    ]
    held = Case(When(assignee=None, then=Value("nobody")), default=Value("somebody"))
    standing = {"open": F("status"), "late": _lateness(at), "held": held}
    for prefix, rows in (("", records.open()), ("case_", cases.open())):
        groups += [_standing(rows, prefix + name, key) for name, key in standing.items()]
    found: dict[str, dict[str, Tally]] = defaultdict(dict)
    for what, key, now, before in _at_once(groups, "now", "before"):
        found[what][key] = Tally(now, before)
    return found


def unit_durations(*, user: User, unit: Unit, period: Period) -> Timings:
    """Return steps that were taken in the period or the one before, with their days. One query.

    ``ended``: records, by what became of them, since they came in; ``ended_month`` by month of the
    course. ``decided``: cases, by kind of decision, since the first record came in. ``assessed``: since
    the register. ``sent``: since the first record came in. ``sent_after``: since the decision. Code ""
    takes all of them together. Calendar days, by the unit's clock.
    """
    zone = ZoneInfo(unit.office.time_zone)
    records, cases = unit.records(user).values("pk"), unit.cases(user).values("pk")
    ends = ComplaintEvent.objects.filter(complaint__in=records, target__in=ENDED)
    # That a registered report is withdrawn ends nothing a second time.
    ends = ends.exclude(action=ComplaintAction.NOTE_WITHDRAWAL)
    steps = CaseEvent.objects.filter(case__in=cases)
    decided, sent = steps.filter(action__in=DECIDED), steps.filter(action__in=SENT)
    assessed = decided.exclude(action=CaseAction.FORWARD)
    day = TruncDate("at", tzinfo=zone)
    received = DaysBetween(day, F("complaint__received_on"))
    first_record = DaysBetween(day, _first_received(user))
    registered = DaysBetween(day, F("case__registered_on"))
    since_decision = DaysBetween(day, _decided_on(zone))
    month = _first_of("at", tzinfo=zone)
    all_of_it = Value("")
    when, course = _moments(period), _course_moments(period)
    groups = [
        _timed(ends, "ended", all_of_it, received, when),
        _timed(ends, "ended", F("target"), received, when),
        _timed(ends, "ended_month", month, received, course),
        _timed(decided, "decided", all_of_it, first_record, when),
        _timed(decided, "decided", F("action"), first_record, when),
        _timed(assessed, "assessed", all_of_it, registered, when),
        _timed(sent, "sent", all_of_it, first_record, when),
        _timed(sent, "sent_after", all_of_it, since_decision, when),
    ]
    found: dict[str, dict[str, Timing]] = defaultdict(dict)
    for what, key, *numbers in _at_once(groups, *TIMED):
        found[what][key] = Timing(*numbers)
    return found


@dataclass(frozen=True)
class _Cut:
    """Which rows count as of now and which as of before."""

    now: Q
    before: Q

    @property
    def either(self) -> Q:
        """Rows that count at all."""
        return self.now | self.before


def _days(field: str, period: Period) -> _Cut:
    def of(span: Span) -> Q:
        return Q(**{f"{field}__range": (span.first, span.last)})

    return _Cut(of(period.span), of(period.before))


def _moments(period: Period) -> _Cut:
    def of(span: Span) -> Q:
        return Q(at__gte=span.starts_at, at__lt=span.ends_at)

    return _Cut(of(period.span), of(period.before))


def _course_days(period: Period) -> _Cut:
    """Return a cut in which the whole course counts as now; nothing of it came before it began."""
    series = period.series
    now = Q(received_on__range=(series.first, series.last))
    return _Cut(now, now & Q(received_on__lt=series.first))


def _course_moments(period: Period) -> _Cut:
    series = period.series
    now = Q(at__gte=series.starts_at, at__lt=series.ends_at)
    return _Cut(now, now & Q(at__lt=series.starts_at))


def _first_of(field: str, **zone: Any) -> Cast:
    """Return the first day of a moment's month, as a day: 2024-10-01."""
    return Cast(TruncMonth(field, **zone), DateField())


def _lateness(at: datetime) -> Case:
    """Return the level of a passed deadline (rules/overdue.py); "in_time" is also what has none."""
    return Case(
        When(due_at__lt=far_before(at), then=Value("far")),
        When(due_at__lt=at, then=Value("passed")),
        default=Value("in_time"),
    )


def _first_received(user: User) -> Subquery:
    """Return the day on which a case's first record came in, of those that the person may open."""
    seen = CaseComplaint.objects.filter(
        case=OuterRef("case"), complaint__in=Complaint.objects.visible_to(user).values("pk")
    )
    first = seen.order_by().values("case").annotate(day=Min("complaint__received_on"))
    return Subquery(first.values("day"), output_field=DateField())


def _decided_on(zone: ZoneInfo) -> Subquery:
    """Return the day of the last decision before a step."""
    decisions = CaseEvent.objects.filter(
        case=OuterRef("case"), action__in=DECIDED, at__lte=OuterRef("at")
    )
    days = decisions.order_by("-at", "-pk").annotate(day=TruncDate("at", tzinfo=zone))
    return Subquery(days.values("day")[:1], output_field=DateField())


def _group(rows: "QuerySet[Any]", what: str, key: Any) -> Group:
    return rows.order_by().values(what=Value(what), key=Cast(key, TextField()))


def _counted(rows: "QuerySet[Any]", what: str, key: Any, cut: _Cut, *, of: str = "pk") -> Group:
    once = of != "pk"
    return _group(rows, what, key).annotate(
        now=Count(of, filter=cut.now, distinct=once),
        before=Count(of, filter=cut.before, distinct=once),
    )


def _standing(rows: "QuerySet[Any]", what: str, key: Any) -> Group:
    """How many there are at this moment; there is no such number of an earlier one."""
    return _group(rows, what, key).annotate(now=Count("pk"), before=Value(0))


def _timed(rows: "QuerySet[Any]", what: str, key: Any, days: Any, cut: _Cut) -> Group:
    return _group(rows.filter(cut.either), what, key).annotate(
        now=Count("pk", filter=cut.now),
        before=Count("pk", filter=cut.before),
        median=Percentile(days, share="0.5", filter=cut.now),
        median_before=Percentile(days, share="0.5", filter=cut.before),
        slow=Percentile(days, share="0.9", filter=cut.now),
    )


def _at_once(groups: list[Group], *columns: str) -> list[tuple[Any, ...]]:
    """Ask for all groups in one query; their columns are told again, so that they stand in one order."""
    first, *others = (group.values_list("what", "key", *columns) for group in groups)
    return list(first.union(*others, all=True))
