"""Sending a report straight on (ps 22), down to a regency (ps 39) and up to the next level (ps 40)."""

from datetime import timedelta
from typing import Any

import pytest

from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.errors import RequirementsOpenError
from complaints.models import Case, Complaint, OfficeChange, PlenaryDecision, RequirementCheck
from complaints.services.checklist import tick_requirement
from complaints.services.office_changes import answer_takeover, take_over
from complaints.services.plenary import Vote, unanimous
from complaints.services.reports import ask_repair, decide_on_report, propose_report
from complaints.states import ComplaintAction, ComplaintStatus, Lane, Requirement, requirements_of
from referrals.services.packets import review_draft
from referrals.services.recommend import (
    approve_referral,
    propose_referral,
    resubmit_referral,
)
from tests.factories import (
    AT,
    office,
    person,
    plenary_of,
    report,
    somebody_of_plenary,
    votes_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vault_keys")]
LATER = AT + timedelta(hours=2)


def looked_at(complaint: Complaint, **unmet: bool) -> Complaint:
    """Have every requirement looked at; those named are unmet."""
    for item in requirements_of(complaint.lane):
        if item is Requirement.REPORTER:
            RequirementCheck.objects.create(
                complaint=complaint,
                requirement=item,
                is_met=True,
                checked_at=AT,
                checked_by=person("vera"),
            )
        else:
            tick_requirement(
                complaint=complaint,
                requirement=item,
                is_met=item.value not in unmet,
                officer=person("sari"),
                at=AT,
            )
    return complaint


def proposed(complaint: Complaint, action: ComplaintAction, **more: Any) -> Complaint:
    propose_report(complaint=complaint, action=action, officer=person("sari"), at=AT, **more)
    return complaint


def decided(complaint: Complaint, action: ComplaintAction, **more: Any) -> Case | None:
    _decision, case = decide_on_report(
        complaint=complaint,
        action=action,
        member=somebody_of_plenary(complaint.office),
        at=LATER,
        minutes_number="7/BA/X/2024",
        decided_on=AT.date(),
        **{"votes": votes_of(complaint), **more},
    )
    return case


def clocks(complaint: Complaint) -> list[tuple[str, str]]:
    return list(complaint.deadlines.order_by("pk").values_list("kind", "status"))


def test_complete_report_goes_straight_on_without_a_register():
    complaint = proposed(looked_at(report()), ComplaintAction.PROPOSE_FORWARD)

    case = decided(complaint, ComplaintAction.APPROVE_FORWARD)

    assert case is not None
    complaint.refresh_from_db()
    assert complaint.status == ComplaintStatus.FORWARDED
    assert (case.register_number, case.reference) == (None, complaint.reference)
    assert (case.status, case.decision) == ("decided", "decide_refer")
    assert [event.action for event in case.events.all()] == ["create", "forward"]
    assert not case.deadlines.exists()
    assert clocks(complaint) == [("initial_review", "met")]


def test_case_without_a_register_is_referred_like_any_other():
    case = decided(
        proposed(looked_at(report()), ComplaintAction.PROPOSE_FORWARD),
        ComplaintAction.APPROVE_FORWARD,
    )
    assert case is not None
    referral = propose_referral(case=case, officer=person("sari"), at=LATER)
    with pytest.raises(DomainError) as refusal:
        approve_referral(referral=referral, approver=person("joko"), at=LATER)
    assert refusal.value.code == "no_summary"
    resubmit_referral(
        referral=referral,
        officer=person("sari"),
        at=LATER,
        reason="Ringkasan ditulis.",
        summary="Camat mengajak warga memilih salah satu pasangan calon.",
    )
    # the server cannot compare what is sealed to the desk: whoever approves takes note of it
    sealed = review_draft(referral=referral, at=LATER).warnings
    assert [each.code for each in sealed] == ["sealed_statement"]
    approve_referral(
        referral=referral,
        approver=person("joko"),
        at=LATER,
        acknowledged=[each.key for each in sealed],
    )

    case.refresh_from_db()
    assert case.status == "referred"


def test_nothing_is_forwarded_with_a_requirement_unmet():
    complaint = looked_at(report(), description=False)

    with pytest.raises(RequirementsOpenError) as refusal:
        proposed(complaint, ComplaintAction.PROPOSE_FORWARD)

    assert refusal.value.codes == ("description",)
    assert Complaint.objects.get(pk=complaint.pk).status == ComplaintStatus.RECEIVED


def test_lateness_cannot_be_repaired():
    complaint = looked_at(report(), in_time=False)

    with pytest.raises(DomainError) as refusal:
        ask_repair(
            complaint=complaint,
            requirements=[Requirement.DESCRIPTION],
            officer=person("sari"),
            at=AT,
        )

    assert refusal.value.code == "not_repairable"


def test_refusal_names_its_ground():
    complaint = proposed(
        looked_at(report(), in_time=False), ComplaintAction.PROPOSE_REFUSAL, reason="Lewat waktu."
    )

    with pytest.raises(DomainError) as refusal:
        decided(complaint, ComplaintAction.REFUSE, reason="Lewat waktu.")
    assert refusal.value.field == "ground"
    assert PlenaryDecision.objects.count() == 0

    complaint.refresh_from_db()
    decided(complaint, ComplaintAction.REFUSE, reason="Lewat waktu.", ground="late")
    assert PlenaryDecision.objects.get().ground == "late"


def at_the_province(**changes: Any) -> Complaint:
    """Return an open report that lies at the province, as one that crosses regencies does."""
    complaint = report(lane=Lane.OPEN, **changes)
    Complaint.objects.filter(pk=complaint.pk).update(office=office("33"))
    complaint.refresh_from_db()
    return complaint


def test_delegation_starts_the_review_anew_at_the_lower_office():
    complaint = proposed(
        at_the_province(),
        ComplaintAction.PROPOSE_DELEGATION,
        reason="Peristiwa di satu kecamatan.",
        target=office("33.08"),
    )
    assert ("delegation", "open") in clocks(complaint)

    decided(complaint, ComplaintAction.APPROVE_DELEGATION)

    complaint.refresh_from_db()
    assert (complaint.status, complaint.office) == ("received", office("33.08"))
    assert clocks(complaint) == [
        ("initial_review", "met"),
        ("delegation", "met"),
        ("initial_review", "open"),
    ]
    assert list(complaint.milestones.values_list("kind", flat=True)) == ["received", "handed_over"]


@pytest.mark.parametrize(
    ("lane", "target"),
    [(Lane.SEALED, "33.08"), (Lane.OPEN, "51.71"), (Lane.OPEN, "33"), (Lane.OPEN, None)],
)
def test_only_an_open_report_goes_down_and_only_one_level(lane, target):
    complaint = at_the_province() if lane == Lane.OPEN else report(lane=lane)

    with pytest.raises(DomainError) as refusal:
        proposed(
            complaint,
            ComplaintAction.PROPOSE_DELEGATION,
            reason="Alasan",
            target=office(target) if target else None,
        )

    assert refusal.value.field == "target"
    assert (refusal.value.code == "stays_at_its_desk") == (lane == Lane.SEALED)
    assert not OfficeChange.objects.exists()
    assert Complaint.objects.get(pk=complaint.pk).status == ComplaintStatus.RECEIVED


def test_unit_the_reporter_keeps_away_gets_nothing_by_delegation():
    complaint = at_the_province(keep_from=(office("33.08").pk,))

    with pytest.raises(DomainError) as refusal:
        proposed(
            complaint,
            ComplaintAction.PROPOSE_DELEGATION,
            reason="Alasan",
            target=office("33.08"),
        )

    assert refusal.value.field == "target"


def asked_up(**changes: Any) -> Complaint:
    complaint = proposed(
        at_the_province(**changes),
        ComplaintAction.PROPOSE_TAKEOVER,
        reason="Terlapor pejabat provinsi.",
        ground="members_reported",
    )
    decided(complaint, ComplaintAction.ASK_TAKEOVER)
    return complaint


def answer(complaint: Complaint, action: ComplaintAction, **changes: Any) -> PlenaryDecision:
    above = office(None)
    fields: dict[str, Any] = {
        "member": somebody_of_plenary(above),
        "votes": unanimous(plenary_of(above)),
        "minutes_number": "9/BA/X/2024",
        "decided_on": AT.date(),
        "at": LATER,
        **changes,
    }
    return answer_takeover(complaint=complaint, action=action, **fields)


def test_level_above_takes_over_what_it_was_asked_for():
    complaint = asked_up()
    assert complaint.status == ComplaintStatus.TAKEOVER
    assert ("delegation", "open") in clocks(complaint)

    answer(complaint, ComplaintAction.ACCEPT_TAKEOVER)

    complaint.refresh_from_db()
    assert (complaint.status, complaint.office) == ("received", office(None))
    assert OfficeChange.objects.get().taken
    assert clocks(complaint)[-1] == ("initial_review", "open")


def test_level_above_may_decline_with_a_reason():
    complaint = asked_up()

    with pytest.raises(DomainError):
        answer(complaint, ComplaintAction.DECLINE_TAKEOVER)
    answer(complaint, ComplaintAction.DECLINE_TAKEOVER, reason="Provinsi dapat menangani.")

    complaint.refresh_from_db()
    assert (complaint.status, complaint.office) == ("received", office("33"))
    assert not OfficeChange.objects.get().taken


def test_asking_office_does_not_answer_itself():
    complaint = asked_up()

    with pytest.raises(DomainError) as refusal:
        answer(
            complaint,
            ComplaintAction.ACCEPT_TAKEOVER,
            member=person("dewi"),
            votes=unanimous(plenary_of(office("33"))),
        )

    assert refusal.value.code == "other_plenary"


def test_nothing_is_taken_over_that_nobody_asked_for():
    with pytest.raises(ConflictError):
        answer(at_the_province(), ComplaintAction.ACCEPT_TAKEOVER)


def test_level_above_takes_over_unasked_on_a_ground_of_the_law():
    complaint = report(lane=Lane.OPEN)
    Complaint.objects.filter(pk=complaint.pk).update(office=office("33.08"))
    complaint.refresh_from_db()
    above = office("33")
    fields: dict[str, Any] = {
        "member": person("dewi"),
        "at": LATER,
        "minutes_number": "9/BA/X/2024",
        "decided_on": AT.date(),
        "votes": unanimous(plenary_of(above)),
        "reason": "Anggota menjadi terlapor.",
    }

    with pytest.raises(DomainError) as refusal:
        take_over(complaint=complaint, ground="because", **fields)
    assert refusal.value.field == "ground"

    complaint = Complaint.objects.select_related("office").get(pk=complaint.pk)
    take_over(complaint=complaint, ground="members_reported", **fields)
    complaint.refresh_from_db()
    assert (complaint.status, complaint.office) == ("received", above)


def test_takeover_skips_no_level():
    complaint = report(lane=Lane.OPEN)
    Complaint.objects.filter(pk=complaint.pk).update(office=office("33.08"))
    complaint.refresh_from_db()

    with pytest.raises(DomainError) as refusal:
        take_over(
            complaint=complaint,
            member=person("ratna"),
            at=LATER,
            minutes_number="9/BA/X/2024",
            decided_on=AT.date(),
            votes=unanimous(plenary_of(office(None))),
            ground="cannot_function",
            reason="Alasan",
        )

    assert refusal.value.code == "other_plenary"


@pytest.mark.parametrize(
    ("votes", "field", "code"),
    [
        (lambda members: unanimous(members[:2]), "present", "no_quorum"),
        (lambda members: unanimous([*members, members[0]]), "present", None),
        (lambda members: unanimous([*members[:2], person("lina")]), "present", None),
        (lambda members: unanimous([*members[:2], person("sari")]), "present", None),
        (
            lambda members: (
                Vote(members[0]),
                *(Vote(each, in_favour=False) for each in members[1:]),
            ),
            "dissent",
            None,
        ),
        (
            lambda members: (
                Vote(members[0]),
                *(Vote(each, in_favour=False, dissent="Belum cukup.") for each in members[1:]),
            ),
            "against",
            "no_majority",
        ),
    ],
)
def test_plenary_that_is_none_decides_nothing(votes, field, code):
    complaint = proposed(looked_at(report()), ComplaintAction.PROPOSE_FORWARD)

    with pytest.raises(DomainError) as refusal:
        decided(
            complaint,
            ComplaintAction.APPROVE_FORWARD,
            votes=votes(plenary_of(complaint.office)),
        )

    assert refusal.value.field == field
    assert code is None or refusal.value.code == code
    assert PlenaryDecision.objects.count() == 0
    assert Case.objects.count() == 0


def test_dissent_stands_in_the_minutes():
    complaint = proposed(looked_at(report()), ComplaintAction.PROPOSE_FORWARD)
    first, *others = plenary_of(complaint.office)

    decided(
        complaint,
        ComplaintAction.APPROVE_FORWARD,
        votes=[*unanimous(others), Vote(first, in_favour=False, dissent="Belum cukup bukti.")],
    )

    decision = PlenaryDecision.objects.get()
    assert (decision.members_present, decision.in_favour, decision.quorum) == (3, 2, 3)
    assert [vote.dissent for vote in decision.votes.filter(in_favour=False)] == [
        "Belum cukup bukti."
    ]
    assert len(decision.minutes_digest) == 64


def test_officer_votes_nowhere():
    complaint = proposed(looked_at(report()), ComplaintAction.PROPOSE_FORWARD)

    with pytest.raises(NotPermittedError):
        decide_on_report(
            complaint=complaint,
            action=ComplaintAction.APPROVE_FORWARD,
            member=person("wati"),
            at=LATER,
            minutes_number="7/BA/X/2024",
            decided_on=AT.date(),
            votes=votes_of(complaint),
        )
