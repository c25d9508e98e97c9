"""What a real browser asks for, refuses and tells while it walks the pages (checks.md, group H)."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.e2e.test_every_page import public_stops
from tests.support.browser import press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOTE_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error("CSP " + event.effectiveDirective + " " + event.blockedURI);
});
"""


class Elsewhere:
    """Another origin on this machine: serves one page and remembers what it was asked."""

    def __init__(self) -> None:
        self.page = "<!doctype html><title>lain</title>"
        self.asked: list[dict[str, str]] = []
        elsewhere = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                elsewhere.asked.append({key.lower(): value for key, value in self.headers.items()})
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(elsewhere.page.encode())

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base's name
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    made = Elsewhere()
    thread = Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def test_h02_h07_no_foreign_host_and_no_violation_on_the_whole_walk(page, live_server):
    """Every public page, the form's first steps, the way back: one host, and nothing was blocked."""
    asked, violations = [], []
    page.context.on("request", lambda request: asked.append(request.url))
    page.on(
        "console",
        lambda message: violations.append(message.text) if "CSP " in message.text else None,
    )
    page.add_init_script(NOTE_VIOLATIONS)
    for stop in public_stops():
        page.goto(stop.path, wait_until="load")
    page.goto("/f/")
    press(page, "Saya mengerti, mulai")
    page.goto("/en/f/")
    hosts = {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))}
    assert len(asked) > len(public_stops())
    assert hosts == {urlsplit(live_server.url).netloc}
    assert violations == []
    # the control: what must be blocked is, and is seen
    page.evaluate("fetch('https://kanari.contoh.invalid/').catch(() => 0)")
    page.wait_for_function("() => true")
    assert any(text.startswith("CSP connect-src") for text in violations)


def test_h11_another_site_learns_no_address(page, elsewhere):
    for path in ("/f/", "/s/", "/"):
        page.goto(path)
        with page.expect_navigation():
            page.evaluate("url => { location.href = url; }", elsewhere.url)
    pages = [asked for asked in elsewhere.asked if asked.get("sec-fetch-dest") == "document"]
    assert len(pages) == 3
    assert all("referer" not in asked for asked in pages)


def test_h17_no_page_stands_in_a_frame_of_another_site(page, elsewhere, live_server):
    for path in ("/", "/f/", "/s/", "/masuk/"):
        elsewhere.page = f'<!doctype html><iframe src="{live_server.url}{path}"></iframe>'
        page.goto(elsewhere.url)
        frame = page.frames[-1]
        frame.wait_for_load_state()
        assert frame.url.startswith("chrome-error://"), path
        assert frame.locator("link[rel=stylesheet], form").count() == 0  # nothing of ours


def test_h18_whoever_opened_the_window_has_no_hold_of_it(page, elsewhere, live_server):
    page.goto(elsewhere.url)
    with page.expect_popup() as popup:
        page.evaluate("url => { window.other = window.open(url); }", f"{live_server.url}/f/")
    opened = popup.value
    opened.wait_for_load_state()
    assert urlsplit(opened.url).path == "/f/"
    assert opened.evaluate("window.opener") is None
    assert page.evaluate("window.other.closed") is True
