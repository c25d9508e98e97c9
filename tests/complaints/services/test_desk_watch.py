"""A25: whoever is above a desk hears that nobody is left there who may open an identity, or let it go."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bawaslu_cases.accounts.models import StaffChangeKind, User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import enrol_staff, propose_roles, propose_unit, reactivate
from bawaslu_cases.accounts.services.staff import shut
from bawaslu_cases.accounts.units import Unit, UnitKind
from bawaslu_cases.audit.models import AuditEvent
from complaints.models import Complaint, RoutingAlarm
from complaints.services.desk_watch import watch_desks
from complaints.services.recusals import recuse_oneself
from complaints.services.staff_changes import approve_change_of_staff, suspend_colleague
from tests.factories import AT, office, person, report, tip

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vault_keys")]


def alarms(**wanted: Any) -> list[tuple[str, int, int | None, int | None]]:
    """Return kind, office, target and record of the alarms that stand."""
    rows = RoutingAlarm.objects.filter(ended_at=None, **wanted).order_by("pk")
    return list(rows.values_list("kind", "office", "target", "complaint"))


def suspended(*names: str) -> None:
    for name in names:
        suspend_colleague(person=person(name), administrator=person("agus"), at=AT)


@pytest.fixture
def staffed() -> Complaint:
    """Return a report of the desk of Jawa Tengah, with two verifiers there and two custodians."""
    for name in ("vera", "vito", "kurnia", "kadek", "retno"):
        person(name)
    return report()


def test_a25_the_last_verifier_of_a_desk_is_suspended_and_the_level_above_is_told(
    staffed: Complaint,
) -> None:
    report()
    suspended("vera")
    assert alarms() == []
    suspended("vito")

    # one alarm for the desk, not one for each of its reports
    assert alarms() == [("no_verifier", office("33").pk, office(None).pk, None)]
    client = Client()
    for who, is_shown in (("ratna", True), ("dewi", False)):
        client.force_login(person(who))
        page = client.get(reverse("desk:oversight")).content.decode()
        assert ("Seluruh meja verifikasi · Tidak ada lagi verifikator" in page) is is_shown


def test_a25_the_last_custodian_is_suspended(staffed: Complaint) -> None:
    suspended("kurnia", "kadek")
    assert alarms() == [("no_custodian", office("33").pk, office(None).pk, None)]


def test_a25_it_ends_when_somebody_is_there_again_and_is_told_anew(staffed: Complaint) -> None:
    suspended("vera", "vito")
    reactivate(person=person("vera"), administrator=person("agus"), at=AT)
    watch_desks(at=AT)
    assert alarms() == []
    suspended("vera")
    assert [kind for kind, *_rest in alarms()] == ["no_verifier"]
    assert RoutingAlarm.objects.count() == 2


def test_a25_one_stood_back_and_the_other_is_suspended(staffed: Complaint) -> None:
    other = report()
    recuse_oneself(subject=staffed, user=person("vera"), reason="relative", at=AT)
    suspended("vito")
    assert alarms() == [("no_verifier", office("33").pk, office(None).pk, staffed.pk)]
    suspended("vera")
    # now it is the whole desk
    assert alarms() == [("no_verifier", office("33").pk, office(None).pk, None)]
    assert other.pk


def _approved(kind: StaffChangeKind, who: str, **change: Any) -> None:
    second = enrol_staff(
        email="kedua@contoh.test", name="Kedua", password=None, roles=[Role.ADMINISTRATOR]
    )
    propose = {StaffChangeKind.ROLES: propose_roles, StaffChangeKind.UNIT: propose_unit}[kind]
    made = propose(person=person(who), proposer=person("agus"), reason="SK 1", at=AT, **change)  # type: ignore[operator]
    approve_change_of_staff(change=made, approver=second, at=AT)


def test_a25_the_last_verifier_loses_the_role(staffed: Complaint) -> None:
    suspended("vera")
    _approved(StaffChangeKind.ROLES, "vito", roles=[Role.INTAKE_OFFICER])
    assert [kind for kind, *_rest in alarms()] == ["no_verifier"]


def test_a25_the_last_verifier_goes_to_another_office(staffed: Complaint) -> None:
    suspended("vera")
    _approved(StaffChangeKind.UNIT, "vito", unit=Unit(UnitKind.OFFICE, office("32")))
    assert [kind for kind, *_rest in alarms()] == ["no_verifier"]


def test_a25_what_was_shut_at_night_is_found_by_the_next_look(staffed: Complaint) -> None:
    for user in User.objects.filter(role_grants__role=Role.VERIFIER, office=office("33")):
        shut(user)
    assert alarms() == []
    assert watch_desks(at=AT) == 1
    assert watch_desks(at=AT) == 0
    assert len(alarms()) == 1


def test_a25_without_a_name_to_open_nobody_is_missed() -> None:
    person("vera")
    tip()
    suspended("vera")
    assert alarms() == []


def test_a25_a_report_that_is_done_keeps_no_alarm(staffed: Complaint) -> None:
    suspended("vera", "vito")
    Complaint.objects.update(status="refused")
    watch_desks(at=AT)
    assert alarms() == []


def test_a25_a_look_costs_the_same_however_many_reports(
    staffed: Complaint, django_assert_max_num_queries: Any
) -> None:
    for _number in range(3):
        row = report()
        recuse_oneself(subject=row, user=person("vera"), reason="relative", at=AT)
    with django_assert_max_num_queries(8):
        watch_desks(at=AT)


def test_a25_suspending_through_the_page_tells_and_is_logged(staffed: Complaint) -> None:
    suspended("vera")
    client = Client()
    client.force_login(person("agus"))
    client.post(reverse("desk:staff_suspend", args=[person("vito").public_id]))
    assert [kind for kind, *_rest in alarms()] == ["no_verifier"]
    assert AuditEvent.objects.filter(action="staff.suspend").exists()
