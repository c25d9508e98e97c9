"""Reads on accounts: for the administrator, and who is away."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _

from bawaslu_cases.accounts import provider
from bawaslu_cases.accounts.models import (
    Absence,
    ApiClient,
    Invitation,
    ProviderLink,
    StaffChange,
    StaffChangeKind,
    User,
)
from bawaslu_cases.accounts.roles import WORKING_ROLES, Role
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.accounts.states import ChangeStatus
from bawaslu_cases.accounts.units import UnitKind, unit_with_key
from bawaslu_cases.registry.models import Agency

SHOWN = 200


OFFICE_DOMAIN = "pass.invalid"
"""Of the accounts that agencies act as over a link: nobody signs in with them, so none is unused."""


def dormant_after() -> timedelta:
    """Return how long an account may lie unused before it counts as dormant. No query."""
    return timedelta(days=settings.STAFF_DORMANT_DAYS)


def dormant_accounts(*, at: datetime, rows: QuerySet[User] | None = None) -> QuerySet[User]:
    """Return active accounts nobody used for so long; ``seen`` is when they were last. A filter.

    Being made and being opened again count as use. The owner's own accounts are no staff.
    """
    found = User.objects.all() if rows is None else rows
    return (
        found.annotate(
            seen=Greatest(
                Coalesce("last_login", "date_joined"), Coalesce("reactivated_at", "date_joined")
            )
        )
        .filter(is_active=True, is_superuser=False, seen__lt=at - dormant_after())
        .exclude(email__endswith=f"@{OFFICE_DOMAIN}")
    )


def find_staff(*, words: str, dormant: bool, at: datetime) -> list[User]:
    """Return people with their units and roles, by unit and name. Two queries.

    ``words`` is part of a name or an address; ``dormant`` keeps active accounts not used for
    settings.STAFF_DORMANT_DAYS. At most :data:`SHOWN`.
    """
    rows = User.objects.select_related("office", "recipient_body", "agency")
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(email__icontains=words))
    if dormant:
        rows = dormant_accounts(at=at, rows=rows)
    ordered = rows.order_by("office__path", "recipient_body__code", "agency__code", "name", "pk")
    return list(ordered.prefetch_related("role_grants")[:SHOWN])


def absences_of(person: User, *, on: date) -> list[Absence]:
    """Return somebody's absences that run or lie ahead, the earliest first. Two queries."""
    rows = Absence.objects.filter(user=person, cancelled_at=None, last_on__gte=on)
    rows = rows.select_related("user__office", "deputy").prefetch_related("deputy__role_grants")
    return list(rows)


def absences_under(user: User, *, on: date) -> list[Absence]:
    """Return the absences, running or ahead, of everybody in a person's scope. Three queries at most."""
    rows = Absence.objects.filter(cancelled_at=None, last_on__gte=on)
    if user.scope_office_ids is not None:
        rows = rows.filter(user__office__in=user.scope_office_ids)
    rows = rows.select_related("user__office", "deputy").prefetch_related("deputy__role_grants")
    return list(rows[:SHOWN])


def has_deputy(absence: Absence) -> bool:
    """Say whether the deputy can still stand in: active, of the office, with a working role. No query."""
    deputy = absence.deputy
    roles = {grant.role for grant in deputy.role_grants.all()}
    return (
        deputy.is_active
        and deputy.office_id == absence.user.office_id
        and not WORKING_ROLES.isdisjoint(roles)
    )


def stand_ins_of(deputy: User, *, on: date) -> list[Absence]:
    """Return for whom somebody stands in on a day. One query."""
    return list(Absence.objects.on(on).held().filter(deputy=deputy).select_related("user"))


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


def staff_file(public_id: UUID) -> User | None:
    """Return one account with its unit and home agency, None where there is none. One query."""
    rows = User.objects.select_related("office", "recipient_body", "agency", "home_agency")
    return rows.filter(public_id=public_id).first()


def open_invitation(person: User) -> Invitation | None:
    """Return the invitation that waits for somebody, past its time or not. One query."""
    return Invitation.objects.filter(user=person, used_at=None, revoked_at=None).first()


def waiting_staff_changes() -> list[StaffChange]:
    """Return the changes that wait for a second administrator, oldest first. One query."""
    rows = StaffChange.objects.filter(status=ChangeStatus.PROPOSED).order_by("pk")
    return list(rows.select_related("person", "proposed_by")[:SHOWN])


def changes_of(person: User) -> list[StaffChange]:
    """Return the latest changes of one account, newest first. One query."""
    rows = StaffChange.objects.filter(person=person)
    return list(rows.select_related("person", "proposed_by", "settled_by")[:SHOWN])


def staff_change(public_id: UUID) -> StaffChange | None:
    """Return one change with its people, None where there is none. One query."""
    rows = StaffChange.objects.select_related("person__office", "proposed_by", "settled_by")
    return rows.filter(public_id=public_id).first()


def change_lines(change: StaffChange) -> list[tuple[str, str, str]]:
    """Return what a change says: what, how it stands now, how it would be. Two queries at most."""
    person, fields = change.person, change.fields
    if change.kind == StaffChangeKind.ROLES:
        held = set(person.role_grants.values_list("role", flat=True))
        after = (held - {*fields["remove"]}) | {*fields["add"]}
        return [(_("Peran"), role_words(held), role_words(after))]
    if change.kind == StaffChangeKind.UNIT:
        unit = unit_with_key(fields["unit"], fields["id"])
        now = person.office or person.recipient_body or person.agency
        return [(_("Unit"), now.name if now else "", unit.name if unit else "")]
    if change.kind == StaffChangeKind.SCOPES:
        scopes = set(person.api_client.scopes)
        after = (scopes - {*fields["remove"]}) | {*fields["add"]}
        return [(_("Cakupan"), scope_words(scopes), scope_words(after))]
    if change.kind == StaffChangeKind.SUBJECT:
        return [(_("Akun SSO"), subject_of(person, fields["issuer"]), fields["subject"])]
    agency = Agency.objects.filter(pk=fields["agency"] or 0).first()
    now_agency = person.home_agency
    return [
        (
            _("Instansi asal"),
            now_agency.name if now_agency else "",
            agency.name if agency else "",
        )
    ]


def subject_of(person: User, issuer: str) -> str:
    """Return who somebody is at a provider of single sign-on, "" for nobody. One query."""
    rows = ProviderLink.objects.filter(user=person, issuer=issuer)
    return rows.values_list("subject", flat=True).first() or ""


def stands(person: User, kind: StaffChangeKind) -> str:
    """Return how what a change of this kind replaces stands now, for a form to carry. One query at most.

    The account as it was read, but roles, scopes and subject as the database has them. Never empty.
    """
    match kind:
        case StaffChangeKind.ROLES:
            told = sorted(person.role_grants.values_list("role", flat=True))
        case StaffChangeKind.UNIT:
            told = [str(getattr(person, f"{unit.value}_id") or 0) for unit in UnitKind]
        case StaffChangeKind.HOME_AGENCY:
            told = [str(person.home_agency_id or 0)]
        case StaffChangeKind.SCOPES:
            told = sorted(ApiClient.objects.get(user=person).scopes)
        case _:  # its account at the provider of single sign-on
            found = provider.configured()
            told = [subject_of(person, found.issuer) if found else ""]
    return f"{kind.value}={' '.join(told)}"


def scope_words(scopes: Iterable[str]) -> str:
    """Return scopes of an API client in words, in the order of the table. No query."""
    held = set(scopes)
    return ", ".join(str(scope.label) for scope in Scope if scope.value in held)


def role_words(roles: Iterable[str]) -> str:
    """Return roles in words, in the order of the table. No query."""
    held = set(roles)
    return ", ".join(str(role.label) for role in Role if role.value in held)
