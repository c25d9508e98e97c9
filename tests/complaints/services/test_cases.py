"""The register, the allegations, the assessment and the plenary's decision."""

from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connections

from bawaslu_cases.shared.errors import (
    ConflictError,
    DomainError,
    NotPermittedError,
    SamePersonError,
)
from complaints.models import Case, Complaint, PlenaryDecision
from complaints.services.cases import (
    CASE_OUTCOMES,
    add_allegation,
    complete_official,
    decide_on_case,
    decided_kinds,
    register_finding,
    send_on,
    submit_assessment,
    write_assessment,
)
from complaints.services.intake import ReportedPerson
from complaints.states import CASE_DECISIONS, CaseAction, CaseStatus
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
        (CaseAction.DECIDE_ADMINISTRATIVE, "decided", "case"),
        (CaseAction.DECIDE_ETHICS, "decided", "case"),
        (CaseAction.DECIDE_CRIME, "decided", "case"),
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
    assert (decision.outcome, decision.also) == (action, [])
    (complaint,) = found.complaints.all()
    assert list(complaint.milestones.values_list("kind", flat=True))[-1] == told
    # What was decided is not handled any more; what was returned is.
    is_decided = action != CaseAction.RETURN_ASSESSMENT
    assert found.decision == (action if is_decided else "")
    assert found.deadlines.get(kind="handling").status == ("met" if is_decided else "open")
    assert (found.due_at is None) == is_decided


def decide(found, action, **changes):
    told: dict[str, Any] = {
        "member": person("dewi"),
        "at": AT,
        "minutes_number": "14/BA/X/2024",
        "decided_on": AT.date(),
        "votes": votes_of(found),
        "reason": "Alasan pleno",
    }
    return decide_on_case(case=found, action=action, **(told | changes))


SENT_BY_LETTER = (
    CaseAction.DECIDE_ADMINISTRATIVE,
    CaseAction.DECIDE_ETHICS,
    CaseAction.DECIDE_CRIME,
)


@pytest.mark.django_db
@pytest.mark.parametrize("action", SENT_BY_LETTER)
@pytest.mark.parametrize("with_others", [False, True])
def test_letter_of_each_kind_leaves_once(action, with_others):
    found = assessed_case()
    others = sorted({*SENT_BY_LETTER} - {action}) if with_others else []
    decision = decide(found, action, also=others)
    assert decision.also == others
    assert decided_kinds(found) == {action, *others}
    stale = Case.objects.get(pk=found.pk)

    send_on(case=found, officer=person("sari"), at=AT)

    assert Case.objects.get(pk=found.pk).status == CaseStatus.REFERRED
    # Three working days for a correction (PB7 ps 53), which the office does not owe.
    window = found.deadlines.get(kind="correction_request")
    assert (window.status, window.due_on, found.due_at) == ("open", date(2024, 10, 10), None)
    (complaint,) = found.complaints.all()
    assert list(complaint.milestones.values_list("kind", flat=True))[-1] == "forwarded"
    for again in (found, stale):
        with pytest.raises(ConflictError):
            send_on(case=again, officer=person("sari"), at=AT)
    assert found.events.filter(action="send_on").count() == 1
    assert found.deadlines.filter(kind="correction_request").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("action", "also"),
    [
        (CaseAction.DECIDE_REFER, []),
        (CaseAction.DECIDE_REFER, [CaseAction.DECIDE_ETHICS]),
        *((action, [CaseAction.DECIDE_REFER]) for action in SENT_BY_LETTER),
    ],
)
def test_recommendation_leaves_by_its_referral_alone(action, also):
    found = assessed_case()
    decide(found, action, also=also)

    with pytest.raises(DomainError) as refusal:
        send_on(case=found, officer=person("sari"), at=AT)

    assert refusal.value.code == "referred_otherwise"
    assert Case.objects.get(pk=found.pk).status == CaseStatus.DECIDED
    assert not found.deadlines.filter(kind="correction_request").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("action", [CaseAction.DECIDE_STOP, CaseAction.RETURN_ASSESSMENT])
def test_what_was_not_decided_to_leave_does_not(action):
    found = assessed_case()
    decide(found, action)

    with pytest.raises(ConflictError):
        send_on(case=found, officer=person("sari"), at=AT)
    assert not found.events.filter(action="send_on").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("action", CASE_OUTCOMES)
def test_further_kinds_are_only_those_that_can_stand_beside_it(action):
    found = assessed_case()
    refused = [action, CaseAction.DECIDE_STOP, CaseAction.CLOSE]
    if action in {CaseAction.DECIDE_STOP, CaseAction.RETURN_ASSESSMENT}:
        refused += [CaseAction.DECIDE_ETHICS]

    for other in refused:
        with pytest.raises(DomainError):
            decide(found, action, also=[other])

    assert Case.objects.get(pk=found.pk).status == CaseStatus.ASSESSED
    assert not PlenaryDecision.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("action", CASE_OUTCOMES)
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"minutes_number": "  "}, "minutes_number"),
        ({"decided_on": date(2024, 10, 8)}, "decided_on"),
        ({"votes": ()}, "present"),
    ],
)
def test_no_kind_is_decided_without_minutes_and_quorum(action, changes, field):
    found = assessed_case()

    with pytest.raises(DomainError) as refusal:
        decide(found, action, **changes)

    assert refusal.value.field == field
    assert Case.objects.get(pk=found.pk).status == CaseStatus.ASSESSED


@pytest.mark.django_db
@pytest.mark.parametrize("action", CASE_DECISIONS)
def test_who_submitted_decides_nothing_of_it(action):
    found = assessed_case(officer="joko")  # who is the chair, too

    with pytest.raises(SamePersonError):
        decide(found, action, member=person("joko"))

    assert Case.objects.get(pk=found.pk).status == CaseStatus.ASSESSED
    assert not PlenaryDecision.objects.exists()


@pytest.mark.django_db
def test_nothing_leaves_assessment_without_the_plenary():
    from complaints.services.transitions import move_case

    for found in (case(), assessed_case(officer="rudi")):
        with pytest.raises(ConflictError):
            move_case(case=found, action=CaseAction.REFER, actor=None, at=AT)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("action", CASE_DECISIONS)
def test_database_keeps_a_case_that_no_plenary_decided(action):
    from complaints.services.transitions import move_case

    found = assessed_case()

    with pytest.raises(IntegrityError, match="left assessment without a decision"):
        move_case(case=found, action=action, actor=person("dewi"), at=AT, reason="Alasan")

    assert Case.objects.get(pk=found.pk).status == "assessed"


@pytest.mark.django_db
@pytest.mark.parametrize("action", CASE_DECISIONS)
@pytest.mark.parametrize(
    ("changes", "guard"),
    [
        ({"members_present": 2, "in_favour": 2}, "plenary_decision_had_quorum"),
        ({"members_present": 1, "in_favour": 1, "quorum": 1}, "plenary_decision_had_quorum"),
        ({"in_favour": 1}, "plenary_decision_had_a_majority"),
        ({"in_favour": 4}, "plenary_decision_had_a_majority"),
    ],
)
def test_database_takes_no_minutes_without_a_quorum_or_majority(action, changes, guard):
    kept = {"members_present": 3, "in_favour": 3, "quorum": 3} | changes

    with pytest.raises(IntegrityError, match=guard):
        PlenaryDecision.objects.create(
            case=assessed_case(),
            outcome=action,
            minutes_number="14/BA/X/2024",
            decided_on=AT.date(),
            minutes_digest="0" * 64,
            recorded_by=person("dewi"),
            **kept,
        )


@pytest.mark.django_db
def test_people_do_not_take_the_systems_steps():
    from complaints.services.transitions import move_case

    with pytest.raises(NotPermittedError):
        move_case(case=decided_case(), action=CaseAction.REFER, actor=person("ratna"), at=AT)
