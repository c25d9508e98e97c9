"""Statements that PostgreSQL reads and plans once a connection, not at every call (ADR 0035).

Planning a desk page's statements takes longer than answering them. Only what changes from call to call is a
parameter; statuses and limits stay in the text, so that a plan can use the indexes made for them.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Self
from uuid import UUID

_TYPES: Final[Mapping[type, str]] = {
    int: "bigint",
    list: "bigint[]",
    str: "text",
    UUID: "uuid",
    date: "date",
    datetime: "timestamptz",
}


class Planned(str):
    """A statement as Django executes it, with what is needed to have it planned.

    ``slots`` are (place among the parameters, name); what has one name has one value. Every other parameter
    is the same at every call. TypeError for a slot of what is no key, keys, text, day or moment.

    ``one_plan`` is for a statement of which one plan is known to be good for all values; otherwise PostgreSQL
    plans anew at each call as long as it believes that to be cheaper.
    """

    __slots__ = ("_params", "_places", "_slots", "_text", "name", "one_plan")

    name: str
    """What it is called on a connection: alike only for the same text and the same slots."""
    one_plan: bool
    _params: tuple[Any, ...]
    _slots: dict[int, int]
    _places: tuple[int, ...]
    _text: str

    def __new__(
        cls,
        sql: str,
        params: Sequence[Any],
        slots: Sequence[tuple[int, str]],
        *,
        one_plan: bool = False,
    ) -> Self:
        """Note which parameter is which."""
        made = super().__new__(cls, sql)
        made.one_plan = one_plan
        first: dict[str, int] = {}
        for place, slot in slots:
            if type(params[place]) not in _TYPES:
                raise TypeError(f"{slot} is no key, keys, text, day or moment")
            first.setdefault(slot, place)
        numbers = {slot: number for number, slot in enumerate(first, start=1)}
        made._params = tuple(params)
        made._slots = {place: numbers[slot] for place, slot in slots}
        made._places = tuple(first.values())
        made._text = ""
        fixed = [param for place, param in enumerate(params) if place not in made._slots]
        told = repr((sql, fixed, sorted(made._slots.items())))
        made.name = f"kept_{hashlib.sha256(told.encode()).hexdigest()[:16]}"
        return made

    def text(self, cursor: Any) -> str:
        """Return the statement with ``$1`` for what changes and all else written out. No query.

        ``cursor`` is psycopg2's own: it knows how its connection writes a value.
        """
        if not self._text:
            params = enumerate(self._params)

            def put(mark: re.Match[str]) -> str:
                if mark[0] == "%%":
                    return "%"
                place, param = next(params)
                if place not in self._slots:
                    return str(cursor.mogrify("%s", [param]).decode())
                return f"${self._slots[place]}::{_TYPES[type(param)]}"

            self._text = re.sub("%[%s]", put, self)
        return self._text

    def changing(self, params: Sequence[Any]) -> list[Any]:
        """Return of one call's parameters those that change, in the order of ``$1``, ``$2``."""
        return [params[place] for place in self._places]

    def execution(self, name: str) -> str:
        """Return what calls it under a name."""
        marks = ", ".join(["%s"] * len(self._places))
        return f"EXECUTE {name} ({marks})" if marks else f"EXECUTE {name}"
