"""Who sits in a plenary."""

from django.db import models

from bawaslu_cases.accounts.models import User
from bawaslu_cases.registry.models import Office
from complaints.states import PLENARY


def seats_of(office: Office) -> models.QuerySet[User]:
    """Return the active members of this office's plenary, the chair among them. One query."""
    return (
        User.objects.filter(office=office, is_active=True, role_grants__role__in=PLENARY)
        .distinct()
        .order_by("name", "pk")
    )
