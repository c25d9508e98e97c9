"""A whole report in a real browser: with and without JavaScript, on a phone and on a desk."""

import os
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from complaints.models import Complaint
from tests.support.axe import violations
from tests.support.browser import follow, go, press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHOTS = Path(os.environ.get("SHOTS_DIR") or tempfile.mkdtemp(prefix="shots-"))
NEUTRAL = ("lapor", "bawaslu", "asn", "netral", "aduan")


class Journey:
    """One person, one window; every page is looked at once as it is met."""

    def __init__(self, page: Page, *, name: str, width: int, scripted: bool) -> None:
        self.page = page
        self.name = name
        self.width = width
        self.scripted = scripted
        self.seen = 0

    def look(self, title: str) -> None:
        """Check the page met: neutral, reflows, and nothing for axe to find; keep a picture."""
        page = self.page
        self.seen += 1
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{self.name}-{self.seen:02d}-{title}.png", full_page=True)
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


@pytest.mark.parametrize(
    ("scripted", "width", "scheme"),
    [
        (True, 320, "dark"),
        (True, 1280, "light"),
        (False, 320, "light"),
        (False, 1280, "dark"),
    ],
    ids=["js-320-dark", "js-1280", "nojs-320", "nojs-1280-dark"],
)
def test_the_whole_report(chromium: Browser, live_server, scripted, width, scheme):
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
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: problems.append(message.text) if message.type == "error" else None,
    )
    name = f"{'js' if scripted else 'nojs'}-{width}-{scheme}"
    journey = Journey(page, name=name, width=width, scripted=scripted)

    _fill_in(journey)
    digits = _send(journey)
    _come_back(journey, digits)

    assert problems == []
    assert Complaint.objects.count() == 1
    complaint = Complaint.objects.get()
    assert complaint.acts == ["POST_SUPPORT", "PRESSURE_OTHERS"]
    assert (complaint.region.code, complaint.reporter_kind) == ("33.08", "asn_same")
    assert complaint.official_links.count() == 2
    context.close()


def _fill_in(journey: Journey) -> None:
    page = journey.page
    page.goto("/f/")
    journey.look("jaga-diri")
    journey.press("Saya mengerti, mulai")
    journey.look("siapa")
    journey.refuse("siapa")
    journey.choose("ASN (PNS atau PPPK)")
    journey.choose("Ya")
    journey.press("Lanjut")
    journey.look("nama")
    journey.refuse("nama")
    journey.choose("Tanpa nama")
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
    page.get_by_label("Di kabupaten atau kota mana?").select_option(label="Kab. Magelang")
    journey.fill("Tempat", "Balai Desa Sukamaju")
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


def _send(journey: Journey) -> str:
    page = journey.page
    journey.look("periksa")
    shown = page.locator(".summary").all_inner_texts()
    for part in ("ASN (PNS atau PPPK)", "Facebook", "Contoh Wiratama", "18 angka", "Lurah"):
        assert part in " ".join(shown)
    go(page, page.get_by_role("button", name="Ubah jawaban: Saksi"))
    journey.choose("Ada, tetapi jangan dihubungi")
    journey.press("Lanjut")
    expect(page.get_by_text("Laporan Anda memenuhi 5 dari 5 syarat")).to_be_visible()
    journey.press("Kirim laporan")
    expect(page.locator(".error-summary a")).to_have_text(["Centang pernyataan sebelum mengirim"])
    journey.look("periksa-galat")
    page.get_by_label("Isi laporan ini benar").check()
    journey.press("Kirim laporan")
    page.wait_for_url("**/f/kode")
    journey.look("kode")
    digits = re.sub(r"\D", "", page.locator("#code").inner_text())
    assert len(digits) == 20
    assert digits not in page.url + page.title()
    page.emulate_media(media="print")
    visible = page.locator("body").inner_text()
    page.screenshot(path=SHOTS / f"{journey.name}-cetak.png", full_page=True)
    if journey.scripted:
        assert re.sub(r"\s+", " ", visible).strip() == " ".join(
            digits[start : start + 4] for start in range(0, 20, 4)
        )
    page.emulate_media(media="screen")
    page.reload()
    assert re.sub(r"\D", "", page.locator("#code").inner_text()) == digits
    journey.press("Saya sudah menyimpan kode")
    journey.look("kode-selesai")
    assert digits[:4] not in page.locator("main").inner_text()
    return digits


def _come_back(journey: Journey, digits: str) -> None:
    page = journey.page
    follow(page, "Buka dengan kode")
    journey.look("buka")
    journey.fill("Masukkan kode Anda", digits[:-1] + str((int(digits[-1]) + 1) % 10))
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


def test_leaving_ends_the_draft_and_back_shows_nothing(page: Page, settings):
    settings.QUICK_EXIT_URL = "https://weather.test/"
    page.context.route("https://weather.test/*", lambda route: route.fulfill(body="cuaca"))
    page.goto("/f/")
    press(page, "Saya mengerti, mulai")
    page.get_by_label("Warga").check()
    press(page, "Lanjut")
    page.get_by_role("link", name="Keluar cepat", exact=True).click()
    page.wait_for_url("https://weather.test/")
    for _wait in range(200):  # the beacon's answer takes the cookies away, behind the new page
        if not page.context.cookies():
            break
        page.wait_for_timeout(50)
    assert page.context.cookies() == []
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Jaga diri Anda dulu")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_back_never_asks_to_send_again(page: Page):
    page.goto("/f/")
    press(page, "Saya mengerti, mulai")
    press(page, "Lanjut")
    expect(page).to_have_title(re.compile("^Galat:"))
    page.get_by_label("Warga").check()
    press(page, "Lanjut")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Siapa yang boleh tahu nama Anda?")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Siapa yang boleh tahu nama Anda?")
