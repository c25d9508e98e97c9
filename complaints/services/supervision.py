"""What an officer's finding rests on: the supervision report (LHP), whose day begins the finding's clock."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from bawaslu_cases.shared.errors import DomainError
from complaints.deadlines import DeadlineKind
from complaints.models import Complaint, SupervisionReport
from complaints.services.deadlines import (
    end_deadline,
    refresh_complaint_due,
    start_complaint_deadline,
)


@dataclass(frozen=True)
class Supervision:
    """When the report was made, its number, and the number of the assignment the officer was under."""

    report_on: date
    report_number: str = ""
    assignment_number: str = ""


def check_supervision(supervision: Supervision, *, event_on: date | None, today: date) -> None:
    """Raise DomainError for a report of a day to come, or from before what it tells of."""
    if supervision.report_on > today:
        raise DomainError(_("Tanggal LHP tidak boleh setelah hari ini"), field="report_on")
    if event_on is not None and supervision.report_on < event_on:
        raise DomainError(_("LHP dibuat sesudah kejadiannya"), field="report_on")


def keep_supervision(*, complaint: Complaint, supervision: Supervision, on: date) -> None:
    """Keep the report with the finding, and the clock that it began and this finding ends.

    Late or not: a finding that is set too late is recorded as that, and its office sees it (PB7 ps 5(1)
    huruf b).
    """
    SupervisionReport.objects.create(
        complaint=complaint,
        report_on=supervision.report_on,
        report_number=supervision.report_number,
        assignment_number=supervision.assignment_number,
    )
    start_complaint_deadline(
        complaint=complaint, kind=DeadlineKind.FINDING, starts_on=supervision.report_on
    )
    end_deadline(complaint.deadlines.filter(kind=DeadlineKind.FINDING), on=on)
    refresh_complaint_due(complaint)
