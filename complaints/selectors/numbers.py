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

Build = Callable[[Asker], Mapping[str, Combinable]]
_ARRAY: Final = ArrayField(IntegerField())


@dataclass(frozen=True)
class Numbers:
    """Counts by name, in the order of the array that the statement returns."""

    names: tuple[str, ...]
    statement: Statement

    def ask(self, asker: Asker) -> dict[str, int]:
        """Return the counts by name. One query."""
        with connection.cursor() as cursor:
            cursor.execute(self._asked, self.statement.params_for(asker, {}))
            return self.named(cursor.fetchone()[0])

    @cached_property
    def _asked(self) -> Planned:
        # Capped counts over indexes of open rows: which plan is best does not hang on who asks. For a
        # province planning took as long as counting.
        return Planned(
            f"SELECT {self.statement.sql}",
            self.statement.params,
            self.statement.slots,
            one_plan=True,
        )

    def named(self, found: list[int]) -> dict[str, int]:
        """Return the array's counts by name."""
        return dict(zip(self.names, found, strict=True))


def remembered(kind: str, build: Build, asker: Asker) -> Numbers:
    """Return what ``build`` counts, built once per shape; somebody without a unit has no statement. No query.

    What a builder may ask of the person and of the clock says :mod:`complaints.selectors.kept`.
    """
    if asker.user.office is None:
        # Asked of nobody: zeros stand for all of them.
        return Numbers(tuple(build(asker)), Statement("", (), ()))

    def write() -> Numbers:
        names: list[str] = []

        def compiled(probe: Asker) -> tuple[str, Sequence[Any]]:
            counts = build(probe)
            names[:] = counts
            query = Office.objects.order_by().query
            array = Func(
                *counts.values(), template="ARRAY[%(expressions)s]", output_field=_ARRAY
            ).resolve_expression(query)
            sql: tuple[str, Sequence[Any]] = query.get_compiler(DEFAULT_DB_ALIAS).compile(array)
            return sql

        statement = written(compiled, asker.user, asker.user.roles, {})
        return Numbers(tuple(names), statement)

    return kept(kind, asker.user, asker.user.roles, write)
