"""The allow-list: what each kind of recipient is told, and that a new field is told to nobody."""

import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest

from complaints.models import Allegation, Case, Complaint, Official
from referrals.packets.canonical import canonical
from referrals.packets.record import (
    ALLEGATION_FIELDS,
    FIELDS,
    PERSON_FIELDS,
    Audience,
    audience_of,
    draft_record,
    numbered,
    record_day,
)
from tests.factories import AT
from tests.referrals import stages

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "referral-record.schema.json").read_text())
NUMBER = "001/Rekom-DPPL/TM/PB/Prov/14.00/X/2024"


def _definition(audience):
    return SCHEMA["$defs"][audience.value]


@pytest.mark.parametrize("audience", Audience)
def test_k01_the_schema_equals_the_allow_list(audience):
    record = _definition(audience)
    person = record["properties"]["people"]["items"]
    alleged = person["properties"]["allegations"]["items"]

    assert set(record["properties"]) == {*FIELDS[audience], "number", "issued_on"}
    assert set(person["properties"]) == {*PERSON_FIELDS[audience], "allegations"}
    assert set(alleged["properties"]) == set(ALLEGATION_FIELDS[audience])
    for each in (record, person, alleged):
        assert each["additionalProperties"] is False
        assert set(each["required"]) == set(each["properties"])


def test_a_kind_that_needs_less_is_told_less():
    for fields in (FIELDS, PERSON_FIELDS, ALLEGATION_FIELDS):
        told = [set(fields[audience]) for audience in Audience]
        assert told[0] >= told[1] >= told[2]
    assert "nip" not in PERSON_FIELDS[Audience.OTHER]
    assert "sanction_class" not in ALLEGATION_FIELDS[Audience.CRIME_CHECK]


def test_a_record_is_written_in_one_way():
    assert (
        canonical({"b": ["é", 1, None], "a": {"z": True}})
        == '{"a":{"z":true},"b":["é",1,null]}'.encode()
    )
    assert canonical({"a": "e\u0301"}) == canonical({"a": "\u00e9"})
    with pytest.raises(ValueError, match="float"):
        canonical({"a": 0.5})


@pytest.mark.django_db
def test_k01_what_no_list_names_is_not_told(django_assert_num_queries):
    referral = stages.fresh(stages.proposed())
    told_nowhere = "KENARI"
    item = referral.items.get()
    Case.objects.filter(pk=referral.case_id).update(title=told_nowhere)
    Allegation.objects.filter(pk=item.allegation_id).update(description=told_nowhere)
    Official.objects.filter(pk=item.official_id).update(account=told_nowhere)
    Official.objects.filter(pk=item.official_id).update(agency_text=told_nowhere)
    Complaint.objects.filter(cases=referral.case_id).update(
        summary=told_nowhere, search_text=told_nowhere, place=told_nowhere, title=told_nowhere
    )
    referral = stages.fresh(referral)
    day = record_day(referral, AT)

    with django_assert_num_queries(3):
        draft = draft_record(referral=referral, on=day)
    record = numbered(draft, number=NUMBER, on=day)

    jsonschema.validate(record, SCHEMA)
    assert audience_of(referral.recipient) is Audience.CIVIL_SERVICE
    assert told_nowhere not in canonical(record).decode()
    assert (record["number"], record["issued_on"]) == (NUMBER, "2024-10-07")
    assert record["people"][0]["nip"] == "197001012000011904"
    assert record["minutes"]["decided_on"] == "2024-10-07"
    assert record["evidence"] == []


@pytest.mark.django_db
def test_k01_a_record_with_one_key_more_fits_no_schema():
    referral = stages.fresh(stages.proposed())
    day = record_day(referral, AT)
    record = numbered(draft_record(referral=referral, on=day), number=NUMBER, on=day)

    for spoiled in (
        {**record, "reporter": "x"},
        {**record, "people": [{**record["people"][0], "address": "x"}]},
        {**record, "number": None},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(spoiled, SCHEMA)
