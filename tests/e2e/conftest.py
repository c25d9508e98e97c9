"""One Chromium for the run, one private context for a test."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bawaslu_cases.embedded.pytest_plugin import CHROMIUM

# No sandbox: CI runs as root. The rest keeps the browser from looking for the outside world.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium; tests that use it carry the mark ``browser``."""
    with sync_playwright() as playwright:
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
