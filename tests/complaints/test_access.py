"""Whose rows a person reaches: own office and below; all else does not exist."""

from typing import Any
from uuid import uuid4

import pytest
from django.http import Http404

from bawaslu_cases.registry.models import Office
from complaints.access import (
    allegation_in_case,
    editable_case,
    editable_complaint,
    official_in_case,
    readable_case,
    readable_complaint,
)
from complaints.models import Case, Complaint
from complaints.states import Lane
from tests.factories import case, finding, office, person, report, tip

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


@pytest.mark.django_db
def test_a07_a_province_reaches_its_regencies_and_a_piece_of_a_code_reaches_nothing():
    """Own office and below by whole parts of the code: 33 holds 33.08, never 51; 3 and 33.0 hold none."""
    here, below, elsewhere = tip(), finding(officer="rudi"), finding(officer="budi")

    def seen(who):
        return set(Complaint.objects.visible_to(person(who)).values_list("pk", flat=True))

    assert (office("33").path, office("33.08").path) == ("00.33", "00.33.08")
    assert seen("sari") == {here.pk, below.pk}
    assert seen("rudi") == {below.pk}
    assert seen("budi") == {elsewhere.pk}
    assert seen("ratna") == {here.pk, below.pk, elsewhere.pk}
    for piece in ("00.3", "00.33.0", "00.330", "0", ""):
        assert not Office.objects.under(piece).exists(), piece


@pytest.mark.django_db
@pytest.mark.usefixtures("vault_keys")
@pytest.mark.parametrize(
    ("kept_away", "lane", "seen_by"),
    [
        ((), Lane.OPEN, {"rudi", "sari", "ratna"}),
        (("33.08",), Lane.OPEN, {"sari", "ratna"}),
        (("33.08", "33"), Lane.OPEN, {"ratna"}),
        (("33",), Lane.SEALED, {"ratna"}),
    ],
)
def test_a23_units_that_the_reporter_names_see_neither_record_nor_list(kept_away, lane, seen_by):
    """The province only where it is not named itself; what becomes of the record later, too."""
    ids = tuple(office(code).pk for code in kept_away)
    row = report(lane=lane, keep_from=ids)
    people = ("rudi", "lina", "sari", "joko", "ratna", "budi")

    reached = set()
    for who in people:
        listed = Complaint.objects.visible_to(person(who)).filter(pk=row.pk).exists()
        try:
            readable_complaint(public_id=row.public_id, user=person(who))
        except Http404:
            assert not listed
        else:
            assert listed
            reached.add(who)

    offices = {person(who).office_id for who in seen_by}
    assert reached == {who for who in people if person(who).office_id in offices}


@pytest.mark.django_db
def test_a23_a_case_is_kept_from_the_same_units():
    found = case(officer="rudi")
    Case.objects.filter(pk=found.pk).update(excluded_offices=[office("33").pk])

    for door in CASE_DOORS:
        assert door(public_id=found.public_id, user=person("rudi")) == found
        with pytest.raises(Http404):
            door(public_id=found.public_id, user=person("sari"))
