"""The record by keyboard alone, with the keys counted; at 320 px; without scripts; as axe reads it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from complaints.models import Complaint, RequirementCheck
from complaints.states import ComplaintAction, ComplaintStatus, Lane, Requirement
from tests.e2e.test_desk import signed_in
from tests.factories import office, person, report, tip
from tests.support.axe import violations
from tests.support.browser import go, keep_picture, next_page
from tests.support.evidence import cleaned_evidence, photo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("vault_keys"),
]
DESK = {"width": 1280, "height": 900}
LONG = "Pak Camat mengajak warga memilih nomor dua di balai desa, saya mendengar sendiri di sana."


class Keys:
    """A keyboard that counts: nothing else touches the page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def leading(self, key: str) -> None:
        """Strike a key that leads to another page, and wait for it."""
        self.count += 1
        with next_page(self.page):
            self.page.keyboard.press(key)

    def still(self, key: str) -> None:
        """Strike a key that stays on the page."""
        self.count += 1
        self.page.keyboard.press(key)


def attested(files: int = 0, **changes: Any) -> Complaint:
    """Return an open report whose reporter a verifier confirmed, at Bawaslu Jawa Tengah."""
    now, day = timezone.now(), timezone.localdate()
    told: dict[str, Any] = {
        "event_on": day - timedelta(days=1),
        "known_on": day - timedelta(days=1),
        "story": LONG,
    }
    row = report(now, lane=Lane.OPEN, **told | changes)
    Complaint.objects.filter(pk=row.pk).update(office=office("33"))
    row.refresh_from_db()
    RequirementCheck.objects.create(
        complaint=row,
        requirement=Requirement.REPORTER,
        is_met=True,
        checked_at=now,
        checked_by=person("vera"),
    )
    for number in range(files):
        cleaned_evidence(row, photo(words=f"BUKTI {number}"), at=now)
    return row


def beside(page: Page, row: Complaint) -> Keys:
    """Open the queue with a record beside it, as J and Enter do."""
    page.goto(f"/kerja/antrean/?v=open&c={row.public_id}")
    expect(page.get_by_role("heading", level=1)).to_have_text(row.title)
    return Keys(page)


@pytest.fixture
def desk(chromium: Browser, live_server: Any) -> Iterator[Page]:
    """Open Sari's window at a desk's width; any script error fails the test."""
    window = signed_in(chromium, live_server, "sari", viewport=DESK)
    page = window.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    window.close()
    assert errors == []


def test_complete_report_is_forwarded_in_five_keys_and_taken_back_in_one(desk: Page):
    page = desk
    # three pieces of evidence: ] ] U R Enter
    complete, following = attested(files=3), attested(place="Pasar Sukamaju")
    keys = beside(page, complete)
    keys.leading("]")
    keys.leading("]")
    keys.leading("u")
    keys.leading("r")
    expect(page.get_by_role("button", name=re.compile("Usulkan diteruskan"))).to_be_focused()
    keys.leading("Enter")
    assert keys.count <= 5
    complete.refresh_from_db()
    assert complete.status == ComplaintStatus.PROPOSED
    assert complete.checks.filter(is_met=True).count() == 6
    # the next one is open, read out and under the finger
    told = f"Penerusan diusulkan ke pleno. Berikutnya: {following.title}"
    expect(page.locator(".banner[role='status']")).to_contain_text(told)
    expect(page.locator("[data-row][aria-current='true']")).to_be_focused()

    # a second thought: Z
    keys = Keys(page)
    keys.leading("z")
    complete.refresh_from_db()
    assert (keys.count, complete.status) == (1, ComplaintStatus.RECEIVED)


def test_complete_report_is_laid_before_the_plenary_for_registration_in_five_keys(desk: Page):
    page = desk
    # three pieces of evidence: ] ] U D Enter
    complete = attested(files=3)
    keys = beside(page, complete)
    keys.leading("]")
    keys.leading("]")
    keys.leading("u")
    keys.leading("d")
    expect(page.get_by_role("button", name=re.compile("Usulkan diregistrasi"))).to_be_focused()
    keys.leading("Enter")
    assert keys.count == 5
    complete.refresh_from_db()
    assert complete.status == ComplaintStatus.PROPOSED
    assert complete.events.latest("pk").action == ComplaintAction.PROPOSE_REGISTER
    assert complete.checks.filter(is_met=True).count() == 6


def test_the_open_row_stays_in_view_however_far_down(desk: Page):
    rows = [tip(timezone.now(), place=f"Balai Desa {number}") for number in range(14)]
    keys = beside(desk, min(rows, key=lambda row: (row.due_at, row.pk)))
    for _number in range(12):
        keys.leading("j")
    row = desk.locator("[data-row][aria-current='true']")
    expect(desk.locator("[data-row]").nth(12)).to_have_attribute("aria-current", "true")
    in_the_middle = """(row) => {
      const box = row.getBoundingClientRect();
      const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      return row.contains(there);
    }"""
    assert row.evaluate(in_the_middle) is True


def test_what_is_missing_is_said_and_asked_for_in_three_keys(desk: Page):
    page, following = desk, attested()
    keys = beside(page, following)
    keys.still("r")
    expect(page.locator("[data-live]")).to_contain_text("syarat lagi: Waktu dan tempat kejadian")
    expect(page.locator("#syarat-time_place")).to_be_focused()

    # M 1 Ctrl+Enter
    keys = beside(page, following)
    keys.leading("m")
    keys.leading("1")
    keys.leading("Control+Enter")
    assert keys.count == 3
    following.refresh_from_db()
    assert following.status == ComplaintStatus.AWAITING
    assert following.repair_requests.count() == following.messages.count() == 1


def test_two_of_one_event_are_joined_in_three_keys_and_taken_in_one(desk: Page):
    page = desk
    # G Enter Enter
    one, _other = tip(timezone.now()), tip(timezone.now())
    keys = beside(page, one)
    keys.leading("g")
    expect(page.locator("[data-first]")).to_be_focused()
    keys.leading("Enter")
    expect(page.get_by_role("button", name=re.compile("Gabungkan"))).to_be_focused()
    keys.leading("Enter")
    assert keys.count == 3
    expect(page.get_by_text("Laporan digabung.")).to_be_visible()

    # taking it: I; and with the letters switched off nothing happens
    keys = beside(page, one)
    keys.leading("i")
    one.refresh_from_db()
    assert (keys.count, one.assignee) == (1, person("sari"))
    keys.still("?")
    page.get_by_role("button", name="Matikan pintasan satu huruf").press("Enter")
    page.keyboard.press("Escape")
    keys.still("c")
    page.wait_for_timeout(300)
    assert "/catatan/" not in page.url


def test_record_on_a_phone_in_the_dark_and_for_a_screen_reader(chromium: Browser, live_server):
    row = attested(files=2)
    window = signed_in(chromium, live_server, "sari", viewport=DESK)
    page = window.new_page()
    addresses = {
        "laporan": f"/kerja/laporan/{row.public_id}/",
        "antrean-laporan": f"/kerja/antrean/?v=open&c={row.public_id}",
        "lengkapi": f"/kerja/laporan/{row.public_id}/lengkapi/?t=lengkapi-bukti",
        "tolak": f"/kerja/laporan/{row.public_id}/tindakan/propose_refusal/",
    }
    for name, address in addresses.items():
        page.goto(address)
        for width, scheme in ((1440, "light"), (1280, "dark"), (320, "light"), (320, "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            keep_picture(page, f"d2-{name}-{width}-{scheme}", full_page=width < 900)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        assert violations(page) == [], name
    window.close()


def test_record_works_without_scripts(chromium: Browser, live_server):
    row = attested(files=1)
    window = signed_in(chromium, live_server, "sari", viewport=DESK, java_script_enabled=False)
    page = window.new_page()
    page.goto(f"/kerja/laporan/{row.public_id}/")
    go(page, page.get_by_role("button", name=re.compile("^Catat 3 usulan terpenuhi")))
    go(page, page.get_by_role("button", name=re.compile("Tugaskan ke saya")))
    go(page, page.get_by_role("link", name=re.compile("Usulkan diteruskan")))
    go(page, page.get_by_role("button", name=re.compile("Usulkan diteruskan")))

    row.refresh_from_db()
    assert (row.status, row.assignee) == (ComplaintStatus.PROPOSED, person("sari"))
    go(page, page.get_by_role("button", name=re.compile("Batalkan: Usulkan diteruskan")))
    row.refresh_from_db()
    assert row.status == ComplaintStatus.RECEIVED
    window.close()
