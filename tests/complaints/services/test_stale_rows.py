"""A row that was read before somebody else moved it: what is written then, and what is not."""

from datetime import timedelta
from typing import Any

import pytest

from bawaslu_cases.shared.errors import DomainError
from complaints.models import Case, Complaint, PlenaryDecision
from complaints.services.cases import (
    add_allegation,
    complete_official,
    correct_allegation,
    decide_on_case,
    submit_assessment,
    write_assessment,
)
from complaints.services.checklist import tick_requirement
from complaints.services.triage import decide_on_tip, propose
from complaints.states import CaseAction, CaseStatus, ComplaintAction, Requirement
from tests.factories import AT, assessed_case, case, checked, person, proposed_tip, tip, votes_of
from tests.referrals import stages

pytestmark = pytest.mark.django_db

MINUTES: dict[str, Any] = {"minutes_number": "1/BA/2024", "at": AT}


def _submitted_meanwhile():
    """Return a case read while it was assessed, which somebody laid before the plenary since."""
    before = case()
    now = Case.objects.get(pk=before.pk)
    write_assessment(case=now, summary="Ringkasan.", assessment="Kajian.", officer=person("sari"))
    submit_assessment(case=now, officer=person("sari"), at=AT)
    return before


def test_nothing_is_written_to_a_case_that_went_to_the_plenary_meanwhile():
    stale = _submitted_meanwhile()
    allegation = stale.allegations.get()
    officer = person("joko")
    acts, on = ["POST_SUPPORT"], AT.date()

    for change in (
        lambda: write_assessment(case=stale, summary="x", assessment="y", officer=officer),
        lambda: add_allegation(
            case=stale, official=allegation.official, acts=acts, event_on=on, officer=officer
        ),
        lambda: correct_allegation(
            case=stale,
            allegation=allegation,
            acts=acts,
            event_on=on,
            place="x",
            description="x",
            officer=officer,
        ),
        lambda: complete_official(
            case=stale, official=allegation.official, officer=officer, name="Lain"
        ),
    ):
        with pytest.raises(DomainError) as refusal:
            change()
        assert refusal.value.code == "too_late"

    found = Case.objects.get(pk=stale.pk)
    assert (found.status, found.summary) == (CaseStatus.ASSESSED, "Ringkasan.")
    assert found.allegations.get().acts == allegation.acts
    assert found.allegations.get().official.name == "Contoh Wiratama"


def test_an_assessment_emptied_meanwhile_is_not_laid_before_the_plenary():
    stale = case()
    officer = person("sari")
    write_assessment(case=stale, summary="Ringkasan.", assessment="Kajian.", officer=officer)
    now = Case.objects.get(pk=stale.pk)
    write_assessment(case=now, summary="", assessment="", officer=officer)

    with pytest.raises(DomainError) as refusal:
        submit_assessment(case=stale, officer=officer, at=AT)

    assert refusal.value.field == "summary"
    assert Case.objects.get(pk=stale.pk).status == CaseStatus.REGISTERED


def test_requirements_stand_once_they_were_proposed():
    """Check F15."""
    stale = checked(tip(), person("sari"))
    now = Complaint.objects.get(pk=stale.pk)
    propose(complaint=now, action=ComplaintAction.PROPOSE_TRACING, officer=person("sari"), at=AT)

    with pytest.raises(DomainError) as refusal:
        tick_requirement(
            complaint=stale,
            requirement=Requirement.EVIDENCE,
            is_met=False,
            officer=person("joko"),
            at=AT,
        )

    assert refusal.value.code == "too_late"
    assert stale.checks.filter(is_met=False).count() == 0


def test_what_a_second_person_approved_is_not_rewritten_at_the_desk():
    referral = stages.approved()
    found = referral.case
    official = found.allegations.get().official

    with pytest.raises(DomainError) as refusal:
        complete_official(case=found, official=official, officer=person("sari"), name="Lain")

    assert refusal.value.code == "too_late"
    official.refresh_from_db()
    assert official.name == "Contoh Wiratama"


def test_minutes_are_not_from_tomorrow():
    tomorrow = AT.date() + timedelta(days=1)
    proposal, assessed = proposed_tip(), assessed_case()

    for decide in (
        lambda on: decide_on_tip(
            complaint=proposal,
            action=ComplaintAction.APPROVE_TRACING,
            member=person("dewi"),
            decided_on=on,
            votes=votes_of(proposal),
            **MINUTES,
        ),
        lambda on: decide_on_case(
            case=assessed,
            action=CaseAction.DECIDE_REFER,
            member=person("dewi"),
            decided_on=on,
            votes=votes_of(assessed),
            **MINUTES,
        ),
    ):
        with pytest.raises(DomainError) as refusal:
            decide(tomorrow)
        assert refusal.value.field == "decided_on"
        assert PlenaryDecision.objects.filter(decided_on=tomorrow).count() == 0
        assert decide(AT.date()).decided_on == AT.date()
