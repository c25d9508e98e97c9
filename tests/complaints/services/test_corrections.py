"""Correcting a recommendation (PB7 ps 51-57): who, how long, and what a granted one does."""

from datetime import date, timedelta
from typing import Any

import pytest

from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.models import Case, CorrectionRequest, PlenaryDecision
from complaints.services.cases import decide_on_case
from complaints.services.corrections import (
    examine,
    examining_office,
    file_correction,
    is_late,
    withdraw_correction,
)
from complaints.services.deadlines import lapse_windows
from complaints.states import CaseAction, CorrectionAction
from referrals.services.delivery import issue_referral, outbox_subject
from tests.factories import AT, case, decided_case, office, person, somebody_of_plenary, votes_of
from tests.referrals import stages

pytestmark = pytest.mark.django_db
TODAY = AT.date()
LATER = AT + timedelta(hours=3)


def filed(found: Case, *, on: date = TODAY, **changes: Any) -> CorrectionRequest:
    fields: dict[str, Any] = {
        "requester": "official",
        "official": found.allegations.get().official,
        "points": "Tanggal kejadian tidak benar.",
        "asked": "Batalkan rekomendasi.",
        "filed_on": on,
        "officer": person("sari"),
        "at": LATER,
        **changes,
    }
    return file_correction(case=found, **fields)


def examined(correction: CorrectionRequest, action: CorrectionAction) -> PlenaryDecision:
    found = correction.case
    return examine(
        correction=correction,
        action=action,
        member=somebody_of_plenary(examining_office(found)),
        at=LATER,
        minutes_number="20/BA/X/2024",
        decided_on=AT.date(),
        votes=votes_of(found),
        reason="Alasan pleno.",
    )


def issued() -> Case:
    """Return a referred case whose letter was issued, so the days for a correction run."""
    referral = stages.approved()
    issue_referral(subject_id=outbox_subject(referral), destination="", at=AT)
    return Case.objects.get(pk=referral.case_id)


def clocks(found: Case) -> dict[str, str]:
    return dict(found.deadlines.values_list("kind", "status"))


def test_letter_opens_three_days_for_a_correction():
    found = issued()

    window = found.deadlines.get(kind="correction_request")
    # Pilkada: calendar days. Monday 7 October + 3.
    assert (window.starts_on, window.due_on) == (date(2024, 10, 7), date(2024, 10, 10))
    # Nobody at the office is late when it passes, so it is no due day of the case.
    assert found.due_at is None


def test_window_ends_by_itself_and_once():
    found = issued()
    window = found.deadlines.get(kind="correction_request")

    assert lapse_windows(at=window.due_at) == 0
    assert lapse_windows(at=window.due_at + timedelta(seconds=1)) == 1
    assert lapse_windows(at=window.due_at + timedelta(days=1)) == 0
    window.refresh_from_db()
    assert (window.status, window.ended_on) == ("lapsed", window.due_on)


def test_granted_correction_reopens_the_case_for_the_plenary():
    found = issued()
    correction = filed(found)
    assert clocks(found)["correction_exam"] == "open"

    decision = examined(correction, CorrectionAction.GRANT)

    found.refresh_from_db()
    assert (found.status, correction.status) == ("assessed", "granted")
    assert decision.correction == correction
    assert clocks(found)["correction_exam"] == "met"
    assert found.events.order_by("-pk")[0].action == "reopen"

    decide_on_case(
        case=found,
        action=CaseAction.DECIDE_STOP,
        member=somebody_of_plenary(found.office),
        at=LATER,
        minutes_number="21/BA/X/2024",
        decided_on=AT.date(),
        votes=votes_of(found),
        reason="Bukan pelanggaran.",
    )
    assert Case.objects.get(pk=found.pk).status == "stopped"


def test_rejected_correction_leaves_the_case_as_it_is():
    found = issued()
    correction = filed(found, requester="reporter", official=None)

    examined(correction, CorrectionAction.REJECT)

    assert Case.objects.get(pk=found.pk).status == "referred"
    assert correction.status == "rejected"


def test_late_request_can_only_be_found_late():
    found = issued()
    found.deadlines.filter(kind="correction_request").update(due_on=AT.date() - timedelta(days=1))
    correction = filed(found)
    assert is_late(correction)

    with pytest.raises(DomainError):
        examined(correction, CorrectionAction.GRANT)
    assert Case.objects.get(pk=found.pk).status == "referred"

    correction.refresh_from_db()
    examined(correction, CorrectionAction.FIND_LATE)
    assert correction.status == "late"


def test_request_in_time_is_not_found_late():
    with pytest.raises(DomainError):
        examined(filed(issued()), CorrectionAction.FIND_LATE)


def test_same_person_asks_once_at_a_time():
    found = decided_case()
    first = filed(found)
    with pytest.raises(ConflictError):
        filed(found)

    withdraw_correction(correction=first, officer=person("sari"), at=LATER)
    assert clocks(found)["correction_exam"] == "met"
    filed(found)
    assert CorrectionRequest.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"points": " "}, "points"),
        ({"asked": ""}, "asked"),
        ({"official": None}, "official"),
        ({"requester": "somebody"}, "requester"),
        ({"on": AT.date() + timedelta(days=1)}, "filed_on"),
    ],
)
def test_incomplete_requests_are_told_what_is_missing(changes, field):
    found = decided_case()

    with pytest.raises(DomainError) as refusal:
        filed(found, **changes)

    assert refusal.value.field == field
    assert not CorrectionRequest.objects.exists()


def test_nothing_is_corrected_before_the_plenary_decided():
    with pytest.raises(DomainError) as refusal:
        filed(case())

    assert refusal.value.code == "too_late"


def test_plenary_of_another_office_examines_nothing():
    correction = filed(decided_case())

    with pytest.raises(DomainError) as refusal:
        examine(
            correction=correction,
            action=CorrectionAction.GRANT,
            member=person("lina"),
            at=LATER,
            minutes_number="20/BA/X/2024",
            decided_on=AT.date(),
            votes=votes_of(correction.case),
            reason="Alasan",
        )

    assert refusal.value.code == "other_plenary"


def test_recipient_receives_no_request():
    with pytest.raises(NotPermittedError):
        filed(decided_case(), officer=person("anwar"))


def test_province_examines_what_a_regency_decided():
    found = decided_case()
    found.office = office("33.08")

    assert examining_office(found) == office("33")
    found.office = office("33")
    assert examining_office(found) == office("33")
