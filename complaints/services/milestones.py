"""What reporters are told. The referral side calls this too: it knows more, the reporter sees words."""

from datetime import date

from django.db.models import Max

from bawaslu_cases.shared.drawn_keys import draw_key
from complaints.models import Case, Complaint, ComplaintMilestone
from complaints.states import Milestone


def reach_milestone(*, complaint: Complaint, kind: Milestone, on: date) -> None:
    """Tell the reporter of this record, and of the tip it was traced from. Told once.

    Two queries; one for the first thing that a new record is told.
    """
    ids = [complaint.pk]
    if complaint.traced_from_id is not None:
        ids.append(complaint.traced_from_id)
    told: dict[int, int] = {}
    if kind != Milestone.RECEIVED:
        rows = ComplaintMilestone.objects.filter(complaint__in=ids).order_by()
        told = dict(rows.values_list("complaint").annotate(Max("pk")))
    ComplaintMilestone.objects.bulk_create(
        [
            ComplaintMilestone(
                id=draw_key(on, after=told.get(pk)), complaint_id=pk, kind=kind, on=on
            )
            for pk in ids
        ],
        ignore_conflicts=True,
    )


def reach_case_milestone(*, case: Case, kind: Milestone, on: date) -> None:
    """Tell the reporters of every complaint the case rests on."""
    for complaint in case.complaints.all():
        reach_milestone(complaint=complaint, kind=kind, on=on)
