"""New rows, by statements that are written once a process for each model (ADR 0035).

A report is a dozen new rows. Of each, Django's ``save`` and ``bulk_create`` spend ten times as long on
writing the statement anew as on sending it, open a transaction around what is one statement, and have
sent back what the database worked out, the search words of a record among it.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal, NamedTuple

from django.db import connections
from django.db.models import Model
from django.db.models.expressions import DatabaseDefault

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
    connection = connections[written.alias]
    params = []
    for row in rows:
        if type(row) is not model or (row.pk is None) is not drawn:
            raise TypeError("rows of one model, with a key or without")
        for field in written.given:
            if not isinstance(getattr(row, field.attname), DatabaseDefault):
                raise TypeError(f"{field.name} is the database's to give")
        params += [
            field.get_db_prep_save(field.pre_save(row, add=True), connection=connection)
            for field in written.fields
        ]
    values = ", ".join([written.values] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(f"{written.head} VALUES {values}{written.tail}", params)
        told = cursor.fetchall() if written.told else [()] * len(rows)
    for row, gave in zip(rows, told, strict=True):
        for field, value in zip(written.told, gave, strict=True):
            setattr(row, field.attname, value)
        row._state.adding, row._state.db = False, written.alias  # noqa: SLF001 -- as save() does


class _Written(NamedTuple):
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
    given = [each for each in columns if each.has_db_default()]
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
    if told:
        tail += " RETURNING " + ", ".join(quoted(each.column) for each in told)
    return _Written(
        alias=alias,
        fields=fields,
        given=given,
        told=told,
        head=f"INSERT INTO {quoted(meta.db_table)} ({names})",
        values=f"({', '.join(marks)})",
        tail=tail,
    )
