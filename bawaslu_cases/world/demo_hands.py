"""Who has the demo's open work in hand: two of three matters have an officer, the third has nobody yet."""

from collections.abc import Iterable
from itertools import cycle

from django.db import transaction
from django.db.models import Q

from bawaslu_cases.accounts.models import User
from complaints.models import Case, Complaint
from complaints.services.assignment import assign
from complaints.states import OFFICERS


@transaction.atomic
def give_out(written: Iterable[Complaint]) -> int:
    """Assign what is open among these records and their cases; return how many were given out.

    The officers of an office take turns, in the order of their accounts.
    """
    keys = [record.pk for record in written]
    open_work: list[Complaint | Case] = [
        *Complaint.objects.open().filter(Q(pk__in=keys), assignee=None).order_by("pk"),
        *Case.objects.open().filter(complaints__in=keys, assignee=None).order_by("pk"),
    ]
    turns: dict[int, cycle[User]] = {}
    given = 0
    for number, matter in enumerate(open_work):
        office = matter.office_id
        if office not in turns:
            rows = User.objects.filter(
                office=office, is_active=True, role_grants__role__in=OFFICERS
            )
            turns[office] = cycle(rows.distinct().order_by("pk"))
        # The first of three waits, so that "not assigned yet" has something to show.
        officer = next(turns[office], None) if number % 3 else None
        if officer is not None:
            assign(subject=matter, to=officer, officer=officer, at=matter.status_at, seen=None)
            given += 1
    return given
