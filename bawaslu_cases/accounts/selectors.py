"""Reads on accounts, for the administrator."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce

from bawaslu_cases.accounts.models import User

DORMANT_AFTER = timedelta(days=90)
"""An account nobody signed in with for so long is asked about (working rule, no source)."""
SHOWN = 200


def find_staff(*, words: str, dormant: bool, at: datetime) -> list[User]:
    """Return people with their units and roles, by unit and name. Two queries.

    ``words`` is part of a name or an address; ``dormant`` keeps active accounts not used for
    :data:`DORMANT_AFTER`. At most :data:`SHOWN`.
    """
    rows = User.objects.select_related("office", "recipient_body", "agency")
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(email__icontains=words))
    if dormant:
        rows = rows.annotate(seen=Coalesce("last_login", "date_joined")).filter(
            is_active=True, seen__lt=at - DORMANT_AFTER
        )
    ordered = rows.order_by("office__path", "recipient_body__code", "agency__code", "name", "pk")
    return list(ordered.prefetch_related("role_grants")[:SHOWN])
