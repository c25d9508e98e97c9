"""Words that want to be markup, in a real browser: no dialog, no violation, no request (check E30)."""

import io
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import ConsoleMessage, Dialog, Page, Request

from complaints.services.captures import Seen, record_capture
from complaints.services.links import add_link
from complaints.services.messages import send_to_reporter
from tests.factories import facts, person, tip
from tests.support.evidence import cleaned_evidence, evidence_of, let_through, photo
from tests.support.links import POST_URL
from tests.support.markup import PAYLOADS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ALL = "\n".join(PAYLOADS)
TRAP = """
window.caught = [];
addEventListener("securitypolicyviolation", (event) => window.caught.push(event.violatedDirective));
"""


@pytest.fixture
def caught(page: Page, live_server: Any) -> list[str]:
    """Collect whatever a page does that no word should be able to do."""
    found: list[str] = []

    def dialog(box: Dialog) -> None:
        found.append(f"dialog {box.message}")
        box.dismiss()

    def console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            found.append(f"console {message.text}")

    def request(asked: Request) -> None:
        if not asked.url.startswith(live_server.url):
            found.append(f"request {asked.url}")

    page.on("dialog", dialog)
    page.on("console", console)
    page.on("pageerror", lambda error: found.append(f"error {error}"))
    page.on("request", request)
    page.add_init_script(TRAP)
    return found


def test_e30_no_payload_runs_in_a_browser(
    page: Page, live_server: Any, caught: list[str], vault_keys: Any
) -> None:
    """Ten pages of the desk, then the trap itself: an element made by hand must spring it."""
    now, sari = timezone.now(), person("sari")
    (plain,) = facts().people
    named = [type(plain)(**{**vars(plain), "name": each, "nip": ""}) for each in PAYLOADS[:10]]
    record = tip(now, story=ALL, place=PAYLOADS[29], people=named)
    let_through(evidence_of(record, ALL.encode(), at=now, name=PAYLOADS[3]), ALL)
    cleaned_evidence(record, photo(), at=now, name=PAYLOADS[0])
    link = add_link(complaint=record, url=POST_URL, officer=sari, at=now)
    local = timezone.localtime(now)
    for each in PAYLOADS[:15]:
        seen = Seen("like", each, local.date(), local.time().replace(microsecond=0, second=0))
        content = io.BytesIO(photo(64, 48))
        record_capture(link=link, seen=seen, content=content, name=each, officer=sari, at=now)
    send_to_reporter(complaint=record, officer=sari, text=ALL, at=now)
    client = Client()
    client.force_login(sari)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )

    place = f"/kerja/laporan/{record.public_id}/"
    for address in (
        "/kerja/",
        "/kerja/antrean/",
        f"/kerja/antrean/?c={record.public_id}",
        f"/kerja/antrean/?q={PAYLOADS[3]}",
        place,
        f"{place}bukti/1/",
        f"{place}bukti/2/",
        f"{place}tautan/",
        f"{place}tautan/{link.public_id}/",
        f"{place}surat/",
    ):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.caught") == [], address
        assert caught == [], address

    page.evaluate(
        "document.body.append(Object.assign(new Image(), {src: '//kanari7741.example/x'}))"
    )
    page.wait_for_function("window.caught.length > 0")
