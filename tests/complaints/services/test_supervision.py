"""What a finding rests on: its report's day begins the clock that the finding ends (PB7 ps 5(1) huruf b)."""

from datetime import UTC, date, datetime

import pytest

from bawaslu_cases.shared.errors import DomainError
from complaints.models import Complaint, SupervisionReport
from complaints.selectors.record_page import missed_finding_day
from complaints.services.intake import record_finding
from complaints.services.supervision import Supervision
from complaints.services.triage import confirm_tip
from tests.factories import AT, facts, person, traced_tip

pytestmark = pytest.mark.django_db

PEMILU = datetime(2024, 2, 19, 3, 0, tzinfo=UTC)
"""Monday 19 February 2024."""


def found(at: datetime, report_on: date, **told: date) -> Complaint:
    return record_finding(
        facts=facts(**told),
        officer=person("sari"),
        at=at,
        supervision=Supervision(report_on, "012/LHP/PM.01.00/X/2024", "045/PM.00.01/X/2024"),
    )


def clocks(complaint: Complaint) -> dict[str, tuple[date, date, str]]:
    rows = complaint.deadlines.values_list("kind", "starts_on", "due_on", "status")
    return {kind: (starts, due, status) for kind, starts, due, status in rows}


def test_the_days_run_from_the_report_to_the_finding():
    finding = found(AT, date(2024, 10, 6))

    assert clocks(finding) == {
        "finding": (date(2024, 10, 6), date(2024, 10, 13), "met"),
        "finding_register": (date(2024, 10, 7), date(2024, 10, 9), "open"),
    }
    assert missed_finding_day(finding) is None
    assert finding.due_at == finding.deadlines.get(kind="finding_register").due_at
    held = SupervisionReport.objects.get()
    assert (held.complaint, held.report_number, held.assignment_number) == (
        finding,
        "012/LHP/PM.01.00/X/2024",
        "045/PM.00.01/X/2024",
    )


def test_under_pemilu_they_are_working_days():
    """From Thursday 8 February: joint leave, two weekends and the day of the vote are left out."""
    known = date(2024, 2, 7)
    finding = found(PEMILU, date(2024, 2, 8), event_on=known, known_on=known)

    assert clocks(finding)["finding"] == (date(2024, 2, 8), date(2024, 2, 21), "met")


def test_a_finding_that_is_set_too_late_is_taken_and_known():
    """The report is of eight days before: nothing is refused, and the office is told."""
    known = date(2024, 9, 28)
    finding = found(AT, date(2024, 9, 29), event_on=known, known_on=known)

    assert clocks(finding)["finding"][1] == date(2024, 10, 6)
    assert missed_finding_day(finding) == date(2024, 10, 6)
    assert finding.deadlines.get(kind="finding").ended_on == date(2024, 10, 7)


@pytest.mark.parametrize(
    "report_on", [date(2024, 10, 8), date(2024, 10, 4)], ids=["tomorrow", "before the event"]
)
def test_a_report_of_another_time_is_refused(report_on):
    with pytest.raises(DomainError) as refused:
        found(AT, report_on)
    assert refused.value.field == "report_on"
    assert not Complaint.objects.exists()


def test_without_a_report_there_is_no_such_clock():
    finding = record_finding(facts=facts(), officer=person("sari"), at=AT)
    assert clocks(finding).keys() == {"finding_register"}
    assert not SupervisionReport.objects.exists()


def test_what_comes_of_a_tip_has_both_clocks():
    """The tip's runs from the plenary's agreement to trace it, the finding's from the report."""
    tip = traced_tip()
    finding = confirm_tip(
        complaint=tip,
        facts=facts(),
        officer=person("sari"),
        at=AT,
        supervision=Supervision(date(2024, 10, 7)),
    )
    assert clocks(tip)["finding"] == (date(2024, 10, 7), date(2024, 10, 14), "met")
    assert clocks(finding)["finding"] == (date(2024, 10, 7), date(2024, 10, 14), "met")
