"""One Chromium for the run, one private context for a test.

``SLOW_PAGES_MS=400 ./up test tests/e2e`` answers every page that much later: a test that reads a page
before it has waited for it then fails every time, and not only on a busy machine.
"""

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from bawaslu_cases.embedded.pytest_plugin import CHROMIUM
from tests.support.browser import PATIENCE_MS

# No sandbox: CI runs as root. The rest keeps the browser from looking for the outside world.
OFF = (
    # Its address bar has two pages of its own in every window, which nobody sees here: half a second of
    # a processor for each private context.
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
    # What Playwright turns off; of two such lists Chromium obeys the last alone.
    *("AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync"),
    *("DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades"),
    *("LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints"),
    *("PaintHolding", "PreconnectToSearch", "ThirdPartyStoragePartitioning"),
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(OFF)}",
)


# What is expected of a page waits only 5 s unless told; actions and pages wait 30 s by themselves.
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(autouse=True, scope="session")
def _patience() -> Iterator[None]:
    """Let every window wait as long for its actions and pages."""
    new_context = Browser.new_context

    def patient(browser: Browser, **options: Any) -> BrowserContext:
        context = new_context(browser, **options)
        context.set_default_timeout(PATIENCE_MS)
        return context

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Browser, "new_context", patient)
        yield


@pytest.fixture(autouse=True, scope="session")
def _slow_pages() -> Iterator[None]:
    """Let the live server think about each page, where that is asked for."""
    delay = float(os.environ.get("SLOW_PAGES_MS", "0")) / 1000
    answer = WSGIHandler.__call__

    def later(handler: WSGIHandler, *arguments: Any) -> Any:
        time.sleep(delay)
        return answer(handler, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        if delay:
            patch.setattr(WSGIHandler, "__call__", later)
        yield


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Start what drives browsers: once, a process can hold no second."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Start the system's Chromium; tests that use it carry the mark ``browser``."""
    browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
    yield browser
    browser.close()


@pytest.fixture
def page(chromium: Browser, live_server: Any) -> Iterator[Page]:
    """Open an Indonesian page on the live server that fails the test on any script error."""
    context = chromium.new_context(
        base_url=live_server.url, locale="id-ID", timezone_id="Asia/Jakarta"
    )
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []
