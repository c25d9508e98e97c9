"""The self-check in a real browser: without script, on paper, by keyboard."""

import io
import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from complaints.selectors.guide import current_guide

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def plain(chromium: Browser, live_server):
    """Open a small phone without JavaScript."""
    context = chromium.new_context(
        base_url=live_server.url,
        locale="id-ID",
        java_script_enabled=False,
        viewport={"width": 320, "height": 640},
    )
    yield context.new_page()
    context.close()


def test_search_and_answer_without_javascript(plain: Page):
    plain.goto("/bolehkah/")
    plain.get_by_role("searchbox", name="Cari perbuatan").fill("stikr motor")
    plain.get_by_role("button", name="Cari").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Hasil pencarian")
    plain.get_by_role("link", name="Memasang stiker calon di motor pribadi?").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text(
        "Bolehkah ASN memasang stiker calon di motor pribadi?"
    )
    expect(plain.locator(".tag--verdict")).to_have_text("Tidak boleh")
    # these two need a script, so they are not offered
    expect(plain.get_by_role("button", name="Cetak poster")).to_be_hidden()
    expect(plain.get_by_role("button", name="Bagikan")).to_be_hidden()
    plain.get_by_role("link", name="Lapor tindakan ini").click()
    expect(plain).to_have_url(re.compile(r"/f/$"))


def test_three_questions_without_javascript_and_back_to_the_form(plain: Page):
    plain.goto("/bolehkah/cek/?dari=f")
    plain.get_by_role("button", name="Lanjut").click()
    expect(plain).to_have_title(re.compile(r"^Galat: "))
    plain.get_by_label("Hadir di deklarasi, kampanye, atau acara partai").check()
    plain.get_by_role("button", name="Lanjut").click()
    plain.get_by_label("Partai politik").check()
    plain.get_by_role("button", name="Lanjut").click()
    plain.get_by_label("Sebagai pribadi, di luar jam kerja").check()
    plain.get_by_label("Sudah ditetapkan KPU").check()
    plain.get_by_role("button", name="Lihat jawaban").click()
    expect(plain.locator(".tag--verdict")).to_have_text("Tidak boleh")
    expect(plain.locator(".outcome--chosen")).to_contain_text("Hukuman disiplin berat")
    plain.get_by_role("link", name="Kembali ke formulir").first.click()
    expect(plain).to_have_url(re.compile(r"/f/$"))


def test_address_is_copied_where_the_phone_has_no_sheet(page: Page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script("Object.defineProperty(navigator, 'share', {value: undefined})")
    page.goto("/bolehkah/memilih-di-tps/")
    page.get_by_role("button", name="Bagikan").click()
    expect(page.get_by_text("Alamat disalin")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def _printed(page: Page, path: str, **options: Any) -> PdfReader:
    page.goto(path)
    return PdfReader(io.BytesIO(page.pdf(**options)))


def test_an_answer_is_one_page_of_whatever_paper(page: Page):
    guide = current_guide(timezone.localdate())
    longest = max(
        guide.questions,
        key=lambda question: sum(len(outcome.rules) for outcome in question.answer.outcomes),
    )
    cells = [
        "tindakan=attend_event&objek=candidate&keadaan=on_duty&calon=tidak-tahu",
        "tindakan=pressure_others&objek=candidate&keadaan=contract&calon=sudah",
        "tindakan=self_candidacy&objek=self&keadaan=leave&calon=tidak-tahu",
    ]
    paths = [f"/bolehkah/{longest.slug}/", "/bolehkah/menyukai-unggahan-calon/"]
    paths += [f"/bolehkah/cek/?{cell}" for cell in cells]
    for path in paths:
        for paper in ("A4", "A3"):
            assert len(_printed(page, path, format=paper).pages) == 1, (path, paper)
    words = _printed(page, paths[-1]).pages[0].extract_text()
    assert "Mencalonkan diri" in words
    assert "Periksa perbuatan lain" not in words
    assert "Keluar cepat" not in words


def test_the_poster_is_one_sheet_of_a3(page: Page):
    printed = _printed(page, "/bolehkah/poster/", prefer_css_page_size=True)
    assert len(printed.pages) == 1
    size = printed.pages[0].mediabox
    assert (round(float(size.width)), round(float(size.height))) == (842, 1191)
    words = printed.pages[0].extract_text()
    for number in range(1, 13):
        assert re.search(rf"^{number}$", words, re.MULTILINE), number


def test_keyboard_reaches_every_card(page: Page):
    page.goto("/bolehkah/")
    page.get_by_role("link", name="Foto dan video").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Foto dan video")


def test_the_form_leads_here_and_back_with_its_ticks(page: Page):
    page.goto("/f/")
    page.locator("button[value=start]").click()
    page.get_by_label("Warga").check()
    page.get_by_role("button", name="Lanjut", exact=True).click()
    page.locator("input[name=lane][value=tip]").check()
    page.get_by_role("button", name="Lanjut", exact=True).click()
    page.locator("input[name=acts][value=OTHER]").check()
    page.get_by_role("button", name="Ini termasuk pelanggaran atau bukan?").click()
    expect(page).to_have_url(re.compile(r"/bolehkah/cek/\?dari=f$"))
    page.get_by_role("link", name="Kembali ke formulir").click()
    expect(page.locator("input[name=acts][value=OTHER]")).to_be_checked()
