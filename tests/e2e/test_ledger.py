"""Board, table and ledger of follow-ups in a real browser: both widths, by keyboard, nothing axe finds."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from referrals.models import FollowUp, Ladder
from referrals.services.follow_up import Answer, answer_follow_up
from referrals.states import AnswerKind
from tests.factories import decided_case, person
from tests.referrals import stages
from tests.referrals.escalation_world import escalated
from tests.support.axe import violations
from tests.support.browser import keep_picture, press

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES: tuple[ViewportSize, ...] = ({"width": 320, "height": 640}, {"width": 1280, "height": 900})


@pytest.fixture
def desk(chromium, live_server):
    client = Client()
    client.force_login(person("sari"))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context = chromium.new_context(base_url=live_server.url, locale="id-ID")
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    yield context.new_page()
    context.close()


def _look(page: Page, title: str) -> None:
    for size in SIZES:
        page.set_viewport_size(size)
        keep_picture(page, f"ledger-{size['width']}-{title}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"], title
        assert violations(page) == [], (title, size)


def _world() -> tuple[FollowUp, FollowUp]:
    """Return one follow-up at the first rung and one that was answered with a lighter sanction."""
    late = stages.recommended()
    escalated(late)
    answered = stages.recommended(decided_case(place="Lapangan"))
    answer_follow_up(
        follow_up=answered, answer=stages.sanction(), staff=person("putu"), at=stages.LATER
    )
    objected = stages.recommended(decided_case(place="Balai desa"))
    answer_follow_up(
        follow_up=objected,
        answer=Answer(AnswerKind.OBJECTION, explanation="Bukan pegawai kami waktu itu."),
        staff=person("putu"),
        at=stages.LATER,
    )
    # Late in the third column: the word that only a screen reader reads must not widen the page.
    FollowUp.objects.filter(pk=answered.pk).update(due_at=timezone.now() - timedelta(days=3))
    return late, answered


def test_board_table_and_ledger(desk):
    with transaction.atomic():
        late, answered = _world()

    desk.goto(reverse("followup:list"))
    expect(desk.get_by_role("link", name="Pengingat pertama")).to_be_visible()
    _look(desk, "board")
    desk.goto(reverse("followup:list") + "?lihat=tabel")
    _look(desk, "table")
    desk.goto(reverse("followup:detail", args=[answered.public_id]))
    _look(desk, "answered")

    desk.goto(reverse("followup:detail", args=[late.public_id]))
    _look(desk, "late")
    # by keyboard alone: the step opens, is explained and sent
    summary = desk.locator("summary", has_text="Hentikan eskalasi")
    summary.focus()
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    desk.keyboard.type("Bupati baru dilantik.")
    press(desk, "Hentikan eskalasi")

    expect(desk.get_by_text("Bupati baru dilantik.")).to_be_visible()
    assert Ladder.objects.get(follow_up=late).is_stopped
    _look(desk, "stopped")
