"""A whole report in a real browser: with and without JavaScript, on a phone and on a desk."""

import io
import json
import os
import re
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, Request, expect
from pypdf import PdfReader

from bawaslu_cases.embedded.pytest_plugin import CHROMIUM
from complaints.models import Complaint, ReporterSession
from tests.complaints.web.walk import answer, shows, step_of
from tests.e2e.conftest import FLAGS
from tests.support.axe import violations
from tests.support.browser import PATIENCE_MS, follow, go, keep_picture, press, strike

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEUTRAL = ("lapor", "bawaslu", "asn", "netral", "aduan")


class Journey:
    """One person, one window; every page is looked at once as it is met."""

    def __init__(self, page: Page, *, name: str, width: int, scripted: bool, lane: str) -> None:
        self.page = page
        self.name = name
        self.width = width
        self.scripted = scripted
        self.lane = lane
        self.seen = 0

    def look(self, title: str) -> None:
        """Check the page met: neutral, reflows, and nothing for axe to find; keep a picture."""
        page = self.page
        self.seen += 1
        keep_picture(page, f"{self.name}-{self.seen:02d}-{title}")
        words = f"{page.title()} {page.url.split('/', 3)[3]}".lower()
        assert [word for word in NEUTRAL if word in words] == []
        if not self.scripted:
            return
        assert page.evaluate("document.documentElement.scrollWidth") <= self.width, title
        assert violations(page) == [], title

    def press(self, label: str) -> None:
        press(self.page, label)

    def choose(self, label: str, group: str = "") -> None:
        place: Any = self.page.get_by_role("group", name=group, exact=True) if group else self.page
        starts = re.compile(f"^{re.escape(label)}")
        place.get_by_role("radio", name=starts).or_(
            place.get_by_role("checkbox", name=starts)
        ).check()

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label).first.fill(text)

    def refuse(self, title: str) -> None:
        """Press on without an answer: the page comes back, says what to do, and is looked at."""
        self.press("Lanjut")
        expect(self.page).to_have_title(re.compile("^Galat:"))
        links = self.page.locator(".error-summary a").all_text_contents()
        shown = [text.strip() for text in self.page.locator(".field__error").all_text_contents()]
        assert links
        assert [text.removeprefix("Galat:").strip() for text in shown] == links
        self.look(f"{title}-galat")


LANES = {
    "tip": "Tidak seorang pun",
    "sealed": "Hanya verifikator",
    "open": "Semua yang menangani",
}
NAME = "Kartinah Widyaningrum"
WALKS = [
    ("tip", True, 320, "dark"),
    ("tip", False, 1280, "dark"),
    ("sealed", True, 320, "light"),
    ("sealed", False, 320, "dark"),
    ("open", True, 1280, "light"),
    ("open", False, 1280, "light"),
]
if os.environ.get("EVERY_WIDTH"):
    WALKS += [(lane, scripted, 1600 - width, scheme) for lane, scripted, width, scheme in WALKS]


@pytest.mark.parametrize(
    ("lane", "scripted", "width", "scheme"),
    WALKS,
    ids=[f"{lane}-{'js' if js else 'nojs'}-{width}-{scheme}" for lane, js, width, scheme in WALKS],
)
@pytest.mark.usefixtures("vault_keys")
@pytest.mark.long
def test_h14_h15_the_whole_report(chromium: Browser, live_server, lane, scripted, width, scheme):
    context = chromium.new_context(
        base_url=live_server.url,
        locale="id-ID",
        timezone_id="Asia/Jakarta",
        java_script_enabled=scripted,
        color_scheme=scheme,
        viewport={"width": width, "height": 640 if width == 320 else 900},
    )
    page = context.new_page()
    problems: list[str] = []
    asked: list[Request] = []
    page.on("request", lambda each: asked.append(each))  # noqa: PLW0108 -- Playwright marks its listeners
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: problems.append(message.text) if message.type == "error" else None,
    )
    name = f"{lane}-{'js' if scripted else 'nojs'}-{width}-{scheme}"
    journey = Journey(page, name=name, width=width, scripted=scripted, lane=lane)

    page.goto("/")
    _fill_in(journey)
    digits = _send(journey)
    assert _addresses_in_history(page) <= {"/", "/f/"}  # R15
    _nothing_stays(page)  # R12
    _come_back(journey, digits)

    assert problems == []
    _say_no_code_and_no_name(asked, digits, is_sealed_here=scripted and lane != "tip")
    assert [each.url for each in asked if not each.url.startswith(live_server.url)] == []  # H07
    assert Complaint.objects.count() == 1
    complaint = Complaint.objects.get()
    assert complaint.lane == lane
    if lane != "tip":
        assert complaint.identity.mode == ("browser" if scripted else "server")
    assert complaint.acts == ["POST_SUPPORT", "PRESSURE_OTHERS"]
    assert (complaint.region.code, complaint.reporter_kind) == ("33.08", "asn_same")
    assert complaint.official_links.count() == 2
    context.close()


def _addresses_in_history(page: Page) -> set[str]:
    """Return the addresses that the browser's history shows after a whole report."""
    session = page.context.new_cdp_session(page)
    entries = session.send("Page.getNavigationHistory")["entries"]
    return {"/" + each["url"].split("/", 3)[3] for each in entries if "://" in each["url"]}


def _nothing_stays(page: Page) -> None:
    """Check what the browser still holds of this site once the code is kept."""
    assert page.context.cookies() == []
    kept = page.context.storage_state(indexed_db=True)
    assert (kept["cookies"], kept["origins"]) == ([], [])


def _say_no_code_and_no_name(asked: list[Request], digits: str, *, is_sealed_here: bool) -> None:
    """R08 and C02: what left the browser holds the code in the mailbox's form alone, never the name."""
    for each in asked:
        told = each.url + json.dumps(each.headers)
        assert digits not in re.sub(r"[\s%+-]|%20", "", told)
        assert digits[5:19] not in told
        if is_sealed_here:
            body = each.post_data or ""
            assert "Kartinah" not in body
            assert "Merbabu" not in body
    if is_sealed_here:
        # the control: the sealing itself was among them
        assert any("sealed=ey" in (each.post_data or "") for each in asked)


def _fill_in(journey: Journey) -> None:
    page = journey.page
    follow(page, "Mulai lapor")
    journey.look("jaga-diri")
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.textContent") if journey.scripted else ""
    assert not journey.scripted or focused.strip() == "Keluar cepat dari halaman ini"  # H15
    journey.press("Saya mengerti, mulai")
    journey.look("siapa")
    journey.refuse("siapa")
    journey.choose("ASN (PNS atau PPPK)")
    journey.choose("Ya")
    journey.press("Lanjut")
    journey.look("nama")
    journey.refuse("nama")
    assert page.locator("input[name=lane]:checked").count() == 0
    page.locator(f"input[name=lane][value={journey.lane}]").check()
    journey.press("Lanjut")
    journey.look("perbuatan")
    journey.refuse("perbuatan")
    journey.choose("Mengunggah atau membagikan dukungan")
    journey.choose("Mengajak, mengarahkan")
    journey.press("Lanjut")
    journey.refuse("medsos")
    journey.choose("Facebook")
    journey.fill("Tautan unggahan", "contoh")
    journey.refuse("medsos-tautan")
    expect(page.get_by_label("Facebook")).to_be_checked()
    journey.fill("Tautan unggahan", "www.contoh.id/p/1")
    journey.press("Lanjut")
    _name_two_people(journey)
    _say_when(journey)
    _tell_and_prove(journey)


def _name_two_people(journey: Journey) -> None:
    page = journey.page
    journey.look("orang")
    journey.refuse("orang")
    journey.fill("Nama", "Contoh Wiratama")
    journey.fill("Jabatan", "Camat")
    journey.fill("Instansi", "Pemkab Magelang")
    journey.fill("NIP", "1970")
    journey.press("Tambah orang lain")
    page.locator("#id_p1-position").fill("Lurah")
    journey.look("dua-orang")
    journey.press("Lanjut")


def _say_when(journey: Journey) -> None:
    page = journey.page
    journey.look("kapan")
    journey.refuse("kapan")
    journey.choose("Tanggal lain", "Kapan kejadiannya?")
    page.locator("#id_event_on_0").fill("31")
    page.locator("#id_event_on_1").fill("2")
    page.locator("#id_event_on_2").fill("2026")
    journey.choose("Hari yang sama", "Kapan Anda mengetahuinya?")
    journey.refuse("kapan-tanggal")
    expect(page.locator("#id_event_on_0")).to_have_value("31")
    journey.choose("Kemarin", "Kapan kejadiannya?")
    page.get_by_label("Di provinsi mana?").select_option(label="Jawa Tengah")
    journey.fill("Tempat", "Balai Desa Sukamaju")
    journey.press("Lanjut")
    expect(page).not_to_have_title(re.compile("^Galat"))
    expect(page.get_by_label("Di kabupaten atau kota mana?")).to_be_focused()
    journey.look("kapan-kabupaten")
    page.get_by_label("Di kabupaten atau kota mana?").select_option(label="Kab. Magelang")
    page.get_by_label("Ada kantor Bawaslu yang tidak boleh").check()
    journey.press("Lanjut")
    journey.look("kantor")
    page.get_by_label("Bawaslu Kabupaten Magelang").check()
    journey.press("Lanjut")


def _tell_and_prove(journey: Journey) -> None:
    page = journey.page
    journey.look("cerita")
    journey.fill("Ceritakan apa yang terjadi", "Pendek.")
    journey.refuse("cerita")
    journey.fill(
        "Ceritakan apa yang terjadi",
        "Pak Camat mengajak warga memilih nomor dua. Hubungi saya di 0812 3456 7890.",
    )
    journey.press("Lanjut")
    journey.look("petunjuk")
    journey.press("Biarkan")
    journey.look("bukti")
    journey.press("Tambah tautan lain")
    journey.press("Lanjut")
    journey.look("saksi")
    journey.refuse("saksi")
    journey.choose("Tidak ada")
    journey.press("Kembali")
    expect(page.get_by_role("heading", level=1)).to_have_text("Apakah Anda punya bukti?")
    journey.press("Lanjut")
    expect(page.get_by_label("Tidak ada")).to_be_checked()
    journey.press("Lanjut")
    if journey.lane != "tip":
        _give_name(journey)


def _give_name(journey: Journey) -> None:
    page = journey.page
    mode = "di HP ini sebelum dikirim" if journey.scripted else "begitu sampai di server"
    expect(page.locator("#seal-mode")).to_contain_text(mode)
    journey.look("data-diri")
    page.get_by_role("button", name="Kunci dan lanjut").click()
    expect(page.locator(".error-summary a")).to_have_count(3)
    journey.look("data-diri-galat")
    page.get_by_label("Nama lengkap").fill(NAME)
    page.get_by_label("Alamat").fill("Jalan Merbabu 17, Magelang")
    page.get_by_label("Saya warga negara Indonesia").check()
    journey.press("Kunci dan lanjut")


def _send(journey: Journey) -> str:
    page = journey.page
    journey.look("periksa")
    shown = page.locator(".summary").all_inner_texts()
    for part in ("ASN (PNS atau PPPK)", "Facebook", "Contoh Wiratama", "18 angka", "Lurah"):
        assert part in " ".join(shown)
    go(page, page.get_by_role("button", name="Ubah jawaban: Saksi"))
    journey.choose("Ada, tetapi jangan dihubungi")
    journey.press("Lanjut")
    syarat = 5 if journey.lane == "tip" else 6
    expect(page.get_by_text(f"Laporan Anda memenuhi {syarat} dari {syarat} syarat")).to_be_visible()
    expect(page.locator(".seen-by")).to_contain_text(
        {"tip": "Tidak seorang pun", "sealed": "verifikator", "open": "orang yang dilaporkan"}[
            journey.lane
        ]
    )
    if journey.lane != "tip":
        go(page, page.get_by_role("button", name="Ubah jawaban: Nama Anda"))
        assert NAME not in page.content()
        journey.look("data-diri-ubah")
        journey.press("Tetap pakai yang tadi")
    journey.press("Kirim laporan")
    expect(page.locator(".error-summary a")).to_have_text(["Centang pernyataan sebelum mengirim"])
    journey.look("periksa-galat")
    page.get_by_label("Isi laporan ini benar").check()
    journey.press("Kirim laporan")
    expect(page.get_by_role("heading", level=1)).to_have_text("Simpan kode ini sekarang")
    journey.look("kode")
    digits = re.sub(r"\D", "", page.locator("#code").inner_text())
    assert len(digits) == 20
    assert digits not in page.url + page.title()
    page.emulate_media(media="print")
    visible = page.locator("body").inner_text()
    keep_picture(page, f"{journey.name}-cetak")
    if journey.scripted:
        assert re.sub(r"\s+", " ", visible).strip() == " ".join(
            digits[start : start + 4] for start in range(0, 20, 4)
        )
    page.emulate_media(media="screen")
    page.reload()
    assert re.sub(r"\D", "", page.locator("#code").inner_text()) == digits
    journey.press("Saya sudah menyimpan kode")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kode tidak ditampilkan lagi")
    journey.look("kode-selesai")
    groups = [digits[start : start + 4] for start in range(0, 20, 4)]
    assert not shows(page.locator("main").inner_text(), groups)
    return digits


def _come_back(journey: Journey, digits: str) -> None:
    page = journey.page
    follow(page, "Buka dengan kode")
    journey.look("buka")
    journey.fill("Masukkan kode Anda", digits[:-1] + str((int(digits[-1]) + 1) % 10))
    if journey.scripted:  # R02: a slip of the finger is told before anything is sent
        page.get_by_role("button", name="Buka", exact=True).click()
        expect(page.locator("#id_code_typo")).to_be_visible()
    else:
        journey.press("Buka")
        expect(page).to_have_title(re.compile("^Galat:"))
    journey.fill("Masukkan kode Anda", f"{digits[:4]} {digits[4:8]}-{digits[8:]}")
    journey.press("Buka")
    page.wait_for_url("**/s/isi")
    journey.look("kabar")
    expect(page.get_by_role("heading", level=1)).to_have_text("Laporan Anda sudah diterima")
    page.go_back()
    page.go_forward()
    journey.press("Tutup")
    page.goto("/s/isi")
    expect(page).to_have_url(re.compile("/s/$"))


def test_r13_leaving_ends_the_draft_and_back_shows_nothing(page: Page, settings):
    settings.QUICK_EXIT_URL = "https://weather.test/"
    page.context.route("https://weather.test/*", lambda route: route.fulfill(body="cuaca"))
    page.goto("/f/")
    press(page, "Saya mengerti, mulai")
    page.get_by_label("Warga").check()
    press(page, "Lanjut")
    page.get_by_role("link", name="Keluar cepat", exact=True).click()
    page.wait_for_url("https://weather.test/")
    _wait_for_no_cookies(page)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Jaga diri Anda dulu")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


QUESTION_TWO = "Siapa yang boleh tahu nama Anda?"


@pytest.mark.parametrize("scripted", [True, False], ids=["js", "nojs"])
def test_h09_back_never_asks_to_send_again_and_loses_nothing(
    chromium: Browser, live_server, scripted
):
    context = chromium.new_context(
        base_url=live_server.url, locale="id-ID", java_script_enabled=scripted
    )
    page = context.new_page()
    heading = page.get_by_role("heading", level=1)
    page.goto("/")
    follow(page, "Mulai lapor")
    press(page, "Saya mengerti, mulai")
    press(page, "Lanjut")
    expect(page).to_have_title(re.compile("^Galat:"))
    page.get_by_label("Warga").check()
    press(page, "Lanjut")
    expect(heading).to_have_text(QUESTION_TWO)

    page.go_back()
    if scripted:  # one entry for the whole form: back is where it was begun
        expect(page).to_have_url(re.compile("/$"))
        page.go_forward()
    expect(heading).to_have_text(QUESTION_TWO)
    page.reload()
    expect(heading).to_have_text(QUESTION_TWO)
    press(page, "Kembali")
    expect(page.get_by_label("Warga")).to_be_checked()
    context.close()


def test_a_lost_signal_keeps_what_was_typed_on_the_page(page: Page):
    page.goto("/f/")
    press(page, "Saya mengerti, mulai")
    page.get_by_label("Warga").check()
    page.context.set_offline(True)

    page.get_by_role("button", name="Lanjut", exact=True).last.click()

    expect(page.get_by_text("Sinyal terputus. Isian belum hilang")).to_be_visible()
    expect(page.get_by_label("Warga")).to_be_checked()
    page.context.set_offline(False)
    go(page, page.get_by_role("button", name="Lanjut", exact=True).last)
    expect(page.get_by_role("heading", level=1)).to_have_text(QUESTION_TWO)


@pytest.mark.parametrize("key", ["Shift", "Escape"])
def test_r13_three_strokes_leave(page: Page, settings, key):
    settings.QUICK_EXIT_URL = "https://weather.test/"
    page.context.route("https://weather.test/*", lambda route: route.fulfill(body="cuaca"))
    page.goto("/f/")
    press(page, "Saya mengerti, mulai")
    expect(page.get_by_label("Warga")).to_be_visible()

    for _stroke in range(3):
        page.keyboard.press(key)

    page.wait_for_url("https://weather.test/")
    _wait_for_no_cookies(page)
    assert ReporterSession.objects.count() == 0


def test_r13_leaving_without_javascript(chromium: Browser, live_server, settings):
    settings.QUICK_EXIT_URL = "https://weather.test/"
    context = chromium.new_context(
        base_url=live_server.url, locale="id-ID", java_script_enabled=False
    )
    context.route("https://weather.test/*", lambda route: route.fulfill(body="cuaca"))
    page = context.new_page()
    page.goto("/f/")
    press(page, "Saya mengerti, mulai")
    page.get_by_label("Warga").check()
    press(page, "Lanjut")

    page.get_by_role("link", name="Keluar cepat", exact=True).click()

    page.wait_for_url("https://weather.test/")
    assert context.cookies() == []
    assert ReporterSession.objects.count() == 0
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Jaga diri Anda dulu")
    context.close()


def test_r17_two_presses_make_one_report(page: Page):
    page.goto("/f/")
    press(page, "Saya mengerti, mulai")
    token = next(each for each in page.context.cookies() if each.get("name") == "l")
    client = Client()
    client.cookies["l"] = str(token.get("value"))
    while (step := step_of(client.get("/f/"))) != "check":
        answer(client, step)
    page.goto("/f/")
    page.get_by_label("Isi laporan ini benar").check()
    button = page.get_by_role("button", name="Kirim laporan")
    go(page, button)
    if page.locator("#code").count() == 0:  # faster than anybody reads: pressed once more
        page.get_by_role("button", name="Kirim laporan").dblclick()

    expect(page.get_by_role("heading", level=1)).to_have_text("Simpan kode ini sekarang")
    assert Complaint.objects.count() == 1


def test_r16_printed_receipt_holds_the_digits_alone(page: Page):
    page.goto("/f/")
    press(page, "Saya mengerti, mulai")
    token = next(each for each in page.context.cookies() if each.get("name") == "l")
    client = Client()
    client.cookies["l"] = str(token.get("value"))
    while (step := step_of(client.get("/f/"))) != "check":
        answer(client, step)
    client.post("/f/", {"step": "check", "do": "send", "statement": "on"})
    client.post("/f/", {"step": "check", "do": "send", "statement": "on"})
    page.goto("/f/")
    digits = re.sub(r"\D", "", page.locator("#code").inner_text())

    printed = PdfReader(io.BytesIO(page.pdf()))

    words = " ".join(sheet.extract_text() for sheet in printed.pages).split()
    assert "".join(words) == digits


def test_h15_keyboard_alone_walks_the_form(page: Page):
    page.goto("/f/")
    page.get_by_role("button", name="Saya mengerti, mulai").focus()
    strike(page, "Enter")
    for _stop in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "kind":
            break
    page.keyboard.press("Space")
    expect(page.get_by_label("Warga")).to_be_checked()
    strike(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(QUESTION_TWO)
    for _stop in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "lane":
            break
    page.keyboard.press("ArrowDown")
    strike(page, "Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Apa yang dilakukan ASN itu?")


CANARY = "kenarimerah"


def test_h08_the_browsers_own_files_hold_nothing_of_the_form(
    chromium: Browser, live_server, tmp_path
):
    context = chromium.browser_type.launch_persistent_context(
        tmp_path, executable_path=str(CHROMIUM), args=list(FLAGS), base_url=live_server.url
    )
    page = context.new_page()
    page.goto("/f/")
    press(page, "Saya mengerti, mulai")
    token = next(each for each in context.cookies() if each.get("name") == "l")
    client = Client()
    client.cookies["l"] = str(token.get("value"))
    while (step := step_of(client.get("/f/"))) != "story":
        answer(client, step)
    page.goto("/f/")
    page.get_by_label("Ceritakan apa yang terjadi").fill(f"Stiker {CANARY} ditempel di balai desa.")
    press(page, "Lanjut")
    press(page, "Kembali")
    context.close()

    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    cached = b"".join(
        path.read_bytes() for path in tmp_path.rglob("*Cache*/**/*") if path.is_file()
    )
    # the control: what may be kept is found there
    assert b"/static/css/form" in cached
    assert f"{live_server.url}/f/".encode() not in cached
    for spelt in (CANARY.encode(), CANARY.encode("utf-16-le"), str(token.get("value")).encode()):
        assert not any(spelt in content for content in files), spelt


def _wait_for_no_cookies(page: Page) -> None:
    """Wait for the beacon's answer, which takes the cookies away behind the new page."""
    for _wait in range(PATIENCE_MS // 50):
        if not page.context.cookies():
            return
        page.wait_for_timeout(50)
    assert page.context.cookies() == []
