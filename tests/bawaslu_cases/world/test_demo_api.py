"""The demo's client of the API gets a token with what ``./up`` prints, and reads with it."""

import base64

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from bawaslu_cases.accounts.models import ApiClient
from bawaslu_cases.accounts.scopes import Scope
from bawaslu_cases.world.demo_api import API_CLIENT, add_demo_client
from bawaslu_cases.world.demo_people import enrol_people


@pytest.mark.django_db
def test_demo_client_works_with_what_is_printed(capsys, settings):
    settings.DEMO = True
    enrol_people()
    for _run in range(2):
        add_demo_client(timezone.now())
    call_command("seed_world", "--sign-ins")
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    _label, client_id, secret = API_CLIENT
    assert [client_id, secret] in [line[-2:] for line in printed]

    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    answer = Client().post(
        "/api/v1/token",
        {"grant_type": "client_credentials"},
        headers={"authorization": f"Basic {basic}"},
    )

    assert answer.status_code == 200
    told = answer.json()
    assert (set(told["scope"].split()), told["region"]) == ({*Scope.values}, "33")
    bearer = {"authorization": f"Bearer {told['access_token']}"}
    me = Client().get("/api/v1/me", headers=bearer)
    assert (me.status_code, me.json()["region"]) == (200, "33")
    assert ApiClient.objects.count() == 1
