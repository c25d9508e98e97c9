"""The public face in a real browser: accessibility, reflow, weight, the quick exit."""

from collections.abc import Callable
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.support.axe import COLOURS, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = ["/", "/perlindungan", "/jejak", "/bantuan", "/privasi", "/aksesibilitas", "/masuk/"]
ENGLISH_PAGES = ["/en/", "/en/perlindungan", "/en/bolehkah/", "/en/data", "/en/f/", "/en/s/"]
"""English words are as long as they are: the header of each layout has to hold them too."""
SCHEMES: list[tuple[Literal["light", "dark"], dict[str, Any] | None]]
SCHEMES = [("light", None), ("dark", COLOURS)]
EXIT = "https://weather.test/"


@pytest.mark.parametrize("path", [*PAGES, *ENGLISH_PAGES])
def test_axe_finds_nothing_and_320_px_reflows(page, path):
    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text))
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 640})
        assert page.goto(path).status == 200
        for scheme, only in SCHEMES:
            # colours that fade into each other would be measured half-way
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert violations(page, only) == [], (width, scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert blocked == []


def test_public_pages_work_without_javascript(chromium: Browser, live_server):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    expect(page.get_by_role("link", name="Mulai lapor")).to_have_attribute("href", "/f/")
    expect(page.get_by_role("link", name="Keluar cepat")).to_have_attribute("href", "/keluar")
    context.close()


def _watch_exit(page: Page) -> list[str]:
    """Answer the far side of the exit here, and note what was sent to this site."""
    sent: list[str] = []

    def note(request: Request) -> None:
        sent.append(f"{request.method} {request.url.split('/', 3)[3]}")

    page.on("request", note)
    page.context.route(f"{EXIT}*", lambda route: route.fulfill(body="<title>Cuaca</title>"))
    return sent


def _press_button(page: Page) -> None:
    page.get_by_role("link", name="Keluar cepat").first.click()


def _press_shift(page: Page) -> None:
    for _ in range(3):
        page.keyboard.press("Shift")


@pytest.mark.parametrize("leave", [_press_button, _press_shift])
def test_quick_exit_replaces_the_page(page: Page, settings, leave: Callable[[Page], None]):
    settings.QUICK_EXIT_URL = EXIT
    sent = _watch_exit(page)
    page.goto("/bantuan")
    page.goto("/perlindungan")
    with page.expect_request(lambda request: request.method == "POST"):
        leave(page)
    page.wait_for_url(EXIT)
    assert "POST keluar" in sent
    page.go_back()
    # the page that was left is gone from the history; the one before it is not ours to erase
    assert page.url.endswith("/bantuan")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.context.cookies() == []


def test_two_shifts_and_a_letter_do_not_leave(page: Page, settings):
    settings.QUICK_EXIT_URL = EXIT
    sent = _watch_exit(page)
    page.goto("/perlindungan")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    page.keyboard.press("a")
    page.keyboard.press("Shift")
    page.wait_for_timeout(200)
    assert page.url.endswith("/perlindungan")
    assert "POST keluar" not in sent


def test_first_tab_stop_is_the_skip_link(page: Page):
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    box = page.locator(":focus").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["y"] >= 0
