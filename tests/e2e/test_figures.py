"""The public figures in a real browser: accessibility, reflow, no script, every chart with its numbers."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from bawaslu_cases.world.demo_figures import publish_demo_figures
from referrals.selectors import figures as reads
from tests.e2e.test_public_face import SCHEMES
from tests.support.axe import violations
from tests.support.browser import keep_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def shown():
    reads.forget()
    publish_demo_figures(datetime(2024, 11, 20, 3, tzinfo=UTC))
    yield
    reads.forget()


def test_axe_finds_nothing_and_320_px_reflows(page):
    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text))
    for name in ("", "/sulawesi-selatan", "/riwayat", "/kamus"):
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.goto(f"/data{name}").status == 200
            for scheme, only in SCHEMES:
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                assert violations(page, only) == [], (name, width, scheme)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, name
                keep_picture(page, f"data{name.replace('/', '-')}-{width}-{scheme}")
    assert blocked == []


def test_a_reader_without_scripts_goes_from_the_map_to_a_place(chromium: Browser, live_server):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/data")
    page.locator(".map--wide").get_by_role("link", name="Sulawesi Selatan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sulawesi Selatan")
    expect(page.get_by_role("table").first).to_contain_text("2024")
    context.close()
