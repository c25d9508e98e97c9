"""What the database counts for the public figures: how much happened in which month, by act and place.

PostgreSQL groups; what comes back grows with months and places, not with complaints. Months are those of
Jakarta. Nobody reads this but ``services.figures``, which publishes what of it may be told.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Aggregate,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    Min,
    OuterRef,
    Subquery,
)
from django.db.models.functions import TruncDate, TruncMonth, TruncQuarter

from bawaslu_cases.registry.models import ActKind, Agency, Region, RegionKind
from complaints.models import Case, CaseEvent, Complaint
from complaints.states import CASE_DECISIONS
from referrals.models import FollowUp, FollowUpAnswer, FollowUpEvent, ReferralEvent
from referrals.rules.publication import DAYS_TO_ANSWER, NATION, Counts, Places, month_of
from referrals.states import AnswerKind, FollowUpAction, ReferralAction

ZONE = ZoneInfo("Asia/Jakarta")
NO_ACT = "OTHER"


class _Quartile(Aggregate):
    """A quantile of whole days that some row has: none is made up between two."""

    function = "PERCENTILE_DISC"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


class _DaysBetween(Func):
    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = FloatField()


def places() -> Places:
    """Return the acts, regencies and agencies that tables have a cell for. Three queries.

    A province is among its own regencies: some reports name no smaller place. Agencies that have
    ended keep their cell: their follow-ups go on. Acts are those of the public form; the finer ones that
    officers use are rare, each would be small, and larger ones would be sacrificed for them.
    """
    regencies: dict[str, list[str]] = {}
    for code, kind in Region.objects.order_by("code").values_list("code", "kind"):
        regencies.setdefault(code[:2], []).append(code)
        assert kind != RegionKind.PROVINCE or len(code) == 2  # noqa: S101, PLR2004 -- database constraint
    agencies: dict[str, list[str]] = {}
    for code, region in Agency.objects.order_by("code").values_list("code", "region__code"):
        agencies.setdefault(region[:2] if region else NATION, []).append(code)
    return Places(
        acts=list(ActKind.objects.for_reporters().values_list("code", flat=True)),
        regencies=regencies,
        agencies=agencies,
    )


def count_months(*, since: date, before: date) -> Counts:
    """Return what happened from the first day of a month to that of another. Twelve queries.

    A matter is received once: a finding that was traced from a tip is the tip's. Its act is the first
    named. A case is referred when its first letter arrived. An answer reports what was done; asking
    for time does not. A sanction counts when its proof was verified, and stays if it is annulled
    later: what was published is not taken back.
    """
    span = _Span(since, before)
    series: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    complaints = Complaint.objects.filter(traced_from__isnull=True, **span.days("received_on"))
    acts = _public_acts(_by_month(complaints, "received_on", "acts__0"))
    for month, by_act in acts.items():
        series[month]["received"] = sum(by_act.values())
    for name, rows in _milestones(span):
        for month, number in rows:
            series[month_of(month)][name] += number
    follow_ups = FollowUp.objects.filter(**span.days("recommended_on"))
    agencies = _by_month(follow_ups, "recommended_on", "agency__code")
    for month, by_agency in agencies.items():
        series[month]["recommended"] = sum(by_agency.values())
    return Counts(
        series=series,
        acts=acts,
        regencies=_by_month(complaints, "received_on", "region__code"),
        agencies=agencies,
        answers=_answered_in_time(follow_ups),
        days=_days(span),
    )


class _Span:
    """The days and moments of some months."""

    def __init__(self, since: date, before: date) -> None:
        self._days = (since, before)

    def days(self, name: str) -> dict[str, Any]:
        return {f"{name}__gte": self._days[0], f"{name}__lt": self._days[1]}

    def moments(self, name: str) -> dict[str, Any]:
        since, before = (datetime(day.year, day.month, day.day, tzinfo=ZONE) for day in self._days)
        return {f"{name}__gte": since, f"{name}__lt": before}


def _by_month(rows: Any, day: str, key: str) -> dict[date, dict[str, int]]:
    found: dict[date, dict[str, int]] = defaultdict(dict)
    grouped = rows.annotate(month=TruncMonth(day)).order_by().values_list("month", key)
    for month, code, number in grouped.annotate(number=Count("pk")):
        found[month][code or NO_ACT] = found[month].get(code or NO_ACT, 0) + number
    return found


def _public_acts(by_month: dict[date, dict[str, int]]) -> dict[date, dict[str, int]]:
    public = set(ActKind.objects.for_reporters().values_list("code", flat=True))
    found: dict[date, dict[str, int]] = {}
    for month, by_act in by_month.items():
        found[month] = defaultdict(int)
        for code, number in by_act.items():
            found[month][code if code in public else NO_ACT] += number
    return found


def _milestones(span: _Span) -> Iterable[tuple[str, Iterable[tuple[date, int]]]]:
    cases = Case.objects.filter(**span.days("registered_on")).annotate(
        month=TruncMonth("registered_on")
    )
    yield "cases", cases.order_by().values_list("month").annotate(number=Count("pk"))
    delivered = ReferralEvent.objects.filter(action=ReferralAction.DELIVER)
    yield "referred", _firsts(delivered, "referral__case", span)
    answers = FollowUpEvent.objects.filter(action=FollowUpAction.ANSWER)
    yield "answered", _firsts(answers, "follow_up", span)
    sanctions = FollowUpAnswer.objects.filter(
        kind=AnswerKind.SANCTION, follow_up=OuterRef("follow_up")
    )
    verified = FollowUpEvent.objects.filter(Exists(sanctions), action=FollowUpAction.VERIFY)
    yield "sanctioned", _firsts(verified, "follow_up", span)


def _firsts(events: Any, subject: str, span: _Span) -> Iterable[tuple[date, int]]:
    """Return how many subjects had their first such event in each month."""
    firsts = events.order_by().values(subject).annotate(first=Min("at"))
    months: dict[date, int] = defaultdict(int)
    for (month,) in (
        firsts.filter(**span.moments("first"))
        .annotate(month=TruncMonth("first", tzinfo=ZONE))
        .values_list("month")
        .iterator()
    ):
        months[month.date()] += 1
    return months.items()


def _first_event(model: Any, outer: str, actions: Iterable[str], column: str = "pk") -> Subquery:
    events = model.objects.filter(**{outer: OuterRef(column)}, action__in=list(actions))
    return Subquery(events.order_by("at").values("at")[:1], output_field=DateTimeField())


def _firsts_in(model: Any, subject: str, actions: Iterable[str], span: _Span) -> Any:
    """Return the events of these months before which their subject had none of them."""
    events = model.objects.filter(action__in=list(actions))
    earlier = events.filter(**{subject: OuterRef(subject)}, pk__lt=OuterRef("pk"))
    return events.filter(~Exists(earlier), **span.moments("at"))


def _answered_in_time(follow_ups: Any) -> dict[date, dict[str, int]]:
    first = _first_event(FollowUpEvent, "follow_up", [FollowUpAction.ANSWER])
    in_time = follow_ups.annotate(
        answered_on=TruncDate(first, tzinfo=ZONE),
        limit=ExpressionWrapper(
            F("recommended_on") + timedelta(days=DAYS_TO_ANSWER), output_field=DateTimeField()
        ),
    ).filter(answered_on__lte=F("limit"))
    found: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = _by_month(in_time, "recommended_on", "agency__region__code")
    for month, by_region in rows.items():
        for code, number in by_region.items():
            found[month][NATION if code == NO_ACT else code[:2]] += number
    return found


def _days(span: _Span) -> dict[date, dict[str, tuple[int, ...]]]:
    """Return number and quartiles of the days that steps took, by the quarter in which they ended."""
    decided = _firsts_in(CaseEvent, "case", CASE_DECISIONS, span).annotate(
        begun_on=F("case__registered_on")
    )
    recommended = (ReferralAction.RECOMMEND, ReferralAction.FIND_NOT_PROVEN)
    handed = _firsts_in(ReferralEvent, "referral", recommended, span).annotate(
        begun_on=TruncDate(
            _first_event(ReferralEvent, "referral", [ReferralAction.DELIVER], "referral"),
            tzinfo=ZONE,
        )
    )
    answered = _firsts_in(FollowUpEvent, "follow_up", [FollowUpAction.ANSWER], span).annotate(
        begun_on=F("follow_up__recommended_on")
    )
    found: dict[date, dict[str, tuple[int, ...]]] = defaultdict(dict)
    for step, rows in (("decision", decided), ("review", handed), ("answer", answered)):
        timed: Any = (
            rows.filter(begun_on__isnull=False)
            .annotate(
                days=_DaysBetween(TruncDate("at", tzinfo=ZONE), F("begun_on")),
                quarter=TruncQuarter("at", tzinfo=ZONE),
            )
            .order_by()
            .values_list("quarter")
        )
        for quarter, *numbers in timed.annotate(
            number=Count("pk"),
            lower=_Quartile("days", share="0.25"),
            middle=_Quartile("days", share="0.5"),
            upper=_Quartile("days", share="0.75"),
        ):
            found[quarter.date()][step] = tuple(round(number) for number in numbers)
    return found


def first_month() -> date | None:
    """Return the month of the oldest complaint; None before the first. One query."""
    oldest = Complaint.objects.aggregate(oldest=Min("received_on"))["oldest"]
    return month_of(oldest) if oldest else None
