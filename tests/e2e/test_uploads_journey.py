"""Files on their way in a real browser: a smaller photo, a line that breaks, a report that goes ahead."""

import base64
import hashlib
import io
import os
import re
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bawaslu_cases.shared import object_storage
from complaints.models import Evidence, ReporterSession, Upload
from complaints.services import guessing
from complaints.services.proof_of_work import Purpose
from complaints.vault.crypto.streams import open_stream
from complaints.web import intake
from tests.complaints.web.test_uploads import files
from tests.complaints.web.walk import walk_to
from tests.support.axe import violations
from tests.support.browser import PATIENCE_MS, press

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("vault_keys"),
]

SHOTS = Path(os.environ.get("SHOTS_DIR") or tempfile.mkdtemp(prefix="shots-"))
MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def _nobody_hurries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "SHORTEST_FILLING", timedelta(0))
    monkeypatch.setitem(guessing.CALM_A_MINUTE, Purpose.SEND, 10_000)


def film(size: int) -> bytes:
    """Return bytes that begin like a video."""
    head = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
    return head + b"".join(
        hashlib.sha256(str(number).encode()).digest() for number in range((size - 24) // 32)
    )


def photo() -> bytes:
    """Return a JPEG of 2400 x 1800 with a canary in its EXIF."""
    out = io.BytesIO()
    picture = Image.effect_mandelbrot((2400, 1800), (-3, -2.5, 2, 2.5), 60).convert("RGB")
    exif = picture.getexif()
    exif[0x010F] = "KANARI-HP"
    picture.save(out, "JPEG", quality=92, exif=exif)
    return out.getvalue()


class Seat:
    """A browser at the page that asks for evidence, and the same cookie outside of it."""

    def __init__(self, chromium: Browser, url: str, *, width: int = 320, scripted: bool = True):
        self.client = Client()
        walk_to(self.client, "links")
        self.context: BrowserContext = chromium.new_context(
            base_url=url,
            locale="id-ID",
            java_script_enabled=scripted,
            viewport={"width": width, "height": 700},
        )
        self.context.add_cookies(
            [
                {"name": name, "value": each.value, "url": url, "sameSite": "Strict"}
                for name, each in self.client.cookies.items()
            ]
        )
        self.page: Page = self.context.new_page()
        self.width = width
        self.scripted = scripted
        self.problems: list[str] = []
        self.line: Any = None
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._note)
        self.page.goto("/f/")

    def _note(self, message: Any) -> None:
        if "Content Security" in message.text or "Trusted" in message.text:
            self.problems.append(message.text)

    def choose(self, name: str, content: bytes, kind: str) -> None:
        self.page.locator("input[type=file]").set_input_files(
            {"name": name, "mimeType": kind, "buffer": content}
        )

    def look(self, title: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        name = f"berkas-{title}-{self.width}{'' if self.scripted else '-nojs'}.png"
        self.page.screenshot(path=SHOTS / name, full_page=True)
        if self.scripted:
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= self.width, title
            assert violations(self.page) == [], title

    def slow(self, bytes_a_second: int, *, offline: bool = False) -> None:
        if self.line is None:
            self.line = self.context.new_cdp_session(self.page)
            self.line.send("Network.enable")
        self.line.send(
            "Network.emulateNetworkConditions",
            {
                "offline": offline,
                "latency": 20,
                "downloadThroughput": -1,
                "uploadThroughput": bytes_a_second,
            },
        )

    def content(self) -> bytes:
        """Return the one whole file that the session holds, opened with the session's key."""
        (entry,) = files(self.client)
        sealed = object_storage.read(Upload.objects.get().object_name)
        key = base64.b64decode(entry["key"])
        return b"".join(open_stream(sealed, key=key, object_id=entry["object"]))


@pytest.fixture
def seats(chromium: Browser, live_server: Any) -> Iterator[Any]:
    made: list[Seat] = []

    def take(**options: Any) -> Seat:
        made.append(Seat(chromium, live_server.url, **options))
        return made[-1]

    yield take
    for seat in made:
        seat.context.close()
        assert seat.problems == []


@pytest.mark.parametrize("width", [320, 1280])
def test_a_photo_is_made_smaller_on_the_phone(seats, width):
    seat = seats(width=width)
    seat.look("kosong")
    seat.choose("liburan.jpg", photo(), "image/jpeg")
    expect(seat.page.locator(".files__state")).to_have_text("terkirim")
    seat.look("terkirim")
    sent = seat.content()
    assert Image.open(io.BytesIO(sent)).size == (1600, 1200)
    assert b"KANARI" not in sent
    assert b"Exif" not in sent
    press(seat.page, "Lanjut")
    assert files(seat.client)[0]["name"] == "liburan.jpg"
    press(seat.page, "Kembali")
    expect(seat.page.locator(".files__name")).to_have_text("liburan.jpg")
    seat.look("kembali")
    press(seat.page, re.compile("^Hapus"))
    expect(seat.page.locator(".files__item")).to_have_count(0)
    assert Upload.objects.count() == 0


def test_the_original_goes_where_that_is_wanted(seats):
    seat = seats()
    seat.page.get_by_label("Kirim foto asli").check()
    content = photo()
    seat.choose("asli.jpg", content, "image/jpeg")
    expect(seat.page.locator(".files__state")).to_have_text("terkirim")
    assert seat.content() == content


def test_a_refused_file_says_why_and_goes_with_its_button(seats):
    seat = seats()
    seat.choose("surat.docx", b"PK\x03\x04" + bytes(9000), "application/msword")
    expect(seat.page.locator(".files__item--failed")).to_contain_text("Simpan isinya sebagai PDF")
    seat.look("ditolak")
    seat.page.get_by_role("button", name="Hapus surat.docx").click()
    expect(seat.page.locator(".files__item")).to_have_count(0)
    assert (Upload.objects.count(), files(seat.client)) == (0, [])


def test_twenty_broken_lines_and_the_hash_is_right(seats):
    seat = seats()
    content = film(12 * MIB)
    seat.slow(300 * 1024)
    seat.choose("acara.mp4", content, "video/mp4")
    state = seat.page.locator(".files__state")
    for _number in range(20):
        seat.page.wait_for_timeout(250)
        seat.slow(300 * 1024, offline=True)
        expect(state).to_have_text(re.compile("menunggu sinyal"))
        seat.slow(300 * 1024)
    seat.slow(-1)
    expect(state).to_have_text("terkirim")
    assert hashlib.sha256(seat.content()).digest() == hashlib.sha256(content).digest()


def test_the_report_goes_first_and_the_file_follows(seats):
    seat = seats()
    page, content = seat.page, film(3 * MIB)
    seat.slow(150 * 1024)
    seat.choose("acara.mp4", content, "video/mp4")
    expect(page.locator(".files__state")).to_have_text(re.compile(r"^terkirim \d+ persen$"))
    seat.slow(20 * 1024)  # slower than any machine is at the pages that follow
    seat.look("sedang")
    page.get_by_role("button", name="Lanjut", exact=True).last.click()
    expect(page).to_have_title(re.compile("Langkah 8"))
    expect(page.locator(".uploading .files__name")).to_have_text("acara.mp4")
    assert page.evaluate("document.activeElement.tagName") == "MAIN"
    page.get_by_label("Tidak ada", exact=True).check()
    page.get_by_role("button", name="Lanjut", exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Periksa sebelum dikirim")
    expect(page.locator("main")).to_contain_text("acara.mp4 (3,0")
    seat.look("periksa")
    page.get_by_label("Isi laporan ini benar").check()
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Simpan kode ini sekarang")
    assert Evidence.objects.count() == 0
    seat.look("kode")
    page.get_by_role("button", name="Saya sudah menyimpan kode").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Berkas masih dikirim")
    assert page.locator(".token").count() == 0
    seat.look("sisa")
    seat.slow(-1)
    expect(page.locator(".uploading [role=status]")).to_have_text("Semua berkas terkirim.")
    assert (Evidence.objects.count(), Upload.objects.count()) == (1, 0)
    assert ReporterSession.objects.count() == 0
    assert seat.context.cookies() == []
    seat.look("selesai")
    history = seat.line.send("Page.getNavigationHistory")["entries"]
    assert {each["url"].split("/", 3)[3] for each in history if "://" in each["url"]} == {"f/"}


def test_keluar_cepat_cuts_it_off_and_nothing_stays(seats):
    seat = seats()
    seat.slow(100 * 1024)
    seat.page.context.route(re.compile("google"), lambda route: route.fulfill(body="cuaca"))
    seat.choose("acara.mp4", film(3 * MIB), "video/mp4")
    expect(seat.page.locator(".files__state")).to_have_text(re.compile(r"^terkirim \d+ persen$"))
    seat.page.get_by_role("link", name="Keluar cepat", exact=True).click()
    seat.page.wait_for_url(re.compile("google"))
    expect(seat.page.locator("body")).to_have_text("cuaca")
    for _try in range(PATIENCE_MS // 100):
        if not Upload.objects.exists():
            break
        seat.page.wait_for_timeout(100)
    assert (Upload.objects.count(), ReporterSession.objects.count()) == (0, 0)


@pytest.mark.parametrize("width", [320, 1280])
def test_without_script(seats, width):
    seat = seats(width=width, scripted=False)
    page = seat.page
    seat.look("kosong")
    page.locator("input[type=file]").set_input_files(
        [
            {"name": "acara.mp4", "mimeType": "video/mp4", "buffer": film(6 * MIB)},
            {"name": "surat.docx", "mimeType": "x/y", "buffer": b"PK\x03\x04" + bytes(9000)},
        ]
    )
    press(page, "Lanjut")
    expect(page.locator(".field__error")).to_contain_text("surat.docx")
    expect(page.locator(".files__name")).to_have_text("acara.mp4")
    seat.look("ditolak")
    assert hashlib.sha256(seat.content()).digest() == hashlib.sha256(film(6 * MIB)).digest()
    press(page, "Lanjut")
    expect(page).to_have_title(re.compile("Langkah 8"))
