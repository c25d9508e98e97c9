"""What reporters are told. The referral side calls this too: it knows more, the reporter sees words."""

from datetime import date

from django.db.models import Max, OuterRef, Subquery

from bawaslu_cases.shared.drawn_keys import draw_key
from bawaslu_cases.shared.new_rows import write_new
from bawaslu_cases.shared.prepared import Prepared
from bawaslu_cases.shared.row_scopes import beyond
from complaints.models import Case, Complaint, ComplaintMilestone
from complaints.states import Milestone

FIRST = frozenset({Milestone.RECEIVED, Milestone.FINDING})
"""What a record is told as it is made: nothing stands before it."""


def reach_milestone(*, complaint: Complaint, kind: Milestone, on: date) -> None:
    """Tell the reporter of this record, and of the tip it was traced from. Told once.

    Two queries; one for the first thing that a new record is told, unless it was traced from a tip.
    """
    ids = [complaint.pk]
    if complaint.traced_from_id is not None:
        ids.append(complaint.traced_from_id)
    told: dict[int, int] = {}
    earlier = ids[1:] if kind in FIRST else ids
    if earlier:
        rows = ComplaintMilestone.objects.filter(complaint__in=earlier).order_by()
        told = dict(rows.values_list("complaint").annotate(Max("pk")))
    write_new(
        *(
            ComplaintMilestone(
                id=draw_key(on, after=told.get(pk)), complaint_id=pk, kind=kind, on=on
            )
            for pk in ids
        ),
        known="left",
    )


def _last_of(complaint: str) -> Subquery:
    rows = ComplaintMilestone.objects.filter(complaint=OuterRef(complaint))
    return Subquery(rows.order_by("-pk").values("pk")[:1])


_TOLD_OF = Prepared(
    lambda case: (
        Complaint.objects.filter(cases=case)
        .only("traced_from")
        .annotate(last=_last_of("pk"), last_of_source=_last_of("traced_from"))
    )
)


@beyond("reporters of a case are told wherever their records lie")
def reach_case_milestone(*, case: Case, kind: Milestone, on: date) -> None:
    """Tell the reporters of every complaint the case rests on, and of the tips behind. Two queries."""
    told: dict[int, int | None] = {}
    for complaint in _TOLD_OF.rows(case=case.pk):
        known = vars(complaint)
        told[complaint.pk] = known["last"]
        if complaint.traced_from_id is not None:
            told[complaint.traced_from_id] = known["last_of_source"]
    write_new(
        *(
            ComplaintMilestone(id=draw_key(on, after=last), complaint_id=pk, kind=kind, on=on)
            for pk, last in told.items()
        ),
        known="left",
    )
