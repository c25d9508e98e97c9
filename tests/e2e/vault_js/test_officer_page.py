"""Two people open an identity in two real browsers; then nothing of it is left (checks V05, V06, V30)."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from bawaslu_cases.keyring.models import KeyBundle
from complaints.models import Attestation, Complaint, UnsealRequest
from complaints.vault.crypto.canonical import canonical_json
from complaints.vaultctl.bundle import Bundle
from complaints.vaultctl.keys import OfficerKeys
from complaints.vaultctl.slots import SlowSlot
from tests.factories import IDENTITY, STORY, in_hand, person, report
from tests.support.browser import go, keep_picture
from tests.support.vault import VaultWorld, signed_in
from tests.support.vault_modules import WATCH, authenticator

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSPHRASE = "kuda laut merah di teluk"
WORDS = "academic acid acne acquire acrobat activity actress adapt adequate adjust"
TEN_MINUTES_MS = 10 * 60 * 1000
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

Door = Callable[..., Page]


def store_bundle(world: VaultWorld, who: str) -> None:
    """Lock an officer's keys as vaultctl does, and put the bundle where the server keeps it."""
    officer = world.officers[who]
    keys = OfficerKeys(officer.id, officer.enc_sk, officer.signing.private_bytes_raw())
    bundle = Bundle.lock(
        keys,
        lambda key: (
            SlowSlot.make("passphrase", PASSPHRASE, key, owner=officer.id),
            SlowSlot.make("words", WORDS, key, owner=officer.id),
        ),
    )
    body = canonical_json(bundle.to_json())
    KeyBundle.objects.create(officer=UUID(officer.id), bundle=body)


@pytest.fixture
def complaint(vault_keys: VaultWorld) -> Complaint:
    for who in ("vera", "kurnia"):
        store_bundle(vault_keys, who)
    return in_hand(report(timezone.now()))


@pytest.fixture
def door(chromium: Browser, live_server: Any) -> Iterator[Door]:
    """Return what opens a browser of an officer; violations and script errors fail the test."""
    pages: list[Page] = []
    errors: list[str] = []

    def opened(who: str, *, script: str = "", **options: Any) -> Page:
        client = signed_in(Client(), person(who))
        context = chromium.new_context(base_url=live_server.url, locale="id-ID", **options)
        name = settings.SESSION_COOKIE_NAME
        value = client.cookies[name].value
        context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        context.add_init_script(WATCH + script)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        pages.append(page)
        return page

    yield opened
    violations = [page.evaluate("window.violations ?? []") for page in pages]
    for page in pages:
        page.context.close()
    assert (errors, [each for each in violations if each]) == ([], [])


def unlock(page: Page) -> None:
    """Type the passphrase where the page asks for it."""
    page.get_by_label("Frasa sandi kunci", exact=True).fill(PASSPHRASE)
    page.get_by_role("button", name="Buka kunci saya").first.click()


def look(page: Page, name: str) -> None:
    """Keep a picture, and let axe find nothing."""
    keep_picture(page, f"vault-{name}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    hits = [(hit["id"], hit["nodes"][0]["html"][:160]) for hit in found.response["violations"]]
    assert hits == [], name


def test_v05_two_people_in_two_browsers_open_and_nothing_stays(
    door: Door, complaint: Complaint
) -> None:
    vera = door("vera", viewport={"width": 1280, "height": 900})
    vera.clock.install()
    vera.goto(f"/brankas/laporan/{complaint.public_id}/")
    look(vera, "report-locked")
    form = vera.locator("[data-vault-form=request]")
    form.get_by_role("radio").first.check()
    form.get_by_label("Alasan untuk kustodian").fill("Kajian awal: nama & alamat 😀")
    form.get_by_role("button", name="Tanda tangani dan kirim").click()
    expect(vera.get_by_text("Buka kunci Anda dulu")).to_be_visible()
    with vera.expect_navigation():  # signing goes on by itself once the keys are open
        unlock(vera)
    asked = UnsealRequest.objects.get()
    address = f"/brankas/permintaan/{asked.id}/"
    assert vera.url.endswith(address)
    expect(vera.locator("[data-vault-form=open]")).to_have_count(0)

    kurnia = door("kurnia", viewport={"width": 320, "height": 720})
    kurnia.goto(address)
    expect(kurnia.get_by_text("Diperiksa di peramban ini")).to_be_visible()
    look(kurnia, "decide-320")
    kurnia.get_by_role("button", name="Periksa dan lepas").click()
    with kurnia.expect_navigation():
        unlock(kurnia)
    asked.refresh_from_db()
    assert asked.status == "released"
    assert IDENTITY["name"] not in kurnia.content()

    Complaint.objects.filter(pk=complaint.pk).update(summary="Camat mengajak warga.")
    vera.goto(address)
    unlock(vera)
    expect(vera.locator("[data-vault-status]")).to_have_text(re.compile("^Kunci terbuka"))
    expect(vera.get_by_role("button", name="Tanda tangani dan kirim")).to_be_hidden()
    vera.get_by_role("button", name="Buka sekarang").click()
    view = vera.locator("[data-vault-view]")
    expect(view).to_contain_text(IDENTITY["name"])
    expect(view.locator("dt").first).to_have_text("Nama lengkap")
    expect(view.locator("dd").last).to_have_text("Tidak mengulang identitas ini.")
    look(vera, "identity-open")
    mark = view.locator(".vault-view__marks span").first.get_attribute("data-mark")
    assert str(mark).startswith(person("vera").public_id.hex[:8])

    # Ten minutes are over: wiped. What was found can still be said.
    vera.clock.fast_forward(TEN_MINUTES_MS + 1000)
    expect(view).to_have_count(0)
    assert IDENTITY["name"] not in vera.content()
    unlock(vera)  # so long without a touch locked the keys too
    expect(vera.locator("[data-vault-status]")).to_have_text(re.compile("^Kunci terbuka"))
    answers = vera.locator("[data-vault-form=attest] select")
    for number in (0, 1, 2, 4, 5, 6):
        answers.nth(number).select_option("yes")
    go(vera, vera.get_by_role("button", name="Tanda tangani dan kirim"))
    kept = Attestation.objects.get()
    assert kept.is_complete is True
    assert json.loads(bytes(kept.statement))["result"]["signature_matches"] is None


def test_v30_left_no_way_back_shows_the_identity(door: Door, complaint: Complaint) -> None:
    vera, kurnia = door("vera"), door("kurnia")
    address = ask_and_release(vera, kurnia, complaint)
    vera.goto(address)
    unlock(vera)
    vera.get_by_role("button", name="Buka sekarang").click()
    expect(vera.locator("[data-vault-view]")).to_contain_text(IDENTITY["name"])

    vera.goto("/brankas/")
    vera.go_back()
    expect(vera.get_by_role("heading", name="Permintaan untuk")).to_be_visible()
    assert IDENTITY["name"] not in vera.content()
    vera.go_forward()
    assert IDENTITY["name"] not in vera.content()
    left = vera.evaluate(
        """async () => [
          (await caches.keys()).length,
          sessionStorage.length,
          Object.keys(localStorage),
          (await indexedDB.databases()).length,
        ]"""
    )
    assert left == [0, 0, ["vault-trust"], 0]


def test_k05_nothing_is_signed_while_a_text_repeats_the_identity(
    door: Door, complaint: Complaint
) -> None:
    Complaint.objects.filter(pk=complaint.pk).update(summary="Menurut Kartinah, benar.")
    vera = door("vera")
    vera.goto(ask_and_release(vera, door("kurnia"), complaint))
    unlock(vera)
    sent: list[str] = []
    vera.on("request", lambda request: sent.append(request.post_data or request.url))
    vera.get_by_role("button", name="Buka sekarang").click()
    view = vera.locator("[data-vault-view]")
    place = "Mengulang identitas ini. Ubah dulu: Nama lengkap (“… Menurut Kartinah, benar. …”)"
    expect(view.locator("dd").last).to_have_text(place)
    look(vera, "leak-found")

    form = vera.locator("[data-vault-form=attest]")
    for number in (0, 1, 4, 5):
        form.locator("select").nth(number).select_option("yes")
    form.get_by_role("button").click()
    expect(form.locator("[data-vault-note]")).to_contain_text("Tidak ditandatangani")
    assert "Kartinah" not in form.inner_text()
    assert Attestation.objects.count() == 0

    # Corrected in another tab: compared once more with what is still open.
    Complaint.objects.filter(pk=complaint.pk).update(summary="Menurut warga, benar.")
    go(vera, form.get_by_role("button"))
    assert Attestation.objects.get().is_complete is True
    assert not [told for told in sent if "artinah" in told]


def ask_and_release(page: Page, kurnia: Page, complaint: Complaint) -> str:
    """Bring a request to where it can be opened; return its address."""
    page.goto(f"/brankas/laporan/{complaint.public_id}/")
    form = page.locator("[data-vault-form=request]")
    form.get_by_role("radio").first.check()
    form.get_by_label("Alasan untuk kustodian").fill("Kajian awal")
    form.get_by_role("button", name="Tanda tangani dan kirim").click()
    with page.expect_navigation():
        unlock(page)
    kurnia.goto(page.url)
    kurnia.get_by_role("button", name="Periksa dan lepas").click()
    with kurnia.expect_navigation():
        unlock(kurnia)
    return page.url


def test_words_are_read_a_security_key_added_and_another_root_refused(
    door: Door, complaint: Complaint
) -> None:
    vera = door("vera")
    with authenticator(vera, prf=True):
        read_add_and_refuse(vera, complaint)


def read_add_and_refuse(vera: Page, complaint: Complaint) -> None:
    """Read the words, add a security key, use it, and meet another root."""
    vera.goto(f"/brankas/laporan/{complaint.public_id}/")
    vera.get_by_role("button", name="Baca di peramban ini").click()
    expect(vera.get_by_text("Buka kunci Anda dulu")).to_be_visible()
    unlock(vera)  # reading goes on by itself
    words = vera.locator("[data-vault-view]")
    expect(words.locator("dd")).to_have_text([STORY])
    look(vera, "words-open")
    words.get_by_role("button", name="Tutup dan hapus dari layar").click()
    assert STORY not in vera.content()

    vera.get_by_text("Tambah kunci keamanan").click()
    vera.get_by_label("Nama kunci keamanan itu").fill("kunci meja")
    vera.get_by_label("Frasa sandi kunci, sekali lagi").fill(PASSPHRASE)
    vera.get_by_role("button", name="Tambah", exact=True).click()
    expect(vera.get_by_text("Kunci keamanan ditambahkan.")).to_be_visible()

    vera.reload()
    vera.get_by_role("button", name="Buka dengan kunci keamanan").click()
    expect(vera.get_by_text("Kunci terbuka. Menutup")).to_be_visible()
    vera.get_by_role("button", name="Kunci sekarang").click()
    expect(vera.get_by_role("button", name="Buka dengan kunci keamanan")).to_be_visible()

    vera.evaluate(
        """localStorage.setItem("vault-trust",
          JSON.stringify({ root_pk: "99".repeat(32), least_serial: 1 }))"""
    )
    vera.get_by_role("button", name="Buka dengan kunci keamanan").click()
    expect(vera.get_by_text("Kunci akar dari server lain")).to_be_visible()
    expect(vera.get_by_role("button", name="Kunci sekarang")).to_be_hidden()
