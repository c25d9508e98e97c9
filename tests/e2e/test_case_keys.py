"""A case by keyboard alone: its tabs, a note, the plenary; where the focus is always shows; keys counted."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from complaints.models import PlenaryDecision
from complaints.states import CaseStatus
from tests.e2e.test_desk import signed_in
from tests.factories import assessed_case, case, person, plenary_of
from tests.support.axe import violations
from tests.support.browser import keep_picture, next_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK = {"width": 1280, "height": 900}
FOCUS_SHOWS = """() => {
  const rings = (each) => {
    const style = getComputedStyle(each);
    const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    return outline || style.boxShadow !== "none";
  };
  const here = document.activeElement;
  // a box of several parts is ringed as a whole
  return rings(here) || rings(here.parentElement);
}"""


class Keys:
    """A keyboard that counts and never steps where nobody could see it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def still(self, key: str) -> None:
        """Strike a key that stays on the page."""
        self.count += 1
        self.page.keyboard.press(key)

    def leading(self, key: str) -> None:
        """Strike a key that leads to another page, and wait for it."""
        with next_page(self.page):
            self.still(key)

    def tab_to(self, control: Locator, *, most: int) -> None:
        """Walk with Tab to a control; each stop on the way shows that it has the focus."""
        for _step in range(most):
            if control.evaluate("each => each === document.activeElement"):
                return
            self.still("Tab")
            assert self.page.evaluate(FOCUS_SHOWS), self.page.evaluate(
                "document.activeElement.outerHTML.slice(0, 200)"
            )
        expect(control).to_be_focused()


def test_case_by_keyboard_from_list_to_decision(chromium: Browser, live_server: Any) -> None:
    now, day = timezone.now(), timezone.localdate()
    yesterday = day - timedelta(days=1)
    person("dewi")
    found = assessed_case(now, event_on=yesterday, known_on=yesterday)
    seats = plenary_of(found.office)
    desk = signed_in(chromium, live_server, "dewi", viewport=DESK)
    page = desk.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(reverse("desk:cases"))

    # the case, its activity, a note
    keys = Keys(page)
    keys.still("j")
    keys.leading("Enter")
    expect(page.locator("main")).to_contain_text(found.reference)
    keys.tab_to(page.get_by_role("link", name="Kegiatan"), most=25)
    keys.leading("Enter")
    note = page.locator("textarea[name=text]")
    keys.tab_to(note, most=40)
    page.keyboard.type("Saksi bersedia hadir.")
    keys.leading("Control+Enter")
    expect(page.locator("main")).to_contain_text("Saksi bersedia hadir.")
    assert keys.count <= 50
    assert found.notes.get().text == "Saksi bersedia hadir."

    # the plenary: S, a choice, the number of the minutes, Ctrl+Enter
    keys = Keys(page)
    keys.leading("s")
    keys.tab_to(page.locator("input[name=outcome]").first, most=25)
    keys.still("Space")
    keys.tab_to(page.locator("input[name=minutes_number]"), most=25)
    page.keyboard.type("14/BA/2024")
    assert violations(page) == []
    keys.leading("Control+Enter")
    decision = PlenaryDecision.objects.get(case=found)
    assert (decision.minutes_number, decision.members_present) == ("14/BA/2024", len(seats))
    found.refresh_from_db()
    assert found.status == CaseStatus.DECIDED
    assert keys.count <= 40

    # the switch for single keys stands on the account's page, too (WCAG 2.1.4)
    page.goto(reverse("mfa_index"))
    keys = Keys(page)
    keys.tab_to(page.locator("[data-keys-toggle]"), most=20)
    keys.still("Enter")
    expect(page.locator("[data-keys-toggle]")).to_have_text("Nyalakan pintasan satu huruf")
    assert violations(page) == []
    page.goto(reverse("desk:case", args=[found.public_id]))
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).not_to_be_focused()
    desk.close()
    assert errors == []


def test_case_is_taken_with_one_key_and_given_with_few(chromium: Browser, live_server: Any) -> None:
    now, yesterday = timezone.now(), timezone.localdate() - timedelta(days=1)
    found = case(now, event_on=yesterday, known_on=yesterday)
    sari, joko = person("sari"), person("joko")
    desk = signed_in(chromium, live_server, "sari", viewport=DESK)
    page = desk.new_page()
    page.goto(reverse("desk:case", args=[found.public_id]))

    keys = Keys(page)
    keys.leading("i")
    expect(page.locator(".work")).to_contain_text("Dipegang Sari")
    assert keys.count == 1
    found.refresh_from_db()
    assert found.assignee == sari
    assert violations(page) == []
    keep_picture(page, "case-hands")

    keys = Keys(page)
    keys.leading("a")
    keys.tab_to(page.locator("select[name=to]"), most=25)
    keys.still("j")
    assert violations(page) == []
    keys.leading("Control+Enter")
    expect(page.locator(".work")).to_contain_text("Dipegang Joko")
    found.refresh_from_db()
    assert found.assignee == joko
    assert keys.count <= 25

    page.keyboard.press("?")
    expect(page.locator("#keys-help")).to_contain_text("tugaskan ke saya, ke orang lain")
    desk.close()
