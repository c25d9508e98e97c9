"""An old case obeys ties from its first row: those declared before it came, and those declared after."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from threading import Event

import pytest
from django.apps import apps
from django.db import connections, transaction
from django.http import Http404
from django.urls import reverse

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import enrol_staff, propose_home_agency
from bawaslu_cases.registry.models import Agency
from complaints.access import own_legacy, readable_legacy
from complaints.models import ConflictDeclaration, LegacyCase, LegacyRecusal
from complaints.rules.conflicts import name_digest
from complaints.selectors.legacy import legacy_cases
from complaints.services import legacy_imports
from complaints.services.conflicts import declare_conflict
from complaints.services.intake import ReportedPerson
from complaints.services.legacy_imports import adopt_legacy
from complaints.services.legacy_recusals import recuse_from_new
from complaints.services.staff_changes import approve_change_of_staff
from tests.factories import AT, facts, person
from tests.support.sheets import GOOD, workbook
from tests.support.ways_in_and_out import carry_on_imports, checked_import, imported

pytestmark = pytest.mark.django_db
NAME, AGENCY = "Contoh Lamasari", "R-33.08"
"""Who is reported in tests.support.sheets.GOOD."""


def declare(who="joko", kind="relative", *, name="", agency=None, **dates):
    return declare_conflict(
        user=person(who),
        kind=kind,
        name=name,
        agency=Agency.objects.get(code=agency) if agency else None,
        at=AT,
        **({"since": AT.date(), "until": None} | dates),
    )


def old_case(*, name=NAME, position="", agency=None):
    line = (*GOOD[:3], name, GOOD[4], position or GOOD[5], agency or GOOD[6], *GOOD[7:])
    imported(workbook([line]), AT)
    return LegacyCase.objects.get()


def sees(who, row):
    return LegacyCase.objects.visible_to(person(who)).filter(pk=row.pk).exists()


TIES = [
    ("relative", {"name": "LAMASARI, Contoh"}, "relative"),
    ("relative", {"name": "Dra. Contoh Lamasari, M.Si.", "agency": AGENCY}, "relative"),
    ("relative", {"name": NAME, "agency": "R-51.71"}, None),
    ("relative", {"name": "Contoh Lamasarina"}, None),
    ("former_unit", {"agency": AGENCY}, "former_unit"),
    ("home_agency", {"agency": AGENCY}, "home_agency"),
    ("other", {"agency": AGENCY}, "declared"),
    ("other", {"agency": "R-51.71"}, None),
]


@pytest.mark.parametrize(("kind", "named", "reason"), TIES)
def test_a_tie_declared_before_hides_the_row_that_comes_in(kind, named, reason):
    declare(kind=kind, **named)

    row = old_case()

    assert [each.reason for each in row.recusals.all()] == ([reason] if reason else [])
    assert sees("joko", row) is (reason is None)
    assert sees("sari", row)


@pytest.mark.parametrize(("kind", "named", "reason"), TIES)
def test_a_tie_declared_after_hides_the_row_that_is_here(kind, named, reason):
    row = old_case()

    declare(kind=kind, **named)

    assert [each.reason for each in row.recusals.all()] == ([reason] if reason else [])
    assert sees("joko", row) is (reason is None)


def test_a_tie_that_is_not_in_force_that_day_hides_nothing():
    declare(kind="former_unit", agency=AGENCY, since=AT.date() + timedelta(days=1))
    declare(
        kind="other",
        agency=AGENCY,
        since=AT.date() - timedelta(days=9),
        until=AT.date() - timedelta(days=1),
    )

    assert sees("joko", old_case())


def test_a20_every_door_to_an_old_case_is_shut(client):
    row = old_case()
    declare(name=NAME)
    joko = person("joko")

    with pytest.raises(Http404):
        readable_legacy(public_id=row.public_id, user=joko)
    with pytest.raises(Http404):
        own_legacy(public_id=row.public_id, user=joko)
    for q in ("", "Lamasari", GOOD[4], GOOD[1]):
        assert list(legacy_cases(user=joko, q=q, cursor=None).rows) == []
    assert list(legacy_cases(user=person("sari"), q="Lamasari", cursor=None).rows) == [row]
    client.force_login(joko)
    assert client.get(reverse("desk:legacy_adopt", args=[row.public_id])).status_code == 404


def test_a_name_without_an_agency_is_taken_for_kin_with_one():
    declare(name=NAME, agency="R-51.71")

    assert not sees("joko", old_case(agency="Dinas yang tidak terdaftar"))


def test_our_own_people_do_not_read_what_stands_about_them():
    joko = person("joko")

    row = old_case(name=joko.name, position="Staf Bawaslu")

    assert [(each.user, each.reason) for each in row.recusals.all()] == [(joko, "accused")]
    assert not sees("joko", row)


def test_a_namesake_elsewhere_hides_nothing_from_our_own():
    assert sees("joko", old_case(name=person("joko").name))


def test_a_home_agency_hides_old_cases_too():
    row, joko = old_case(), person("joko")
    change = propose_home_agency(
        person=joko,
        agency=Agency.objects.get(code=AGENCY),
        proposer=person("agus"),
        reason="Diperbantukan.",
        at=AT,
    )

    second = enrol_staff(
        email="kedua@contoh.id", name="Kedua", password=None, roles=[Role.ADMINISTRATOR]
    )

    approve_change_of_staff(change=change, approver=second, at=AT)

    assert [each.reason for each in row.recusals.all()] == ["home_agency"]


def test_the_finding_is_kept_from_the_same_people_whatever_it_says():
    declare(name=NAME)
    row = old_case()

    finding = adopt_legacy(
        legacy=row,
        facts=facts(people=[ReportedPerson(name="Contoh Lain", position="Camat")]),
        officer=person("sari"),
        at=AT,
    )

    assert [(each.user, each.reason) for each in finding.recusals.all()] == [
        (person("joko"), "relative")
    ]
    assert not type(finding).objects.visible_to(person("joko")).filter(pk=finding.pk).exists()


def test_undo_takes_recusals_with_the_rows():
    declare(name=NAME)
    row = old_case()

    legacy_imports.undo_import(legacy_import=row.made_by, officer=person("sari"), at=AT)

    assert not LegacyRecusal.objects.exists()


def test_an_import_asks_a_fixed_number_of_queries_about_ties(django_assert_max_num_queries):
    declare(name=NAME)
    for count in (2, 40):
        lines = [(*GOOD[:1], f"{at}/TM/{count}", *GOOD[2:]) for at in range(count)]
        found = checked_import(workbook(lines), AT)
        legacy_imports.start_import(legacy_import=found, officer=person("sari"), seen=found.turn)
        with django_assert_max_num_queries(30):
            carry_on_imports(AT)
    assert LegacyRecusal.objects.filter(user=person("joko")).count() == 42


def test_what_is_here_already_is_hidden_when_the_table_comes():
    row = old_case()
    declare(name=NAME)
    declare("sari", "former_unit", agency="R-51.71")
    LegacyRecusal.objects.all().delete()

    import_module("complaints.migrations.0036_recuse_from_old_cases").recuse(apps, None)

    assert [(each.user, each.reason) for each in row.recusals.all()] == [
        (person("joko"), "relative")
    ]


@pytest.mark.django_db(transaction=True)
def test_a_tie_declared_while_an_import_runs_does_not_slip_between(monkeypatch):
    joko = person("joko")
    found = checked_import(workbook([GOOD]), AT)
    legacy_imports.start_import(legacy_import=found, officer=person("sari"), seen=found.turn)
    asked, go_on = Event(), Event()

    def slowly(**given):
        recuse_from_new(**given)
        asked.set()
        assert go_on.wait(60)

    monkeypatch.setattr(legacy_imports, "recuse_from_new", slowly)

    def bring_in():
        try:
            carry_on_imports(AT)
        finally:
            connections.close_all()

    def tell():
        try:
            with transaction.atomic():
                declare_conflict(
                    user=joko,
                    kind=ConflictDeclaration.Kind.RELATIVE,
                    name=NAME,
                    agency=None,
                    since=AT.date(),
                    until=None,
                    at=AT,
                )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        importing = threads.submit(bring_in)
        assert asked.wait(60)
        declaring = threads.submit(tell)
        with pytest.raises(TimeoutError):
            declaring.result(0.5)
        go_on.set()
        importing.result(60)
        declaring.result(60)

    assert not sees("joko", LegacyCase.objects.get())
    assert ConflictDeclaration.objects.get().name_digest == name_digest(NAME)
