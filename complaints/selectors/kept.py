"""Statements written once and asked often: the ORM builds them for a shape, then only values change.

Building and compiling the querysets of a desk page takes Django more time than PostgreSQL needs to answer
them and the templates to draw them together. What a list or a file holds is still said by one queryset and
nowhere else. Here it is written twice, for two people and two moments that do not exist; where the two
statements differ stands a slot. A difference that no slot explains raises, so nothing of one person can
stay behind in the statement of another, and a builder may ask the person for nothing but key, unit and
scope (and roles, where they make a shape of their own): the other fields of nobody are not there.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import BigIntegerField, BooleanField, F, Func, Value

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from bawaslu_cases.shared.database.planned import Planned
from bawaslu_cases.shared.prepared import read_rows
from complaints.selectors.filter_choices import end_of_day
from complaints.selectors.filters import Asker

M = TypeVar("M", bound=models.Model)
K = TypeVar("K")

_PROBES: Final = (
    (datetime(2222, 2, 2, 2, 2, 2, 222222, tzinfo=UTC), "Asia/Jakarta"),
    (datetime(3333, 3, 3, 3, 3, 3, 333333, tzinfo=UTC), "Asia/Jayapura"),
)
"""Two moments that no row has, and a time zone for each."""
_KEYS: Final = (7_222_222_222_222_220_000, 7_333_333_333_333_330_000)
"""Where the keys of the two people begin that do not exist."""

Roles = frozenset[str] | None
"""Whose shape does not depend on them has None."""

_KEPT: dict[Hashable, Any] = {}
"""By kind and shape: scopes of as many units and the same roles are one shape, so there are few."""


@dataclass(frozen=True)
class Statement:
    """SQL, its parameters, and which of them is which value of whoever asks."""

    sql: str
    params: tuple[Any, ...]
    slots: tuple[tuple[int, str], ...]

    def params_for(self, asker: Asker, more: Mapping[str, Any]) -> list[Any]:
        """Return the parameters for a person and a moment."""
        params, values = list(self.params), _values(asker, more)
        for place, name in self.slots:
            params[place] = values[name]
        return params


@dataclass(frozen=True)
class KeptRows(Generic[M]):
    """A queryset's statement and how its columns become rows of a model."""

    statement: Statement
    compiler: Any
    model: type[M]

    def read(self, asker: Asker, more: Mapping[str, Any]) -> list[M]:
        """Return the rows. One query."""
        params = self.statement.params_for(asker, more)
        return read_rows(self.compiler, self.model, self.statement.sql, params)


def kept_rows(
    kind: str, build: "Callable[..., models.QuerySet[M]]", asker: Asker, **more: Any
) -> list[M]:
    """Return the rows of ``build(asker, **more)``; the queryset is built once per shape. One query.

    ``more`` are values that ``build`` puts into its conditions: ids, keys, lists of keys (see
    :func:`key_among`), moments and texts, never what decides which conditions there are; that belongs into
    ``kind``. Nothing is prefetched. For people without a unit the queryset is built anew each time.
    """
    return _read(kind, build, asker, more, planned=True)


def kept_rows_planned_anew(
    kind: str, build: "Callable[..., models.QuerySet[M]]", asker: Asker, **more: Any
) -> list[M]:
    """Return the same as :func:`kept_rows`; PostgreSQL plans each call for its own values. One query.

    For what is quick in one way for a rare word and in another for a common one.
    """
    return _read(kind, build, asker, more, planned=False)


def _read(
    kind: str,
    build: "Callable[..., models.QuerySet[M]]",
    asker: Asker,
    more: Mapping[str, Any],
    *,
    planned: bool,
) -> list[M]:
    if asker.user.office is None:
        return list(build(asker, **more))

    def write() -> KeptRows[M]:
        early, _late = _probes(asker.user, None, more)
        queryset = build(early[0], **early[1])
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        compiler.as_sql()
        compiler.connection = None
        statement = written(_sql_of(build), asker.user, None, more)
        if not planned:
            statement = replace(statement, sql=str(statement.sql))
        return KeptRows(statement, compiler, queryset.model)

    found: KeptRows[M] = kept(kind, asker.user, None, write)
    return found.read(asker, more)


def key_among(keys: Sequence[int]) -> models.Q:
    """Return the condition that a row's key is one of ``keys``: one parameter, however many. No query."""
    array = Value(list(keys), output_field=ArrayField(BigIntegerField()))
    return models.Q(
        Func(
            F("pk"),
            array,
            template="%(expressions)s)",
            arg_joiner=" = ANY(",
            output_field=BooleanField(),
        )
    )


def kept(kind: str, user: User, roles: Roles, write: Callable[[], K]) -> K:
    """Return what ``write`` made for the kind, the roles and the shape of a scope, made once a process."""
    scope = user.scope_office_ids
    key = (kind, None if scope is None else len(scope), roles)
    if key not in _KEPT:
        _KEPT[key] = write()
    found: K = _KEPT[key]
    return found


def _sql_of(
    build: "Callable[..., models.QuerySet[Any]]",
) -> Callable[..., tuple[str, Sequence[Any]]]:
    return lambda asker, **more: build(asker, **more).query.sql_with_params()


def written(
    write: Callable[..., tuple[str, Sequence[Any]]],
    user: User,
    roles: Roles,
    more: Mapping[str, Any],
) -> Statement:
    """Return what ``write`` says for two people that do not exist, with a slot where they differ.

    Raises RuntimeError for a difference that is none of the values, DoesNotExist when more is asked
    of the person than there is. No query otherwise.
    """
    early, late = _probes(user, roles, more)
    sql, params = write(early[0], **early[1])
    other_sql, others = write(late[0], **late[1])
    if sql != other_sql:
        raise RuntimeError("the statement changes with who asks or when")
    first, second = _values(*early), _values(*late)
    slots = []
    for place, (one, other) in enumerate(zip(params, others, strict=True)):
        if type(one) is type(other) and one == other:
            continue
        name = next(
            (
                name
                for name, value in first.items()
                if _same(value, one) and _same(second[name], other)
            ),
            None,
        )
        if name is None:
            raise RuntimeError(f"parameter {place} changes with who asks or when, and has no slot")
        slots.append((place, name))
    return Statement(Planned(sql, params, slots), tuple(params), tuple(slots))


def _same(value: Any, param: Any) -> bool:
    """Compare without taking a day for the moment it begins with."""
    return type(value) is type(param) and bool(value == param)


def _values(asker: Asker, more: Mapping[str, Any]) -> dict[str, Any]:
    user = asker.user
    scope = user.scope_office_ids or ()
    return {
        "at": asker.at,
        "today": asker.today,
        "end": end_of_day(user, asker.at),
        "user": user.pk,
        "office": user.office_id,
        **{f"scope {n}": pk for n, pk in enumerate(scope)},
        **more,
    }


Probe = tuple[Asker, dict[str, Any]]


def _probes(user: User, roles: Roles, more: Mapping[str, Any]) -> tuple[Probe, Probe]:
    early, late = (_probe(n, user, roles, more) for n in range(2))
    return early, late


def _probe(n: int, user: User, roles: Roles, more: Mapping[str, Any]) -> Probe:
    """Return somebody who does not exist, with the roles and as many units in scope as the user has."""
    (at, time_zone), key = _PROBES[n], _KEYS[n]
    office = Office.from_db(DEFAULT_DB_ALIAS, ["id", "time_zone"], [key + 1, time_zone])
    known = {"id": key, "office_id": office.pk}
    if roles is not None:
        known["is_active"] = user.is_active
    nobody = User.from_db(DEFAULT_DB_ALIAS, list(known), list(known.values()))
    nobody.office = office
    scope = user.scope_office_ids
    # Both are kept for the request by the model; nobody has none to read.
    nobody.__dict__["roles"] = roles
    nobody.__dict__["scope_office_ids"] = (
        None if scope is None else tuple(key + 100 + place for place in range(len(scope)))
    )
    stand_ins: dict[str, Any] = {}
    for place, (name, value) in enumerate(more.items()):
        if type(value) is str:
            stand_ins[name] = f"nobody wrote {key + place}"
        elif type(value) is list:
            stand_ins[name] = [key + 50 + place]
        elif isinstance(value, UUID):
            stand_ins[name] = UUID(int=key + 50 + place)
        elif type(value) is int:
            stand_ins[name] = key + 50 + place
        elif type(value) is datetime:
            stand_ins[name] = at + timedelta(seconds=place + 1)
        else:
            raise TypeError(f"{name} is neither an id, a key, keys, a moment nor a text")
    return Asker(nobody, at), stand_ins
