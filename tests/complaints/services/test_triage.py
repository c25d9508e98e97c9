"""From the desk to the plenary and back, and what the reporter is told."""

from typing import Any

import pytest

from bawaslu_cases.shared.errors import (
    ConflictError,
    DomainError,
    NotPermittedError,
    SamePersonError,
)
from complaints.errors import RequirementsOpenError
from complaints.models import Complaint, PlenaryDecision
from complaints.services.checklist import tick_requirement
from complaints.services.triage import (
    close_without_case,
    confirm_tip,
    decide_on_tip,
    propose,
)
from complaints.states import ComplaintAction, ComplaintStatus, Requirement
from tests.factories import (
    AT,
    checked,
    facts,
    finding,
    person,
    proposed_tip,
    tip,
    traced_tip,
    votes_of,
)

pytestmark = pytest.mark.django_db


def milestones(complaint):
    return list(complaint.milestones.values_list("kind", flat=True))


def decide(complaint, action, who="dewi", **changes):
    fields: dict[str, Any] = {
        "minutes_number": "12/BA/X/2024",
        "decided_on": AT.date(),
        "votes": votes_of(complaint),
        "reason": "Alasan pleno",
    } | changes
    return decide_on_tip(complaint=complaint, action=action, member=person(who), at=AT, **fields)


def test_proposal_waits_until_every_requirement_was_looked_at():
    complaint, sari = tip(), person("sari")
    tick_requirement(
        complaint=complaint,
        requirement=Requirement.IN_TIME,
        is_met=False,
        officer=sari,
        at=AT,
        note="Lewat",
    )

    with pytest.raises(RequirementsOpenError) as refusal:
        propose(
            complaint=complaint,
            action=ComplaintAction.PROPOSE_TRACING,
            officer=sari,
            at=AT,
        )

    # the directory knows the person: that one the system ticks itself
    assert refusal.value.codes == ("time_place", "description", "evidence")
    assert Complaint.objects.get(pk=complaint.pk).status == ComplaintStatus.RECEIVED
    assert milestones(complaint) == ["received"]


def test_last_look_counts():
    complaint, sari = tip(), person("sari")
    for is_met in (False, True):
        tick_requirement(
            complaint=complaint,
            requirement=Requirement.EVIDENCE,
            is_met=is_met,
            officer=sari,
            at=AT,
        )

    assert complaint.checks.get().is_met is True


def test_requirements_are_not_ticked_after_the_proposal():
    complaint = proposed_tip()

    with pytest.raises(DomainError) as refusal:
        checked(complaint, person("sari"))

    assert refusal.value.code == "too_late"


def test_member_of_the_plenary_does_not_tick():
    with pytest.raises(NotPermittedError):
        checked(tip(), person("dewi"))


@pytest.mark.parametrize(
    ("action", "status", "told"),
    [
        (ComplaintAction.APPROVE_TRACING, "tracing", ["received", "checked", "tracing"]),
        (ComplaintAction.DECLINE, "archived", ["received", "checked", "not_traced"]),
        (ComplaintAction.RETURN_PROPOSAL, "received", ["received", "checked"]),
    ],
)
def test_plenary_outcomes(action, status, told):
    complaint = proposed_tip()

    decision = decide(complaint, action)

    assert Complaint.objects.get(pk=complaint.pk).status == status
    assert milestones(complaint) == told
    assert (decision.outcome, decision.members_present) == (action, 3)
    assert decision.recorded_by == person("dewi")


def test_too_few_members_decide_nothing():
    complaint = proposed_tip()

    with pytest.raises(DomainError) as refusal:
        decide(complaint, ComplaintAction.APPROVE_TRACING, votes=votes_of(complaint)[:2])

    assert (refusal.value.field, refusal.value.code) == ("present", "no_quorum")
    assert Complaint.objects.get(pk=complaint.pk).status == ComplaintStatus.PROPOSED
    assert PlenaryDecision.objects.count() == 0
    assert milestones(complaint) == ["received", "checked"]


def test_officer_is_no_plenary():
    with pytest.raises(NotPermittedError):
        decide(proposed_tip(), ComplaintAction.APPROVE_TRACING, who="sari")


def test_who_proposed_does_not_also_enter_the_decision():
    joko = person("joko")  # case officer and chair at once
    complaint = checked(tip(), joko)
    propose(complaint=complaint, action=ComplaintAction.PROPOSE_TRACING, officer=joko, at=AT)

    with pytest.raises(SamePersonError):
        decide(complaint, ComplaintAction.APPROVE_TRACING, who="joko")

    decide(complaint, ComplaintAction.APPROVE_TRACING, who="dewi")
    assert Complaint.objects.get(pk=complaint.pk).status == ComplaintStatus.TRACING


def test_confirmed_tip_becomes_the_offices_own_finding():
    complaint = traced_tip()

    finding_ = confirm_tip(
        complaint=complaint,
        facts=facts(story="Tim kami mendapati Camat mengajak warga memilih."),
        officer=person("sari"),
        at=AT,
    )

    assert Complaint.objects.get(pk=complaint.pk).status == ComplaintStatus.FOUND
    assert (finding_.lane, finding_.status) == ("finding", "recorded")
    assert finding_.traced_from == complaint
    assert not hasattr(finding_, "receipt")
    assert milestones(complaint) == ["received", "checked", "tracing", "finding"]


def test_tip_is_confirmed_once():
    complaint = traced_tip()
    confirm_tip(complaint=complaint, facts=facts(), officer=person("sari"), at=AT)

    with pytest.raises(ConflictError):
        confirm_tip(complaint=complaint, facts=facts(), officer=person("sari"), at=AT)

    assert Complaint.objects.filter(traced_from=complaint).count() == 1


def test_tracing_that_confirms_nothing_ends_with_a_reason():
    complaint = traced_tip()

    close_without_case(complaint=complaint, officer=person("sari"), at=AT, reason="Tidak ada saksi")

    assert Complaint.objects.get(pk=complaint.pk).status == ComplaintStatus.ARCHIVED
    assert complaint.deadlines.filter(status="open").count() == 0
    assert milestones(complaint)[-1] == "closed"


def test_cancelled_finding():
    complaint = finding()

    close_without_case(complaint=complaint, officer=person("sari"), at=AT, reason="Salah orang")

    assert Complaint.objects.get(pk=complaint.pk).status == ComplaintStatus.ARCHIVED
    assert complaint.deadlines.get().status == "cancelled"
