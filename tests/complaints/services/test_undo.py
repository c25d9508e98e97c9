"""Second thoughts: one's own last step, for ten minutes, while nobody acted on it."""

from datetime import timedelta

import pytest

from bawaslu_cases.shared.errors import ConflictError
from complaints.models import Complaint, RequirementCheck
from complaints.services.assignment import assign
from complaints.services.checklist import tick_requirement
from complaints.services.notes import write_note
from complaints.services.reports import decide_on_report, propose_report
from complaints.services.snooze import snooze
from complaints.services.tags import add_tag, make_tag, remove_tag
from complaints.services.triage import propose
from complaints.services.undo import UNDO_WINDOW, last_step, take_back_proposal, undo_last
from complaints.states import ComplaintAction, ComplaintStatus, Lane, Requirement, TakeoverGround
from tests.factories import AT, checked, person, report, somebody_of_plenary, tip, votes_of

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(minutes=1)


def proposed(who: str = "sari") -> Complaint:
    complaint = checked(tip(), person(who))
    propose(
        complaint=complaint, action=ComplaintAction.PROPOSE_TRACING, officer=person(who), at=LATER
    )
    return complaint


def undo(complaint: Complaint, who: str = "sari", after: timedelta = timedelta(minutes=1)) -> str:
    step = last_step(complaint=complaint, officer=person(who), at=LATER + after)
    assert step is not None
    undo_last(complaint=complaint, officer=person(who), at=LATER + after, seen=step.event.pk)
    complaint.refresh_from_db()
    return step.label


def test_proposal_is_taken_back_and_may_be_made_again():
    complaint = proposed()

    assert undo(complaint) == "Usulkan penelusuran"

    assert complaint.status == ComplaintStatus.RECEIVED
    assert list(complaint.events.order_by("pk").values_list("action", "source", "target")) == [
        ("create", "", "received"),
        ("propose_tracing", "received", "proposed"),
        ("undo_proposal", "proposed", "received"),
    ]
    propose(
        complaint=complaint,
        action=ComplaintAction.PROPOSE_ARCHIVE,
        officer=person("sari"),
        at=LATER + timedelta(minutes=2),
        reason="Bukan ASN.",
    )


@pytest.mark.parametrize(
    ("who", "after"),
    [("joko", timedelta(0)), ("sari", UNDO_WINDOW + timedelta(seconds=1))],
)
def test_neither_anothers_nor_an_old_proposal(who, after):
    complaint = proposed()

    assert last_step(complaint=complaint, officer=person(who), at=LATER + after) is None
    with pytest.raises(ConflictError):
        take_back_proposal(complaint=complaint, officer=person(who), at=LATER + after)

    complaint.refresh_from_db()
    assert complaint.status == ComplaintStatus.PROPOSED


@pytest.mark.usefixtures("vault_keys")
def test_what_the_plenary_returned_is_not_taken_back():
    complaint = report(lane=Lane.OPEN)
    RequirementCheck.objects.create(
        complaint=complaint, requirement="reporter", is_met=True, checked_at=AT
    )
    for item in Requirement:
        if item is not Requirement.REPORTER:
            tick_requirement(
                complaint=complaint, requirement=item, is_met=True, officer=person("sari"), at=AT
            )
    propose_report(
        complaint=complaint,
        action=ComplaintAction.PROPOSE_FORWARD,
        officer=person("sari"),
        at=LATER,
    )
    decide_on_report(
        complaint=complaint,
        action=ComplaintAction.RETURN_PROPOSAL,
        member=somebody_of_plenary(complaint.office),
        at=LATER,
        minutes_number="3/BA/2024",
        decided_on=AT.date(),
        votes=votes_of(complaint),
        reason="Alasan pleno",
    )

    assert last_step(complaint=complaint, officer=person("sari"), at=LATER) is None
    with pytest.raises(ConflictError):
        take_back_proposal(complaint=complaint, officer=person("sari"), at=LATER)


@pytest.mark.usefixtures("vault_keys")
def test_taken_back_takeover_ends_its_change_and_its_clock():
    complaint = report(lane=Lane.OPEN)
    rows = complaint.office_changes
    propose_report(
        complaint=complaint,
        action=ComplaintAction.PROPOSE_TAKEOVER,
        officer=person("sari"),
        at=LATER,
        reason="Melintasi dua kabupaten.",
        ground=TakeoverGround.CROSSES_REGIONS,
    )

    undo(complaint)

    assert rows.get().ended_on is not None
    assert not complaint.deadlines.filter(kind="delegation", status="open").exists()
    assert complaint.due_at == complaint.deadlines.get(kind="initial_review").due_at


def test_tick_is_taken_back_once():
    complaint = tip()
    tick_requirement(
        complaint=complaint,
        requirement=Requirement.DESCRIPTION,
        is_met=False,
        officer=person("sari"),
        at=LATER,
    )

    assert undo(complaint) == "Periksa syarat"

    assert not complaint.checks.exists()
    assert last_step(complaint=complaint, officer=person("sari"), at=LATER) is None


def test_assignment_goes_back_to_whoever_had_it():
    complaint, sari, joko = tip(), person("sari"), person("joko")
    assign(subject=complaint, to=joko, officer=joko, at=AT, seen=None)
    assign(subject=complaint, to=sari, officer=sari, at=LATER, seen=joko.pk)

    assert undo(complaint) == "Serahkan tugas"

    assert complaint.assignee == joko


def test_snooze_ends():
    complaint = tip()
    day = AT.date() + timedelta(days=1)
    snooze(complaint=complaint, until=day, officer=person("sari"), at=LATER, seen=None)

    assert undo(complaint) == "Tunda"

    assert complaint.snoozed_until is None


def test_a_label_comes_off_again_and_on_again():
    complaint, sari = tip(), person("sari")
    tag = make_tag(name="Viral", officer=sari)
    add_tag(complaint=complaint, tag=tag, officer=sari, at=LATER)

    assert undo(complaint) == "Beri label"

    assert not complaint.tag_links.exists()
    assert last_step(complaint=complaint, officer=sari, at=LATER) is None
    add_tag(complaint=complaint, tag=tag, officer=sari, at=LATER)
    remove_tag(complaint=complaint, tag=tag, officer=sari, at=LATER)
    assert undo(complaint) == "Lepas label"
    assert complaint.tag_links.get().tag == tag


def test_a_note_is_work_and_does_not_stand_before_what_was_done():
    complaint, sari = tip(), person("sari")
    tick_requirement(
        complaint=complaint,
        requirement=Requirement.DESCRIPTION,
        is_met=True,
        officer=sari,
        at=LATER,
    )
    note = write_note(subject=complaint, text="Telepon saksi.", author=sari, at=LATER)

    told = complaint.work_events.order_by("-pk").first()
    assert told is not None
    assert (told.action, told.actor, told.detail) == ("note", sari, {"note": note.pk})
    assert undo(complaint) == "Periksa syarat"


def test_page_drawn_for_an_earlier_step_takes_nothing_back():
    complaint = tip()
    tick_requirement(
        complaint=complaint,
        requirement=Requirement.DESCRIPTION,
        is_met=True,
        officer=person("sari"),
        at=LATER,
    )
    seen = complaint.work_events.get().pk
    tick_requirement(
        complaint=complaint,
        requirement=Requirement.TIME_PLACE,
        is_met=True,
        officer=person("sari"),
        at=LATER,
    )

    with pytest.raises(ConflictError):
        undo_last(complaint=complaint, officer=person("sari"), at=LATER, seen=seen)

    assert complaint.checks.count() == 2
