"""The code's check and the puzzle in a real browser, under the product's own policy of scripts."""

import random
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect

from complaints.receipts import format_code, new_code
from complaints.services import guessing, proof_of_work
from complaints.services.intake import submit_tip
from complaints.services.proof_of_work import Question
from tests.factories import AT, facts
from tests.support.browser import press
from tests.support.puzzles import answered

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FIELD = "Masukkan kode Anda"
TYPO = "mungkin ada angka yang tertukar"
WORKING = "Sebentar, perangkat Anda sedang menghitung."
_NO_WEBCRYPTO = "Object.defineProperty(Crypto.prototype, 'subtle', {value: undefined});"


@pytest.fixture(autouse=True)
def _no_tries_yet():
    cache.clear()


@pytest.fixture
def code() -> str:
    return " ".join(submit_tip(facts=facts(), at=AT).code)


@pytest.fixture
def complaints_of_policy(page: Page) -> list[str]:
    """Collect what the browser refuses under the Content Security Policy."""
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text) if said.type == "error" else None)
    return heard


def handle_of(code: str) -> str:
    return code.replace(" ", "")[:5]


def spend_free_tries(code: str) -> None:
    for _try in range(guessing.FREE_TRIES):
        guessing.let_try(handle=handle_of(code), proof=proof_of_work.NO_PROOF, at=AT)


def test_r02_a_wrong_digit_is_told_without_a_request(page, code, complaints_of_policy):
    """R02 with JavaScript: all of 1,000 wrong digits are caught on the device, and nothing is sent."""
    page.goto("/s/")
    draw, written, wrong = random.Random(2), [], []
    for _trial in range(1000):
        right = "".join(format_code(new_code()))
        place = draw.randrange(20)
        digit = str((int(right[place]) + draw.randrange(1, 10)) % 10)
        written.append(right)
        wrong.append(right[:place] + digit + right[place + 1 :])
    judged = page.evaluate(
        "async ([path, codes]) => { const { isCode } = await import(path); return codes.map(isCode); }",
        ["/static/js/code_check.js", written + wrong + ["", "x", "1" * 19, "٠" * 20]],
    )
    assert judged == [True] * 1000 + [False] * 1004

    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.get_by_label(FIELD).fill(code[:-1] + str((int(code[-1]) + 1) % 10))
    page.get_by_role("button", name="Buka").click()
    expect(page.get_by_role("alert").filter(has_text=TYPO)).to_be_visible()
    assert "POST" not in sent
    page.get_by_label(FIELD).fill(code)
    press(page, "Buka")
    expect(page).to_have_url("/s/isi")
    assert complaints_of_policy == []


def test_whoever_has_javascript_never_meets_the_question(page, code, complaints_of_policy):
    spend_free_tries(code)
    page.goto("/s/")
    expect(page.locator("[data-proof=done]")).to_be_attached()
    page.get_by_label(FIELD).fill(code)
    press(page, "Buka")
    expect(page).to_have_url("/s/isi")
    assert complaints_of_policy == []


def test_pressed_before_it_is_solved_it_is_sent_when_it_is(page, code, monkeypatch):
    spend_free_tries(code)
    monkeypatch.setattr(proof_of_work, "EASIEST", 300_000)
    page.goto("/s/")
    page.get_by_label(FIELD).fill(code)
    press(page, "Buka")
    if page.url.endswith("/s/"):  # sent without a proof: this page waits for its own
        page.get_by_role("button", name="Buka").click()
    expect(page).to_have_url("/s/isi")


def test_without_webcrypto_the_question_is_there(chromium: Browser, live_server, code, monkeypatch):
    asked: list[Question] = []

    def new_question(**how: Any) -> Question:
        asked.append(proof_of_work.new_question(**how))
        return asked[-1]

    monkeypatch.setattr(guessing, "new_question", new_question)
    spend_free_tries(code)
    context = chromium.new_context(base_url=live_server.url, locale="id-ID")
    context.add_init_script(_NO_WEBCRYPTO)
    page = context.new_page()
    page.goto("/s/")
    page.get_by_label(FIELD).fill(code)
    press(page, "Buka")
    page.get_by_label(asked[-1].text).fill(answered(asked[-1]).answer)
    press(page, "Buka")
    expect(page).to_have_url("/s/isi")
    context.close()
