"""Reads on accounts: for the administrator, and who is away."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.db.models.functions import Coalesce

from bawaslu_cases.accounts.models import Absence, User
from bawaslu_cases.accounts.roles import WORKING_ROLES

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


def absences_of(person: User, *, on: date) -> list[Absence]:
    """Return somebody's absences that run or lie ahead, the earliest first. One query."""
    rows = Absence.objects.filter(user=person, cancelled_at=None, last_on__gte=on)
    return list(rows.select_related("user__office", "deputy"))


def absences_under(user: User, *, on: date) -> list[Absence]:
    """Return the absences, running or ahead, of everybody in a person's scope. One query, or two."""
    rows = Absence.objects.filter(cancelled_at=None, last_on__gte=on)
    if user.scope_office_ids is not None:
        rows = rows.filter(user__office__in=user.scope_office_ids)
    return list(rows.select_related("user__office", "deputy")[:SHOWN])


def stand_ins_of(deputy: User, *, on: date) -> list[Absence]:
    """Return for whom somebody stands in on a day. One query."""
    return list(Absence.objects.on(on).filter(deputy=deputy).select_related("user"))


def deputies_for(person: User) -> list[User]:
    """Return who may stand in for somebody: of the office, active, with the same working roles. One query.

    Whether one of them is away then is asked when the days are known.
    """
    rows = User.objects.filter(office=person.office_id, is_active=True).exclude(pk=person.pk)
    for role in sorted(person.roles & WORKING_ROLES):
        rows = rows.filter(role_grants__role=role)
    return list(rows.order_by("name", "pk"))


def officers_under(user: User) -> list[User]:
    """Return the active people in a person's scope who have work in hand, by unit. One query, or two."""
    rows = User.objects.filter(is_active=True, role_grants__role__in=WORKING_ROLES)
    if user.scope_office_ids is not None:
        rows = rows.filter(office__in=user.scope_office_ids)
    ordered = rows.select_related("office").distinct().order_by("office__path", "name", "pk")
    return list(ordered[:SHOWN])


def today_of(person: User, at: datetime) -> date:
    """Return the day it is where somebody works (WIB, WITA or WIT); WIB for people without an office."""
    zone = person.office.time_zone if person.office else "Asia/Jakarta"
    return at.astimezone(ZoneInfo(zone)).date()
