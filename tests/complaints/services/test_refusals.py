"""One chance to complete a report, and refusals that the record bears out (PB7 ps 14, 23, 24)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bawaslu_cases.shared.errors import DomainError
from complaints.models import Complaint, PlenaryDecision, RequirementCheck, SealedIdentity
from complaints.selectors.refusals import chance_is_spent, had_its_chance, review_of
from complaints.services.checklist import tick_requirement
from complaints.services.lanes import withdraw_report
from complaints.services.office_changes import take_over
from complaints.services.reports import (
    answer_repair,
    ask_repair,
    decide_on_report,
    lapse_repairs,
    propose_report,
)
from complaints.states import (
    ComplaintAction,
    ComplaintStatus,
    Lane,
    Requirement,
    requirements_of,
)
from tests.factories import AT, office, person, report, somebody_of_plenary, votes_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vault_keys")]
LATER = AT + timedelta(hours=2)


def looked_at(complaint: Complaint, *unmet: Requirement) -> Complaint:
    for item in requirements_of(complaint.lane):
        if item is Requirement.REPORTER:
            RequirementCheck.objects.update_or_create(
                complaint=complaint,
                requirement=item,
                defaults={
                    "is_met": item not in unmet,
                    "checked_at": AT,
                    "checked_by": person("vera"),
                },
            )
        else:
            tick_requirement(
                complaint=complaint,
                requirement=item,
                is_met=item not in unmet,
                officer=person("sari"),
                at=AT,
            )
    return complaint


def asked(complaint: Complaint) -> Complaint:
    ask_repair(
        complaint=complaint, requirements=[Requirement.EVIDENCE], officer=person("sari"), at=AT
    )
    return complaint


def answered(complaint: Complaint) -> Complaint:
    answer_repair(complaint=asked(complaint), at=AT)
    return complaint


def lapsed(complaint: Complaint) -> Complaint:
    asked(complaint)
    assert lapse_repairs(at=AT + timedelta(days=10)) == 1
    complaint.refresh_from_db()
    return complaint


def proposed(complaint: Complaint, ground: str = "") -> Complaint:
    propose_report(
        complaint=complaint,
        action=ComplaintAction.PROPOSE_REFUSAL,
        officer=person("sari"),
        at=AT,
        reason="Alasan petugas.",
        ground=ground,
    )
    return complaint


def decided(complaint: Complaint, action: ComplaintAction, ground: str = "") -> None:
    decide_on_report(
        complaint=complaint,
        action=action,
        member=somebody_of_plenary(complaint.office),
        at=LATER,
        minutes_number="7/BA/X/2024",
        decided_on=AT.date(),
        votes=votes_of(complaint),
        reason="Alasan pleno.",
        ground=ground,
    )


def stands(complaint: Complaint) -> tuple[str, int]:
    """Return the status in the database and how many events there are."""
    row = Complaint.objects.get(pk=complaint.pk)
    return row.status, row.events.count()


@pytest.mark.parametrize("end", [answered, lapsed])
def test_nobody_is_asked_a_second_time(end: Callable[[Complaint], Complaint]):
    complaint = end(report())
    before = stands(complaint)

    with pytest.raises(DomainError) as refusal:
        asked(complaint)

    assert refusal.value.code == "chance_is_spent"
    assert "ps 24 ayat (4) dan (7)" in str(refusal.value.message)
    assert stands(complaint) == before
    assert complaint.repair_requests.count() == 1


def test_no_clock_tells_the_desk_to_ask_again():
    complaint = answered(report())

    looked_at(complaint, Requirement.EVIDENCE)

    assert not complaint.deadlines.filter(kind="repair_notice").exists()


def test_what_a_takeover_cut_short_may_be_asked_anew():
    complaint = asked(report(lane=Lane.OPEN))
    target = office("33")

    take_over(
        complaint=complaint,
        member=somebody_of_plenary(target),
        at=LATER,
        minutes_number="7/BA/X/2024",
        decided_on=AT.date(),
        votes=list(votes_of(report(lane=Lane.SEALED))),
        ground="crosses_regions",
        reason="Melintasi wilayah.",
    )
    asked(complaint)

    assert complaint.status == ComplaintStatus.AWAITING
    assert complaint.repair_requests.count() == 2


def test_report_that_was_taken_back_and_given_again_starts_anew():
    history = ["create", "ask_repair", "repair"]

    assert chance_is_spent(history)
    assert not chance_is_spent([*history, "withdraw"])
    assert not chance_is_spent([*history, "keep_as_tip", "raise"])
    assert chance_is_spent([*history, "withdraw", "raise", "ask_repair", "repair_lapsed"])
    assert chance_is_spent([*history, "raise"])


def test_withdrawal_is_on_the_record():
    complaint = report()
    before = review_of(complaint).is_withdrawn

    withdraw_report(complaint=complaint, at=LATER)

    assert (before, review_of(complaint).is_withdrawn) == (False, True)
    assert not had_its_chance(complaint)


CONTRADICTED: list[tuple[str, tuple[Requirement, ...]]] = [
    ("incomplete", ()),
    ("incomplete", (Requirement.EVIDENCE,)),
    ("incomplete", (Requirement.IN_TIME,)),
    ("incomplete", (Requirement.IN_TIME, Requirement.EVIDENCE)),
    ("late", ()),
    ("late", (Requirement.EVIDENCE,)),
    ("withdrawn", ()),
    ("", (Requirement.EVIDENCE,)),
]


@pytest.mark.parametrize(("ground", "unmet"), CONTRADICTED)
def test_ground_that_the_record_contradicts_is_not_proposed(ground, unmet):
    complaint = looked_at(report(), *unmet)
    before = stands(complaint)

    with pytest.raises(DomainError) as refusal:
        proposed(complaint, ground)

    assert refusal.value.code == "ground_contradicted"
    assert refusal.value.field == ("ground" if ground else "")
    assert stands(complaint) == before


@pytest.mark.parametrize(("ground", "unmet"), [row for row in CONTRADICTED if row[0]])
def test_nor_decided(ground, unmet):
    complaint = proposed(looked_at(report(), *unmet), "settled")
    before = stands(complaint)

    with pytest.raises(DomainError) as refusal:
        decided(complaint, ComplaintAction.REFUSE, ground)

    assert (refusal.value.code, refusal.value.field) == ("ground_contradicted", "ground")
    assert stands(complaint) == before
    assert PlenaryDecision.objects.count() == 0


def test_plenary_refuses_nothing_as_late_that_nobody_looked_at():
    complaint = report(lane=Lane.OPEN)
    propose_report(
        complaint=complaint,
        action=ComplaintAction.PROPOSE_TAKEOVER,
        officer=person("sari"),
        at=AT,
        reason="Melintasi wilayah.",
        ground="crosses_regions",
    )

    with pytest.raises(DomainError) as refusal:
        decided(complaint, ComplaintAction.REFUSE, "late")

    assert refusal.value.code == "ground_contradicted"


@pytest.mark.parametrize(
    ("end", "ground", "unmet"),
    [
        (answered, "incomplete", (Requirement.EVIDENCE,)),
        (lapsed, "incomplete", (Requirement.REPORTER,)),
        (report, "late", (Requirement.IN_TIME,)),
        (report, "settled", ()),
        (report, "no_violation", ()),
    ],
)
def test_ground_that_the_record_bears_out_is_decided(end: Any, ground, unmet):
    complaint = report()
    if end is not report:
        end(complaint)
    proposed(looked_at(complaint, *unmet), ground)

    decided(complaint, ComplaintAction.REFUSE, ground)

    assert PlenaryDecision.objects.get().ground == ground
    assert stands(complaint)[0] == ComplaintStatus.REFUSED


@pytest.mark.parametrize(
    ("end", "unmet", "code"),
    [
        (report, (), "not_a_tip"),
        (report, (Requirement.REPORTER,), "not_a_tip"),
        (answered, (Requirement.EVIDENCE,), "not_a_tip"),
        (answered, (Requirement.REPORTER, Requirement.EVIDENCE), "not_a_tip"),
    ],
)
def test_only_a_formal_failure_goes_on_as_a_tip(end: Any, unmet, code):
    complaint = report()
    if end is not report:
        end(complaint)
    looked_at(complaint, *unmet)

    with pytest.raises(DomainError) as early:
        proposed(complaint, "keep_as_tip")
    proposed(complaint, "settled")
    with pytest.raises(DomainError) as late:
        decided(complaint, ComplaintAction.KEEP_AS_TIP)

    assert (early.value.code, late.value.code) == (code, code)
    assert SealedIdentity.objects.filter(complaint=complaint).exists()
    assert stands(complaint)[0] == ComplaintStatus.PROPOSED


def test_late_report_goes_on_as_a_tip_without_being_asked():
    complaint = proposed(looked_at(report(), Requirement.IN_TIME), "keep_as_tip")

    decided(complaint, ComplaintAction.KEEP_AS_TIP)

    complaint.refresh_from_db()
    assert (complaint.lane, complaint.status) == (Lane.TIP, ComplaintStatus.RECEIVED)


def test_answer_of_a_verifier_that_comes_in_late_counts():
    """Proposed while the name was unmet; a verifier corrects it before the plenary sits."""
    complaint = proposed(looked_at(answered(report()), Requirement.REPORTER), "incomplete")
    complaint.checks.filter(requirement="reporter").update(is_met=True)

    with pytest.raises(DomainError) as refusal:
        decided(complaint, ComplaintAction.REFUSE, "incomplete")

    assert refusal.value.code == "ground_contradicted"
