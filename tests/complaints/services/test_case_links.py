"""Links between cases, and several records to one case."""

from typing import Any

import pytest

from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from complaints.models import (
    CaseComplaint,
    CaseLink,
    Complaint,
    ComplaintMilestone,
    PlenaryDecision,
    Recusal,
    RequirementCheck,
    WorkEvent,
)
from complaints.services.case_links import end_link, link_cases
from complaints.services.reports import decide_on_report, propose_report
from complaints.states import (
    CaseStatus,
    ComplaintAction,
    ComplaintStatus,
    Milestone,
    requirements_of,
)
from tests.factories import (
    AT,
    assessed_case,
    case,
    office,
    person,
    report,
    somebody_of_plenary,
    votes_of,
)

pytestmark = pytest.mark.django_db


def test_link_is_told_in_both_cases_and_taken_back():
    one, other = case(), case()

    link = link_cases(
        case=one,
        reference=f" {other.reference.lower()} ",
        kind=CaseLink.Kind.SPLIT_FROM,
        officer=person("sari"),
        at=AT,
    )
    with pytest.raises(DomainError, match="sudah dikaitkan"):
        link_cases(
            case=other,
            reference=one.reference,
            kind=CaseLink.Kind.RELATED,
            officer=person("sari"),
            at=AT,
        )
    end_link(case=other, link_id=link.pk, officer=person("joko"), at=AT)

    assert [
        (event.case_id, event.action) for event in WorkEvent.objects.filter(detail__what="case")
    ] == [(one.pk, "link"), (other.pk, "link"), (one.pk, "unlink"), (other.pk, "unlink")]
    with pytest.raises(ConflictError):
        end_link(case=one, link_id=link.pk, officer=person("sari"), at=AT)


def test_hidden_case_and_absent_case_are_the_same():
    one, far = case(), case(officer="budi")
    told = []

    for reference in (far.reference, "999/Reg/TM/PB/Kab/99.99/X/2024", one.reference):
        with pytest.raises(DomainError) as refused:
            link_cases(
                case=one,
                reference=reference,
                kind=CaseLink.Kind.RELATED,
                officer=person("sari"),
                at=AT,
            )
        told.append((refused.value.field, str(refused.value.message)))

    assert len(set(told)) == 1
    with pytest.raises(NotPermittedError):
        link_cases(
            case=one,
            reference="1",
            kind=CaseLink.Kind.RELATED,
            officer=person("dewi"),
            at=AT,
        )


def proposed(**changes) -> Complaint:
    found = report(**changes)
    for item in requirements_of(found.lane):
        # What a verifier attests comes with the attestation; here it only has to stand.
        RequirementCheck.objects.create(
            complaint=found,
            requirement=item,
            is_met=True,
            checked_at=AT,
            checked_by=person("vera"),
        )
    propose_report(
        complaint=found, action=ComplaintAction.PROPOSE_REGISTER, officer=person("sari"), at=AT
    )
    return found


def register(found, into):
    return decide_on_report(
        complaint=found,
        action=ComplaintAction.APPROVE_REGISTER,
        member=somebody_of_plenary(found.office, other_than=person("sari")),
        at=AT,
        minutes_number="7/BA/X/2024",
        decided_on=AT.date(),
        votes=votes_of(found),
        into=into,
    )


@pytest.mark.usefixtures("vault_keys")
def test_registered_report_joins_a_case_with_its_decision_and_milestone():
    found = case()
    told = proposed()

    decision, joined = register(told, found)

    told.refresh_from_db()
    assert (joined, told.status) == (found, ComplaintStatus.REGISTERED)
    assert PlenaryDecision.objects.get(complaint=told) == decision
    assert set(
        ComplaintMilestone.objects.filter(complaint=told).values_list("kind", flat=True)
    ) == {Milestone.RECEIVED, Milestone.CHECKED, Milestone.CASE}
    assert CaseComplaint.objects.filter(case=found).count() == 2
    # The same number on the same day is one allegation with the acts of both.
    assert found.allegations.count() == 1
    assert not told.deadlines.filter(status="open").exists()


@pytest.mark.usefixtures("vault_keys")
def test_other_day_and_other_person_are_further_allegations():
    from complaints.services.intake import ReportedPerson

    found = case()
    told = proposed(
        event_on=AT.date(),
        known_on=AT.date(),
        people=[
            ReportedPerson(name="Contoh Wiratama", nip="197001012000011904"),
            ReportedPerson(name="Contoh Lain"),
        ],
    )

    register(told, found)

    rows = [(row.official.name, row.event_on.day) for row in found.allegations.all()]
    assert rows == [("Contoh Wiratama", 5), ("Contoh Wiratama", 7), ("Contoh Lain", 7)]


@pytest.mark.usefixtures("vault_keys")
def test_strictest_wish_and_every_recusal_hold_for_the_case():
    found = case()
    kept = office("33.08").pk
    told = proposed(keep_from=(kept,))
    Recusal.objects.create(user=person("rudi"), complaint=told, reason="declared", since=AT)
    Recusal.objects.create(user=person("joko"), case=found, reason="relative", since=AT)

    register(told, found)

    found.refresh_from_db()
    assert kept in found.excluded_offices
    records = list(found.complaints.order_by("pk"))
    assert len(records) == 2
    matters: list[Any] = [found, *records]
    for row in matters:
        assert set(row.recusals.values_list("user__name", "reason")) == {
            ("Rudi", "declared"),
            ("Joko", "relative"),
        }


@pytest.mark.usefixtures("vault_keys")
@pytest.mark.parametrize("which", ["assessed", "elsewhere"])
def test_case_that_is_not_assessed_here_takes_no_report(which):
    found = assessed_case() if which == "assessed" else case(officer="budi")
    told = proposed()

    with pytest.raises(DomainError) as refused:
        register(told, found)

    assert (refused.value.field, refused.value.code) == ("into", "not_open")
    told.refresh_from_db()
    assert told.status == ComplaintStatus.PROPOSED
    assert CaseComplaint.objects.filter(case=found).count() == 1
    assert found.status in {CaseStatus.ASSESSED, CaseStatus.REGISTERED}
