"""The administrator's page of people: accounts only, and a suspension that works at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bawaslu_cases.accounts.models import User
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import propose_roles
from bawaslu_cases.audit.models import AuditEvent
from tests.factories import person, tip

pytestmark = pytest.mark.django_db


def test_a18_somebody_who_is_suspended_is_out_at_the_next_request(client):
    row, sari = tip(), person("sari")
    hers = Client()
    hers.force_login(sari)
    page = reverse("desk:record", args=[row.public_id])
    assert hers.get(page).status_code == 200
    client.force_login(person("agus"))

    client.post(reverse("desk:staff_suspend", args=[sari.public_id]))

    assert hers.get(page).status_code == 302
    client.post(reverse("desk:staff_reactivate", args=[sari.public_id]))
    assert hers.get(page).status_code == 302  # the old session stays ended
    actions = list(
        AuditEvent.objects.filter(action__startswith="staff.").values_list("action", flat=True)
    )
    assert actions == ["staff.suspend", "staff.reactivate"]


def test_nobody_suspends_themselves(client):
    agus = person("agus")
    client.force_login(agus)

    client.post(reverse("desk:staff_suspend", args=[agus.public_id]))

    agus.refresh_from_db()
    assert agus.is_active


def test_a19_the_list_tells_of_accounts_and_of_no_record(client):
    row = tip()
    for key in ("sari", "dewi", "anwar", "putu"):
        person(key)
    User.objects.filter(pk=person("dewi").pk).update(
        date_joined=timezone.now() - timedelta(days=91)
    )
    client.force_login(person("agus"))

    whole = client.get(reverse("desk:staff"))
    found = client.get(reverse("desk:staff"), {"q": "SAR"})
    dormant = client.get(reverse("desk:staff"), {"dormant": ""})

    assert len(whole.context["people"]) == 5
    assert [each["user"].name for each in found.context["people"]] == ["Sari"]
    assert [each["user"].name for each in dormant.context["people"]] == ["Dewi"]
    assert row.reference not in whole.content.decode()
    client.force_login(person("sari"))
    assert client.get(reverse("desk:staff")).status_code == 403


def test_the_rail_counts_what_this_administrator_may_settle(client):
    agus, tari, at = person("agus"), person("tari"), timezone.now()

    def shown(user: User) -> str:
        client.force_login(user)
        found = set()
        for name in ("desk:staff", "desk:parked"):
            text = client.get(reverse(name)).content.decode()
            link = text.partition('<a href="/kerja/staf/"')[2].partition('aria-label="')[2]
            found.add(link.partition('"')[0])
        assert len(found) == 1
        return str(found.pop())

    said: dict[str, Any] = {"reason": "Surat 4/2026", "at": at}
    assert shown(agus) == "Staf"
    propose_roles(person=person("sari"), roles=[Role.CASE_OFFICER], proposer=tari, **said)
    propose_roles(person=person("dewi"), roles=[Role.CHAIR], proposer=agus, **said)
    propose_roles(person=tari, roles=[], proposer=agus, **said)
    propose_roles(person=person("joko"), roles=[Role.CHAIR], proposer=tari, **said)
    # of four, Tari proposed two and is herself the third; Agus proposed two
    assert (shown(agus), shown(tari)) == ("Staf, 2", "Staf, 1")
