"""Rights by two administrators: one proposes, another approves, then it is in force at the next request.

Nobody proposes, approves or refuses a change of their own account, and nobody settles what they
proposed; the database refuses both as well.
"""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from bawaslu_cases.accounts import provider
from bawaslu_cases.accounts.models import (
    Absence,
    ApiClient,
    ProviderLink,
    RoleGrant,
    StaffChange,
    StaffChangeEvent,
    StaffChangeKind,
    User,
)
from bawaslu_cases.accounts.roles import APART, Role
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.accounts.selectors import stands, subject_of, today_of
from bawaslu_cases.accounts.services.sign_on import check_subject, link_provider
from bawaslu_cases.accounts.states import STAFF_CHANGE_LIFECYCLE, ChangeAction, ChangeStatus
from bawaslu_cases.accounts.units import Unit, UnitKind, roles_fit, unit_with_key
from bawaslu_cases.registry.models import Agency
from bawaslu_cases.shared.errors import (
    ConflictError,
    DomainError,
    NotPermittedError,
    ReasonNeededError,
)
from bawaslu_cases.shared.transitions import Machine, advance, open_history

MACHINE = Machine(STAFF_CHANGE_LIFECYCLE, ChangeStatus, StaffChangeEvent, "change")
Kind = StaffChangeKind


def propose_roles(
    *,
    person: User,
    roles: Collection[str],
    proposer: User,
    reason: str,
    at: dt.datetime,
    seen: str = "",
) -> StaffChange:
    """Propose that somebody holds just these roles.

    Raises NotPermittedError, ReasonNeededError, DomainError for no change, for two roles that are kept
    apart (protection.md E) or one that the person's unit does not have, ConflictError while another
    proposal of the kind waits. ``seen`` is what :func:`stands` said when the proposer read it, "" for a
    caller that shows nothing: ConflictError too where it says something else by now.
    """
    _same_account(person, Kind.ROLES, seen)
    held = set(_granted(person))
    fields = {"add": sorted({*roles} - held), "remove": sorted(held - {*roles})}
    if not {*roles} <= set(Role.values) or not any(fields.values()):
        raise DomainError(_("Tidak ada peran yang berubah."), field="roles")
    return _propose(person, Kind.ROLES, fields, proposer, reason, at)


def propose_unit(
    *,
    person: User,
    unit: Unit,
    proposer: User,
    reason: str,
    at: dt.datetime,
    seen: str = "",
) -> StaffChange:
    """Propose another unit, and with it another scope. Errors as in :func:`propose_roles`."""
    _same_account(person, Kind.UNIT, seen)
    if unit.row.pk == getattr(person, f"{unit.kind.value}_id"):
        raise DomainError(_("Unitnya tidak berubah."), field="unit")
    fields = {"unit": unit.kind.value, "id": unit.row.pk}
    return _propose(person, Kind.UNIT, fields, proposer, reason, at)


def propose_home_agency(
    *,
    person: User,
    agency: Agency | None,
    proposer: User,
    reason: str,
    at: dt.datetime,
    seen: str = "",
) -> StaffChange:
    """Propose who employs somebody on loan, None for nobody. Errors as in :func:`propose_roles`."""
    _same_account(person, Kind.HOME_AGENCY, seen)
    if person.home_agency_id == (agency.pk if agency else None):
        raise DomainError(_("Instansi asalnya tidak berubah."), field="agency")
    fields = {"agency": agency.pk if agency else None}
    return _propose(person, Kind.HOME_AGENCY, fields, proposer, reason, at)


def propose_subject(
    *,
    person: User,
    subject: str,
    proposer: User,
    reason: str,
    at: dt.datetime,
    seen: str = "",
) -> StaffChange:
    """Propose who somebody is at the provider of single sign-on, "" for nobody.

    Errors as in :func:`propose_roles`, and DomainError where there is no provider, for a subject that is
    somebody else's, and for an account that no person signs in with.
    """
    _same_account(person, Kind.SUBJECT, seen)
    found = provider.configured()
    if found is None:
        raise DomainError(_("Tidak ada layanan masuk tunggal di sini."), field="subject")
    fields = {"issuer": found.issuer, "subject": subject}
    if subject == subject_of(person, found.issuer):
        raise DomainError(_("Akun SSO-nya tidak berubah."), field="subject")
    return _propose(person, Kind.SUBJECT, fields, proposer, reason, at)


def propose_scopes(
    *,
    client: ApiClient,
    scopes: Collection[str],
    proposer: User,
    reason: str,
    at: dt.datetime,
) -> StaffChange:
    """Propose that a client of the API holds just these scopes. Errors as in :func:`propose_roles`."""
    held = set(client.scopes)
    fields = {"add": sorted({*scopes} - held), "remove": sorted(held - {*scopes})}
    if not {*scopes} <= set(Scope.values) or not any(fields.values()):
        raise DomainError(_("Tidak ada cakupan yang berubah."), field="scopes")
    return _propose(client.user, Kind.SCOPES, fields, proposer, reason, at)


@transaction.atomic
def approve_staff_change(*, change: StaffChange, approver: User, at: dt.datetime) -> User:
    """Approve and apply a change in one transaction; return the person as they are now.

    Raises SamePersonError for the proposer, NotPermittedError for the person it concerns, ConflictError
    when it was settled meanwhile, DomainError when it does not hold any more; nothing is changed then.
    Another unit ends the person's own absences: a deputy is of the same office. Whom the person stood in
    for is still away, and the pages say that they need another deputy.
    """
    person = User.everyone.select_for_update(of=("self",)).get(pk=change.person_id)
    _check_administers(person, approver)
    advance(
        row=change,
        machine=MACHINE,
        action=ChangeAction.APPROVE,
        actor=approver,
        at=at,
        also={"settled_by_id": approver.pk},
    )
    fields = change.fields
    _check(person, Kind(change.kind), fields)
    match Kind(change.kind):
        case Kind.ROLES:
            person.role_grants.filter(role__in=fields["remove"]).delete()
            RoleGrant.objects.bulk_create(
                RoleGrant(user=person, role=role) for role in fields["add"]
            )
        case Kind.UNIT:
            unit = unit_with_key(fields["unit"], fields["id"])
            assert unit is not None  # noqa: S101 -- looked at by _check
            for name, row in unit.as_fields().items():
                setattr(person, name, row)
            person.save(update_fields=[kind.value for kind in UnitKind])
            _end_absences(person, at)
        case Kind.SCOPES:
            client = ApiClient.objects.select_for_update().get(user=person)
            client.scopes = sorted(({*client.scopes} - {*fields["remove"]}) | {*fields["add"]})
            client.save(update_fields=["scopes", "updated"])
        case Kind.SUBJECT:
            _link(person, change, at)
        case Kind.HOME_AGENCY:
            person.home_agency_id = fields["agency"]
            person.save(update_fields=["home_agency"])
    return User.everyone.select_related("office").get(pk=person.pk)


@transaction.atomic
def reject_staff_change(
    *, change: StaffChange, administrator: User, reason: str, at: dt.datetime
) -> None:
    """Refuse a change with a reason; whoever proposed it withdraws it instead."""
    _check_administers(change.person, administrator)
    advance(
        row=change,
        machine=MACHINE,
        action=ChangeAction.REJECT,
        actor=administrator,
        at=at,
        reason=reason,
        also={"settled_by_id": administrator.pk},
    )


@transaction.atomic
def withdraw_staff_change(*, change: StaffChange, administrator: User, at: dt.datetime) -> None:
    """Take a change back. Raises NotPermittedError for anybody but its proposer."""
    if change.proposed_by_id != administrator.pk:
        raise NotPermittedError(_("Hanya pengusul yang dapat menarik usulannya."))
    advance(row=change, machine=MACHINE, action=ChangeAction.WITHDRAW, actor=administrator, at=at)


@transaction.atomic
def _propose(
    person: User,
    kind: StaffChangeKind,
    fields: dict[str, Any],
    proposer: User,
    reason: str,
    at: dt.datetime,
) -> StaffChange:
    _check_administers(person, proposer)
    if not reason.strip():
        raise ReasonNeededError(_("Tulis alasannya."), field="reason")
    _check(person, kind, fields)
    change = StaffChange(
        person=person,
        kind=kind,
        fields=fields,
        reason=reason.strip(),
        proposed_by=proposer,
        status_at=at,
    )
    try:
        with transaction.atomic():
            change.save()
    except IntegrityError as error:
        if "staff_change_one_open_per_kind" not in str(error):
            raise
        raise ConflictError(_("Usulan lain untuk orang ini masih menunggu.")) from error
    open_history(row=change, machine=MACHINE, actor=proposer, at=at, reason=change.reason)
    return change


def _same_account(person: User, kind: StaffChangeKind, seen: str) -> None:
    """Hold the account and refuse what was written of another state of it."""
    if not seen:
        return
    held = User.everyone.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    if stands(held, kind) != seen:
        raise ConflictError(_("Baru diubah oleh orang lain. Muat ulang halaman."))


def _check(person: User, kind: StaffChangeKind, fields: dict[str, Any]) -> None:
    """Raise unless the account may become what the fields say, given what it is by now."""
    roles, unit_kind = set(_granted(person)), _unit_kind(person)
    if kind is Kind.ROLES:
        if not {*fields["remove"]} <= roles or roles & {*fields["add"]}:
            raise ConflictError(_("Peran orang ini sudah berubah. Usulkan lagi."))
        roles = (roles - {*fields["remove"]}) | {*fields["add"]}
        if len(roles & APART) > 1:
            raise DomainError(
                _("Dua dari peran ini tidak boleh dipegang satu orang."),
                field="roles",
                code="apart",
            )
    elif kind is Kind.UNIT:
        unit = unit_with_key(fields["unit"], fields["id"])
        if unit is None:
            raise ConflictError(_("Unit itu tidak ada lagi."))
        unit_kind = unit.kind
    elif kind is Kind.SCOPES:
        _check_scopes(person, fields)
        return
    elif kind is Kind.SUBJECT:
        check_subject(person, fields["issuer"], fields["subject"])
        return
    else:
        if fields["agency"] and not Agency.objects.filter(pk=fields["agency"]).exists():
            raise ConflictError(_("Unit itu tidak ada lagi."))
        return
    if not roles_fit(roles, unit_kind):
        field = "roles" if kind is Kind.ROLES else "unit"
        raise DomainError(_("Peran dan unit ini tidak cocok."), field=field, code="roles_and_unit")


def _check_scopes(person: User, fields: dict[str, Any]) -> None:
    scopes = set(ApiClient.objects.get(user=person).scopes)
    if not {*fields["remove"]} <= scopes or scopes & {*fields["add"]}:
        raise ConflictError(_("Cakupan klien ini sudah berubah. Usulkan lagi."))


def _link(person: User, change: StaffChange, at: dt.datetime) -> None:
    subject = change.fields["subject"]
    if subject:
        issuer = change.fields["issuer"]
        link_provider(person=person, issuer=issuer, subject=subject, at=at, change=change)
    else:
        ProviderLink.objects.filter(user=person).delete()


def _check_administers(person: User, administrator: User) -> None:
    if not administrator.has_role(Role.ADMINISTRATOR):
        raise NotPermittedError(_("Peran Anda tidak memuat tindakan ini."))
    if person.pk == administrator.pk:
        raise NotPermittedError(_("Akun sendiri tidak dapat diubah di sini."), code="own_account")


def _granted(person: User) -> list[str]:
    """Return the roles as the database has them now; the account may keep older ones. One query."""
    return list(person.role_grants.values_list("role", flat=True))


def _unit_kind(person: User) -> UnitKind | None:
    held = (kind for kind in UnitKind if getattr(person, f"{kind.value}_id") is not None)
    return next(held, None)


def _end_absences(person: User, at: dt.datetime) -> None:
    today = today_of(person, at)
    rows = Absence.objects.filter(user=person, cancelled_at=None, last_on__gte=today)
    rows.filter(first_on__lt=today).update(last_on=today - dt.timedelta(days=1))
    rows.update(cancelled_at=at)
