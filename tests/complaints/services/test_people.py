"""The register of reported people: an officer's word joins, two numbers never do, and scope hides."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.models import Allegation, Case, Official, ReportedPerson, WorkEvent
from complaints.selectors.case_page import case_page
from complaints.selectors.case_rows import whole_case_files
from complaints.selectors.people import named_officials, person_page
from complaints.services.cases import complete_official
from complaints.services.intake import ReportedPerson as Told
from complaints.services.people import (
    confirm_person,
    name_key,
    record_person,
    refuse_person,
    release_person,
)
from tests.factories import AT, case, person

pytestmark = pytest.mark.django_db


def about(name: str, nip: str = "", officer: str = "sari") -> Case:
    return case(officer=officer, people=[Told(name=name, position="Camat", nip=nip)])


def official(found: Case) -> Official:
    return found.allegations.get().official


def known(found: Case, who: str = "sari") -> ReportedPerson:
    return record_person(case=found, official=official(found), officer=person(who), at=AT)


def suggested(found: Case, viewer: str = "sari") -> list[str]:
    user = person(viewer)
    row = whole_case_files(user).get(pk=found.pk)
    page = case_page(row, labels={}, at=AT)
    each = named_officials(row, page.allegations, viewer=user)[0]
    return [one.name for one in each.suggested]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Drs. Moch. Budi Santosa, M.Si.", "SANTOSA Budi Muhammad"),
        ("Contoh Wiratama", "wiratama, CONTOH"),
    ],
)
def test_name_key_is_one_for_one_name_however_written(one, other):
    assert name_key(one) == name_key(other) != ""


def test_names_that_differ_have_two_keys():
    assert name_key("Budi Santosa") != name_key("Budi Santika")


def test_same_name_is_suggested_and_joined_by_an_officer_only():
    first, second = about("Contoh Wiratama"), about("H. Contoh Wiratama, S.Sos.")
    someone = known(first)

    assert official(second).person is None
    assert suggested(second) == ["Contoh Wiratama"]

    confirm_person(
        case=second, official=official(second), person=someone, officer=person("sari"), at=AT
    )

    assert official(second).person == someone
    assert suggested(second) == []
    event = WorkEvent.objects.filter(case=second, action="link").get()
    assert event.detail == {
        "what": "person",
        "official": str(official(second).public_id),
        "person": str(someone.public_id),
    }


def test_two_numbers_are_two_people_whatever_the_name():
    first = about("Contoh Wiratama", "197001012000011904")
    second = about("Contoh Wiratama", "198502022010012001")
    someone = known(first)

    assert suggested(second) == []
    with pytest.raises(DomainError) as refused:
        confirm_person(
            case=second, official=official(second), person=someone, officer=person("sari"), at=AT
        )

    assert refused.value.code == "numbers_differ"
    assert official(second).person is None


def test_same_number_is_suggested_whatever_the_name_and_is_no_new_person():
    first = about("Contoh Wiratama", "197001012000011904")
    second = about("C. Wira", "197001012000011904")
    known(first)

    assert suggested(second) == ["Contoh Wiratama"]
    with pytest.raises(DomainError, match="sudah ada di daftar"):
        known(second)


def test_number_corrected_to_another_parts_the_two():
    first, second = about("Contoh Wiratama", "197001012000011904"), about("Contoh Wiratama")
    someone = known(first)
    confirm_person(
        case=second, official=official(second), person=someone, officer=person("sari"), at=AT
    )

    complete_official(
        case=second, official=official(second), officer=person("sari"), nip="198502022010012001"
    )

    assert official(second).person is None
    assert WorkEvent.objects.filter(case=second, action="unlink").get().detail["what"] == (
        "numbers_differ"
    )


def test_register_learns_a_number_it_did_not_know():
    first, second = about("Contoh Wiratama"), about("Contoh Wiratama", "197001012000011904")
    someone = known(first)

    confirm_person(
        case=second, official=official(second), person=someone, officer=person("sari"), at=AT
    )

    someone.refresh_from_db()
    assert someone.nip == "197001012000011904"


def test_refused_suggestion_does_not_come_back_and_writes_one_row():
    first, second = about("Contoh Wiratama"), about("Contoh Wiratama")
    someone = known(first)

    for _twice in range(2):
        refuse_person(
            case=second, official=official(second), person=someone, officer=person("sari"), at=AT
        )

    assert suggested(second) == []
    assert WorkEvent.objects.filter(case=second).count() == 1


def test_somebody_of_another_scope_is_neither_suggested_nor_told_of():
    first = about("Contoh Wiratama", "197001012000011904")
    far = about("Contoh Wiratama", "197001012000011904", officer="budi")
    someone = known(first)

    assert suggested(far, "budi") == []
    # The number is taken elsewhere, which nobody here may learn: no refusal either.
    assert known(far, "budi") != someone
    assert not ReportedPerson.objects.visible_to(person("budi")).filter(pk=someone.pk).exists()


def test_page_of_a_person_holds_the_cases_of_the_scope_only(django_assert_num_queries):
    above, below = about("Contoh Wiratama"), about("Contoh Wiratama", officer="rudi")
    someone = known(above)
    confirm_person(
        case=below, official=official(below), person=someone, officer=person("rudi"), at=AT
    )

    seen = {
        who: [
            row["case"].pk
            for row in person_page(someone, viewer=person(who), today=AT.date()).cases
        ]
        for who in ("sari", "rudi", "budi")
    }

    assert seen == {"sari": [below.pk, above.pk], "rudi": [below.pk], "budi": []}
    viewer = person("sari")
    assert viewer.scope_office_ids
    with django_assert_num_queries(3):
        person_page(someone, viewer=viewer, today=AT.date())


def test_release_wants_what_was_seen():
    found = about("Contoh Wiratama")
    someone = known(found)

    with pytest.raises(ConflictError):
        release_person(case=found, official=official(found), officer=person("sari"), at=AT)
    release_person(
        case=found,
        official=official(found),
        officer=person("sari"),
        at=AT,
        seen=str(someone.public_id),
    )

    assert official(found).person is None


def test_plenary_identifies_nobody():
    found = about("Contoh Wiratama")

    with pytest.raises(NotPermittedError):
        known(found, "dewi")


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_make_one_person():
    found = about("Contoh Wiratama")
    people = [person("sari"), person("joko")]
    row = official(found)

    def enter(who: Any) -> str:
        try:
            record_person(case=found, official=row, officer=who, at=AT)
        except ConflictError:
            return "late"
        finally:
            connection.close()
        return "made"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(enter, people))

    assert outcomes == ["late", "made"]
    assert ReportedPerson.objects.count() == 1
    assert Allegation.objects.get().official.person is not None
