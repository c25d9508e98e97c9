"""Second factors under the strict policy: the TOTP picture draws, a passkey registers and signs in."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.factories import PASSWORD, person
from tests.support.axe import violations
from tests.support.browser import next_page, press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _sign_in(page: Page, email: str) -> None:
    page.goto("/masuk/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    press(page, "Masuk")


def _confirm(page: Page) -> None:
    """Give the password once more: changes of the second factor always ask."""
    assert violations(page) == []
    page.fill("input[name=password]", PASSWORD)
    press(page, "Lanjut")
    page.wait_for_url(lambda url: "/akun/2fa/" in url and "reauthenticate" not in url)


@pytest.fixture
def blocked(page: Page) -> list[str]:
    """Collect what the policy or Trusted Types refused."""
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    return messages


def _authenticator(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )


def test_passkey_registers_and_signs_in_under_the_policy(page: Page, live_server, blocked):
    # a passkey needs a host name; the live server listens on an address
    base = live_server.url.replace("127.0.0.1", "localhost")
    user = person("sari")
    _authenticator(page)
    page.goto(f"{base}/masuk/")
    page.fill("input[name=login]", user.email)
    page.fill("input[name=password]", PASSWORD)
    press(page, "Masuk")
    page.wait_for_url("**/kerja/")
    page.goto(f"{base}{reverse('mfa_add_webauthn')}")
    _confirm(page)
    assert violations(page) == []
    page.fill("input[name=name]", "Kunci kantor")
    page.locator("input[name=passwordless]").check()
    with next_page(page):
        page.get_by_role("button", name="Tambah kunci").click()
    page.wait_for_url(lambda url: "recovery" in url or ("webauthn" in url and "add" not in url))
    assert Authenticator.objects.filter(user=user, type="webauthn").count() == 1
    page.goto(f"{base}{reverse('mfa_index')}")
    assert violations(page) == []

    page.goto(f"{base}{reverse('account_logout')}")
    press(page, "Keluar")
    page.goto(f"{base}/masuk/")
    with next_page(page):
        page.get_by_role("button", name="Masuk dengan kunci sandi").click()
    page.wait_for_url(lambda url: "/masuk/" not in url)
    page.goto(f"{base}{reverse('mfa_index')}")
    expect(page.get_by_role("heading", name="Keamanan akun")).to_be_visible()
    assert [text for text in blocked if "Content Security" in text or "Trusted" in text] == []


def test_totp_picture_draws(page: Page, blocked):
    _sign_in(page, person("sari").email)
    page.wait_for_url("**/kerja/")
    page.goto(reverse("mfa_activate_totp"))
    _confirm(page)
    assert violations(page) == []
    box = page.locator(".qr svg").bounding_box()
    assert box is not None
    assert box["width"] == box["height"] == 192
    # something is drawn in it: the path of the code is not empty
    assert page.locator(".qr svg path").evaluate("path => path.getBBox().width") > 10
    assert [text for text in blocked if "Content Security" in text] == []


def test_wrong_password_says_so_in_indonesian(page: Page):
    person("sari")
    page.goto("/masuk/")
    page.fill("input[name=login]", "sari@contoh.id")
    page.fill("input[name=password]", "salah")
    press(page, "Masuk")
    expect(page).to_have_title(re.compile("^Galat: "))
    assert violations(page) == []
    assert page.input_value("input[name=login]") == "sari@contoh.id"
