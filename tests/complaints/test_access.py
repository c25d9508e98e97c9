"""Whose rows a person reaches: own office and below; all else does not exist."""

from typing import Any
from uuid import uuid4

import pytest
from django.http import Http404

from complaints.access import (
    allegation_in_case,
    editable_case,
    editable_complaint,
    official_in_case,
    readable_case,
    readable_complaint,
)
from tests.factories import case, finding, person, tip

COMPLAINT_DOORS = (readable_complaint, editable_complaint)
CASE_DOORS = (readable_case, editable_case)


@pytest.mark.django_db
@pytest.mark.parametrize("door", COMPLAINT_DOORS)
@pytest.mark.parametrize(
    ("who", "sees_tip", "sees_finding"),
    [
        ("sari", True, True),  # the province sees its own tip and its regency's finding
        ("ratna", True, True),  # the whole country
        ("rudi", False, True),  # the regency never sees the province's tips
        ("budi", False, False),  # another province
        ("anwar", False, False),  # no office at all
    ],
)
def test_records_are_reached_inside_the_scope_only(door, who, sees_tip, sees_finding):
    rows = [(tip(), sees_tip), (finding(officer="rudi"), sees_finding)]

    for row, sees in rows:
        if sees:
            assert door(public_id=row.public_id, user=person(who)) == row
        else:
            with pytest.raises(Http404):
                door(public_id=row.public_id, user=person(who))


@pytest.mark.django_db
@pytest.mark.parametrize("door", CASE_DOORS)
def test_cases_are_reached_inside_the_scope_only(door):
    found = case(officer="rudi")

    assert door(public_id=found.public_id, user=person("sari")) == found
    with pytest.raises(Http404):
        door(public_id=found.public_id, user=person("budi"))


@pytest.mark.django_db
@pytest.mark.parametrize("door", COMPLAINT_DOORS + CASE_DOORS)
def test_an_unknown_id_is_not_found(door):
    with pytest.raises(Http404):
        door(public_id=uuid4(), user=person("ratna"))


@pytest.mark.django_db
def test_parts_of_a_case_are_reached_through_that_case_only():
    mine, other = case(), case()
    allegation = other.allegations.get()

    assert allegation_in_case(public_id=allegation.public_id, case=other) == allegation
    assert official_in_case(public_id=allegation.official.public_id, case=other)
    with pytest.raises(Http404):
        allegation_in_case(public_id=allegation.public_id, case=mine)
    with pytest.raises(Http404):
        official_in_case(public_id=allegation.official.public_id, case=mine)


@pytest.mark.django_db
def test_a_whole_file_is_one_query(django_assert_num_queries):
    user, row = person("ratna"), tip()
    found = case()
    _warm = (user.scope_office_ids, user.roles)

    with django_assert_num_queries(1):
        assert readable_complaint(public_id=row.public_id, user=user).statement.sealed
    with django_assert_num_queries(1):
        file: Any = readable_case(public_id=found.public_id, user=user)
        assert len(file.allegation_rows) == 1
