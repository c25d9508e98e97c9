"""A row leaves the API as its serializer writes it, whichever way it was written."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from bawaslu_cases.accounts.api.pages import ListView
from bawaslu_cases.shared.api_rows import writer
from complaints.api import urls as _complaints  # noqa: F401 -- its views are lists
from referrals.api import urls_clients as _referrals  # noqa: F401 -- its views too
from referrals.api.changes import SHAPES, ChangesOut

Shape = type[serializers.Serializer[Any]]

VALUES: dict[type, tuple[Any, ...]] = {
    serializers.BooleanField: (True, False),
    serializers.CharField: ("Nama & <b>", "", 7),
    serializers.ChoiceField: ("upsert", "removed"),
    serializers.DateField: (date(2024, 2, 29), "2024-03-01"),
    serializers.DateTimeField: (datetime(2024, 11, 27, 23, 59, 59, 999999, tzinfo=UTC),),
    serializers.IntegerField: (0, 12),
    serializers.UUIDField: (
        UUID("11111111-2222-4333-8444-555555555555"),
        "11111111-2222-4333-8444-555555555555",
    ),
}


def shapes() -> list[Shape]:
    """Return what every list of the API leaves in, and the feed."""
    lists = [view.page_out for view in ListView.__subclasses__()]
    return sorted({*lists, ChangesOut, *SHAPES.values()}, key=lambda shape: shape.__name__)


def rows_of(shape: Shape) -> Iterator[dict[str, Any]]:
    """Return rows in which every field meets each of its values, and null where it may be."""
    fields = shape().fields
    for turn in range(4):
        yield {name: _value(field, turn) for name, field in fields.items()}


def _value(field: Any, turn: int) -> Any:
    if field.allow_null and turn == 3:
        return None
    if isinstance(field, serializers.ListSerializer):
        return [_value(field.child, each) for each in range(turn)]
    if isinstance(field, serializers.Serializer):
        return list(rows_of(type(field)))[turn]
    if isinstance(field, serializers.ListField):
        return [_value(field.child, each) for each in range(turn)]
    known = VALUES.get(type(field), ({"as": "it is"},))
    return known[turn % len(known)]


@pytest.mark.parametrize("shape", shapes())
def test_a_row_is_written_as_its_serializer_writes_it(shape: Shape) -> None:
    rows = list(rows_of(shape))
    written = [writer(shape)(row) for row in rows]
    said = [shape(row).data for row in rows]
    assert JSONRenderer().render(written) == JSONRenderer().render(said)
    assert [list(row) for row in written] == [list(row) for row in said]
    assert json.loads(JSONRenderer().render(written))[0], "there is something in it"


def test_every_list_of_the_api_is_among_them() -> None:
    names = {shape.__name__ for shape in shapes()}
    assert {"ComplaintsOut", "CasesOut", "DeadlinesOut", "ReferralsOut", "FollowUpsOut"} <= names


def test_a_field_under_another_name_is_refused() -> None:
    class Renamed(serializers.Serializer[Any]):
        name = serializers.CharField(source="title")

    with pytest.raises(TypeError, match="name: not read under its own name"):
        writer(Renamed)


def test_a_row_that_lacks_a_field_is_refused() -> None:
    class Named(serializers.Serializer[Any]):
        name = serializers.CharField()

    with pytest.raises(KeyError):
        writer(Named)({"title": "x"})
