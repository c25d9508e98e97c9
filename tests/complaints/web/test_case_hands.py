"""A case goes from hand to hand on its own page: taken, given, laid down; whoever is late is told."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import enrol_staff, enter_absence
from complaints.models import Case, Recusal, WorkAction, WorkEvent
from complaints.services.cases import decide_on_case
from complaints.services.routing import route_waiting
from complaints.states import CaseAction
from tests.factories import AT, assessed_case, case, person, votes_of
from tests.support.at_once import pressed_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    cache.clear()
    with time_machine.travel(AT, tick=True):
        yield


def url(found: Case, tail: str = "") -> str:
    return f"/kerja/perkara/{found.public_id}/{tail}"


def to(who: Any, seen: Any = "") -> dict[str, Any]:
    return {"to": str(person(who).public_id) if who else "", "seen": seen}


def work_of(found: Case) -> list[tuple[str, int | None, int | None]]:
    rows = WorkEvent.objects.filter(case=found).order_by("pk")
    return [(row.action, row.detail["from"], row.detail["to"]) for row in rows]


def test_case_is_taken_given_and_laid_down_on_its_page(client):
    found, sari, joko = case(), person("sari"), person("joko")
    client.force_login(sari)
    shown = client.get(url(found))
    door = shown.context["assign_url"]

    taken = client.post(door, shown.context["take"])
    held = client.get(url(found))
    given = client.post(door, to("joko", sari.pk))
    others = client.get(url(found))
    laid_down = client.post(door, to(None, joko.pk))

    assert door == url(found, "petugas/")
    assert shown.context["take"] == {"seen": "", "to": sari.public_id}
    assert 'data-key="i"' in shown.content.decode()
    assert 'data-key="a"' in shown.content.decode()
    assert "Belum dipegang siapa pun" in shown.content.decode()
    for answer in (taken, given, laid_down):
        assert answer.headers["Location"] == url(found)
    assert held.context["take"] is None
    assert "Dipegang Sari" in held.content.decode()
    assert others.context["take"] == {"seen": joko.pk, "to": sari.public_id}
    assert work_of(found) == [
        (WorkAction.ASSIGN, None, sari.pk),
        (WorkAction.HAND_OVER, sari.pk, joko.pk),
        (WorkAction.RELEASE, joko.pk, None),
    ]
    assert "tidak dipegang siapa pun" in client.get(url(found)).content.decode()
    history = client.get(url(found), {"t": "kegiatan"}).content.decode()
    assert "menyerahkan tugas kepada Joko" in history
    # Laid down on purpose: nobody gets it without asking for it.
    route_waiting(at=AT + timedelta(days=1))
    found.refresh_from_db()
    assert found.assignee is None


def test_whoever_saw_other_hands_is_told_and_keeps_the_choice(client):
    found, sari = case(), person("sari")
    client.force_login(person("joko"))
    client.post(url(found, "petugas/"), to("joko"))
    client.force_login(sari)

    late = client.post(url(found, "petugas/"), to("sari"))
    nobody = client.post(url(found, "petugas/"), to(None))

    assert late.status_code == 409
    assert "Baru saja ditugaskan oleh orang lain" in late.content.decode()
    assert f'value="{sari.public_id}" selected' in late.content.decode()
    assert "Belum ditugaskan kepada siapa pun." in nobody.content.decode()
    found.refresh_from_db()
    assert found.assignee == person("joko")
    assert len(work_of(found)) == 1


def test_nobody_is_offered_who_could_not_have_it(client):
    found = case()
    person("budi"), person("dewi"), person("joko")
    Recusal.objects.create(user=person("joko"), case=found, reason="relative", since=AT)
    client.force_login(person("sari"))

    page = client.get(url(found, "petugas/"))
    refused = [client.post(url(found, "petugas/"), to(who)) for who in ("budi", "dewi", "joko")]

    assert [name for _key, name in page.context["form"].fields["to"].choices[1:]] == ["Sari"]
    for answer in refused:
        assert answer.context["form"].has_error("to")
    assert work_of(found) == []


def test_who_is_away_is_told_in_the_form_and_on_the_page(client):
    found, sari, joko = case(), person("sari"), person("joko")
    nia = enrol_staff(
        email="nia@contoh.id",
        name="Nia",
        password=None,
        roles=[Role.INTAKE_OFFICER, Role.CASE_OFFICER],
        office=found.office,
    )
    today = AT.date()
    enter_absence(person=sari, deputy=nia, first_on=today, last_on=today, officer=sari, at=AT)
    client.force_login(joko)

    offered = client.get(url(found, "petugas/")).content.decode()
    client.post(url(found, "petugas/"), to("sari"))
    shown = client.get(url(found)).content.decode()

    assert "Sari (tidak hadir sampai" in offered
    assert "tidak hadir sampai 7 Okt, digantikan Nia" in shown


@pytest.mark.parametrize("tab", ["", "bukti", "orang", "dokumen", "kegiatan"])
def test_page_with_somebody_away_costs_no_more_than_it_may(
    client, django_assert_max_num_queries, tab
):
    found, sari, joko = case(), person("sari"), person("joko")
    Case.objects.filter(pk=found.pk).update(assignee=sari)
    client.force_login(joko)

    with django_assert_max_num_queries(12):
        assert client.get(url(found), {"t": tab}).status_code == 200


def test_plenary_reads_who_has_it_and_gives_it_to_nobody(client):
    found = case()
    client.force_login(person("dewi"))

    shown = client.get(url(found))

    assert shown.context["assign_url"] == ""
    assert url(found, "petugas/") not in shown.content.decode()
    assert "Belum dipegang siapa pun" in shown.content.decode()
    assert client.post(url(found, "petugas/"), to("sari")).status_code == 403


def test_case_that_is_over_changes_no_hands(client):
    found = assessed_case()
    decide_on_case(
        case=found,
        action=CaseAction.DECIDE_STOP,
        member=person("dewi"),
        at=AT,
        minutes_number="14/BA/X/2024",
        decided_on=AT.date(),
        votes=votes_of(found),
        reason="Bukan pelanggaran.",
    )
    client.force_login(person("sari"))

    shown = client.get(url(found))
    page = client.get(url(found, "petugas/"))
    late = client.post(url(found, "petugas/"), to("sari"))

    assert shown.context["assign_url"] == ""
    for answer in (page, late):
        assert "Sudah selesai, jadi tidak ditugaskan lagi." in answer.content.decode()
    assert work_of(found) == []


@pytest.mark.django_db(transaction=True)
def test_two_who_take_it_at_once_are_one_who_has_it():
    found, sari, joko = case(), person("sari"), person("joko")

    answers = pressed_at_once(
        [
            (who, url(found, "petugas/"), {"to": str(who.public_id), "seen": ""})
            for who in (sari, joko)
        ]
    )

    assert sorted(status for status, _page in answers) == [302, 409]
    ((action, before, after),) = work_of(found)
    assert (action, before) == (WorkAction.ASSIGN, None)
    found.refresh_from_db()
    assert found.assignee_id == after
