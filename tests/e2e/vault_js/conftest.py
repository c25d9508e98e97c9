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


@pytest.fixture(scope="session")
def window(chromium: Browser, modules_url: str) -> Iterator[Page]:
    """Open one window for the run: a test of a module takes milliseconds, a window does not."""
    context = chromium.new_context(base_url=modules_url, locale="id-ID")
    context.add_init_script(WATCH)
    yield context.new_page()
    context.close()


@pytest.fixture
def blank(window: Page) -> Iterator[Page]:
    """Load the blank page anew; a script error or a violation of the policy fails the test."""
    errors: list[str] = []

    def note(error: Exception) -> None:
        errors.append(str(error))

    window.on("pageerror", note)
    window.goto("/")
    yield window
    violations = window.evaluate("window.violations ?? []")
    window.remove_listener("pageerror", note)
    assert errors == []
    assert violations == []


@pytest.fixture
def run(blank: Page) -> Run:
    """Return what runs JavaScript beside the vault's modules."""
    return lambda body, **arguments: run_in(blank, body, **arguments)
