"""A client of the API through the pages: registered by one, given scopes by two, ended at once."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from jwcrypto.jwk import JWK

from bawaslu_cases.accounts.models import (
    ApiCall,
    ApiClient,
    ApiCredential,
    ApiToken,
    User,
    WebhookMessage,
    WebhookSubscription,
)
from bawaslu_cases.accounts.services.api_calls import sweep_api
from bawaslu_cases.accounts.services.api_clients import register_client
from bawaslu_cases.accounts.services.webhooks import subscribe
from bawaslu_cases.shared.errors import NotPermittedError
from tests.bawaslu_cases.audit.conftest import log
from tests.factories import office, person
from tests.support.api_clients import ApiPeer, api_client

pytestmark = pytest.mark.django_db(databases="__all__")


def signed_in(key: str) -> Client:
    client = Client()
    client.force_login(person(key))
    return client


def page_of(client: ApiClient) -> str:
    return reverse("desk:api_client", args=[client.public_id])


def token_for(client: ApiClient, secret: str) -> Any:
    return Client().post(
        "/api/v1/token",
        {
            "grant_type": "client_credentials",
            "client_id": client.client_id,
            "client_secret": secret,
        },
    )


def me(token: str) -> Any:
    return Client().get("/api/v1/me", headers={"authorization": f"Bearer {token}"})


def registered(by: Client) -> ApiClient:
    answer = by.post(
        reverse("desk:api_client_new"),
        {
            "name": "Papan Magelang",
            "office": office("33.08").name,
            "purpose": "Papan informasi kantor",
            "contact": "Rudi",
            "scopes": ["cases:read", "figures:read"],
        },
    )
    assert answer.status_code == 302
    found: ApiClient = ApiClient.objects.get(name="Papan Magelang")
    return found


def test_a_client_from_its_registration_to_its_end():
    agus, tari = signed_in("agus"), signed_in("tari")
    client = registered(agus)
    assert (client.scopes, client.office, client.user.is_service) == ([], office("33.08"), True)
    change = client.user.changes.get()

    # The secret is there at once, and good for nothing until a second administrator agrees.
    made = agus.post(page_of(client), {"do": "secret"})
    secret = made.context["secret"]
    assert secret in made.content.decode()
    assert made["Cache-Control"] == "no-store"
    assert secret not in agus.get(page_of(client)).content.decode()
    assert token_for(client, secret).json()["scope"] == ""

    settle = reverse("desk:staff_change", args=[change.public_id])
    assert "orang kedua" in agus.post(settle, {"do": "approve"}).content.decode()
    assert "Membaca angka" in tari.get(settle).content.decode()
    assert tari.post(settle, {"do": "approve"})["Location"] == page_of(client)
    client.refresh_from_db()
    assert client.scopes == ["cases:read", "figures:read"]
    token = token_for(client, secret).json()["access_token"]
    assert me(token).json()["scopes"] == ["cases:read", "figures:read"]

    # Less is one administrator's, at once; more is not.
    agus.post(page_of(client), {"do": "scopes", "scopes": ["figures:read"]})
    assert me(token).json()["scopes"] == ["figures:read"]
    agus.post(
        page_of(client),
        {"do": "scopes", "scopes": ["figures:read", "cases:read"], "reason": "SK 2"},
    )
    assert me(token).json()["scopes"] == ["figures:read"]
    tari.post(
        reverse("desk:staff_change", args=[client.user.changes.first().public_id]),
        {"do": "reject", "reason": "Tidak perlu."},
    )
    client.refresh_from_db()
    assert client.scopes == ["figures:read"]

    # A second proposal while one waits is told, not stored.
    wanted = {"do": "scopes", "scopes": ["figures:read", "cases:read"], "reason": "SK 3"}
    agus.post(page_of(client), wanted)
    again = agus.post(page_of(client), wanted, follow=True)
    assert "masih menunggu" in again.content.decode()

    agus.post(page_of(client), {"do": "suspend"})
    assert me(token).status_code == 401
    assert token_for(client, secret).status_code == 401
    agus.post(page_of(client), {"do": "resume"})
    assert me(token).status_code == 401  # its tokens are gone for good
    assert token_for(client, secret).status_code == 200
    told = {entry.action for entry in log() if entry.subject == f"client:{client.public_id.hex}"}
    assert told >= {
        "api.register", "api.secret", "api.scopes", "api.suspend", "api.resume", "api.token",
        "page.desk:api_client",
    }  # fmt: skip


def test_p14_a_rotated_secret_is_good_for_the_overlap_and_no_longer(settings):
    agus, client = signed_in("agus"), registered(signed_in("tari"))
    page = page_of(client)
    old = agus.post(page, {"do": "secret"}).context["secret"]
    new = agus.post(page, {"do": "secret"}).context["secret"]

    assert [token_for(client, each).status_code for each in (old, new)] == [200, 200]
    third = agus.post(page, {"do": "secret"}, follow=True)
    assert "Sudah ada dua yang berlaku" in third.content.decode()
    assert ApiCredential.objects.count() == 2
    ends = timezone.now() + timedelta(days=settings.API_OVERLAP_DAYS)
    with time_machine.travel(ends - timedelta(minutes=1), tick=False):
        assert [token_for(client, each).status_code for each in (old, new)] == [200, 200]
    with time_machine.travel(ends + timedelta(minutes=1), tick=False):
        assert [token_for(client, each).status_code for each in (old, new)] == [401, 200]


def test_p14_a_secret_that_leaked_is_ended_at_once_with_its_tokens():
    agus, client = signed_in("agus"), registered(signed_in("tari"))
    page = page_of(client)
    secret = agus.post(page, {"do": "secret"}).context["secret"]
    token = token_for(client, secret).json()["access_token"]
    row = ApiCredential.objects.get()

    agus.post(page, {"do": "end", "credential": row.public_id})

    assert (me(token).status_code, token_for(client, secret).status_code) == (401, 401)
    assert not ApiToken.objects.exists()
    others = api_client(office("51"))
    strange = ApiCredential.objects.get(client=others.client)
    for credential in (strange.public_id, "bukan-id"):
        answer = agus.post(page, {"do": "end", "credential": credential})
        assert answer.status_code == 404
    assert me(others.token).status_code == 200


def test_keys_are_public_and_strong():
    agus, client = signed_in("agus"), registered(signed_in("tari"))
    page = page_of(client)
    key = JWK.generate(kty="OKP", crv="Ed25519")
    weak = JWK.generate(kty="RSA", size=1024)
    refused = {
        key.export_private(): "kunci publik saja",
        weak.export_public(): "terlalu lemah",
        JWK.generate(kty="oct", size=256).export(): "kunci publik",
        JWK.generate(kty="EC", crv="secp256k1").export_public(): "terlalu lemah",
        "{": "bukan kunci publik",
        "[]": "bukan kunci publik",
        '{"kty": "RSA"}': "bukan kunci publik",
    }
    for text, words in refused.items():
        answer = agus.post(page, {"do": "key", "jwk": text})
        assert words in answer.content.decode(), text
    assert not ApiCredential.objects.exists()

    agus.post(page, {"do": "key", "jwk": key.export_public()})

    row = ApiCredential.objects.get()
    assert row.jwk == {"kty": "OKP", "crv": "Ed25519", "x": json.loads(key.export_public())["x"]}
    assert row.digest == key.thumbprint()
    again = agus.post(page, {"do": "key", "jwk": key.export_public()})
    assert "sudah terdaftar" in again.content.decode()


def test_a_chair_reads_what_clients_of_the_own_office_called_and_changes_nothing():
    peer, other = api_client(office("33.08")), api_client(office("51"))
    peer.get("/me")
    lina = signed_in("lina")

    listed = lina.get(reverse("desk:api_clients"))
    shown = lina.get(page_of(peer.client))

    assert [line["client"].pk for line in listed.context["lines"]] == [peer.client.pk]
    assert "GET api_access:me" in shown.content.decode()
    assert lina.get(page_of(other.client)).status_code == 404
    assert lina.post(page_of(peer.client), {"do": "suspend"}).status_code == 403
    assert lina.get(reverse("desk:api_client_new")).status_code == 403
    assert signed_in("sari").get(reverse("desk:api_clients")).status_code == 403


def test_webhooks_that_fail_or_are_off_are_told_on_the_page():
    peer = api_client(office("33.08"))
    at = timezone.now()
    row, secret = subscribe(
        client=peer.client,
        url="https://kasus.invalid/kunci-rahasia",
        events=["case.changed"],
        at=at,
    )
    lina = signed_in("lina")

    def shown() -> str:
        return lina.get(page_of(peer.client)).content.decode()

    page = shown()
    assert "kasus.invalid" in page
    assert "belum ada kiriman" in page
    assert "case.changed" in page
    assert not re.search(r"\d+ menunggu", page)
    assert "Tidak menerima" not in page
    assert "kunci-rahasia" not in page
    assert secret not in page
    for state in ("taken", "waiting", "waiting"):
        WebhookMessage.objects.create(
            subscription=row, event="case.changed", state=state, made_at=at, last_at=at
        )
    page = shown()
    assert ">menerima<" in page
    assert "terakhir diterima" in page
    assert "2 menunggu" in page
    WebhookSubscription.objects.filter(pk=row.pk).update(failing_since=at, retry_at=at)
    page = shown()
    assert "Tidak menerima apa pun sejak" in page
    assert "Dicoba lagi" in page
    WebhookSubscription.objects.filter(pk=row.pk).update(disabled_at=at)
    page = shown()
    assert "kliennya sendiri yang menyalakan lagi" in page
    assert "Tidak menerima apa pun sejak" not in page


def test_the_list_costs_the_same_however_many(django_assert_num_queries):
    agus = signed_in("agus")
    api_client(office("33.08"))
    with django_assert_num_queries(3):
        agus.get(reverse("desk:api_clients"))
    for _each in range(5):
        api_client(office("51"))
    with django_assert_num_queries(3):
        agus.get(reverse("desk:api_clients"))


def test_a_client_nobody_uses_is_marked():
    peer: ApiPeer = api_client(office("33.08"))
    agus = signed_in("agus")
    assert "lama tidak dipakai" not in agus.get(reverse("desk:api_clients")).content.decode()

    with time_machine.travel(timezone.now() + timedelta(days=91), tick=False):
        agus = signed_in("agus")
        assert "lama tidak dipakai" in agus.get(reverse("desk:api_clients")).content.decode()
        ApiCall.objects.create(
            client=peer.client, at=timezone.now(), method="GET", route="x", status=200, ms=1
        )
        assert "lama tidak dipakai" not in agus.get(reverse("desk:api_clients")).content.decode()


def test_only_administrators_register():
    with pytest.raises(NotPermittedError):
        register_client(
            name="X", office=office("33"), purpose="X", contact="X", scopes=["cases:read"],
            administrator=person("sari"), at=timezone.now(),
        )  # fmt: skip
    assert not ApiClient.objects.exists()


def test_service_accounts_are_not_among_the_staff():
    peer = api_client(office("33.08"), name="Papan Magelang")
    agus = signed_in("agus")

    assert "Papan Magelang" not in agus.get(reverse("desk:staff")).content.decode()
    for name in ("staff_person", "staff_suspend"):
        address = reverse(f"desk:{name}", args=[peer.user.public_id])
        assert agus.post(address, {"do": "roles"}).status_code == 404
    assert User.everyone.get(pk=peer.user.pk).is_active


def test_what_is_past_its_time_is_swept():
    peer = api_client(office("33.08"))
    peer.get("/me")
    now = timezone.now()

    assert sweep_api(at=now) == 0
    assert sweep_api(at=now + timedelta(minutes=11)) == 1  # the token
    assert sweep_api(at=now + timedelta(days=181)) == 1  # the call
    assert (ApiToken.objects.count(), ApiCall.objects.count()) == (0, 0)
