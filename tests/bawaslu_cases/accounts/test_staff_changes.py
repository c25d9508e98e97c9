"""Rights by two administrators: every cell, every refusal, and what the database refuses by itself."""

from collections.abc import Iterator
from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction

from bawaslu_cases.accounts.models import Absence, RoleGrant, StaffChange, StaffChangeEvent, User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import (
    approve_staff_change,
    enrol_staff,
    propose_home_agency,
    propose_roles,
    propose_unit,
    reject_staff_change,
    withdraw_staff_change,
)
from bawaslu_cases.accounts.states import STAFF_CHANGE_LIFECYCLE, ChangeAction, ChangeStatus
from bawaslu_cases.accounts.units import Unit, UnitKind
from bawaslu_cases.registry.models import Agency
from bawaslu_cases.shared.errors import (
    ConflictError,
    DomainError,
    NotPermittedError,
    ReasonNeededError,
    SamePersonError,
)
from tests.factories import AT, office, person


def second() -> User:
    known = User.objects.filter(email="kedua@contoh.id").first()
    return known or enrol_staff(
        email="kedua@contoh.id", name="Kedua", password=None, roles=[Role.ADMINISTRATOR]
    )


def proposed(roles: Any = (Role.PLENARY_MEMBER, Role.CHAIR), **changes: Any) -> StaffChange:
    plain: dict[str, Any] = {
        "person": person("dewi"),
        "roles": roles,
        "proposer": person("agus"),
        "reason": "Keputusan ketua 1/2024",
        "at": AT,
    }
    return propose_roles(**(plain | changes))


def roles_of(user: User) -> set[str]:
    return set(user.role_grants.values_list("role", flat=True))


@pytest.mark.parametrize("status", ChangeStatus)
@pytest.mark.parametrize("action", ChangeAction)
def test_every_cell_of_the_table(status: ChangeStatus, action: ChangeAction) -> None:
    waits = status is ChangeStatus.PROPOSED
    assert STAFF_CHANGE_LIFECYCLE.permits(status, action, {"administrator"}) is waits
    others = set(Role.values) - {"administrator"}
    assert not STAFF_CHANGE_LIFECYCLE.permits(status, action, others)
    assert not STAFF_CHANGE_LIFECYCLE.permits(status, action, None)


@pytest.mark.django_db
def test_roles_come_and_go_by_two():
    change = proposed([Role.CHAIR])
    assert roles_of(person("dewi")) == {"plenary_member"}
    assert change.fields == {"add": ["chair"], "remove": ["plenary_member"]}
    with pytest.raises(SamePersonError):
        approve_staff_change(change=change, approver=person("agus"), at=AT)

    after = approve_staff_change(change=change, approver=second(), at=AT)

    assert after.roles == roles_of(person("dewi")) == {"chair"}
    assert (change.status, change.settled_by) == ("approved", second())
    told = list(change.events.values_list("action", "actor__name", "reason"))
    assert told == [("create", "Agus", "Keputusan ketua 1/2024"), ("approve", "Kedua", "")]
    with pytest.raises(ConflictError):
        approve_staff_change(change=change, approver=second(), at=AT)


@pytest.mark.django_db
def test_a19_nobody_changes_their_own_account():
    agus = person("agus")
    with pytest.raises(NotPermittedError) as refused:
        proposed([Role.ADMINISTRATOR, Role.CASE_OFFICER], person=agus)
    assert refused.value.code == "own_account"
    change = proposed([], person=agus, proposer=second())
    for settle in (
        lambda: approve_staff_change(change=change, approver=agus, at=AT),
        lambda: reject_staff_change(change=change, administrator=agus, reason="Tidak", at=AT),
    ):
        with pytest.raises(NotPermittedError) as refused:
            settle()
        assert refused.value.code == "own_account"
    assert roles_of(agus) == {"administrator"}


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["sari", "joko", "nur", "vera", "kurnia", "tono", "anwar"])
def test_only_administrators_propose_and_settle(who):
    with pytest.raises(NotPermittedError):
        proposed(proposer=person(who))
    change = proposed()
    with pytest.raises(NotPermittedError):
        approve_staff_change(change=change, approver=person(who), at=AT)


@pytest.mark.django_db
def test_verifier_and_custodian_are_never_one_person():
    vera = person("vera")
    for other in (Role.CUSTODIAN, Role.AUDITOR, Role.ADMINISTRATOR):
        with pytest.raises(DomainError) as refused:
            proposed([Role.VERIFIER, other], person=vera)
        assert refused.value.code == "apart"
    with pytest.raises(IntegrityError, match="role_grant_apart"), transaction.atomic():
        RoleGrant.objects.create(user=vera, role=Role.CUSTODIAN)
    # Two proposals, each of them sound when it was made.
    change = proposed([Role.CASE_OFFICER, Role.AUDITOR], person=person("sari"))
    RoleGrant.objects.create(user=person("sari"), role=Role.CUSTODIAN)
    with pytest.raises(DomainError) as refused:
        approve_staff_change(change=change, approver=second(), at=AT)
    assert refused.value.code == "apart"
    change.refresh_from_db()
    assert change.status == "proposed"


@pytest.mark.django_db
def test_roles_and_unit_belong_together():
    anwar = person("anwar")
    with pytest.raises(DomainError) as refused:
        proposed([Role.REVIEWER, Role.CASE_OFFICER], person=anwar)
    assert refused.value.code == "roles_and_unit"
    said: dict[str, Any] = {"proposer": person("agus"), "reason": "Pindah", "at": AT}
    with pytest.raises(DomainError) as refused:
        propose_unit(person=anwar, unit=Unit(UnitKind.OFFICE, office("33")), **said)
    assert (refused.value.code, refused.value.field) == ("roles_and_unit", "unit")
    with pytest.raises(DomainError, match="tidak berubah"):
        propose_unit(person=person("sari"), unit=Unit(UnitKind.OFFICE, office("33")), **said)


@pytest.mark.django_db
def test_another_unit_is_another_scope_and_ends_absences():
    sari, joko = person("sari"), person("joko")
    RoleGrant.objects.create(user=joko, role=Role.INTAKE_OFFICER)
    row = Absence.objects.create(
        user=sari,
        deputy=joko,
        first_on=date(2024, 10, 1),
        last_on=date(2024, 10, 20),
        entered_by=sari,
        made_at=AT,
    )
    for_joko = Absence.objects.create(
        user=joko,
        deputy=sari,
        first_on=date(2024, 11, 1),
        last_on=date(2024, 11, 2),
        entered_by=joko,
        made_at=AT,
    )
    change = propose_unit(
        person=sari,
        unit=Unit(UnitKind.OFFICE, office("51")),
        proposer=person("agus"),
        reason="Pindah tugas",
        at=AT,
    )
    assert person("sari").office == office("33")

    after = approve_staff_change(change=change, approver=second(), at=AT)

    assert after.office == office("51")
    assert office("33").pk not in (after.scope_office_ids or ())
    row.refresh_from_db()
    assert (row.last_on, row.cancelled_at) == (date(2024, 10, 6), None)
    for_joko.refresh_from_db()  # Joko is away still, and needs another deputy
    assert (for_joko.last_on, for_joko.cancelled_at) == (date(2024, 11, 2), None)


@pytest.mark.django_db
def test_one_proposal_of_a_kind_waits_at_a_time():
    proposed()
    with pytest.raises(ConflictError):
        proposed([])
    other = propose_home_agency(
        person=person("dewi"),
        agency=Agency.objects.get(code="R-33.08"),
        proposer=person("agus"),
        reason="Diperbantukan",
        at=AT,
    )
    assert approve_staff_change(change=other, approver=second(), at=AT).home_agency is not None


@pytest.mark.django_db
def test_refusing_needs_a_reason_and_a_second_and_taking_back_the_first():
    change = proposed()
    with pytest.raises(ReasonNeededError):
        reject_staff_change(change=change, administrator=second(), reason=" ", at=AT)
    with pytest.raises(SamePersonError):
        reject_staff_change(change=change, administrator=person("agus"), reason="x", at=AT)
    with pytest.raises(NotPermittedError):
        withdraw_staff_change(change=change, administrator=second(), at=AT)
    withdraw_staff_change(change=change, administrator=person("agus"), at=AT)
    again = proposed()
    reject_staff_change(change=again, administrator=second(), reason="Belum ada SK", at=AT)
    assert (again.status, again.settled_by) == ("rejected", second())
    with pytest.raises(ReasonNeededError):
        proposed(reason="")
    with pytest.raises(DomainError, match="Tidak ada peran"):
        proposed([Role.PLENARY_MEMBER])


@pytest.mark.django_db
def test_the_database_keeps_the_three_people_apart_and_the_history():
    change = proposed()
    rows = StaffChange.objects.filter(pk=change.pk)
    with pytest.raises(IntegrityError, match="approved_by_a_second"), transaction.atomic():
        rows.update(status="approved", settled_by=person("agus"))
    with pytest.raises(IntegrityError, match="not_of_oneself"), transaction.atomic():
        rows.update(settled_by=person("dewi"))
    with pytest.raises(IntegrityError, match="not_of_oneself"), transaction.atomic():
        rows.update(proposed_by=person("dewi"))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        StaffChangeEvent.objects.update(reason="lain")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        StaffChangeEvent.objects.all().delete()


@pytest.fixture
def threads_may_write(transactional_db: None) -> Iterator[None]:
    yield
    connections.close_all()


@pytest.mark.usefixtures("threads_may_write")
def test_two_seconds_at_once_apply_it_once():
    third = enrol_staff(
        email="ketiga@contoh.id", name="Ketiga", password=None, roles=[Role.ADMINISTRATOR]
    )
    change, people, start, refused = proposed(), (second(), third), Barrier(2), []

    def approve(who: User) -> None:
        mine = StaffChange.objects.get(pk=change.pk)
        start.wait()
        try:
            approve_staff_change(change=mine, approver=who, at=AT)
        except ConflictError:
            refused.append(who.name)
        finally:
            connections.close_all()

    both = [Thread(target=approve, args=(who,)) for who in people]
    for each in both:
        each.start()
    for each in both:
        each.join()

    assert len(refused) == 1
    assert change.events.filter(action="approve").count() == 1
    assert roles_of(person("dewi")) == {"plenary_member", "chair"}
