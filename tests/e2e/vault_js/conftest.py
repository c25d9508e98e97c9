"""A blank page in Chromium with the vault's modules beside it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.vault_modules import WATCH, Run, run_in, served


@pytest.fixture(scope="session")
def modules_url() -> Iterator[str]:
    """Serve the modules and a blank page for the whole run."""
    with served() as origin:
        yield origin


@pytest.fixture
def blank(chromium: Browser, modules_url: str) -> Iterator[Page]:
    """Open the blank page; a script error or a violation of the policy fails the test."""
    context = chromium.new_context(base_url=modules_url, locale="id-ID")
    context.add_init_script(WATCH)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto("/")
    yield page
    violations = page.evaluate("window.violations ?? []")
    context.close()
    assert errors == []
    assert violations == []


@pytest.fixture
def run(blank: Page) -> Run:
    """Return what runs JavaScript beside the vault's modules."""
    return lambda body, **arguments: run_in(blank, body, **arguments)
