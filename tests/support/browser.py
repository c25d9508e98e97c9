"""Steps of a browser test that lead to another page, and how long a test waits for anything.

Playwright's ``click`` returns before the form it posts is answered, so whatever is read at once is
read from the old page. Here every such step waits until the next document is wholly loaded, its
scripts included.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

PATIENCE_MS = 120_000
"""For one action, one page or one expectation: a loaded machine is slow, not wrong."""


@contextmanager
def next_page(page: Page) -> Iterator[None]:
    """Wait, at the end of the block, for the document that was asked for in it."""
    with page.expect_navigation():
        yield


def keep_picture(page: Page, name: str, *, full_page: bool = True) -> None:
    """Keep a picture for people to look at, where SHOTS_DIR names a folder for them."""
    if folder := os.environ.get("SHOTS_DIR"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=full_page)


def press(page: Page, label: str | re.Pattern[str]) -> None:
    """Press the first button of that name and wait for the page it leads to."""
    button = page.get_by_role("button", name=label, exact=isinstance(label, str)).first
    go(page, button)


def follow(page: Page, label: str | re.Pattern[str]) -> None:
    """Follow the first link of that name and wait for the page it leads to."""
    link = page.get_by_role("link", name=label, exact=isinstance(label, str)).first
    go(page, link)


def go(page: Page, control: Locator) -> None:
    """Click something that leads to another page, and wait for it."""
    with next_page(page):
        control.click()


def strike(page: Page, key: str) -> None:
    """Strike a key that leads to another page, and wait for it.

    Enter presses what the page put the focus on; the browser does so with its first frame, which may
    come after the document has loaded.
    """
    focused = page.locator("button[autofocus]")
    if key == "Enter" and focused.count():
        expect(focused.first).to_be_focused()
    with next_page(page):
        page.keyboard.press(key)
