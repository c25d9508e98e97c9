"""Numbers built once and asked often: the ORM writes a person's statement, then only the clock moves.

A desk page shows a dozen capped counts. PostgreSQL answers them in two milliseconds; building them out of
querysets takes Django seven. What a count keeps is still said by one queryset and nowhere else; here its
SQL is remembered in the process, per person, with a slot wherever a moment stands.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Func, IntegerField
from django.db.models.expressions import Combinable, RawSQL

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from complaints.selectors.filter_choices import end_of_day
from complaints.selectors.filters import Asker

Build = Callable[[Asker], Mapping[str, Combinable]]

PROBES: Final = (
    datetime(2222, 2, 2, 2, 2, 2, 222222, tzinfo=UTC),
    datetime(3333, 3, 3, 3, 3, 3, 333333, tzinfo=UTC),
)
"""Two moments that no record has: where the statements for both differ, the clock is what differs."""
MOST_KEPT: Final = 1000
"""Statements kept in one process, some 10 kB each; then all are forgotten."""

_KEPT: dict[Hashable, "Numbers"] = {}


@dataclass(frozen=True)
class Numbers:
    """One array of counts as SQL. ``slots`` says which parameter is which moment."""

    names: tuple[str, ...]
    sql: str
    params: tuple[Any, ...]
    slots: tuple[tuple[int, int], ...]

    def at(self, asker: Asker) -> RawSQL:
        """Return the array for this moment, to be annotated. No query."""
        return RawSQL(self.sql, self._params(asker), output_field=_ARRAY)  # noqa: S611 -- the ORM's own

    def ask(self, asker: Asker) -> dict[str, int]:
        """Return the counts by name. One query."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {self.sql}", self._params(asker))
            return self.named(cursor.fetchone()[0])

    def named(self, found: list[int]) -> dict[str, int]:
        """Return the array's counts by name."""
        return dict(zip(self.names, found, strict=True))

    def _params(self, asker: Asker) -> list[Any]:
        params, moments = list(self.params), _moments(asker)
        for place, moment in self.slots:
            params[place] = moments[moment]
        return params


_ARRAY: Final = ArrayField(IntegerField())


def remembered(kind: str, build: Build, asker: Asker) -> Numbers:
    """Return what ``build`` counts for a person, written anew when unit, scope or roles changed.

    ``build`` may ask for the moment, the day and its end, and for nothing else that changes while the
    person keeps unit, scope and roles: whatever else changes has to be looked up by the statement.
    Raises RuntimeError where it reckons with the clock in another way. No query of its own.
    """
    user = asker.user
    key = (kind, user.pk, user.office_id, user.scope_office_ids, user.roles)
    kept = _KEPT.get(key)
    if kept is None:
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        kept = _KEPT[key] = _written(build, user)
    return kept


def _written(build: Build, user: User) -> Numbers:
    early, late = (Asker(user, probe) for probe in PROBES)
    counts = build(early)
    sql, params = _compiled(counts)
    other_sql, others = _compiled(build(late))
    slots = []
    for place, (one, other) in enumerate(zip(params, others, strict=True)):
        if one == other:
            continue
        moment = next(
            (
                n
                for n, pair in enumerate(zip(_moments(early), _moments(late), strict=True))
                if _same(pair[0], one) and _same(pair[1], other)
            ),
            None,
        )
        if moment is None:
            raise RuntimeError(f"parameter {place} of {sorted(counts)} moves with the clock")
        slots.append((place, moment))
    if sql != other_sql:
        raise RuntimeError(f"the statement of {sorted(counts)} changes with the clock")
    return Numbers(tuple(counts), sql, tuple(params), tuple(slots))


def _same(moment: date, value: Any) -> bool:
    """Compare without taking a day for the moment it begins with."""
    return type(moment) is type(value) and moment == value


def _moments(asker: Asker) -> tuple[datetime, date, datetime]:
    return asker.at, asker.today, end_of_day(asker.user, asker.at)


def _compiled(counts: Mapping[str, Combinable]) -> tuple[str, list[Any]]:
    query = Office.objects.order_by().query
    array = Func(*counts.values(), template="ARRAY[%(expressions)s]", output_field=_ARRAY)
    sql, params = query.get_compiler(DEFAULT_DB_ALIAS).compile(array.resolve_expression(query))
    return sql, list(params)
