"""The outcome side in a real browser: proposer, approver, recipient body, PPK, verifier."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, FilePayload, Page, ViewportSize, expect

from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import deliver
from referrals.models import FollowUp, Referral
from referrals.services.figures import refresh_figures
from tests.factories import PASSWORD, decided_case, person
from tests.referrals import stages
from tests.support.axe import violations
from tests.support.browser import go, keep_picture, press

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROW: ViewportSize = {"width": 320, "height": 640}
WIDE: ViewportSize = {"width": 1280, "height": 900}


class Desk:
    """One signed-in person's window; each page is looked at wide and narrow."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def look(self, title: str) -> None:
        """Check at both widths that the page reflows and axe finds nothing; keep a picture."""
        for size in (NARROW, WIDE):
            self.page.set_viewport_size(size)
            keep_picture(self.page, f"outcome-{size['width']}-{title}")
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size["width"], title
            assert violations(self.page) == [], (title, size)

    def press(self, label: str) -> None:
        press(self.page, label)

    def visit(self, name: str, *args: object) -> None:
        self.page.goto(reverse(name, args=args))


@pytest.fixture
def desk_of(chromium: Browser, live_server):
    """Open a window and sign somebody in by the sign-in page."""
    contexts = []
    problems: list[str] = []

    def open_desk(key: str) -> Desk:
        context = chromium.new_context(
            base_url=live_server.url,
            locale="id-ID",
            timezone_id="Asia/Jakarta",
            viewport=WIDE,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: problems.append(message.text) if message.type == "error" else None,
        )
        page.goto("/masuk/")
        page.fill("input[name=login]", person(key).email)
        page.fill("input[name=password]", PASSWORD)
        press(page, "Masuk")
        page.wait_for_url(lambda url: "/masuk/" not in url)
        return Desk(page)

    yield open_desk
    for context in contexts:
        context.close()
    assert problems == []


def _carry_out_promises() -> None:
    """Do what the outbox holds, as a worker does; test_pipeline has the real one."""
    for topic in ("referral.issue", "referral.deliver"):
        deliver(OutboxMessage.objects.get(topic=topic).pk)


@pytest.mark.long(30)
def test_from_decision_to_verified_sanction(desk_of):
    case = decided_case(timezone.now())

    _propose(desk_of("sari"), case)
    _approve(desk_of("joko"))
    _carry_out_promises()
    _judge(desk_of("anwar"))
    _sign(desk_of("bima"))
    _answer(desk_of("putu"))
    _verify(desk_of("sari"))

    assert FollowUp.objects.get().status == "verified"
    assert Referral.objects.get().status == "closed"


def _propose(desk: Desk, case) -> None:
    desk.visit("referrals:list")
    desk.look("01-rujukan-kosong")
    go(desk.page, desk.page.get_by_role("link", name=case.title))
    desk.look("02-usulan")
    allegation = case.allegations.get()
    desk.visit("referrals:complete", case.public_id, allegation.public_id)
    desk.page.get_by_label("Pangkat/golongan").fill("Pembina, IV/a")
    desk.look("03-lengkapi")
    desk.press("Simpan")
    # an officer may say something else than the rules, with a reason that the second person reads
    desk.page.get_by_text("Menyimpang dari usulan untuk").click()
    desk.page.get_by_label("Penurunan jabatan setingkat lebih rendah selama 12 bulan").check()
    desk.press("Usulkan rujukan")
    expect(desk.page.get_by_text("Tulis alasan menyimpang").first).to_be_visible()
    desk.page.get_by_label("Alasan menyimpang").fill(
        "Terlapor mengakui dan menghentikan ajakannya."
    )
    desk.look("03-menyimpang")
    desk.press("Usulkan rujukan")
    expect(desk.page.get_by_text("Perlu orang kedua")).to_be_visible()
    desk.look("04-pengusul")


def _approve(desk: Desk) -> None:
    referral = Referral.objects.get()
    desk.visit("referrals:detail", referral.public_id)
    desk.press("Tolak usulan")
    expect(desk.page).to_have_title(re.compile("^Galat:"))
    desk.look("05-alasan-kurang")
    desk.press("Setujui")
    expect(desk.page.get_by_text("Disetujui, surat disiapkan")).to_be_visible()


def _judge(desk: Desk) -> None:
    desk.visit("review:inbox")
    desk.look("06-kotak-masuk")
    go(desk.page, desk.page.locator(".row").first)
    desk.look("07-rujukan-penelaah")
    desk.press("Terima")
    with desk.page.expect_download() as letter:
        desk.page.get_by_role("link", name="Unduh surat versi 1").click()
    assert letter.value.suggested_filename == "surat-1.pdf"
    page = desk.page
    page.get_by_text("Minta penjelasan").first.click()
    page.get_by_label("Pertanyaan kepada Bawaslu").fill("Apakah terlapor berseragam dinas?")
    desk.press("Minta penjelasan")
    expect(page.get_by_text("Apakah terlapor berseragam dinas?")).to_be_visible()
    page.locator("summary").filter(has_text="Kembalikan").click()
    page.get_by_label("Yang diminta untuk butir 1").fill("Pangkatnya?")
    desk.press("Kembalikan")
    expect(page).to_have_title(re.compile("^Galat:"))
    desk.look("08-kembalikan-tanpa-butir")
    page.get_by_label("Rekomendasi kepada PPK").fill(stages.RECOMMENDATION)
    desk.look("08-rekomendasi")
    desk.press("Susun rekomendasi")
    expect(page.get_by_text("Perlu orang kedua")).to_be_visible()
    desk.look("08-menunggu-orang-kedua")


def _sign(desk: Desk) -> None:
    page = desk.page
    page.goto(f"{reverse('review:inbox')}?tahap=drafted")
    desk.look("08-kotak-masuk-tersaring")
    go(page, page.locator("[data-row]").first)
    expect(page.get_by_text(stages.RECOMMENDATION).first).to_be_visible()
    desk.look("08-rancangan")
    desk.press("Tanda tangani dan rekomendasikan ke PPK")
    expect(page.get_by_role("heading", name="Tindak lanjut PPK")).to_be_visible()
    go(page, page.get_by_role("link", name="Laporan berkala"))
    desk.look("08-laporan-berkala")


def _answer(desk: Desk) -> None:
    desk.visit("ppk:inbox")
    desk.look("09-tunggakan")
    go(desk.page, desk.page.get_by_role("link", name="Contoh Wiratama"))
    desk.look("10-rekomendasi-ppk")
    page = desk.page
    page.get_by_role("radio", name="Sanksi dijatuhkan").check()
    page.get_by_label("Jenis sanksi").select_option(
        label=page.locator("optgroup[label='Hukuman disiplin berat'] option").first.text_content()
    )
    page.get_by_label("Nomor keputusan").fill("800/123/2026")
    page.get_by_label("Hari").fill("31")
    page.get_by_label("Bulan").fill("2")
    page.get_by_label("Tahun").fill("2026")
    proof: FilePayload = {"name": "sk.pdf", "mimeType": "application/pdf", "buffer": stages.pdf()}
    page.locator("input[type=file]").set_input_files(proof)
    desk.press("Kirim jawaban")
    expect(page).to_have_title(re.compile("^Galat:"))
    expect(page.get_by_label("Nomor keputusan")).to_have_value("800/123/2026")
    desk.look("11-galat-tanggal")
    today = timezone.localdate()
    page.get_by_label("Hari").fill(str(today.day))
    page.get_by_label("Bulan").fill(str(today.month))
    page.get_by_label("Tahun").fill(str(today.year))
    page.locator("input[type=file]").set_input_files(proof)
    desk.press("Kirim jawaban")
    expect(page.get_by_text("Jawaban terkirim")).to_be_visible()
    desk.visit("ppk:inbox")
    expect(page.get_by_text("Tidak ada tunggakan")).to_be_visible()
    desk.look("12-lunas")


def _verify(desk: Desk) -> None:
    desk.visit("followup:list")
    desk.look("13-papan")
    desk.page.goto(f"{reverse('followup:list')}?lihat=tabel")
    desk.look("14-tabel")
    magelang = desk.page.get_by_role("link", name="Kab. Magelang")
    go(desk.page, magelang.or_(desk.page.locator("main table a")).first)
    desk.look("15-bukti")
    with desk.page.expect_download() as proof:
        desk.page.get_by_role("link", name="Unduh bukti").click()
    assert proof.value.suggested_filename == "bukti-1.pdf"
    desk.press("Nyatakan terbukti")
    expect(desk.page.get_by_text("Terverifikasi").first).to_be_visible()
    desk.visit("referrals:detail", Referral.objects.get().public_id)
    desk.look("16-selesai")
    refresh_figures(at=timezone.now() + timedelta(days=62))
    desk.page.goto("/data")
    desk.look("17-data")
