"""What a serializer makes of a row, for lists of rows.

DRF asks every field of every row anew how it is read and written: of a page of a hundred that is a third of
the processor time. A writer asks once a shape and process. Answers are the same, character by character.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any, Final

from rest_framework import serializers

Row = Mapping[str, Any]
Writer = Callable[[Any], Any]


def _day(value: date | str) -> str:
    return value if isinstance(value, str) else value.isoformat()


_PLAIN: Final[Mapping[type[serializers.Field[Any, Any, Any, Any]], Writer]] = {
    serializers.CharField: str,
    serializers.DateField: _day,
    serializers.IntegerField: int,
    serializers.UUIDField: str,
}
"""Fields without options of their own here; of any other the field itself is asked."""


@cache
def writer(shape: type[serializers.Serializer[Any]]) -> Callable[[Row], dict[str, Any]]:
    """Return what makes of a row what ``shape(row).data`` holds.

    Every field is read under its own name. TypeError for a shape with a field that is not; the writer raises
    KeyError for a row without one.
    """
    fields = shape().fields
    if renamed := [name for name, field in fields.items() if field.source != name]:
        raise TypeError(f"{', '.join(renamed)}: not read under its own name")
    writers = {name: _of_field(field) for name, field in fields.items()}

    def write(row: Row) -> dict[str, Any]:
        return {
            name: None if (value := row[name]) is None else as_sent(value)
            for name, as_sent in writers.items()
        }

    return write


def _of_field(field: "serializers.Field[Any, Any, Any, Any]") -> Writer:
    if isinstance(field, serializers.ListSerializer) and field.child is not None:
        return _each(_of_field(field.child))
    if isinstance(field, serializers.Serializer):
        return writer(type(field))
    if type(field) is serializers.ListField:
        child = field.child
        return _each(_PLAIN.get(type(child), child.to_representation))
    return _PLAIN.get(type(field), field.to_representation)


def _each(one: Writer) -> Writer:
    return lambda values: [None if value is None else one(value) for value in values]
