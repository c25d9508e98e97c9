"""Declaring a tie, standing back from a matter, who has how much: through the pages."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import enrol_staff
from complaints.models import (
    Case,
    Complaint,
    ConflictDeclaration,
    Recusal,
    RoutingAlarm,
    WorkEvent,
)
from complaints.selectors.oversight import unit_loads
from complaints.services.assignment import assign
from complaints.services.recusals import recuse_oneself
from tests.factories import AT, case, office, person, tip

pytestmark = pytest.mark.django_db


def test_a21_standing_back_from_an_open_page_shuts_it_at_the_next_click(client):
    row, sari = tip(), person("sari")
    person("joko")
    client.force_login(sari)
    page, step = (reverse(f"desk:{name}", args=[row.public_id]) for name in ("record", "recuse"))
    assert client.get(page).status_code == 200
    assert client.post(step, {"reason": "accused"}).status_code == 200
    assert not Recusal.objects.exists()

    answer = client.post(step, {"reason": "relative"})

    assert answer.url == reverse("desk:queue")
    assert client.get(page).status_code == 404
    assert client.post(step, {"reason": "relative"}).status_code == 404
    assert row.reference not in client.get(reverse("desk:queue")).content.decode()


def test_standing_back_from_a_case(client):
    found = case()
    person("joko")
    client.force_login(person("sari"))

    client.post(reverse("desk:recuse_case", args=[found.public_id]), {"reason": "former_unit"})

    assert client.get(reverse("desk:case", args=[found.public_id])).status_code == 404
    record = found.complaints.get()
    assert client.get(reverse("desk:record", args=[record.public_id])).status_code == 404


def test_a_tie_is_declared_and_ends(client):
    row = tip()
    sari = person("sari")
    client.force_login(sari)
    page = reverse("desk:conflicts")

    lacking = client.post(page, {"kind": "former_unit", "since": "2024-01-01"})
    client.post(page, {"kind": "relative", "name": "Contoh Wiratama", "since": "2024-01-01"})

    assert lacking.status_code == 200
    found = ConflictDeclaration.objects.get()
    assert found.since == date(2024, 1, 1)
    assert row.recusals.get().user == sari
    assert "Wiratama" not in client.get(page).content.decode()

    client.post(page, {"end": found.pk})

    found.refresh_from_db()
    assert found.until is not None
    client.force_login(person("joko"))
    assert client.post(page, {"end": found.pk}).status_code == 404


def test_the_chair_sees_who_has_how_much(client):
    sari, row = person("sari"), tip()
    assign(subject=row, to=sari, officer=sari, at=AT, seen=None)
    client.force_login(person("joko"))

    loads = client.get(reverse("desk:workload")).context["loads"]

    assert [(each.officer.name, each.records, each.cases, each.passed) for each in loads] == [
        ("Sari", 1, 0, 1),
        ("Joko", 0, 0, 0),
    ]


def test_a25_the_alarm_stands_on_the_page_of_the_level_above_and_nowhere_else(client):
    sari, row = person("sari"), tip()
    dewi, ratna = person("dewi"), person("ratna")
    recuse_oneself(subject=row, user=sari, reason="relative", at=AT)
    assert RoutingAlarm.objects.count() == 1

    for who, shown in ((ratna, True), (sari, False), (dewi, False)):
        client.force_login(who)
        assert (row.reference in client.get(reverse("desk:oversight")).content.decode()) is shown, (
            who
        )


def test_the_chair_hands_all_of_ones_work_to_another_but_not_what_they_must_not_see(client):
    sari, joko = person("sari"), person("joko")
    kept = tip()
    rows: list[Complaint | Case] = [tip(), kept, case()]
    for row in rows:
        assign(subject=row, to=sari, officer=sari, at=AT, seen=None)
    nia = enrol_staff(
        email="nia@contoh.id",
        name="Nia",
        password=None,
        roles=[Role.CASE_OFFICER],
        office=office("33"),
    )
    Recusal.objects.create(user=nia, complaint=kept, reason="relative", since=AT)
    client.force_login(joko)
    page = reverse("desk:workload")

    # Nobody stands chosen as the one who receives.
    unchosen = client.post(page, {"giver": sari.public_id, "to": ""})
    assert unchosen.context["form"].errors["to"] == ["Pilih siapa yang menerima."]
    refused = client.post(page, {"giver": sari.public_id, "to": sari.public_id})
    client.post(page, {"giver": sari.public_id, "to": nia.public_id})

    assert refused.status_code == 200
    for row in rows:
        row.refresh_from_db()
    assert [row.assignee for row in rows] == [nia, sari, nia]
    assert WorkEvent.objects.filter(action="hand_over", actor=joko).count() == 2


def test_a_matter_without_a_step_for_days_counts_as_stalled():
    row = tip()
    later = AT + timedelta(days=6)
    assert [each.stalled for each in unit_loads(user=person("dewi"), at=later)] == [1]
    assert [each.stalled for each in unit_loads(user=person("dewi"), at=AT)] == [0]

    assign(subject=row, to=person("sari"), officer=person("sari"), at=later, seen=None)

    assert [each.stalled for each in unit_loads(user=person("dewi"), at=later)] == [0]
