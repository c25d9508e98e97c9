"""Single sign-on in a browser: the way to another site and back, with our strict cookie and policy."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from bawaslu_cases.accounts.services.sign_on import link_provider
from tests.factories import person
from tests.support.axe import violations
from tests.support.browser import keep_picture, press
from tests.support.identity_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    PASSWORD,
    IdentityProvider,
    passcode,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(live_server, settings):
    """Return our address: another site than the provider's, so that cookies are what they are outside."""
    base = live_server.url.replace("127.0.0.1", "localhost")
    provider = IdentityProvider({"sub-sari": "lain@contoh.id"}, [base])
    settings.OIDC_ISSUER = provider.issuer
    settings.OIDC_CLIENT_ID = CLIENT_ID
    settings.OIDC_CLIENT_SECRET = CLIENT_SECRET
    settings.OIDC_NAME = "SSO Nasional"
    settings.DESK_ORIGIN = base
    settings.OUTGOING_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
    settings.MFA_REQUIRED = True
    provider.start()
    at = datetime.now(UTC)
    link_provider(person=person("sari"), issuer=provider.issuer, subject="sub-sari", at=at)
    yield base
    provider.stop()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Open a page that may fail on the provider's own pages: they are not ours to judge."""
    context = chromium.new_context(locale="id-ID", timezone_id="Asia/Jakarta")
    yield context.new_page()
    context.close()


def test_there_and_back(page: Page, desk: str) -> None:
    refused: list[str] = []
    page.on(
        "console",
        lambda message: (
            refused.append(message.text) if message.location["url"].startswith(desk) else None
        ),
    )
    page.goto(f"{desk}/kerja/antrean/")
    for width, height in ((1280, 800), (320, 700)):
        page.set_viewport_size({"width": width, "height": height})
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        keep_picture(page, f"sign-on-{width}")
    press(page, "Masuk lewat SSO Nasional")
    page.wait_for_url("**/login")
    assert "127.0.0.1" in page.url
    page.fill("input[name=login]", "sub-sari")
    page.press("input[name=login]", "Enter")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.locator("input[name=otp]").wait_for()
    page.fill("input[name=otp]", passcode())
    page.press("input[name=otp]", "Enter")

    page.wait_for_url(f"{desk}/kerja/antrean/")

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies(desk)}
    assert cookies["p"]["sameSite"] == "Strict"
    assert refused == []

    page.goto(f"{desk}/akun/sso/")
    assert violations(page) == []
    keep_picture(page, "sign-on-linked-320")
    page.goto(f"{desk}/akun/2fa/")
    assert violations(page) == []
