"""The register, the allegations, the assessment and the plenary's decision."""

from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connections

from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.models import Case, Complaint
from complaints.services.cases import (
    add_allegation,
    complete_official,
    decide_on_case,
    register_finding,
    submit_assessment,
    write_assessment,
)
from complaints.services.intake import ReportedPerson
from complaints.states import CaseAction, CaseStatus
from tests.factories import (
    AT,
    assessed_case,
    case,
    decided_case,
    finding,
    person,
    votes_of,
)


@pytest.mark.django_db
def test_register_number_follows_the_regulation():
    first, second = case(officer="rudi"), case(officer="rudi")

    # Kabupaten Magelang is 14.08 in Bawaslu's own table; PB: election of a bupati.
    assert first.register_number == f"001/Reg/TM/PB/Kab/{first.office.bawaslu_code}/X/2024"
    assert second.reference.startswith("002/Reg/TM/PB/Kab/")


@pytest.mark.django_db
def test_every_named_official_becomes_an_allegation():
    people = [
        ReportedPerson(name="Contoh Satu", position="Camat"),
        ReportedPerson(position="Kepala Puskesmas"),
        ReportedPerson(),  # an empty line of the form
    ]

    registered = case(people=people)

    assert [str(allegation.official) for allegation in registered.allegations.all()] == [
        "Contoh Satu",
        "Kepala Puskesmas",
    ]
    assert {allegation.event_on for allegation in registered.allegations.all()} == {
        date(2024, 10, 5)
    }


@pytest.mark.django_db(transaction=True)
def test_eight_registrations_at_once_leave_no_gap_and_no_double():
    findings = [finding(officer="rudi") for _number in range(8)]
    rudi = person("rudi")
    start = Barrier(8)

    def register(pk: int) -> None:
        try:
            complaint = Complaint.objects.select_related("office", "contest").get(pk=pk)
            start.wait()
            register_finding(complaint=complaint, officer=rudi, at=AT)
        finally:
            connections.close_all()

    threads = [Thread(target=register, args=(complaint.pk,)) for complaint in findings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    numbers = sorted(Case.objects.values_list("reference", flat=True))
    assert [number[:3] for number in numbers] == [f"{number:03d}" for number in range(1, 9)]


@pytest.mark.django_db(transaction=True)
def test_one_finding_registered_by_two_people_is_one_case_and_one_number():
    complaint = finding(officer="rudi")
    rudi, start, outcomes = person("rudi"), Barrier(2), []

    def register() -> None:
        try:
            mine = Complaint.objects.select_related("office", "contest").get(pk=complaint.pk)
            start.wait()
            register_finding(complaint=mine, officer=rudi, at=AT)
            outcomes.append("registered")
        except ConflictError:
            outcomes.append("conflict")
        finally:
            connections.close_all()

    threads = [Thread(target=register) for _person in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["conflict", "registered"]
    assert [found.reference[:3] for found in Case.objects.all()] == ["001"]
    # The refused attempt left no hole in the register.
    assert case(officer="rudi").reference.startswith("002/")


@pytest.mark.django_db
def test_assessment_needs_summary_and_text():
    registered = case()

    with pytest.raises(DomainError) as refusal:
        submit_assessment(case=registered, officer=person("sari"), at=AT)

    assert refusal.value.field == "summary"
    assert Case.objects.get(pk=registered.pk).status == CaseStatus.REGISTERED


@pytest.mark.django_db
def test_case_is_not_edited_once_it_lies_before_the_plenary():
    found = assessed_case()
    allegation = found.allegations.get()

    for change in (
        lambda: write_assessment(case=found, summary="x", assessment="y", officer=person("sari")),
        lambda: add_allegation(
            case=found,
            official=allegation.official,
            acts=["POST_SUPPORT"],
            event_on=date(2024, 10, 6),
            officer=person("sari"),
        ),
    ):
        with pytest.raises(DomainError) as refusal:
            change()
        assert refusal.value.code == "too_late"


@pytest.mark.django_db
def test_what_a_recipient_asks_for_is_completed_until_the_case_ends():
    found = decided_case()
    official = found.allegations.get().official

    complete_official(case=found, official=official, officer=person("sari"), grade="III/d")

    assert found.allegations.get().official.grade == "III/d"
    with pytest.raises(NotPermittedError):
        complete_official(case=found, official=official, officer=person("dewi"), grade="IV/a")


@pytest.mark.django_db
def test_plenary_member_edits_nothing():
    with pytest.raises(NotPermittedError):
        write_assessment(case=case(), summary="x", assessment="y", officer=person("dewi"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("action", "status", "told"),
    [
        (CaseAction.DECIDE_REFER, "decided", "case"),
        (CaseAction.DECIDE_STOP, "stopped", "stopped"),
        (CaseAction.RETURN_ASSESSMENT, "registered", "case"),
    ],
)
def test_plenary_decides_on_a_case(action, status, told):
    found = assessed_case()

    decision = decide_on_case(
        case=found,
        action=action,
        member=person("dewi"),
        at=AT,
        minutes_number="14/BA/X/2024",
        decided_on=AT.date(),
        votes=votes_of(found),
        reason="Alasan pleno",
    )

    assert Case.objects.get(pk=found.pk).status == status
    assert decision.outcome == action
    (complaint,) = found.complaints.all()
    assert list(complaint.milestones.values_list("kind", flat=True))[-1] == told


@pytest.mark.django_db
def test_nothing_leaves_assessment_without_the_plenary():
    from complaints.services.transitions import move_case

    for found in (case(), assessed_case(officer="rudi")):
        with pytest.raises(ConflictError):
            move_case(case=found, action=CaseAction.REFER, actor=None, at=AT)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("action", [CaseAction.DECIDE_REFER, CaseAction.DECIDE_STOP])
def test_database_keeps_a_case_that_no_plenary_decided(action):
    from complaints.services.transitions import move_case

    found = assessed_case()

    with pytest.raises(IntegrityError, match="left assessment without a decision"):
        move_case(case=found, action=action, actor=person("dewi"), at=AT, reason="Alasan")

    assert Case.objects.get(pk=found.pk).status == "assessed"


@pytest.mark.django_db
def test_people_do_not_take_the_systems_steps():
    from complaints.services.transitions import move_case

    with pytest.raises(NotPermittedError):
        move_case(case=decided_case(), action=CaseAction.REFER, actor=person("ratna"), at=AT)
