"""Steps that a system suggests: kept beside the record, taken or dismissed by an officer."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bawaslu_cases.accounts.models import User
from bawaslu_cases.shared.errors import (
    ConflictError,
    DomainError,
    NotPermittedError,
    ReasonNeededError,
)
from complaints.models import Complaint, StepProposal, StepProposalEvent
from complaints.selectors.proposals import own_proposal, proposals_of
from complaints.services.cases import register_finding
from complaints.services.proposals import dismiss_proposal, propose_step, take_proposal
from complaints.services.triage import close_without_case
from complaints.states import ComplaintAction, ComplaintStatus
from tests.factories import AT, finding, office, person, system_of, tip

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(minutes=1)


@pytest.fixture
def system() -> User:
    return User.objects.create_user(
        "aplikasi@contoh.id", name="Aplikasi Jateng", office=office("33")
    )


def suggested(system: User, complaint: Complaint, **changes: Any) -> StepProposal:
    told: dict[str, Any] = {
        "action": ComplaintAction.REGISTER,
        "reason": "Pola sama dengan dua temuan terdahulu.",
        "requirements": {},
        "at": LATER,
    }
    return propose_step(complaint=complaint, system=system, **(told | changes))


def actions(proposal: StepProposal) -> list[tuple[str, str, str]]:
    rows = StepProposalEvent.objects.filter(proposal=proposal)
    return list(rows.values_list("action", "target", "reason"))


def test_taking_it_is_the_officers_own_step(system):
    record = finding()
    proposal = suggested(system, record)

    take_proposal(
        proposal=proposal,
        step=partial(register_finding, complaint=record, officer=person("sari"), at=LATER),
        officer=person("sari"),
        at=LATER,
    )

    record.refresh_from_db()
    assert record.status == ComplaintStatus.REGISTERED
    assert record.events.latest("pk").actor == person("sari")
    assert actions(proposal) == [("create", "open", "register"), ("take", "taken", "")]


def test_step_that_fails_leaves_the_proposal_waiting(system):
    record = finding()
    proposal = suggested(system, record)

    with pytest.raises(NotPermittedError):
        take_proposal(
            proposal=proposal,
            step=partial(register_finding, complaint=record, officer=person("dewi"), at=LATER),
            officer=person("sari"),
            at=LATER,
        )

    proposal.refresh_from_db()
    assert proposal.status == "open"
    assert actions(proposal) == [("create", "open", "register")]


def test_dismissed_with_a_reason_that_its_system_reads(system):
    proposal = suggested(system, finding())

    with pytest.raises(ReasonNeededError):
        dismiss_proposal(proposal=proposal, officer=person("sari"), at=LATER, reason=" ")
    dismiss_proposal(
        proposal=proposal, officer=person("sari"), at=LATER, reason="Tempatnya berbeda."
    )

    line = own_proposal(proposal_id=proposal.public_id, system=system)
    assert line is not None
    assert (line.proposal.status, line.settled_by, line.why) == (
        "dismissed",
        "Sari",
        "Tempatnya berbeda.",
    )


def test_system_settles_nothing(system):
    proposal = suggested(system, finding())

    with pytest.raises(NotPermittedError):
        dismiss_proposal(proposal=proposal, officer=system, at=LATER, reason="Saya sendiri.")


def test_record_that_moved_makes_it_stale(system):
    record = finding()
    proposal = suggested(system, record)
    close_without_case(complaint=record, officer=person("sari"), at=LATER, reason="Salah catat.")

    (line,) = proposals_of(record)
    assert line.proposal.is_stale
    with pytest.raises(ConflictError):
        take_proposal(
            proposal=line.proposal,
            step=lambda: pytest.fail("the step was taken"),
            officer=person("sari"),
            at=LATER,
        )
    assert actions(proposal) == [("create", "open", "register")]


def test_one_waits_at_a_time_and_only_what_an_officer_could_do(system):
    record = finding()
    suggested(system, record)

    with pytest.raises(DomainError) as twice:
        suggested(system, record, action=ComplaintAction.CANCEL)
    with pytest.raises(DomainError) as alien:
        suggested(system, record, action=ComplaintAction.PROPOSE_REGISTER)
    with pytest.raises(DomainError) as of_tip:
        suggested(system, tip(), action=ComplaintAction.PROPOSE_TRACING)
    with pytest.raises(DomainError) as unknown:
        suggested(system, finding(), requirements={"reporter": True}, action=ComplaintAction.CANCEL)

    assert twice.value.code == "proposal_open"
    assert [each.value.field for each in (alien, of_tip, unknown)] == [
        "action",
        "action",
        "requirements",
    ]
    assert StepProposal.objects.count() == 1


def test_record_that_moved_meanwhile_is_a_conflict(system):
    seen = finding()
    close_without_case(
        complaint=Complaint.objects.get(pk=seen.pk),
        officer=person("sari"),
        at=LATER,
        reason="Salah catat.",
    )

    with pytest.raises(ConflictError):
        suggested(system, seen)


def test_another_system_reads_nothing_of_it(system):
    proposal = suggested(system, finding())

    assert own_proposal(proposal_id=proposal.public_id, system=system_of(office(None))) is None
