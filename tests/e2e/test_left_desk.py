"""What the browser still shows of the desk after its officer has left it (check H09)."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Playwright

from bawaslu_cases.embedded.pytest_plugin import CHROMIUM
from complaints.services.intake import ReportedPerson
from tests.e2e.conftest import FLAGS
from tests.e2e.test_desk import signed_in
from tests.factories import case, tip
from tests.support.browser import next_page, press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NAME = "Kertawijaya Purnamasidik"
DESK = ("/kerja/", "/kerja/antrean/", "/kerja/perkara/")


def protected(page: Page, words: list[str]) -> list[str]:
    """Return which of the words the page shows."""
    shown = page.content()
    return [word for word in words if word in shown]


@pytest.fixture(scope="module")
def remembering(playwright: Playwright) -> Iterator[Browser]:
    """Give a browser that keeps whole pages for the way back, as everybody's does; Playwright's does not."""
    browser = playwright.chromium.launch(
        executable_path=str(CHROMIUM),
        args=list(FLAGS),
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield browser
    browser.close()


def test_h09_after_leaving_nothing_of_the_desk_comes_back(
    remembering: Browser, live_server
) -> None:
    now = timezone.now()
    row = tip(now, people=[ReportedPerson(name=NAME, position="Lurah")])
    known = case(now)
    words = [row.title, row.reference, NAME, known.title, known.reference]
    context = signed_in(remembering, live_server, "sari")
    page = context.new_page()
    addresses = [*DESK, f"/kerja/laporan/{row.public_id}/", f"/kerja/perkara/{known.public_id}/"]
    seen = set()
    for address in addresses:
        page.goto(address)
        seen |= set(protected(page, words))
    assert seen == set(words), "the control: while signed in they are on these pages"

    press(page, "Keluar dari akun")
    assert protected(page, words) == []

    for step in [*["back"] * len(addresses), *["forward"] * len(addresses)]:
        with next_page(page):
            page.evaluate(f"setTimeout(() => history.{step}())")
        assert "/masuk/" in page.url, step
        assert protected(page, words) == []
    for address in addresses:
        page.goto(address)
        assert "/masuk/" in page.url
        assert protected(page, words) == []
    context.close()
