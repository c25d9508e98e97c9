"""Single sign-on against a real provider: who comes in, who does not, and what is kept of it (nothing)."""

import logging
import time
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.messages import get_messages
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from bawaslu_cases.accounts import provider as sso
from bawaslu_cases.accounts.models import ProviderLink, User
from bawaslu_cases.accounts.services import (
    approve_staff_change,
    enrol_staff,
    propose_subject,
    suspend,
)
from bawaslu_cases.accounts.services.sign_on import link_provider
from bawaslu_cases.audit import services as audit
from bawaslu_cases.shared.errors import ConflictError, DomainError, NotPermittedError
from tests.bawaslu_cases.audit.conftest import log
from tests.factories import PASSWORD, office, person
from tests.support.identity_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    PERIOD_SECONDS,
    SECRET,
    IdentityProvider,
    base32,
    passcode,
)

pytestmark = pytest.mark.django_db

DESK = "http://testserver"
START, CALLBACK = "/akun/sso/mulai/", "/akun/sso/kembali/"
REFUSED = (
    "Akun ini tidak dapat masuk lewat SSO Nasional. Masuk dengan surel dan kata sandi, "
    "atau hubungi administrator kantor Anda."
)
NOT_FINISHED = "Masuk lewat SSO Nasional tidak selesai. Ulangi dari awal."
SILENT = "SSO Nasional tidak menjawab. Masuk dengan surel dan kata sandi."


@pytest.fixture(scope="module")
def idp():
    """Two people there: Sari's subject, and somebody who only shares Dewi's address."""
    found = IdentityProvider({"sub-sari": "lain@contoh.id", "sub-asing": "dewi@contoh.id"}, [DESK])
    found.start()
    yield found
    found.stop()


@pytest.fixture(autouse=True)
def _configured(settings, idp):
    settings.OIDC_ISSUER = idp.issuer
    settings.OIDC_CLIENT_ID = CLIENT_ID
    settings.OIDC_CLIENT_SECRET = CLIENT_SECRET
    settings.OIDC_NAME = "SSO Nasional"
    settings.DESK_ORIGIN = DESK
    settings.OUTGOING_PRIVATE_HOSTS = frozenset({"127.0.0.1", "localhost"})
    settings.MFA_REQUIRED = True
    settings.MFA_TOTP_PERIOD = PERIOD_SECONDS
    settings.ACCOUNT_RATE_LIMITS = {"login": False, "reauthenticate": False}


def linked(user: User, idp: IdentityProvider, subject: str = "sub-sari") -> User:
    link_provider(person=user, issuer=idp.issuer, subject=subject, at=datetime.now(UTC))
    return user


def with_app(user: User) -> User:
    TOTP.activate(user, base32())
    return user


def with_passkey(user: User) -> User:
    Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "Kunci"}
    )
    return user


def sent(client: Client, **form: str) -> str:
    """Begin; return the address at the provider."""
    page = client.post(START, form)
    assert page.status_code == 200
    url: str = page.context["url"]
    assert f'content="0; url={escape(url)}"' in page.content.decode()
    return url


def come_back(client: Client, url: str) -> Any:
    """Follow the browser from the provider's answer to the end."""
    parts = urlsplit(url)
    assert (f"{parts.scheme}://{parts.netloc}", parts.path) == (DESK, CALLBACK)
    page = client.get(f"{parts.path}?{parts.query}")
    return client.get(page.context["url"])


def signed_on(client: Client, idp: IdentityProvider, subject: str = "sub-sari", **form: str) -> Any:
    return come_back(client, idp.sign_in(sent(client, **form), subject))


def who(client: Client) -> str | None:
    found = client.session.get("_auth_user_id")
    return User.objects.get(pk=found).email if found else None


def told(answer: Any) -> list[str]:
    """Return the message of this answer; earlier ones wait beside it until a page shows them."""
    return [str(message) for message in get_messages(answer.wsgi_request)][-1:]


def test_in_with_the_providers_second_factor_and_nothing_of_it_is_kept(idp, client, caplog):
    sari = linked(person("sari"), idp)
    caplog.set_level(logging.DEBUG)
    url = idp.sign_in(sent(client), "sub-sari")
    before = client.session.session_key

    answer = come_back(client, url)

    assert (answer.status_code, answer["Location"]) == (302, "/kerja/")
    assert who(client) == sari.email
    # no second factor of one's own, and none is asked
    assert client.get("/kerja/").status_code == 200
    session = client.session
    assert session.session_key != before
    kept = {key for key in session.keys() if not key.startswith("_")}  # noqa: SIM118 -- no mapping
    assert kept == {"by_provider", "second_factor_there"}
    sari.refresh_from_db()
    assert sari.last_login is not None
    code = parse_qs(urlsplit(url).query)["code"][0]
    for word in ("eyJ", code, "sub-sari", "code=", "state="):
        assert word not in caplog.text, word


def test_what_is_asked_of_the_provider(idp, client, settings):
    settings.OIDC_SECOND_FACTOR_ACR = ["urn:dua", "urn:tiga"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(sent(client)).query).items()}
    assert {key: asked[key] for key in ("response_type", "scope", "client_id")} == {
        "response_type": "code",
        "scope": "openid",
        "client_id": CLIENT_ID,
    }
    assert asked["redirect_uri"] == DESK + CALLBACK
    assert (asked["code_challenge_method"], asked["max_age"]) == ("S256", "28800")
    assert asked["acr_values"] == "urn:dua urn:tiga"
    assert all(len(asked[key]) >= 43 for key in ("state", "nonce", "code_challenge"))
    again = parse_qs(urlsplit(sent(client)).query)
    assert all(again[key][0] != asked[key] for key in ("state", "nonce", "code_challenge"))


def test_the_way_back_is_of_the_settings_whatever_the_host_says(idp, client, settings):
    settings.ALLOWED_HOSTS = ["*"]
    page = client.post(START, headers={"host": "jahat.example"})
    asked = parse_qs(urlsplit(page.context["url"]).query)
    assert asked["redirect_uri"] == [DESK + CALLBACK]


@pytest.mark.parametrize(
    "method", ["client_secret_basic", "client_secret_post"], ids=["basic", "post"]
)
def test_the_client_proves_itself_by_what_the_provider_takes(idp, settings, method):
    provider = sso.configured()
    assert provider is not None
    found = sso.metadata_of(provider)
    assert found.takes_basic
    metadata = sso.Metadata(
        authorization_endpoint=found.authorization_endpoint,
        token_endpoint=found.token_endpoint,
        jwks_uri=found.jwks_uri,
        takes_basic=method == "client_secret_basic",
        names_itself=True,
    )
    # The provider holds this client to "basic": posted, the same secret is refused, and so is the code.
    with pytest.raises(sso.ProviderRefusedError) as caught:
        sso.redeemed(metadata, provider, code="lama", verifier="v" * 43, callback=DESK + CALLBACK)
    assert str(caught.value) == ("token 400" if metadata.takes_basic else "token 401")


def test_where_the_providers_factor_does_not_count_ours_is_asked(idp, client, settings):
    settings.OIDC_SECOND_FACTOR_AMR = ["hwk"]
    sari = with_app(linked(person("sari"), idp))

    answer = signed_on(client, idp, next="/kerja/antrean/")

    assert answer["Location"] == reverse("mfa_authenticate")
    assert who(client) is None
    assert client.get("/kerja/")["Location"].startswith("/masuk/")
    done = client.post(reverse("mfa_authenticate"), {"code": passcode(SECRET)})
    assert done["Location"] == "/kerja/antrean/"
    assert who(client) == sari.email


def test_with_no_second_factor_on_either_side_nobody_comes_in(idp, client, settings):
    settings.OIDC_SECOND_FACTOR_AMR = []
    linked(person("sari"), idp)
    answer = signed_on(client, idp)
    assert (answer["Location"], who(client)) == ("/masuk/", None)
    assert told(answer) == [
        "SSO Nasional tidak menyatakan langkah kedua. Masuk dengan surel dan kata sandi."
    ]


def unknown(idp: IdentityProvider) -> None:
    pass


def same_address(idp: IdentityProvider) -> None:
    """Somebody at the provider has, verified or not, the address of an account here."""
    enrol_staff(email="lain@contoh.id", name="Lain", password=PASSWORD, roles=[])


def at_another_provider(idp: IdentityProvider) -> None:
    at = datetime.now(UTC)
    link_provider(person=person("sari"), issuer="https://lain.id", subject="sub-sari", at=at)


def suspended(idp: IdentityProvider) -> None:
    suspend(person=linked(person("sari"), idp), administrator=person("agus"))


def dormant(idp: IdentityProvider) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=91)
    sari = linked(person("sari"), idp)
    User.objects.filter(pk=sari.pk).update(last_login=long_ago, date_joined=long_ago)


def the_owners(idp: IdentityProvider) -> None:
    User.objects.filter(pk=linked(person("sari"), idp).pk).update(is_superuser=True)


def of_an_office(idp: IdentityProvider) -> None:
    User.objects.filter(pk=linked(person("sari"), idp).pk).update(email="r-33@pass.invalid")


def of_a_service(idp: IdentityProvider) -> None:
    sari = linked(person("sari"), idp)
    User.objects.filter(pk=sari.pk).update(is_service=True, last_login=None)


def of_the_vault_without_a_passkey(idp: IdentityProvider) -> None:
    with_app(linked(person("vera"), idp))


@pytest.mark.parametrize(
    "make",
    [
        unknown,
        same_address,
        at_another_provider,
        suspended,
        dormant,
        the_owners,
        of_an_office,
        of_a_service,
        of_the_vault_without_a_passkey,
    ],
)
def test_one_sentence_for_everybody_who_does_not_come_in(make, idp, client):
    make(idp)
    accounts = User.everyone.count()
    answer = signed_on(client, idp)
    assert (answer["Location"], told(answer), who(client)) == ("/masuk/", [REFUSED], None)
    # nobody is made, and the sentence stands on the sign-in page
    assert User.everyone.count() == accounts
    assert REFUSED in client.get("/masuk/").content.decode()


def test_an_answer_counts_once(idp, client):
    linked(person("sari"), idp)
    url = idp.sign_in(sent(client), "sub-sari")
    come_back(client, url)
    client.post(reverse("account_logout"))
    assert who(client) is None

    answer = come_back(client, url)

    assert (told(answer), who(client)) == ([NOT_FINISHED], None)


def test_an_answer_belongs_to_the_browser_that_asked(idp, client):
    linked(person("sari"), idp)
    url = idp.sign_in(sent(client), "sub-sari")
    other = Client()
    assert told(come_back(other, url)) == [NOT_FINISHED]
    sent(other)  # an attempt of its own changes nothing
    assert told(come_back(other, url)) == [NOT_FINISHED]
    assert who(other) is None
    come_back(client, url)
    assert who(client) == "sari@contoh.id"


def test_somebody_elses_code_does_not_pass_and_neither_does_it_with_their_verifier(idp, client):
    """A code that was put into the victim's answer: first PKCE refuses, and behind it the nonce."""
    linked(person("sari"), idp)
    attacker = Client()
    theirs = parse_qs(urlsplit(idp.sign_in(sent(attacker), "sub-sari")).query)
    verifier = attacker.session["sign_on"]["verifier"]

    for also in ({}, {"verifier": verifier}):
        sent(client)
        session = client.session
        session["sign_on"] = session["sign_on"] | also
        session.save()
        query = {
            "state": session["sign_on"]["state"],
            "code": theirs["code"][0],
            "iss": idp.issuer,
        }
        answer = come_back(client, f"{DESK}{CALLBACK}?{urlencode(query)}")
        assert (told(answer)[-1], who(client)) == (NOT_FINISHED, None)


def test_wrong_nonce_alone_is_refused(idp, client, caplog):
    linked(person("sari"), idp)
    url = idp.sign_in(sent(client), "sub-sari")
    session = client.session
    session["sign_on"] = session["sign_on"] | {"nonce": "lain"}
    session.save()
    assert told(come_back(client, url)) == [NOT_FINISHED]
    assert [record.getMessage() for record in caplog.records if "sign_on" in record.msg] == [
        "sign_on.failed nonce"
    ]


def test_an_attempt_ends_after_ten_minutes(idp, client, caplog):
    linked(person("sari"), idp)
    url = idp.sign_in(sent(client), "sub-sari")
    session = client.session
    session["sign_on"] = session["sign_on"] | {"at": time.time() - 601}
    session.save()
    assert (told(come_back(client, url)), who(client)) == ([NOT_FINISHED], None)


@pytest.mark.parametrize("named", ["", "https://lain.id"], ids=["nobody", "another"])
def test_an_answer_in_another_name_is_refused(named, idp, client, caplog):
    linked(person("sari"), idp)
    query = parse_qs(urlsplit(idp.sign_in(sent(client), "sub-sari")).query)
    assert query["iss"] == [idp.issuer]
    changed = urlencode({"state": query["state"][0], "code": query["code"][0], "iss": named})
    assert told(come_back(client, f"{DESK}{CALLBACK}?{changed}")) == [NOT_FINISHED]
    assert "sign_on.failed another issuer" in caplog.text


def test_who_thinks_better_of_it_there_is_told(idp, client):
    state = parse_qs(urlsplit(sent(client)).query)["state"][0]
    query = urlencode({"state": state, "error": "access_denied", "error_description": "<b>"})
    answer = come_back(client, f"{DESK}{CALLBACK}?{query}")
    assert (answer["Location"], told(answer)) == ("/masuk/", [NOT_FINISHED])


@pytest.mark.parametrize("query", ["", "code=x", "state=" + "x" * 2049])
def test_an_answer_that_is_none_leads_to_the_sign_in_page(query, idp, client):
    assert client.get(f"{CALLBACK}?{query}")["Location"] == "/masuk/"


def test_nothing_of_an_answer_is_markup(idp, client):
    page = client.get(CALLBACK, {"state": 's"><script>', "code": "c"}).content.decode()
    assert "<script>" not in page.partition("</head>")[2].partition("</main>")[0]
    assert "s%22%3E%3Cscript%3E" in page


@pytest.mark.long
@pytest.mark.parametrize(
    ("asked", "leads"),
    [
        ("/kerja/antrean/?lane=tip", "/kerja/antrean/?lane=tip"),
        ("//jahat.example", "/kerja/"),
        ("https:jahat.example", "/kerja/"),
        ("\\\\jahat.example", "/kerja/"),
        ("/\\jahat.example", "/kerja/"),
        ("javascript:alert(1)", "/kerja/"),
        ("https://jahat.example/", "/kerja/"),
    ],
)
def test_n14_next_stays_here(asked, leads, idp, client):
    linked(person("sari"), idp)
    assert signed_on(client, idp, next=asked)["Location"] == leads


@pytest.mark.long
def test_keys_that_changed_count_at_once(client, settings):
    own = IdentityProvider({"sub-sari": "lain@contoh.id"}, [DESK])
    settings.OIDC_ISSUER = own.issuer
    linked(person("sari"), own)
    try:
        own.start()
        signed_on(client, own)
        assert who(client) == "sari@contoh.id"
        own.stop()
        client.post(reverse("account_logout"))

        # down: told, and the password is still a way in
        answer = client.post(START)
        assert (answer["Location"], told(answer)) == ("/masuk/", [SILENT])
        client.post("/masuk/", {"login": "sari@contoh.id", "password": PASSWORD})
        assert who(client) == "sari@contoh.id"
        client.post(reverse("account_logout"))

        own.start()
        url = own.sign_in(sent(client), "sub-sari")
        come_back(client, url)
        assert who(client) == "sari@contoh.id"
        client.post(reverse("account_logout"))

        # down between going and coming back
        url = own.sign_in(sent(client), "sub-sari")
        own.stop()
        answer = come_back(client, url)
        assert (told(answer)[-1], who(client)) == (SILENT, None)
    finally:
        own.stop()


def test_a_provider_that_calls_itself_otherwise_is_none(idp, client, settings, caplog):
    settings.OIDC_ISSUER = f"{idp.issuer}/"
    assert told(client.post(START)) == [SILENT]
    assert "unavailable: issuer" in caplog.text


def test_an_address_of_ones_own_network_is_not_asked_unless_named(idp, client, settings, caplog):
    settings.OUTGOING_PRIVATE_HOSTS = frozenset()
    assert told(client.post(START)) == [SILENT]
    assert "unavailable: unreachable" in caplog.text


def test_a_provider_needs_a_client_and_our_own_address(monkeypatch):
    from importlib import reload

    from bawaslu_cases.settings import base

    monkeypatch.setenv("OIDC_ISSUER", "https://sso.contoh.id")
    with pytest.raises(ImproperlyConfigured, match="OIDC_CLIENT_ID and DESK_ORIGIN"):
        reload(base)
    monkeypatch.delenv("OIDC_ISSUER")
    reload(base)


def test_whoever_is_signed_in_already_goes_on(idp, client):
    client.force_login(person("sari"))
    assert client.post(START)["Location"] == "/kerja/"


# --- linking ---------------------------------------------------------------------------------------


def at_the_link_page(client: Client, user: User) -> None:
    """Sign somebody in with the password, and show the code again."""
    with_app(user)
    client.force_login(user)
    page = client.post("/akun/sso/", {"do": "link"})
    assert page["Location"] == "/akun/2fa/reauthenticate/?next=%2Fakun%2Fsso%2F"
    done = client.post(page["Location"], {"code": passcode(SECRET)})
    assert done["Location"] == "/akun/sso/"


def link(client: Client, idp: IdentityProvider, subject: str = "sub-sari") -> Any:
    page = client.post("/akun/sso/", {"do": "link"})
    return come_back(client, idp.sign_in(page.context["url"], subject))


def test_linked_by_the_person_after_a_second_factor_and_taken_away_again(idp, client):
    sari = person("sari")
    at_the_link_page(client, sari)
    assert "Akun ini belum tertaut." in client.get("/akun/sso/").content.decode()

    answer = link(client, idp)

    assert (answer["Location"], told(answer)) == (
        "/akun/sso/",
        ["Akun ini tertaut ke SSO Nasional."],
    )
    row = ProviderLink.objects.get()
    assert (row.user, row.issuer, row.subject, row.change) == (sari, idp.issuer, "sub-sari", None)
    entry = log()[-1]
    assert (entry.action, entry.subject) == ("account.link", f"person:{sari.public_id}")
    assert "sub-sari" not in str(log())
    other = Client()
    signed_on(other, idp)
    assert who(other) == sari.email

    client.post("/akun/sso/", {"do": "unlink"})

    assert not ProviderLink.objects.exists()
    assert log()[-1].action == "account.unlink"
    assert told(signed_on(Client(), idp)) == [REFUSED]


def test_no_link_without_a_second_factor_nor_by_a_session_that_was_left_open(idp, client):
    sari = person("sari")
    client.force_login(sari)
    answer = client.post("/akun/sso/", {"do": "link"})
    assert told(answer) == ["Pasang langkah kedua dahulu."]
    with_app(sari)
    session = client.session
    session["account_authentication_methods_user"] = str(sari.pk)
    for records in (
        [{"method": "password", "at": time.time(), "reauthenticated": True}],
        [{"method": "mfa", "type": "totp", "at": time.time()}],
        [{"method": "mfa", "type": "totp", "at": time.time() - 301, "reauthenticated": True}],
        [{"method": "mfa", "type": "recovery_codes", "at": time.time(), "reauthenticated": True}],
    ):
        session["account_authentication_methods"] = records
        session.save()
        page = client.post("/akun/sso/", {"do": "link"})
        assert page["Location"].startswith("/akun/2fa/reauthenticate/")


def test_a_subject_is_one_persons(idp, client):
    linked(person("dewi"), idp)
    at_the_link_page(client, person("sari"))
    answer = link(client, idp)
    assert told(answer) == ["Akun SSO itu sudah tertaut ke akun lain."]
    assert ProviderLink.objects.get().user == person("dewi")


@pytest.mark.long
def test_an_answer_links_only_whoever_asked(idp, client):
    at_the_link_page(client, person("sari"))
    page = client.post("/akun/sso/", {"do": "link"})
    url = idp.sign_in(page.context["url"], "sub-sari")
    pending = client.session["sign_on"]
    client.force_login(person("dewi"))
    session = client.session
    session["sign_on"] = pending
    session.save()
    assert told(come_back(client, url)) == [NOT_FINISHED]
    assert not ProviderLink.objects.exists()


def test_no_link_without_its_entry_in_the_log(idp, client, monkeypatch):
    def fail(**_: object) -> None:
        raise RuntimeError

    at_the_link_page(client, person("sari"))
    page = client.post("/akun/sso/", {"do": "link"})
    url = idp.sign_in(page.context["url"], "sub-sari")
    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(RuntimeError):
        come_back(client, url)
    assert not ProviderLink.objects.exists()


def test_the_only_way_in_is_not_taken_away(idp, client):
    sari = linked(person("sari"), idp)
    sari.set_unusable_password()
    sari.save()
    signed_on(client, idp)
    page = client.get("/akun/sso/")
    assert "Lepas tautan" not in page.content.decode()
    answer = client.post("/akun/sso/", {"do": "unlink"})
    assert told(answer) == ["Tanpa kata sandi, tautan ini satu-satunya cara Anda masuk."]
    assert ProviderLink.objects.count() == 1


def test_two_administrators_say_who_somebody_is_there(idp, client):
    sari, at = person("sari"), datetime.now(UTC)
    said: dict[str, Any] = {"person": sari, "reason": "Surat 4/2026", "at": at}
    change = propose_subject(subject="sub-sari", proposer=person("agus"), **said)
    assert told(signed_on(client, idp)) == [REFUSED]
    with pytest.raises(NotPermittedError):
        approve_staff_change(change=change, approver=person("agus"), at=at)
    approve_staff_change(change=change, approver=person("tari"), at=at)
    assert ProviderLink.objects.get().change == change
    signed_on(client, idp)
    assert who(client) == sari.email

    with pytest.raises(DomainError, match="tidak berubah"):
        propose_subject(subject="sub-sari", proposer=person("agus"), **said)
    with pytest.raises(ConflictError):
        propose_subject(
            subject="sub-sari", proposer=person("agus"), **(said | {"person": person("dewi")})
        )
    ended = propose_subject(subject="", proposer=person("tari"), **said)
    approve_staff_change(change=ended, approver=person("agus"), at=at)
    assert not ProviderLink.objects.exists()


def test_the_administrators_page_proposes_and_shows_it(idp, client):
    sari = person("sari")
    client.force_login(person("agus"))
    with_passkey(person("agus"))
    page = f"/kerja/staf/{sari.public_id}/"
    assert "Usulkan akun SSO" in client.get(page).content.decode()
    form = {"do": "subject", "subject-subject": "sub-sari", "subject-reason": "Surat 4/2026"}
    shown = client.get(client.post(page, form)["Location"]).content.decode()
    assert "sub-sari" in shown
    assert ProviderLink.objects.count() == 0


def test_without_a_provider_nobody_proposes_it(settings, client):
    settings.OIDC_ISSUER = ""
    sari, agus = person("sari"), with_passkey(person("agus"))
    client.force_login(agus)
    page = f"/kerja/staf/{sari.public_id}/"
    assert "Usulkan akun SSO" not in client.get(page).content.decode()
    form = {"do": "subject", "subject-subject": "sub-sari", "subject-reason": "Surat"}
    assert client.post(page, form).status_code == 404
    with pytest.raises(DomainError):
        propose_subject(
            person=sari, subject="x", proposer=agus, reason="Surat", at=datetime.now(UTC)
        )
    assert settings.OIDC_NAME not in client.get("/akun/2fa/").content.decode()
    client.post(reverse("account_logout"))
    assert settings.OIDC_NAME not in client.get("/masuk/").content.decode()


# --- the vault -------------------------------------------------------------------------------------


def proofs(client: Client, user: User, *records: dict[str, Any]) -> None:
    session = client.session
    session["account_authentication_methods_user"] = str(user.pk)
    session["account_authentication_methods"] = [
        {"at": time.time(), "reauthenticated": True} | record for record in records
    ]
    session.save()


def test_n03_in_the_vault_only_a_passkey_of_ones_own_proves_anything(idp, client):
    vera = with_passkey(linked(person("vera"), idp))
    page = reverse("vault:original", args=[uuid4()])
    answer = signed_on(client, idp)
    assert (answer["Location"], who(client)) == (reverse("vault:home"), vera.email)
    asks = f"{reverse('mfa_reauthenticate_webauthn')}?{urlencode({'next': page})}"

    assert client.get(page)["Location"] == asks
    proofs(client, vera, {"method": "password"}, {"method": "mfa", "type": "totp"})
    assert client.get(page)["Location"] == asks
    proofs(client, vera, {"method": "mfa", "type": "webauthn", "at": time.time() - 301})
    assert client.get(page)["Location"] == asks
    proofs(client, vera, {"method": "mfa", "type": "webauthn"})
    assert client.get(page).status_code == 404  # past the question: there is no such file


def test_an_account_without_any_proof_of_its_own_is_not_taken_as_proved(idp, client):
    """allauth lets whoever has neither password nor factor pass every question; the house does not."""
    from bawaslu_cases.accounts.proof import proved_recently

    sari = linked(person("sari"), idp)
    sari.set_unusable_password()
    sari.save()
    answer = signed_on(client, idp)
    request = answer.wsgi_request
    assert request.user == sari
    assert not proved_recently(request)
    assert sari.office == office("33")
