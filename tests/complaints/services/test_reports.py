"""Reports: one repair, the plenary, registration; what a reporter may change about their name."""

from datetime import date, timedelta
from threading import Event
from time import sleep
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, OperationalError, connections, transaction

from bawaslu_cases.keyring.models import Erasure, ReportWraps
from bawaslu_cases.shared.errors import ConflictError, DomainError
from complaints.errors import IdentityMissingError, KeysMissingError, RequirementsOpenError
from complaints.models import (
    Case,
    Complaint,
    ComplaintMilestone,
    ParkedWraps,
    RequirementCheck,
    SealedIdentity,
)
from complaints.selectors.case_file import opened_statement
from complaints.services import vault
from complaints.services.checklist import tick_requirement
from complaints.services.exchange import sealing_of
from complaints.services.intake import SealedName, handling_office, submit_complaint
from complaints.services.lanes import (
    higher_lanes,
    may_withdraw,
    note_withdrawal,
    raise_lane,
    withdraw_report,
)
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
    Milestone,
    Requirement,
    requirements_of,
)
from complaints.vault.crypto.sealing import seal_with_card_key
from tests.factories import (
    AT,
    IDENTITY,
    facts,
    office,
    person,
    report,
    somebody_of_plenary,
    tip,
    votes_of,
)
from tests.support.at_once import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vault_keys")]
MINUTES: dict[str, Any] = {
    "minutes_number": "3/BA/2024",
    "decided_on": AT.date(),
}


def attested(complaint: Complaint, *, is_met: bool = True) -> None:
    RequirementCheck.objects.create(
        complaint=complaint,
        requirement=Requirement.REPORTER,
        is_met=is_met,
        checked_at=AT,
        checked_by=person("vera"),
    )


def complete(complaint: Complaint) -> Complaint:
    """Have everything checked as met."""
    attested(complaint)
    for item in requirements_of(complaint.lane):
        if item is not Requirement.REPORTER:
            tick_requirement(
                complaint=complaint, requirement=item, is_met=True, officer=person("sari"), at=AT
            )
    return complaint


def proposed(complaint: Complaint) -> Complaint:
    propose_report(
        complaint=complete(complaint),
        action=ComplaintAction.PROPOSE_REGISTER,
        officer=person("sari"),
        at=AT,
    )
    return complaint


def name_for(complaint: Complaint, lane: Lane) -> SealedName:
    keys = vault.sealing_keys(office=complaint.office, on=AT.date())
    blob, card_key = seal_with_card_key(
        IDENTITY,
        report=complaint.public_id.hex,
        lane=lane.value,
        group_a=keys.group_a,
        group_b=keys.group_b,
        recovery=keys.recovery,
    )
    return SealedName(blob, SealedIdentity.Mode.SERVER, card_key)


def clocks(complaint: Complaint) -> list[tuple[str, str]]:
    return list(complaint.deadlines.order_by("pk").values_list("kind", "status"))


def told(complaint: Complaint) -> list[str]:
    return list(complaint.milestones.values_list("kind", flat=True))


def test_sealed_report_starts_at_the_province_open_one_where_it_happened():
    assert report(lane=Lane.SEALED).office == office("33")
    assert report(lane=Lane.OPEN).office == office("33.08")


@pytest.mark.parametrize(
    ("lane", "kept_from", "expected"),
    [
        (Lane.SEALED, ["33"], None),
        (Lane.SEALED, ["33.08"], "33"),
        (Lane.OPEN, ["33.08"], "33"),
        (Lane.OPEN, ["33.08", "33"], None),
        (Lane.TIP, ["33"], None),
    ],
)
def test_report_passes_over_the_units_it_is_kept_from(lane, kept_from, expected):
    ids = [office(code).pk for code in kept_from]

    handling = handling_office(region=facts().region, lane=lane, keep_from=ids)

    assert handling == office(expected)


def test_unit_named_by_the_reporter_sees_neither_report_nor_case():
    complaint = report(keep_from=(office("33").pk,))
    joko, dewi = person("joko"), person("dewi")

    assert not Complaint.objects.visible_to(joko).filter(pk=complaint.pk).exists()
    assert complaint.office == office(None)
    complaint.excluded_offices = [dewi.office_id or 0]
    complaint.save()
    assert not Complaint.objects.visible_to(dewi).filter(pk=complaint.pk).exists()


def test_sealed_words_are_the_desks_alone():
    complaint = report(lane=Lane.SEALED)

    opened = opened_statement(complaint=complaint, viewer=person("joko"))

    assert opened.is_sealed
    assert opened.story == ""
    assert complaint.statement.scheme == "desk"
    assert complaint.statement.group == "desk-00-33"


def test_identity_and_wraps_lie_in_two_databases():
    complaint = report()

    identity = SealedIdentity.objects.get(complaint=complaint)
    wraps = ReportWraps.objects.get(report=complaint.public_id)

    assert (identity.group_a, identity.group_b) == ("desk-00-33", "custodians-ri")
    assert (len(wraps.wrap_a), len(wraps.wrap_b), len(wraps.wrap_r)) == (80, 80, 80)
    assert IDENTITY["name"].encode() not in bytes(identity.ciphertext)
    assert not hasattr(identity, "wrap_a")


def test_report_without_fitting_name_is_refused_and_nothing_kept():
    other = report()
    blob = name_for(other, Lane.SEALED)

    for lane, name, public_id in (
        (Lane.SEALED, None, None),
        (Lane.SEALED, blob, UUID(int=7)),
        (Lane.OPEN, blob, other.public_id),
        (Lane.TIP, blob, other.public_id),
    ):
        with pytest.raises(IdentityMissingError):
            submit_complaint(facts=facts(), lane=lane, at=AT, name=name, public_id=public_id)

    assert Complaint.objects.count() == 1
    assert ReportWraps.objects.count() == 1


def test_officer_cannot_tick_who_reported():
    with pytest.raises(DomainError):
        tick_requirement(
            complaint=report(),
            requirement=Requirement.REPORTER,
            is_met=True,
            officer=person("sari"),
            at=AT,
        )


def test_registration_needs_every_requirement_met():
    complaint = report()
    for item in requirements_of(complaint.lane)[1:]:
        tick_requirement(
            complaint=complaint, requirement=item, is_met=True, officer=person("sari"), at=AT
        )
    asking: dict[str, Any] = {
        "complaint": complaint,
        "action": ComplaintAction.PROPOSE_REGISTER,
        "officer": person("sari"),
        "at": AT,
    }

    with pytest.raises(RequirementsOpenError) as unseen:
        propose_report(**asking)
    attested(complaint, is_met=False)
    with pytest.raises(RequirementsOpenError) as unmet:
        propose_report(**asking)

    assert unseen.value.codes == ("reporter",)
    assert unmet.value.codes == ("reporter",)
    assert complaint.status == ComplaintStatus.RECEIVED


@pytest.mark.parametrize(
    "outcome", [ComplaintAction.APPROVE_REGISTER, ComplaintAction.APPROVE_FORWARD]
)
def test_the_plenary_registers_nothing_that_lacks_a_requirement(outcome):
    """Also where the officer proposed to refuse it (PB7 ps 16(1)a)."""
    complaint = complete(report())
    tick_requirement(
        complaint=complaint,
        requirement=Requirement.IN_TIME,
        is_met=False,
        officer=person("sari"),
        at=AT,
    )
    propose_report(
        complaint=complaint,
        action=ComplaintAction.PROPOSE_REFUSAL,
        officer=person("sari"),
        at=AT,
        reason="Lewat waktu.",
    )

    with pytest.raises(RequirementsOpenError) as unmet:
        decide_on_report(
            complaint=complaint,
            action=outcome,
            member=somebody_of_plenary(complaint.office),
            at=AT,
            votes=votes_of(complaint),
            **MINUTES,
        )

    assert unmet.value.codes == ("in_time",)
    complaint.refresh_from_db()
    assert complaint.status == ComplaintStatus.PROPOSED
    assert not complaint.plenary_decisions.exists()


@pytest.mark.django_db(transaction=True)
def test_a_verifiers_answer_while_the_plenary_decides_is_seen():
    """The answer has the record first; the decision waits for it and finds the reporter unnamed."""
    complaint = proposed(report())
    members, votes = somebody_of_plenary(complaint.office), votes_of(complaint)
    begun = Event()

    def answer() -> str:
        with transaction.atomic():
            Complaint.objects.select_for_update().get(pk=complaint.pk)
            begun.set()
            sleep(0.5)
            complaint.checks.filter(requirement=Requirement.REPORTER).update(is_met=False)
        return "answered"

    def decide() -> str:
        begun.wait()
        try:
            decide_on_report(
                complaint=Complaint.objects.get(pk=complaint.pk),
                action=ComplaintAction.APPROVE_REGISTER,
                member=members,
                at=AT,
                votes=votes,
                **MINUTES,
            )
        except RequirementsOpenError as error:
            return " ".join(error.codes)
        return "registered"

    assert at_once([answer, decide]) == ["answered", "reporter"]
    complaint.refresh_from_db()
    assert complaint.status == ComplaintStatus.PROPOSED


def test_registered_report_opens_a_case_under_its_own_number():
    complaint = proposed(report())

    _decision, case = decide_on_report(
        complaint=complaint,
        action=ComplaintAction.APPROVE_REGISTER,
        member=somebody_of_plenary(complaint.office),
        at=AT,
        votes=votes_of(complaint),
        **MINUTES,
    )

    assert case is not None
    assert case.register_number == "001/Reg/LP/PB/Prov/14.00/X/2024"
    assert complaint.status == ComplaintStatus.REGISTERED
    assert told(complaint) == [Milestone.RECEIVED, Milestone.CHECKED, Milestone.CASE]
    assert clocks(complaint) == [("initial_review", "met")]
    assert case.deadlines.get().kind == "handling"


def test_case_of_a_report_stays_hidden_from_the_units_named():
    complaint = proposed(report(lane=Lane.OPEN, keep_from=(office("33").pk,)))
    _decision, case = decide_on_report(
        complaint=complaint,
        action=ComplaintAction.APPROVE_REGISTER,
        member=somebody_of_plenary(complaint.office),
        at=AT,
        votes=votes_of(complaint),
        **MINUTES,
    )
    assert case is not None

    assert case.excluded_offices == [office("33").pk]
    assert not Case.objects.visible_to(person("joko")).filter(pk=case.pk).exists()


def test_formal_failure_keeps_the_content_and_erases_the_name(
    django_capture_on_commit_callbacks,
):
    complaint = report()
    ask_repair(
        complaint=complaint, requirements=[Requirement.REPORTER], officer=person("sari"), at=AT
    )
    answer_repair(complaint=complaint, at=AT)
    attested(complaint, is_met=False)
    for item in requirements_of(complaint.lane)[1:]:
        tick_requirement(
            complaint=complaint, requirement=item, is_met=True, officer=person("sari"), at=AT
        )
    propose_report(
        complaint=complaint,
        action=ComplaintAction.PROPOSE_REFUSAL,
        officer=person("sari"),
        at=AT,
        reason="Nama pelapor tidak terbukti.",
        ground="keep_as_tip",
    )

    with django_capture_on_commit_callbacks(execute=True):
        decide_on_report(
            complaint=complaint,
            action=ComplaintAction.KEEP_AS_TIP,
            member=somebody_of_plenary(complaint.office),
            at=AT,
            votes=votes_of(complaint),
            **MINUTES,
        )

    complaint.refresh_from_db()
    assert (complaint.lane, complaint.status) == (Lane.TIP, ComplaintStatus.RECEIVED)
    assert not SealedIdentity.objects.exists()
    assert not ReportWraps.objects.exists()
    assert Erasure.objects.get().why == "kept_as_tip"


def test_repair_has_its_own_clock_and_the_desk_looks_again():
    complaint = report()

    asked = ask_repair(
        complaint=complaint,
        requirements=[Requirement.EVIDENCE],
        officer=person("sari"),
        at=AT,
    )
    assert complaint.status == ComplaintStatus.AWAITING
    assert clocks(complaint) == [("initial_review", "met"), ("repair", "open")]
    assert asked.due_on > asked.asked_on
    answered = answer_repair(complaint=complaint, at=AT + timedelta(days=1))

    assert answered.answered_on == date(2024, 10, 8)
    assert complaint.status == ComplaintStatus.RECEIVED
    assert clocks(complaint)[1:] == [("repair", "met"), ("initial_review", "open")]
    event = complaint.events.order_by("-pk")[0]
    assert (event.actor_id, event.actor_kind) == (None, "reporter")
    assert event.at.astimezone(AT.tzinfo).hour in {17, 0}


def test_repair_that_nobody_answered_lapses_once():
    complaint = report()
    ask_repair(
        complaint=complaint, requirements=[Requirement.EVIDENCE], officer=person("sari"), at=AT
    )

    early = lapse_repairs(at=AT + timedelta(hours=1))
    late = lapse_repairs(at=AT + timedelta(days=10))
    again = lapse_repairs(at=AT + timedelta(days=10))

    assert (early, late, again) == (0, 1, 0)
    complaint.refresh_from_db()
    assert complaint.status == ComplaintStatus.RECEIVED
    assert complaint.repair_requests.get().lapsed_on is not None


def test_lane_is_raised_and_never_lowered():
    complaint = tip()

    assert higher_lanes(complaint) == (Lane.SEALED, Lane.OPEN)
    raise_lane(complaint=complaint, lane=Lane.SEALED, name=name_for(complaint, Lane.SEALED), at=AT)
    assert complaint.lane == Lane.SEALED
    assert clocks(complaint) == [("initial_review", "cancelled"), ("initial_review", "open")]
    assert higher_lanes(complaint) == (Lane.OPEN,)
    raise_lane(complaint=complaint, lane=Lane.OPEN, name=name_for(complaint, Lane.OPEN), at=AT)
    assert higher_lanes(complaint) == ()
    with pytest.raises(DomainError):
        raise_lane(
            complaint=complaint, lane=Lane.SEALED, name=name_for(complaint, Lane.SEALED), at=AT
        )

    assert SealedIdentity.objects.get().lane == "open"
    assert ReportWraps.objects.count() == 1


def test_lane_is_not_raised_with_a_name_sealed_for_another_report():
    complaint, other = tip(), tip()

    with pytest.raises(IdentityMissingError):
        raise_lane(complaint=complaint, lane=Lane.SEALED, name=name_for(other, Lane.SEALED), at=AT)

    complaint.refresh_from_db()
    assert complaint.lane == Lane.TIP
    assert not SealedIdentity.objects.exists()


def test_withdrawal_before_registration_erases_the_name_and_keeps_the_content(
    django_capture_on_commit_callbacks,
):
    complaint = proposed(report())

    with django_capture_on_commit_callbacks(execute=True):
        withdraw_report(complaint=complaint, at=AT)

    complaint.refresh_from_db()
    assert (complaint.lane, complaint.status) == (Lane.TIP, ComplaintStatus.RECEIVED)
    assert told(complaint)[-1] == Milestone.WITHDRAWN
    assert not SealedIdentity.objects.exists()
    assert not ReportWraps.objects.exists()
    erasure = Erasure.objects.get()
    assert erasure.complete_on - erasure.erased_on == timedelta(days=7)


def test_withdrawal_after_registration_is_only_noted():
    complaint = proposed(report())
    decide_on_report(
        complaint=complaint,
        action=ComplaintAction.APPROVE_REGISTER,
        member=somebody_of_plenary(complaint.office),
        at=AT,
        votes=votes_of(complaint),
        **MINUTES,
    )

    assert not may_withdraw(complaint)
    with pytest.raises(ConflictError):
        withdraw_report(complaint=complaint, at=AT)
    note_withdrawal(complaint=complaint, at=AT)
    note_withdrawal(complaint=complaint, at=AT)
    assert SealedIdentity.objects.count() == 1
    assert Complaint.objects.get(pk=complaint.pk).status == ComplaintStatus.REGISTERED
    assert complaint.events.filter(action="note_withdrawal").count() == 1
    assert complaint.case_link.case.status == "registered"
    # "Nama Anda sudah dihapus" would be untrue: nothing of the kind is told.
    assert "withdrawn" not in complaint.milestones.values_list("kind", flat=True)


def down(*_args: object) -> None:
    """Answer every query as a server that is gone would."""
    raise OperationalError


@pytest.mark.django_db(transaction=True)
def test_keyring_that_is_down_parks_the_wraps_and_refuses_nobody():
    """Check F22."""
    complaint = tip()
    name = name_for(complaint, Lane.SEALED)

    with connections["keyring"].execute_wrapper(down):
        raise_lane(complaint=complaint, lane=Lane.SEALED, name=name, at=AT)

    parked = ParkedWraps.objects.get()
    assert name.blob.wrap_a not in bytes(parked.sealed)
    assert vault.move_parked_wraps() == 1
    assert vault.move_parked_wraps() == 0
    assert bytes(ReportWraps.objects.get().wrap_a) == name.blob.wrap_a
    assert not ParkedWraps.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_name_given_anew_replaces_the_former_wraps_only_once_it_is_committed():
    complaint = report(lane=Lane.SEALED)
    former = bytes(ReportWraps.objects.get(report=complaint.public_id).wrap_a)
    name = name_for(complaint, Lane.OPEN)

    @transaction.atomic
    def raise_and_fail_to_commit() -> None:
        raise_lane(complaint=complaint, lane=Lane.OPEN, name=name, at=AT)
        # a key to a record that is not there is found out by the commit itself
        ComplaintMilestone.objects.create(complaint_id=1, kind=Milestone.CHECKED, on=AT.date())

    with pytest.raises(IntegrityError):
        raise_and_fail_to_commit()
    assert bytes(ReportWraps.objects.get(report=complaint.public_id).wrap_a) == former
    assert SealedIdentity.objects.get(complaint=complaint).lane == Lane.SEALED
    assert bytes(sealing_of(complaint)[1].wrap_a) == former
    assert not ParkedWraps.objects.exists()

    complaint.refresh_from_db()
    raise_lane(complaint=complaint, lane=Lane.OPEN, name=name, at=AT)
    assert bytes(ReportWraps.objects.get(report=complaint.public_id).wrap_a) == name.blob.wrap_a
    assert sealing_of(complaint)[0] == name.blob
    assert not ParkedWraps.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_wraps_that_wait_are_not_opened_with_the_former_ones():
    complaint = report(lane=Lane.SEALED)
    name = name_for(complaint, Lane.OPEN)

    with connections["keyring"].execute_wrapper(down):
        raise_lane(complaint=complaint, lane=Lane.OPEN, name=name, at=AT)
    with pytest.raises(DomainError):
        sealing_of(complaint)

    assert vault.move_parked_wraps() == 1
    assert sealing_of(complaint)[0] == name.blob


def test_published_keys_serve_while_the_keyring_is_down():
    before = vault.sealing_keys(office=office("33"), on=AT.date())

    with connections["keyring"].execute_wrapper(down):
        assert vault.sealing_keys(office=office("33"), on=AT.date()) == before
        with pytest.raises(KeysMissingError):
            vault.sealing_keys(office=office("51"), on=AT.date())


def test_key_swapped_in_the_database_is_refused():
    """Check V10, the server's half: nothing is sealed to a key the root does not vouch for."""
    with connections["keyring"].cursor() as cursor:
        cursor.execute(
            "UPDATE keyring_groupepoch SET pk_bytes = %s WHERE group_id = 'desk-00-33'",
            [b"\x09" + bytes(31)],
        )

    with pytest.raises(KeysMissingError):
        vault.sealing_keys(office=office("33"), on=AT.date())
