"""Who sits in a plenary."""

from django.db import models

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from complaints.models import Case, Complaint
from complaints.states import PLENARY, CaseStatus

JOINABLE_SHOWN = 100


def seats_of(office: Office) -> models.QuerySet[User]:
    """Return the active members of this office's plenary, the chair among them. One query."""
    return (
        User.objects.filter(office=office, is_active=True, role_grants__role__in=PLENARY)
        .distinct()
        .order_by("name", "pk")
    )


def joinable_cases(complaint: Complaint, *, viewer: User) -> list[Case]:
    """Return the cases a report could join: this office's, being assessed, the newest first. One query.

    Left out where the reporter keeps the office of the case away.
    """
    if complaint.office_id in complaint.excluded_offices:
        return []
    rows = Case.objects.visible_to(viewer).filter(
        office=complaint.office_id, status=CaseStatus.REGISTERED
    )
    return list(rows.only("public_id", "reference", "title").order_by("-pk")[:JOINABLE_SHOWN])
