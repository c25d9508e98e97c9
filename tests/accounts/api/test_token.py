"""Tokens: who gets one, what it says, and how it ends (checks P01, P14, N17)."""

import base64
import json
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.backends import ModelBackend
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from jwcrypto.jwk import JWK
from jwcrypto.jwt import JWT

from bawaslu_cases.accounts import api_quota
from bawaslu_cases.accounts.models import ApiCall, ApiCredential, ApiToken, SpentAssertion, User
from bawaslu_cases.accounts.oauth import ASSERTION_TYPE
from bawaslu_cases.accounts.scopes import Scope
from tests.bawaslu_cases.audit.conftest import log
from tests.factories import office, person
from tests.support.api_clients import api_client, token_of

pytestmark = pytest.mark.django_db(databases="__all__")

ENDPOINT = "http://testserver/api/v1/token"


@pytest.fixture(autouse=True)
def _fresh_counts():
    api_quota.forget()


def ask(named=None, secret=None, **fields):
    """Ask for a token with Basic, or without it."""
    basic: dict[str, str] = {}
    if named is not None:
        pair = base64.b64encode(f"{named}:{secret}".encode()).decode()
        basic = {"authorization": f"Basic {pair}"}
    given = {"grant_type": "client_credentials"} | fields
    return Client().post("/api/v1/token", given, headers=basic)


def me(token):
    return Client().get("/api/v1/me", HTTP_AUTHORIZATION=f"Bearer {token}")


def test_a_secret_by_basic_or_in_the_form_gets_a_token_for_minutes():
    peer = api_client(office("33.08"), [Scope.CASES_READ, Scope.FIGURES_READ])

    by_basic = ask(peer.client.client_id, peer.secret)
    by_form = ask(client_id=peer.client.client_id, client_secret=peer.secret, scope="figures:read")

    for response in (by_basic, by_form):
        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store"
    told = by_basic.json()
    assert sorted(told) == ["access_token", "expires_in", "region", "scope", "token_type"]
    assert (told["expires_in"], told["token_type"]) == (600, "Bearer")
    assert (told["region"], told["scope"]) == ("33.08", "cases:read figures:read")
    assert by_form.json()["scope"] == "figures:read"
    assert me(told["access_token"]).json()["scopes"] == ["cases:read", "figures:read"]


def test_of_a_token_and_a_secret_nothing_but_a_digest_is_kept():
    peer = api_client(office("33.08"))
    token = ask(peer.client.client_id, peer.secret).json()["access_token"]

    with connection.cursor() as cursor:
        kept = ""
        for table in ("accounts_apitoken", "accounts_apicredential", "accounts_apiclient"):
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t")
            kept += "".join(row[0] for row in cursor.fetchall())

    assert peer.client.client_id in kept  # the control: this is what is kept
    assert token not in kept
    assert token.removeprefix("bct_") not in kept
    assert peer.secret.removeprefix("bcs_") not in kept


def test_a_token_is_logged_with_client_and_purpose_before_it_is_given():
    peer = api_client(office("33.08"))

    ask(peer.client.client_id, peer.secret)

    entry = log()[-1]
    assert (entry.actor, entry.action) == (peer.user.public_id.hex, "api.token")
    assert entry.subject == f"client:{peer.client.public_id.hex}"
    assert entry.purpose == "Sinkronisasi uji"
    call = ApiCall.objects.get()
    assert (call.route, call.method, call.status) == ("api_access:token", "POST", 200)


@pytest.mark.parametrize("grant", ["password", "authorization_code", "refresh_token", "implicit"])
def test_no_other_grant(grant):
    peer = api_client(office("33.08"))
    person("sari")

    response = ask(
        peer.client.client_id,
        peer.secret,
        grant_type=grant,
        username="sari@contoh.id",
        password="x",
    )

    assert (response.status_code, response.json()["error"]) == (400, "unsupported_grant_type")


def test_a_scope_the_client_does_not_have_is_refused():
    peer = api_client(office("33.08"), [Scope.CASES_READ])

    response = ask(peer.client.client_id, peer.secret, scope="cases:read complaints:read")

    assert (response.status_code, response.json()) == (400, {"error": "invalid_scope"})


def test_n17_whoever_is_refused_reads_the_same():
    """An unknown name, a wrong secret, a suspended client, one past its day, another's secret."""
    peer, other = api_client(office("33.08")), api_client(office("51"))
    gone = api_client(office("33.08"), expires_at=timezone.now() - timedelta(seconds=1))
    shut = api_client(office("33.08"))
    User.everyone.filter(pk=shut.user.pk).update(is_active=False)
    key = JWK.generate(kty="OKP", crv="Ed25519")

    tries = [
        ask("tidak-ada", "bcs_x"),
        ask("tidak\x00ada", "bcs_x"),
        ask(peer.client.client_id, "bcs_salah"),
        ask(peer.client.client_id, ""),
        ask(peer.client.client_id, other.secret),
        ask(gone.client.client_id, gone.secret),
        ask(shut.client.client_id, shut.secret),
        ask(client_id="tidak-ada", client_secret="bcs_x"),
        ask(client_id=peer.client.client_id),
        ask(),
        ask(client_assertion_type=ASSERTION_TYPE, client_assertion=assertion(key, "tidak-ada")),
        ask(client_assertion_type=ASSERTION_TYPE, client_assertion="x.y.z"),
        # two ways at once
        ask(peer.client.client_id, peer.secret, client_secret=peer.secret),
    ]

    assert {(each.status_code, each.content) for each in tries} == {
        (401, b'{"error":"invalid_client"}')
    }
    assert {each["WWW-Authenticate"] for each in tries} == {tries[0]["WWW-Authenticate"]}
    assert ApiToken.objects.filter(application=peer.client).count() == 1  # its first one alone


@pytest.mark.usefixtures("one_minute")
def test_failed_tries_are_in_the_owners_log_and_shut_nobody_out(settings):
    settings.API_TOKENS_A_MINUTE = 3
    peer = api_client(office("33.08"))

    for _attempt in range(6):
        ask(peer.client.client_id, "bcs_salah")
    good = [ask(peer.client.client_id, peer.secret).status_code for _attempt in range(4)]

    assert good == [200, 200, 200, 429]
    refused = ApiCall.objects.filter(client=peer.client, status=401)
    assert refused.count() == 3


# --- private_key_jwt --------------------------------------------------------------------------------


def with_key(peer, kty="OKP", **options):
    """Give a client a key of its own."""
    key = JWK.generate(kty=kty, **(options or {"crv": "Ed25519"}))
    ApiCredential.objects.create(
        client=peer.client,
        kind=ApiCredential.Kind.KEY,
        digest=key.thumbprint(),
        jwk=json.loads(key.export_public()),
        made_at=timezone.now(),
        made_by=person("agus"),
    )
    return key


def assertion(key, named, alg="EdDSA", head=None, **changes):
    now = int(timezone.now().timestamp())
    claims = {
        "iss": named,
        "sub": named,
        "aud": ENDPOINT,
        "jti": "satu",
        "iat": now,
        "exp": now + 120,
    } | changes
    token = JWT(header={"alg": alg} | (head or {}), claims=claims)
    token.make_signed_token(key)
    return token.serialize()


def _packed(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def ask_with(text, **fields):
    return ask(**{"client_assertion_type": ASSERTION_TYPE, "client_assertion": text} | fields)


@pytest.mark.parametrize(
    ("kty", "options", "alg"),
    [
        ("OKP", {"crv": "Ed25519"}, "EdDSA"),
        ("EC", {"crv": "P-256"}, "ES256"),
        ("RSA", {"size": 2048}, "RS256"),
        ("RSA", {"size": 2048}, "PS256"),
    ],
)
def test_a_key_of_ones_own_gets_a_token_once(kty, options, alg):
    peer = api_client(office("33.08"))
    text = assertion(with_key(peer, kty, **options), peer.client.client_id, alg)

    first, again = ask_with(text), ask_with(text)

    assert (first.status_code, again.status_code) == (200, 401)
    assert me(first.json()["access_token"]).json()["id"] == str(peer.client.public_id)
    assert SpentAssertion.objects.count() == 1


def test_p01_what_is_wrong_with_an_assertion():
    peer, other = api_client(office("33.08")), api_client(office("51"))
    key, named = with_key(peer), peer.client.client_id
    stranger = JWK.generate(kty="OKP", crv="Ed25519")
    other_key = with_key(other)
    now = int(timezone.now().timestamp())
    public = json.loads(key.export_public())
    shared = JWK(kty="oct", k=public["x"])  # the public key as if it were a secret
    good = assertion(key, named)
    head, body, signature = good.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    wrong = {
        "another's key": assertion(stranger, named),
        "another client's key": assertion(other_key, named),
        "audience": assertion(key, named, aud="https://lain.contoh/token"),
        "two audiences": assertion(key, named, aud=[ENDPOINT, "https://lain.contoh/"]),
        "expired": assertion(key, named, exp=now - 1),
        "too long": assertion(key, named, exp=now + 3600),
        "not yet": assertion(key, named, nbf=now + 300),
        "made later": assertion(key, named, iat=now + 300),
        "no end": assertion(key, named, exp=None),
        "no number": assertion(key, named, exp="besok"),
        "endless": assertion(key, named, exp=1e400),
        "subject": assertion(key, named, sub=other.client.client_id),
        "hmac": assertion(shared, named, "HS256"),
        "none": f"{none}.{body}.",
        "altered": f"{head}.{body[:-2]}xx.{signature}",
        "signature": f"{head}.{body}.{signature[:-4]}AAAA",
        "key id": assertion(key, named, head={"kid": "lain"}),
        "long": assertion(key, named, extra="x" * 5000),
        "not text": "💥",
        "half a sign": assertion(key, "\ud800"),
        "nul": assertion(key, "\x00"),
        "deep": f"{head}.{_packed(b'[' * 2500)}.{signature}",
        "deep head": f"{_packed(b'[' * 2500)}.{body}.{signature}",
        "a list": f"{head}.{_packed(b'[]')}.{signature}",
        "a list for a head": f"{_packed(b'[]')}.{body}.{signature}",
        "a number": assertion(key, 7),
        "a list of names": assertion(key, [named]),
    }
    got = {name: ask_with(text).status_code for name, text in wrong.items()}

    assert got == dict.fromkeys(got, 401)
    assert ask_with(good, client_id=other.client.client_id).status_code == 401
    assert ask_with(good, client_assertion_type="lain").status_code == 401
    # The control: the same assertion, unspoilt, is good.
    assert ask_with(good, client_id=named).status_code == 200


def test_p14_a_key_that_ended_proves_nothing():
    peer = api_client(office("33.08"))
    key = with_key(peer)
    ends = timezone.now() + timedelta(days=1)
    ApiCredential.objects.filter(kind="key").update(ends_at=ends)

    assert ask_with(assertion(key, peer.client.client_id, jti="a")).status_code == 200
    with time_machine.travel(ends + timedelta(seconds=1), tick=False):
        assert ask_with(assertion(key, peer.client.client_id, jti="b")).status_code == 401


# --- holding one --------------------------------------------------------------------------------------


def test_p01_no_token_or_a_bad_one_is_401_without_detail():
    peer = api_client(office("33.08"))
    old = token_of(peer.client, seconds=-1)
    elsewhere = token_of(peer.client)
    ApiToken.objects.filter(pk=ApiToken.objects.latest("pk").pk).update(
        resource=["https://lain.contoh/"]
    )
    bare = Client()
    tries = {
        "none": bare.get("/api/v1/me"),
        "empty": me(""),
        "unknown": me("bct_x"),
        "expired": me(old),
        "altered": me(peer.token[:-1] + ("A" if peer.token[-1] != "A" else "B")),
        "audience": me(elsewhere),
        "long": me("x" * 10_000),
        "two words": me(f"{peer.token} lagi"),
        "basic": bare.get("/api/v1/me", HTTP_AUTHORIZATION=f"Basic {peer.token}"),
        "query": bare.get("/api/v1/me", {"access_token": peer.token}),
        "secret": me(peer.secret),
        "not ascii": me("bct_ñ"),
    }

    assert {name: each.status_code for name, each in tries.items()} == dict.fromkeys(tries, 401)
    assert len({each.content for each in tries.values()}) == 1
    told = tries["none"].json()
    assert (told["code"], told["status"]) == ("token_needed", 401)
    assert tries["none"]["Content-Type"] == "application/problem+json"
    assert tries["none"]["WWW-Authenticate"] == 'Bearer realm="api"'
    assert me(peer.token).status_code == 200


def test_a_signed_in_member_of_staff_is_nobody_to_the_api():
    client = Client()
    client.force_login(person("agus"))

    assert client.get("/api/v1/me").status_code == 401


def test_p14_a_suspended_client_is_out_at_its_next_request():
    peer = api_client(office("33.08"))
    assert me(peer.token).status_code == 200

    User.everyone.filter(pk=peer.user.pk).update(is_active=False)

    assert me(peer.token).status_code == 401


def test_p14_a_scope_that_was_taken_is_gone_from_tokens_too():
    peer = api_client(office("33.08"), [Scope.CASES_READ, Scope.FIGURES_READ])
    peer.client.scopes = [Scope.FIGURES_READ]
    peer.client.save()

    assert me(peer.token).json()["scopes"] == ["figures:read"]


def test_a_client_ends_its_own_token_and_nobody_elses():
    peer, other = api_client(office("33.08")), api_client(office("51"))

    def revoke(who, token):
        return Client().post(
            "/api/v1/revoke",
            {"token": token, "client_id": who.client.client_id, "client_secret": who.secret},
        )

    assert revoke(other, peer.token).status_code == 200  # and nothing happened
    assert me(peer.token).status_code == 200
    assert revoke(peer, peer.token).status_code == 200
    assert me(peer.token).status_code == 401
    assert revoke(peer, "bct_tidak-ada").status_code == 200
    stranger = Client().post("/api/v1/revoke", {"token": other.token})
    assert (stranger.status_code, stranger.json()) == (401, {"error": "invalid_client"})


def test_a_token_never_outlives_its_client():
    peer = api_client(office("33.08"), expires_at=timezone.now() + timedelta(seconds=90))

    assert 80 <= ask(peer.client.client_id, peer.secret).json()["expires_in"] <= 90


def test_a_service_account_is_no_member_of_staff():
    peer = api_client(office("33"))

    assert not User.objects.filter(pk=peer.user.pk).exists()
    assert User.everyone.filter(pk=peer.user.pk).exists()
    # Nobody signs in with it, and a session that names it is nobody's.
    with pytest.raises(IntegrityError, match="user_service_of_an_office"), transaction.atomic():
        Client().force_login(User.everyone.get(pk=peer.user.pk))
    assert ModelBackend().get_user(peer.user.pk) is None


def test_me_and_calls(django_assert_num_queries):
    peer = api_client(office("33.08"))
    peer.get("/me")

    with django_assert_num_queries(3):
        first = peer.get("/calls", {"limit": 1})

    told = peer.get("/me").json()
    assert told | {"server_time": "", "expires_at": "", "scopes": []} == {
        "id": str(peer.client.public_id),
        "name": "Klien uji",
        "purpose": "Sinkronisasi uji",
        "office": {
            "code": office("33.08").code,
            "name": office("33.08").name,
            "level": "REGENCY",
        },
        "region": "33.08",
        "scopes": [],
        "expires_at": "",
        "server_time": "",
    }
    (call,) = first.json()["items"]
    assert {**call, "at": "", "ms": 0} == {
        "at": "", "method": "GET", "route": "api_access:me", "status": 200, "ms": 0,
    }  # fmt: skip
    others = api_client(office("51"))
    assert others.get("/calls").json()["items"] == []
