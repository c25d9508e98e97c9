"""From a figure to the list it counts: the address of the queue with the filters that say the same."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from bawaslu_cases.accounts.models import User
from complaints.selectors.unit_figures_counts import Unit
from complaints.selectors.unit_figures_period import Period, Span, Stretch


def period_query(unit: Unit, stretch: Stretch) -> str:
    """Return the query string of a unit's figures of a period that needs no days."""
    alone = {"only": "1"} if unit.alone else {}
    return urlencode({"p": stretch.value, "unit": unit.office.code, **alone})


@dataclass(frozen=True)
class FigureLinks:
    """The addresses for one page of figures; "" where the queue has no filter for it.

    The queue filters by the person's own office and by those right below, each with what lies under it.
    """

    user: User
    unit: Unit
    period: Period

    @property
    def is_own(self) -> bool:
        """Whether the figures are of all that the person sees."""
        return self.unit.office.pk == self.user.office_id and not self.unit.alone

    def received(self, span: Span, **filters: str) -> str:
        """Return the records that came in on those days."""
        days = {"received_from": _iso(span.first), "received_to": _iso(span.last)}
        return self._queue(v="all", **days, **filters)

    def open(self, *, view: str = "open", **filters: str) -> str:
        """Return the records that stand open."""
        return self._queue(v=view, **filters)

    def cases(self, view: str) -> str:
        """Return the cases of a view; the list of cases knows no office."""
        return f"{reverse('desk:cases')}?{urlencode({'view': view})}" if self.is_own else ""

    def office(self, code: str) -> str:
        """Return the figures of a unit below, or of this one without those below, of the same days."""
        period = self.period
        asked: dict[str, Any] = {"p": period.stretch.value, "unit": code}
        if period.stretch is Stretch.RANGE:
            days = {"from": _iso(period.span.first), "to": _iso(period.span.last)}
            asked = {"unit": code, **days}
        if code == self.unit.office.code:
            asked["only"] = "1"
        return f"{reverse('desk:figures')}?{urlencode(asked)}"

    def _queue(self, **filters: str) -> str:
        office = self.unit.office
        if self.unit.alone:
            return ""
        if not self.is_own:
            if office.parent_id != self.user.office_id:
                return ""
            filters["office"] = office.code
        return f"{reverse('desk:queue')}?{urlencode(filters)}"


def _iso(day: date) -> str:
    return day.isoformat()
