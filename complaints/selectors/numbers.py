"""Numbers asked often: a dozen capped counts as one array, written once by the ORM (``kept.py``).

PostgreSQL answers the counts of a desk page in two milliseconds; building them takes Django seven.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Func, IntegerField
from django.db.models.expressions import Combinable

from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.database.planned import Planned
from complaints.selectors.filters import Asker
from complaints.selectors.kept import Statement, kept, written

Build = Callable[..., Mapping[str, Combinable]]
_ARRAY: Final = ArrayField(IntegerField())


@dataclass(frozen=True)
class Counted:
    """Counts by name, in the order of the array that the statement returns; kept for a shape."""

    names: tuple[str, ...]
    statement: Statement

    @cached_property
    def planned(self) -> Planned:
        """Return the statement as it is executed."""
        # Capped counts over indexes of open rows: which plan is best does not hang on who asks. For a
        # province planning took as long as counting.
        return Planned(
            f"SELECT {self.statement.sql}",
            self.statement.params,
            self.statement.slots,
            one_plan=True,
        )


@dataclass(frozen=True)
class Numbers:
    """Counts that are kept, and the values of this call."""

    counted: Counted
    more: Mapping[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """Return what is counted."""
        return self.counted.names

    def ask(self, asker: Asker) -> dict[str, int]:
        """Return the counts by name. One query."""
        with connection.cursor() as cursor:
            params = self.counted.statement.params_for(asker, self.more)
            cursor.execute(self.counted.planned, params)
            return dict(zip(self.names, cursor.fetchone()[0], strict=True))


def remembered(kind: str, build: Build, asker: Asker, **more: Any) -> Numbers:
    """Return what ``build(asker, **more)`` counts, built once per shape. No query.

    Somebody without a unit has no statement. What a builder may ask of the person and of the clock, and
    what ``more`` may be, says :mod:`complaints.selectors.kept`.
    """
    if asker.user.office is None:
        # Asked of nobody: zeros stand for all of them.
        return Numbers(Counted(tuple(build(asker, **more)), Statement("", (), ())), more)

    def write() -> Counted:
        names: list[str] = []

        def compiled(probe: Asker, **values: Any) -> tuple[str, Sequence[Any]]:
            counts = build(probe, **values)
            names[:] = counts
            query = Office.objects.order_by().query
            array = Func(
                *counts.values(), template="ARRAY[%(expressions)s]", output_field=_ARRAY
            ).resolve_expression(query)
            sql: tuple[str, Sequence[Any]] = query.get_compiler(DEFAULT_DB_ALIAS).compile(array)
            return sql

        statement = written(compiled, asker.user, asker.user.roles, more)
        return Counted(tuple(names), statement)

    return Numbers(kept(kind, asker.user, asker.user.roles, write), more)
