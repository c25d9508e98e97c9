"""New rows, by statements that are written once a process for each model (ADR 0035).

A report is a dozen new rows. Of each, Django's ``save`` and ``bulk_create`` spend ten times as long on
writing the statement anew as on sending it, open a transaction around what is one statement, and have
sent back what the database worked out, the search words of a record among it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, Literal, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model
from django.db.models.expressions import DatabaseDefault
from django.db.transaction import TransactionManagementError

from bawaslu_cases.shared.databases import alias_of

Known = Literal["refused", "left", "replaced"]
"""What becomes of a row whose key is there already: an IntegrityError, nothing, or the new one instead."""


def write_new(*rows: Model, known: Known = "refused") -> None:
    """Write new rows of one model, no signals, and tell them what the database gave them. One query.

    Rows that they refer to must be stored. Generated columns are not read back: asking for one asks the
    database. None written when there are none; raises as ``save`` does, and then nothing is written.
    """
    if not rows:
        return
    model = type(rows[0])
    drawn = rows[0].pk is None
    written = _written(model, drawn, known)
    params = []
    for row in rows:
        if type(row) is not model or (row.pk is None) is not drawn:
            raise TypeError("rows of one model, with a key or without")
        params += _values(written, row)
    values = ", ".join([written.values] * len(rows))
    statement = f"{written.head} VALUES {values}{written.tail}"
    parcel = _PARCEL.get()
    if parcel is not None and parcel.takes(written):
        parcel.add(statement, params)
    else:
        with connections[written.alias].cursor() as cursor:
            cursor.execute(statement + _telling(written), params)
            told = cursor.fetchall() if written.told else [()] * len(rows)
        for row, gave in zip(rows, told, strict=True):
            for field, value in zip(written.told, gave, strict=True):
                setattr(row, field.attname, value)
    for row in rows:
        row._state.adding, row._state.db = False, written.alias  # noqa: SLF001 -- as save() does


def move_and_tell(
    row: Model, *, held: Mapping[str, Any], to: Mapping[str, Any], event: Model
) -> bool:
    """Write ``to`` into a stored row that still holds ``held``, and one new row that tells of it.

    One statement, so both stand or neither, without a savepoint. False, and nothing is written, when the
    row holds something else by now; else ``row`` holds afterwards what the database keeps. ``to`` are
    plain values by field. One query.
    """
    moved = _moved(type(row), tuple(held), tuple(to), type(event))
    connection = connections[moved.event.alias]
    values = [
        field.get_db_prep_save(
            value.prepare_database_save(field) if isinstance(value, Model) else value,
            connection=connection,
        )
        for field, value in zip(moved.set, to.values(), strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            moved.statement, [*values, row.pk, *held.values(), *_values(moved.event, event)]
        )
        told = cursor.fetchone()
    if told is None:
        return False
    for field, value in zip(moved.event.told, told, strict=False):
        setattr(event, field.attname, value)
    for field, value in zip(moved.set, told[len(moved.event.told) :], strict=True):
        for convert in field.get_db_converters(connection):
            value = convert(value, None, connection)  # noqa: PLW2901 -- one after the other
        if field.is_relation and field.is_cached(row):
            field.delete_cached_value(row)
        setattr(row, field.attname, value)
    event._state.adding, event._state.db = False, moved.event.alias  # noqa: SLF001 -- as save() does
    return True


def _values(written: "_Written", row: Model) -> list[Any]:
    """Return what a new row says, as the database takes it."""
    for field in written.given:
        if not isinstance(getattr(row, field.attname), DatabaseDefault):
            raise TypeError(f"{field.name} is the database's to give")
    connection = connections[written.alias]
    return [
        field.get_db_prep_save(field.pre_save(row, add=True), connection=connection)
        for field in written.fields
    ]


class _Parcel:
    """Statements that go to the database together."""

    def __init__(self, alias: str, told: Sequence[type[Model]]) -> None:
        self._alias = alias
        self._told = frozenset(told)
        self._statements: list[str] = []
        self._params: list[Any] = []

    def takes(self, written: "_Written") -> bool:
        return written.alias == self._alias and written.model not in self._told

    def add(self, statement: str, params: Sequence[Any]) -> None:
        self._statements.append(statement)
        self._params += params

    def send(self) -> None:
        if self._statements:
            with connections[self._alias].cursor() as cursor:
                cursor.execute("; ".join(self._statements), self._params)


_PARCEL: ContextVar[_Parcel | None] = ContextVar("new_rows", default=None)


@contextmanager
def written_together(*, told: Sequence[type[Model]] = ()) -> Iterator[None]:
    """Send what :func:`write_new` is given inside in one journey, when the block ends. One query.

    For rows that nobody asks the database for inside the block: each journey costs both sides more than
    most of these rows. Of a key that the database gives nobody is told, but of the models in ``told``:
    their rows go at once, before all others. Inside a transaction; an error in the block sends nothing.
    """
    if not connections[DEFAULT_DB_ALIAS].in_atomic_block:
        raise TransactionManagementError("rows that are written together stand or fall together")
    parcel = _Parcel(DEFAULT_DB_ALIAS, told)
    token = _PARCEL.set(parcel)
    try:
        yield
    finally:
        _PARCEL.reset(token)
    parcel.send()


def _telling(written: "_Written") -> str:
    quoted: Any = connections[written.alias].ops.quote_name
    names = ", ".join(quoted(each.column) for each in written.told)
    return f" RETURNING {names}" if names else ""


class _Written(NamedTuple):
    model: type[Model]
    alias: str
    fields: Sequence[Any]
    given: Sequence[Any]
    told: Sequence[Any]
    head: str
    values: str
    tail: str


@cache
def _written(model: type[Model], drawn: bool, known: Known) -> _Written:  # noqa: FBT001 -- a part of the key
    """Return the statement's parts; ``drawn`` rows get their key from the database."""
    meta = model._meta
    alias = alias_of(meta.app_label)
    connection = connections[alias]
    quoted: Any = connection.ops.quote_name
    columns = [each for each in meta.local_concrete_fields if not each.generated]
    # What the program draws too, it draws here; the database's is for whoever does not know the column.
    given = [each for each in columns if each.has_db_default() and not each.has_default()]
    fields = [each for each in columns if each not in given and not (drawn and each.primary_key)]
    told = [*([meta.pk] if drawn and known == "refused" else []), *given]
    if told and known != "refused":
        raise TypeError("what the database gives is told of rows that are surely written")
    marks = [
        each.get_placeholder(None, None, connection) if hasattr(each, "get_placeholder") else "%s"
        for each in fields
    ]
    names = ", ".join(quoted(each.column) for each in fields)
    tail = ""
    if known == "left":
        tail = " ON CONFLICT DO NOTHING"
    elif known == "replaced":
        others = ", ".join(
            f"{quoted(each.column)} = EXCLUDED.{quoted(each.column)}"
            for each in fields
            if not each.primary_key
        )
        tail = f" ON CONFLICT ({quoted(meta.pk.column)}) DO UPDATE SET {others}"
    return _Written(
        model=model,
        alias=alias,
        fields=fields,
        given=given,
        told=told,
        head=f"INSERT INTO {quoted(meta.db_table)} ({names})",
        values=f"({', '.join(marks)})",
        tail=tail,
    )


class _Moved(NamedTuple):
    set: Sequence[Any]
    event: _Written
    statement: str


@cache
def _moved(
    model: type[Model], held: tuple[str, ...], to: tuple[str, ...], event: type[Model]
) -> _Moved:
    meta = model._meta
    quoted: Any = connections[alias_of(meta.app_label)].ops.quote_name
    fields: list[Any] = [meta.get_field(name) for name in to]
    written = _written(event, True, "refused")  # noqa: FBT003 -- the database draws its key
    key: Any = meta.pk
    conditions = [key, *(meta.get_field(name) for name in held)]
    told = [f"told.{quoted(each.column)}" for each in written.told]
    told += [f"moved.{quoted(each.column)}" for each in fields]
    statement = (
        f"WITH moved AS (UPDATE {quoted(meta.db_table)}"
        f" SET {', '.join(f'{quoted(each.column)} = %s' for each in fields)}"
        f" WHERE {' AND '.join(f'{quoted(each.column)} = %s' for each in conditions)}"
        f" RETURNING {', '.join(quoted(each.column) for each in fields)}),"
        f" told AS ({written.head} SELECT {written.values[1:-1]} FROM moved{_telling(written)})"
        f" SELECT {', '.join(told)} FROM moved, told"
    )
    return _Moved(set=fields, event=written, statement=statement)
