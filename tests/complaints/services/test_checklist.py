"""The checklist: evidence looked at before it is judged, what the system proves, the notice's clock."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connections

from bawaslu_cases.shared.errors import ConflictError
from complaints.errors import RequirementsOpenError
from complaints.models import Complaint, EvidenceViewing, RequirementCheck, WorkEvent
from complaints.selectors.viewings import unviewed_count
from complaints.services.checklist import tick_requirement, untick_requirement
from complaints.services.intake import ReportedPerson
from complaints.services.reports import propose_report
from complaints.services.triage import propose
from complaints.services.viewings import note_all_viewings, note_viewing
from complaints.states import ComplaintAction, Lane, Requirement, requirements_of
from tests.factories import AT, checked, person, report, tip
from tests.support.evidence import cleaned_evidence, evidence_of, photo

pytestmark = pytest.mark.django_db

LINK = "https://www.facebook.com/akun.contoh/posts/10158123456789012"


def tick(complaint: Complaint, item: Requirement, *, is_met: bool = True, **more) -> None:
    tick_requirement(
        complaint=complaint, requirement=item, is_met=is_met, officer=person("sari"), at=AT, **more
    )


def test_evidence_is_not_judged_before_every_link_and_file_was_opened():
    complaint = tip(links=(LINK,))
    first = cleaned_evidence(complaint, photo(), at=AT)
    sari = person("sari")

    for thing, left in ((None, 2), (first, 1), (complaint.links.get(), 0)):
        if thing is not None:
            assert note_viewing(thing=thing, viewer=sari, at=AT)
        assert unviewed_count(complaint) == left
        if left:
            with pytest.raises(RequirementsOpenError) as refusal:
                tick(complaint, Requirement.EVIDENCE)
            assert refusal.value.message == f"{left} bukti belum dibuka."
            assert refusal.value.codes == ("evidence",)
    assert not complaint.checks.exists()
    assert not complaint.work_events.exists()

    tick(complaint, Requirement.EVIDENCE)

    assert complaint.checks.get().is_met


def test_opening_by_another_office_or_without_a_copy_is_no_looking():
    complaint = tip()
    queued = evidence_of(complaint, photo(), at=AT)

    assert not note_viewing(thing=queued, viewer=person("sari"), at=AT)
    ready = cleaned_evidence(complaint, photo(), at=AT)
    assert note_viewing(thing=ready, viewer=person("budi"), at=AT)
    assert not note_viewing(thing=ready, viewer=person("dewi"), at=AT)

    assert unviewed_count(complaint) == 2


def test_opening_twice_is_one_row():
    complaint = tip(links=(LINK,))

    for _time in range(2):
        note_all_viewings(complaint=complaint, viewer=person("sari"), at=AT)

    assert EvidenceViewing.objects.count() == 1


def test_tick_keeps_how_it_stood_and_refuses_a_stale_page():
    complaint = tip()
    tick(complaint, Requirement.DESCRIPTION, seen="open")

    with pytest.raises(ConflictError):
        tick(complaint, Requirement.DESCRIPTION, is_met=False, seen="open")
    tick(complaint, Requirement.DESCRIPTION, is_met=False, seen="met")

    assert [event.detail for event in WorkEvent.objects.filter(complaint=complaint)] == [
        {"requirement": "description", "was": "open", "now": "met"},
        {"requirement": "description", "was": "met", "now": "unmet"},
    ]


def test_tick_is_put_back_to_how_it_stood():
    complaint, sari = tip(), person("sari")
    tick(complaint, Requirement.DESCRIPTION)
    tick(complaint, Requirement.DESCRIPTION, is_met=False)

    untick_requirement(
        complaint=complaint, requirement=Requirement.DESCRIPTION, was=True, officer=sari, at=AT
    )
    assert complaint.checks.get().is_met
    untick_requirement(
        complaint=complaint, requirement=Requirement.DESCRIPTION, was=None, officer=sari, at=AT
    )

    assert not complaint.checks.exists()
    with pytest.raises(ConflictError):
        untick_requirement(
            complaint=complaint, requirement=Requirement.DESCRIPTION, was=None, officer=sari, at=AT
        )


def test_system_ticks_what_it_can_prove_and_says_why():
    complaint, sari = tip(), person("sari")
    for item in (Requirement.TIME_PLACE, Requirement.DESCRIPTION, Requirement.EVIDENCE):
        tick(complaint, item)

    propose(complaint=complaint, action=ComplaintAction.PROPOSE_TRACING, officer=sari, at=AT)

    own = complaint.checks.filter(checked_by=None)
    assert {row.requirement: (row.is_met, row.note) for row in own} == {
        "in_time": (True, "Diketahui 5 Okt, masuk 7 Okt: dalam 7 hari kalender"),
        "reported_party": (True, "Instansi ada di direktori, susunan angka wajar (PNS)"),
    }


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({"known_on": date(2024, 9, 1), "event_on": date(2024, 9, 1)}, ("in_time",)),
        ({"known_on": None}, ("in_time",)),
        ({"people": [ReportedPerson(position="Camat")]}, ("reported_party",)),
    ],
)
def test_what_is_not_provable_stays_the_officers(changes, left):
    complaint, sari = tip(**changes), person("sari")
    for item in (Requirement.TIME_PLACE, Requirement.DESCRIPTION, Requirement.EVIDENCE):
        tick(complaint, item)

    with pytest.raises(RequirementsOpenError) as refusal:
        propose(complaint=complaint, action=ComplaintAction.PROPOSE_TRACING, officer=sari, at=AT)

    assert refusal.value.codes == left
    assert not complaint.checks.filter(checked_by=None).exists()


def test_what_an_officer_ticked_the_system_leaves():
    complaint, sari = checked(tip(), person("sari")), person("sari")
    tick(complaint, Requirement.IN_TIME, is_met=False)

    propose(complaint=complaint, action=ComplaintAction.PROPOSE_TRACING, officer=sari, at=AT)

    check = complaint.checks.get(requirement="in_time")
    assert (check.is_met, check.checked_by) == (False, sari)


def clocks(complaint: Complaint) -> list[tuple[str, date]]:
    rows = complaint.deadlines.filter(kind="repair_notice").order_by("pk")
    return list(rows.values_list("status", "due_on"))


def reviewed(*, reporter: bool = True) -> Complaint:
    complaint = report(lane=Lane.OPEN)
    RequirementCheck.objects.create(
        complaint=complaint,
        requirement=Requirement.REPORTER,
        is_met=reporter,
        checked_at=AT,
        checked_by=person("vera"),
    )
    return complaint


@pytest.mark.usefixtures("vault_keys")
def test_notice_clock_runs_while_something_that_can_be_repaired_is_unmet():
    complaint = reviewed()
    items = [item for item in requirements_of(Lane.OPEN) if item is not Requirement.REPORTER]
    for item in items:
        assert clocks(complaint) == []
        tick(complaint, item, is_met=item is not Requirement.TIME_PLACE)

    due = AT.date() + timedelta(days=1)
    assert clocks(complaint) == [("open", due)]
    tick(complaint, Requirement.EVIDENCE, is_met=False)
    assert clocks(complaint) == [("open", due)]
    for item in (Requirement.EVIDENCE, Requirement.TIME_PLACE):
        tick(complaint, item)
    assert clocks(complaint) == [("cancelled", due)]
    complaint.refresh_from_db()
    assert complaint.due_at == complaint.deadlines.get(kind="initial_review").due_at
    tick(complaint, Requirement.TIME_PLACE, is_met=False)
    assert clocks(complaint) == [("cancelled", due), ("open", due)]


@pytest.mark.usefixtures("vault_keys")
def test_lateness_starts_no_notice_clock_and_ends_a_running_one():
    complaint = reviewed(reporter=False)
    for item in requirements_of(Lane.OPEN):
        if item is not Requirement.REPORTER:
            tick(complaint, item)
    assert [status for status, _due in clocks(complaint)] == ["open"]

    tick(complaint, Requirement.IN_TIME, is_met=False)

    assert [status for status, _due in clocks(complaint)] == ["cancelled"]
    with pytest.raises(RequirementsOpenError):
        propose_report(
            complaint=complaint,
            action=ComplaintAction.PROPOSE_FORWARD,
            officer=person("sari"),
            at=AT,
        )


@pytest.mark.django_db(transaction=True)
def test_two_officers_ticking_one_box_are_two_answers_and_one_conflict():
    complaint = tip()
    people = [person("sari"), person("joko")]
    gate, refused = Barrier(2), []

    def look(number: int) -> None:
        try:
            own = Complaint.objects.get(pk=complaint.pk)
            gate.wait()
            tick_requirement(
                complaint=own,
                requirement=Requirement.DESCRIPTION,
                is_met=bool(number),
                officer=people[number],
                at=AT,
                seen="open",
            )
        except ConflictError:
            refused.append(number)
        finally:
            connections.close_all()

    threads = [Thread(target=look, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    assert complaint.checks.get().is_met is not bool(refused[0])
    assert complaint.work_events.count() == 1
