"""One queryset that every call asks, written once a process: afterwards only its values change (ADR 0035).

Of a short request Django spends more time on building and compiling such querysets than PostgreSQL on
answering them. For lists that depend on who asks there is ``complaints/selectors/kept.py``.
"""

import copy
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.query import ModelIterable

from bawaslu_cases.shared.database.planned import Planned

M = TypeVar("M", bound=models.Model)

_MOMENTS: Final = (datetime(2222, 2, 2, tzinfo=UTC), datetime(3333, 3, 3, tzinfo=UTC))
_KEYS: Final = (7_222_222_222_222_220_000, 7_333_333_333_333_330_000)


class Prepared(Generic[M]):
    """A queryset of rows whose conditions take named values: texts, whole numbers, moments.

    ``build`` is called twice with values that no row has; where the two statements differ stands one of the
    names. RuntimeError for any other difference. Nothing that prefetches can be prepared.
    """

    def __init__(self, build: "Callable[..., models.QuerySet[M]]") -> None:
        self._build = build
        self._written: _Written | None = None

    def rows(self, **values: Any) -> list[M]:
        """Return the rows for these values. One query."""
        written = self._written
        if written is None:
            # Two threads may write it at once; they write the same.
            written = self._written = self._write(values)
        params = list(written.params)
        for place, name in written.slots:
            params[place] = values[name]
        return read_rows(written.compiler, written.model, written.sql, params)

    def _write(self, values: dict[str, Any]) -> "_Written":
        first, second = (
            {
                name: _stand_in(which, at, type(value))
                for at, (name, value) in enumerate(values.items())
            }
            for which in (0, 1)
        )
        queryset = self._build(**first)
        sql, params = queryset.query.sql_with_params()
        other_sql, others = self._build(**second).query.sql_with_params()
        if sql != other_sql:
            raise RuntimeError("the statement changes with its values")
        slots = []
        for place, (one, other) in enumerate(zip(params, others, strict=True)):
            if one == other:
                continue
            names = [name for name in first if first[name] == one and second[name] == other]
            if len(names) != 1:
                raise RuntimeError(f"parameter {place} is none of the values")
            slots.append((place, names[0]))
        if {name for _place, name in slots} != set(values):
            raise RuntimeError("a value is nowhere in the statement")
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        compiler.as_sql()
        compiler.connection = None
        return _Written(
            Planned(sql, params, slots), tuple(params), tuple(slots), compiler, queryset.model
        )


class _Written(NamedTuple):
    sql: str
    params: tuple[Any, ...]
    slots: tuple[tuple[int, str], ...]
    compiler: Any
    model: Any


def read_rows(compiler: Any, model: type[M], sql: str, params: Sequence[Any]) -> list[M]:
    """Return rows as Django's own iterator makes them of a statement already compiled. One query."""
    asked = sql, params
    compiler = copy.copy(compiler)
    compiler.connection = connections[DEFAULT_DB_ALIAS]
    compiler.as_sql = lambda: asked
    # All that Django's own iterator asks of a queryset; it makes the rows as it makes all others.
    source: Any = SimpleNamespace(
        db=DEFAULT_DB_ALIAS,
        model=model,
        query=SimpleNamespace(get_compiler=lambda using: compiler),  # noqa: ARG005 -- its signature
        _known_related_objects={},
    )
    return list(ModelIterable(source))


def _stand_in(which: int, at: int, kind: type) -> Any:
    """Return a value that no row has, another one for each place."""
    if kind is str:
        return f"{_KEYS[which] + at}"
    if kind is int:
        return _KEYS[which] + at
    if kind is datetime:
        return _MOMENTS[which] + timedelta(seconds=at)
    raise TypeError(f"{kind.__name__} is no text, number or moment")
