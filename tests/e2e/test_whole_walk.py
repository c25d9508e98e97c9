"""One report, from a phone without scripts to a verified sanction, in a real browser with a real worker.

Everybody does his part on the pages he has; between the steps the reporter reads with the code where
the report stands. Nothing is called behind the pages but the count of the public figures, which in
production a clock starts.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pypdf import PdfReader

from bawaslu_cases.embedded.valkey import Valkey
from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox import nudges
from complaints.models import Case, Complaint
from referrals.models import FollowUp, Referral
from referrals.selectors.figure_counts import count_months
from referrals.services.figures import refresh_figures
from tests.factories import PASSWORD, office, person, plenary_of
from tests.support.browser import follow, go, keep_picture, press
from tests.support.outbox_workers import Workers

pytestmark = [
    pytest.mark.long,
    pytest.mark.browser,
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
]

STORY = "Pak Camat berkata di balai desa: pilih nomor dua ya, ingat bantuan beras bulan lalu."
SUMMARY = "Camat mengajak warga memilih salah satu pasangan calon dalam pertemuan di balai desa."
AGENCY = "Pemerintah Kabupaten Magelang"
DECREE = "800.1.6.2/77/2026"


@pytest.fixture
def worker(tmp_path: Path, monkeypatch, settings) -> Iterator[Workers]:
    """Start a Celery worker on the live test database, with a broker of its own."""
    valkey = Valkey(tmp_path / "valkey", throwaway=True)
    valkey.start()
    url = f"redis+socket://{valkey.socket}?virtual_host=0"
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", url)
    settings.OUTBOX_NUDGE_REST_SECONDS = 0
    nudges.end_rest()
    folder = tmp_path / "workers"
    folder.mkdir()
    workers = Workers(broker_url=url, folder=folder)
    try:
        workers.start_worker(processes=1)
        yield workers
    finally:
        workers.stop()
        valkey.stop()


class Walk:
    """The windows of everybody who takes part, and a numbered picture of each page met."""

    def __init__(self, browser: Browser, base_url: str) -> None:
        self._browser = browser
        self._base_url = base_url
        self._seen = 0
        self._contexts: list[BrowserContext] = []
        self._desks: dict[str, Page] = {}
        self.problems: list[str] = []
        self.phone = self._window(width=320, height=640, scripted=False)
        self.digits = ""

    def _window(self, *, width: int, height: int, scripted: bool) -> Page:
        context = self._browser.new_context(
            base_url=self._base_url,
            locale="id-ID",
            timezone_id="Asia/Jakarta",
            java_script_enabled=scripted,
            viewport={"width": width, "height": height},
        )
        page = context.new_page()
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.problems.append(f"{page.url}: {message.text}")
                if message.type in {"error", "warning"}
                else None
            ),
        )
        page.on(
            "response",
            lambda response: (
                self.problems.append(f"{response.status} {response.url}")
                if response.status >= 400
                else None
            ),
        )
        self._contexts.append(context)
        return page

    def desk_of(self, key: str) -> Page:
        """Return a character's window, signed in through the page at first use."""
        if key not in self._desks:
            self._desks[key] = self._sign_in(key)
        return self._desks[key]

    def _sign_in(self, key: str) -> Page:
        user = person(key)
        page = self._window(width=1280, height=800, scripted=True)
        page.goto("/masuk/")
        page.get_by_label("Surel").fill(user.email)
        page.get_by_label("Kata sandi").fill(PASSWORD)
        self.look(page, f"masuk-{key}")
        press(page, "Masuk")
        page.wait_for_url(lambda url: "/masuk/" not in url)
        return page

    def look(self, page: Page, title: str) -> None:
        """Keep a picture of the page."""
        self._seen += 1
        keep_picture(page, f"walk-{self._seen:02d}-{title}")

    def reporter_reads(self, heading: str, title: str) -> None:
        """Open the mailbox with the twenty digits, read the sentence, close it again."""
        page = self.phone
        page.goto("/s/")
        page.get_by_label("Masukkan kode Anda").fill(self.digits)
        press(page, "Buka")
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        self.look(page, f"kabar-{title}")
        words = page.locator("main").inner_text()
        # nothing of the accused, the officers, the reporter's words
        assert [name for name in ("Wiratama", "Sari", "Dewi", "beras") if name in words] == []
        press(page, "Tutup")

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def walk(chromium: Browser, live_server, tmp_path: Path) -> Iterator[Walk]:
    walked = Walk(chromium, live_server.url)
    yield walked
    walked.close()


@pytest.mark.long(30)
def test_one_report_walks_the_whole_way(walk: Walk, worker: Workers):
    _report(walk)
    walk.reporter_reads("Laporan Anda sudah diterima", "diterima")
    _check_and_propose(walk)
    walk.reporter_reads("Kelengkapan laporan Anda sudah diperiksa", "diperiksa")
    _plenary_traces(walk)
    walk.reporter_reads("Laporan Anda sedang ditelusuri", "ditelusuri")
    _confirm(walk)
    walk.reporter_reads("Laporan Anda menjadi temuan Bawaslu", "temuan")
    _register(walk)
    walk.reporter_reads("Laporan Anda sedang dikaji", "dikaji")
    _assess(walk)
    _plenary_refers(walk)
    _propose_referral(walk)
    _approve_referral(walk, worker)
    walk.reporter_reads("Laporan Anda diteruskan ke BKN", "diteruskan")
    _review(walk)
    walk.reporter_reads("Laporan Anda menunggu jawaban instansi", "instansi")
    _answer(walk)
    walk.reporter_reads("Instansi melaporkan sanksi", "sanksi")
    _verify(walk)
    walk.reporter_reads("Selesai: sanksi dijatuhkan", "selesai")
    _public_figures(walk)
    assert walk.problems == []
    assert OutboxMessage.objects.exclude(status=OutboxMessage.Status.DONE).count() == 0
    assert STORY not in worker.log_text()
    assert "Wiratama" not in worker.log_text()


def _report(walk: Walk) -> None:
    page = walk.phone
    page.goto("/")
    walk.look(page, "beranda")
    follow(page, "Mulai lapor")
    walk.look(page, "f-jaga-diri")
    press(page, "Saya mengerti, mulai")
    page.get_by_label("Warga").check()
    walk.look(page, "f-siapa")
    press(page, "Lanjut")
    page.get_by_label("Tidak seorang pun").check()
    walk.look(page, "f-nama")
    press(page, "Lanjut")
    page.get_by_label("Mengajak, mengarahkan").check()
    walk.look(page, "f-perbuatan")
    press(page, "Lanjut")
    page.get_by_label("Nama").first.fill("Contoh Wiratama")
    page.get_by_label("Jabatan").first.fill("Camat")
    page.get_by_label("Instansi").first.fill(AGENCY)
    walk.look(page, "f-orang")
    press(page, "Lanjut")
    when = page.get_by_role("group", name="Kapan kejadiannya?", exact=True)
    when.get_by_label("Tanggal lain").check()
    for index, part in enumerate(("5", "10", "2024")):
        page.locator(f"#id_event_on_{index}").fill(part)
    known = page.get_by_role("group", name="Kapan Anda mengetahuinya?", exact=True)
    known.get_by_label("Hari yang sama").check()
    page.get_by_label("Di provinsi mana?").select_option(label="Jawa Tengah")
    page.get_by_label("Tempat").first.fill("Balai Desa Sukamaju")
    walk.look(page, "f-kapan")
    press(page, "Lanjut")
    page.get_by_label("Di kabupaten atau kota mana?").select_option(label="Kab. Magelang")
    press(page, "Lanjut")
    page.get_by_label("Ceritakan apa yang terjadi").fill(STORY)
    walk.look(page, "f-cerita")
    press(page, "Lanjut")
    walk.look(page, "f-bukti")
    press(page, "Lanjut")
    page.get_by_label("Tidak ada").check()
    walk.look(page, "f-saksi")
    press(page, "Lanjut")
    page.get_by_label("Isi laporan ini benar").check()
    walk.look(page, "f-periksa")
    press(page, "Kirim laporan")
    if page.locator("#code").count() == 0:
        # whoever fills eleven pages faster than anybody reads them is asked to press once more
        walk.look(page, "f-terlalu-cepat")
        press(page, "Kirim laporan")
    walk.digits = re.sub(r"\D", "", page.locator("#code").inner_text())
    assert re.fullmatch(r"\d{20}", walk.digits)
    walk.look(page, "f-kode")
    press(page, "Saya sudah menyimpan kode")
    walk.look(page, "f-selesai")


def _check_and_propose(walk: Walk) -> None:
    page = walk.desk_of("sari")
    walk.look(page, "hari-ini")
    follow(page, re.compile("^Antrean"))
    walk.look(page, "antrean")
    go(page, page.locator("[data-row]").first)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Camat")
    walk.look(page, "laporan")
    for number in range(1, 6):
        go(page, page.locator(f"[data-check-key='{number}']"))
    expect(page.locator(".tick--met")).to_have_count(5)
    walk.look(page, "laporan-diperiksa")
    follow(page, re.compile("^Usulkan penelusuran"))
    walk.look(page, "usulkan")
    press(page, re.compile("^Usulkan penelusuran"))
    expect(page.get_by_text("Penelusuran diusulkan ke pleno.")).to_be_visible()
    walk.look(page, "diusulkan")


def _minutes(page: Page, outcome: str, number: str) -> None:
    page.get_by_role("radio", name=outcome).check()
    page.get_by_label("Nomor berita acara").fill(number)


def _plenary_traces(walk: Walk) -> None:
    # Whoever sits there is marked as present to begin with.
    plenary_of(person("dewi").office or office("33"))
    page = walk.desk_of("dewi")
    walk.look(page, "hari-ini-pleno")
    follow(page, re.compile("^Pleno"))
    walk.look(page, "agenda")
    follow(page, "Catat putusan")
    _minutes(page, "Setujui penelusuran", "12/BA/XI/2026")
    walk.look(page, "putusan")
    press(page, "Catat putusan")
    expect(page.get_by_text("Putusan pleno dicatat")).to_be_visible()
    walk.look(page, "putusan-dicatat")


def _confirm(walk: Walk) -> None:
    tip = Complaint.objects.get(lane="tip")
    page = walk.desk_of("sari")
    page.goto("/kerja/antrean/?v=tracing")
    walk.look(page, "antrean-ditelusuri")
    go(page, page.locator(f"[href*='{tip.public_id}']").first)
    follow(page, re.compile("^Catat sebagai temuan"))
    page.wait_for_url("**/temuan/**")
    walk.look(page, "temuan-baru")
    # what the tip told is filled in, the reporter's words are not
    expect(page.locator("[name=story]")).to_have_value("")
    expect(page.locator("[name=p-0-name]")).to_have_value("Contoh Wiratama")
    page.locator("[name=story]").fill(
        "Petugas menemukan rekaman pertemuan di balai desa; camat mengajak memilih nomor dua."
    )
    page.locator("[name=p-0-employment]").select_option("PNS")
    page.locator("[name=p-0-agency]").fill(AGENCY)
    page.locator("[name=p-0-unit]").fill("Kecamatan Tirta Jaya")
    page.locator("[name=p-0-unit_kind]").select_option("DISTRICT")
    walk.look(page, "temuan-terisi")
    press(page, re.compile("^Simpan temuan"))
    expect(page.get_by_text(re.compile("^Temuan .* dicatat."))).to_be_visible()
    walk.look(page, "temuan-dicatat")


def _register(walk: Walk) -> None:
    page = walk.desk_of("sari")
    follow(page, re.compile("^Registrasi temuan"))
    walk.look(page, "registrasi")
    press(page, re.compile("^Registrasi temuan"))
    page.wait_for_url("**/perkara/**")
    expect(page.get_by_text("Temuan diregistrasi. Perkara dibuka.")).to_be_visible()
    walk.look(page, "perkara")


def _assess(walk: Walk) -> None:
    page = walk.desk_of("sari")
    follow(page, re.compile("^Lengkapi"))
    page.get_by_label("NIP").fill("197001012000011904")
    page.get_by_label("Pangkat/golongan").fill("Pembina (IV/a)")
    walk.look(page, "lengkapi")
    press(page, "Simpan")
    expect(page.get_by_text("Data terlapor disimpan.")).to_be_visible()
    page.get_by_label("Ringkasan netral").fill(SUMMARY)
    page.get_by_label("Kajian", exact=False).last.fill("Unsur keberpihakan terpenuhi.")
    walk.look(page, "kajian")
    press(page, "Simpan kajian")
    expect(page.get_by_text("Kajian disimpan.")).to_be_visible()
    press(page, re.compile("^Ajukan ke pleno"))
    expect(page.get_by_text("Kajian diajukan ke pleno.")).to_be_visible()
    walk.look(page, "kajian-diajukan")


def _plenary_refers(walk: Walk) -> None:
    page = walk.desk_of("dewi")
    page.goto("/kerja/pleno/")
    walk.look(page, "agenda-perkara")
    follow(page, "Catat putusan")
    _minutes(page, "Putuskan diteruskan", "14/BA/XI/2026")
    walk.look(page, "putusan-perkara")
    press(page, "Catat putusan")
    expect(page.get_by_text("Putusan pleno dicatat")).to_be_visible()


def _propose_referral(walk: Walk) -> None:
    page = walk.desk_of("sari")
    page.goto(f"/kerja/perkara/{Case.objects.get().public_id}/")
    walk.look(page, "perkara-diputus")
    follow(page, re.compile("^Buka rujukan"))
    expect(page.get_by_role("heading", name="Diteruskan ke")).to_be_visible()
    walk.look(page, "usulan-rujukan")
    press(page, "Usulkan rujukan")
    expect(page.get_by_text("Orang kedua harus menyetujuinya.")).to_be_visible()
    # who proposed may not approve
    expect(page.get_by_text("Perlu orang kedua: Anda yang mengusulkan.")).to_be_visible()
    expect(page.get_by_role("button", name="Setujui", exact=True)).to_have_count(0)
    walk.look(page, "rujukan-diusulkan")


def _approve_referral(walk: Walk, worker: Workers) -> None:
    page = walk.desk_of("joko")
    follow(page, re.compile("^Rujukan"))
    walk.look(page, "rujukan-daftar")
    go(page, page.locator("[data-row]").first)
    walk.look(page, "rujukan-setujui")
    press(page, "Setujui")
    worker.wait(lambda: Referral.objects.get().status == "delivered", "the letter was delivered")
    page.reload()
    walk.look(page, "rujukan-sampai")
    with page.expect_download() as download:
        page.get_by_role("link", name="Unduh surat versi 1").click()
    letter = Path(download.value.path()).read_bytes()
    assert letter.startswith(b"%PDF-")
    words = " ".join(each.extract_text() for each in PdfReader(BytesIO(letter)).pages)
    words = re.sub(r"\s+", " ", words)
    assert "Contoh Wiratama" in words
    assert "197001012000011904" in words.replace(" ", "")
    assert "beras" not in words


def _review(walk: Walk) -> None:
    page = walk.desk_of("anwar")
    expect(page).to_have_url(re.compile("/penelaah/$"))
    walk.look(page, "penelaah")
    go(page, page.locator("[data-row]").first)
    walk.look(page, "penelaah-rujukan")
    assert "nomor dua ya" not in page.content()
    press(page, "Terima")
    expect(page.get_by_text("Tersimpan.")).to_be_visible()
    page.get_by_label("Rekomendasi kepada PPK").fill("Jatuhkan hukuman disiplin sedang.")
    walk.look(page, "penelaah-rekomendasi")
    press(page, "Susun rekomendasi")
    expect(page.get_by_text("Perlu orang kedua")).to_be_visible()
    second = walk.desk_of("bima")
    go(second, second.locator("[data-row]").first)
    press(second, "Tanda tangani dan rekomendasikan ke PPK")
    expect(second.get_by_text("Tersimpan.")).to_be_visible()
    walk.look(second, "penelaah-selesai")


def _answer(walk: Walk) -> None:
    page = walk.desk_of("putu")
    expect(page).to_have_url(re.compile("/instansi/$"))
    walk.look(page, "instansi")
    go(page, page.locator("main .rows a, main .table a").first)
    walk.look(page, "instansi-rekomendasi")
    page.get_by_label("Sanksi dijatuhkan").check()
    page.get_by_label("Jenis sanksi").select_option(index=1)
    page.get_by_label("Nomor keputusan").fill(DECREE)
    today = page.evaluate(
        "[new Date().getDate(), new Date().getMonth() + 1, new Date().getFullYear()]"
    )
    for index, part in enumerate(today):
        page.locator(f"#id_decree_on_{index}").fill(str(part))
    page.get_by_label("Berkas bukti").set_input_files(
        {"name": "sk contoh.pdf", "mimeType": "application/pdf", "buffer": _proof()}
    )
    walk.look(page, "instansi-jawaban")
    press(page, "Kirim jawaban")
    expect(page.get_by_text("Jawaban terkirim. Bukti akan diperiksa.")).to_be_visible()
    walk.look(page, "instansi-terkirim")


def _proof() -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    buffer = BytesIO()
    document.save(buffer, static_id=True)
    return buffer.getvalue()


def _verify(walk: Walk) -> None:
    page = walk.desk_of("sari")
    page.goto("/kerja/tindak-lanjut/")
    walk.look(page, "tindak-lanjut-papan")
    page.goto("/kerja/tindak-lanjut/?lihat=tabel")
    walk.look(page, "tindak-lanjut-tabel")
    go(page, page.locator(f"[href*='{FollowUp.objects.get().public_id}']").first)
    walk.look(page, "tindak-lanjut")
    expect(page.get_by_text(DECREE).first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Unduh bukti").click()
    assert Path(download.value.path()).read_bytes() == _proof()
    press(page, "Nyatakan terbukti")
    expect(page.get_by_text("Tersimpan.")).to_be_visible()
    walk.look(page, "tindak-lanjut-selesai")
    assert Referral.objects.get().status == "closed"
    assert Case.objects.get().status == "closed"
    page.goto(f"/kerja/perkara/{Case.objects.get().public_id}/")
    walk.look(page, "perkara-selesai")


def _public_figures(walk: Walk) -> None:
    """See nothing but "fewer than five", though each stage was reached: one report is somebody's."""
    today = timezone.now()
    day = (today + timedelta(hours=7)).date()  # as Jakarta counts the months
    counts = count_months(since=day.replace(day=1), before=day + timedelta(days=1))
    assert {
        name: sum(by.get(name, 0) for by in counts.series.values())
        for name in ("received", "cases", "referred", "recommended", "answered", "sanctioned")
    } == {
        "received": 1,
        "cases": 1,
        "referred": 1,
        "recommended": 1,
        "answered": 1,
        "sanctioned": 1,
    }
    # a month is published fourteen days after its end
    refresh_figures(at=today + timedelta(days=62))
    page = walk.phone
    page.goto("/data")
    walk.look(page, "data")
    rows = page.locator("table tbody tr").all_inner_texts()[:6]
    assert [re.sub(r"\s+", " ", row).strip() for row in rows] == [
        "Laporan dan temuan diterima kurang dari 5",
        "Menjadi perkara kurang dari 5",
        "Diteruskan ke lembaga penerima kurang dari 5",
        "Direkomendasikan ke instansi (PPK) kurang dari 5",
        "Dijawab instansi kurang dari 5",
        "Sanksi terbukti dijatuhkan kurang dari 5",
    ]
