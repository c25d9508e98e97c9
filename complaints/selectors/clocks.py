"""A statutory deadline as people read it: time left, one cell a day, and why each day counts. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.translation import gettext as _

from bawaslu_cases.registry.models import TimeZone
from bawaslu_cases.shared.working_days import EXPLANATIONS, DayReason
from complaints.deadlines import DeadlineKind

LONGEST_STRIP = 12
"""Days the strip can show side by side; a longer count is read in the list."""

Told = Sequence[Mapping[str, Any]]
"""The stored explanation of a deadline: one mapping per day looked at."""


@dataclass(frozen=True)
class Clock:
    """One deadline in words. ``percent`` is the elapsed share of its counted days, 0 to 100."""

    name: str
    left: str
    short: str
    due: str
    tone: str
    percent: int
    days: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    label: str = ""
    moved: list[str] = field(default_factory=list)


def clock(*, kind: str, due_at: datetime, time_zone: str, explanation: Told, at: datetime) -> Clock:
    """Return a running deadline in the words of the moment ``at``."""
    zone = ZoneInfo(time_zone)
    today, due_on = at.astimezone(zone).date(), due_at.astimezone(zone).date()
    left, short, tone = _time_left(explanation, due_on=due_on, today=today)
    return Clock(
        name=kind_name(kind),
        left=left,
        short=short,
        due=_("%(what)s selesai paling lambat %(day)s, %(time)s %(zone)s")
        % {
            "what": kind_name(kind),
            "day": dateformat.format(due_on, "l j M"),
            "time": dateformat.format(due_at.astimezone(zone), "H.i"),
            "zone": TimeZone(time_zone).label,
        },
        tone=tone,
        percent=elapsed_percent(explanation, today=today),
        days=day_cells(explanation, due_on=due_on, today=today),
        lines=explanation_lines(explanation),
        label=_("Hari demi hari sampai %(day)s") % {"day": dateformat.format(due_on, "l j F Y")},
    )


def former_days(history: Told) -> list[str]:
    """Return the days on which a deadline ended before it was reckoned anew, each with why. No query."""
    return [
        _("Semula %(day)s: %(why)s")
        % {
            "day": dateformat.format(date.fromisoformat(each["due_on"]), "l j M Y"),
            "why": each["why"],
        }
        for each in history
    ]


def kind_name(kind: str) -> str:
    """Return the name of a clock; an unknown code names itself."""
    return _(DeadlineKind(kind).label) if kind in DeadlineKind.values else kind


def short_time_left(
    *, due_at: datetime | None, time_zone: str, explanation: Told | None, at: datetime
) -> tuple[str, str, int | None]:
    """Return time left, tone and elapsed percent for a row of a list; blanks without a deadline."""
    if due_at is None:
        return "", "", None
    zone = ZoneInfo(time_zone)
    today = at.astimezone(zone).date()
    told = explanation or ()
    _left, short, tone = _time_left(told, due_on=due_at.astimezone(zone).date(), today=today)
    return short, tone, elapsed_percent(told, today=today) if told else None


def _time_left(told: Told, *, due_on: date, today: date) -> tuple[str, str, str]:
    """Return the long text, the short text and the tone. Overdue is told in calendar days."""
    if today > due_on:
        late = _("Lewat %(days)d hari") % {"days": (today - due_on).days}
        return late, late, "late"
    if today == due_on:
        return _("Berakhir hari ini"), _("Hari ini"), "soon"
    ahead = [day for day in told if day["counted"] and day["date"] > today.isoformat()]
    remaining = len(ahead) if told else (due_on - today).days
    words = _("%(days)d hari kerja") if _in_working_days(told) else _("%(days)d hari")
    short = words % {"days": remaining}
    return _("Sisa %(time)s") % {"time": short}, short, "soon" if remaining <= 1 else ""


def _in_working_days(told: Told) -> bool:
    return any(day["reason"] == DayReason.WORKING_DAY for day in told)


def elapsed_percent(told: Told, *, today: date) -> int:
    """Return how much of the counted days has passed, 0 to 100."""
    counted = [day["date"] for day in told if day["counted"]]
    if not counted:
        return 0
    return round(100 * sum(1 for day in counted if day <= today.isoformat()) / len(counted))


def day_cells(
    told: Told, *, due_on: date, today: date, longest: int = LONGEST_STRIP
) -> list[dict[str, Any]]:
    """Return one cell a day for the strip; none where there are more than ``longest``."""
    if len(told) > longest:
        return []
    cells = []
    for day in told:
        on = date.fromisoformat(day["date"])
        if on == today:
            state = "today"
        elif day["reason"] == DayReason.PAUSED:
            state = "paused"
        elif not day["counted"] and day["reason"] != DayReason.EVENT_DAY:
            state = "off"
        else:
            state = "past" if on < today else "ahead"
        cells.append({"name": dateformat.format(on, "D"), "state": state, "due": on == due_on})
    return cells


def explanation_lines(told: Told) -> list[dict[str, Any]]:
    """Return the lines of the explain list: each day, its reason in words, the article."""
    lines = []
    for day in told:
        why = EXPLANATIONS[DayReason(day["reason"])]
        parts = [_(why.text) if why.text else "", day["detail"], why.article]
        lines.append(
            {
                "counted": day["counted"],
                "label": dateformat.format(date.fromisoformat(day["date"]), "l j F Y"),
                "note": " · ".join(part for part in parts if part),
                "number": day["number"] if day["counted"] else None,
            }
        )
    return lines
