"""The page that takes the name: what leaves the browser, and what it says about that (check V16)."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, Request, expect

from complaints.models import SealedIdentity
from complaints.services.intake import submit_complaint
from complaints.services.reporter_session import read_session
from complaints.states import Lane
from complaints.vault.crypto import aead, hpke
from complaints.vault.crypto.cards import card_public_key
from complaints.vault.crypto.padding import unpad
from complaints.vault.crypto.sealing import SealedIdentityBlob, xor
from complaints.web.intake_leaks import name_parts_in
from tests.complaints.web.walk import walk_to
from tests.factories import facts
from tests.support.browser import keep_picture
from tests.support.vault import CUSTODIANS, DESK, VaultWorld, stored_blob
from tests.support.vault_modules import WATCH, WITHOUT, Run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

IN_BROWSER = "Isian Anda dikunci di HP ini sebelum dikirim."
ON_SERVER = "Isian Anda dikunci begitu sampai di server."
PLAIN = ("name", "address", "eligible", "contact", "no_contact", "nik")
NAME, ADDRESS, PHONE = "Rr. Sekar Kinasih", "Dukuh Kalinongko, Loano 😀", "0812 3456 7890"
STORY = "Pak Camat mengajak Sekar dan warga memilih nomor dua di balai desa."


class Visit:
    """One person at the page, and everything their browser sent."""

    def __init__(self, page: Page, token: str) -> None:
        self.page = page
        self.token = token
        self.sent: list[str] = []
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if request.method == "POST":
            self.sent.append(request.post_data or "")

    @property
    def fields(self) -> dict[str, str]:
        """Return the last form sent, empty fields too."""
        read = parse_qs(self.sent[-1], keep_blank_values=True)
        return {name: values[-1] for name, values in read.items()}

    @property
    def draft(self) -> dict[str, Any]:
        """Return the draft as the server keeps it."""
        held = read_session(token=self.token, at=timezone.now())
        assert held is not None
        draft: dict[str, Any] = held["draft"]
        return draft

    def open(self) -> None:
        """Come to the page and wait until it knows where the name will be locked."""
        self.page.goto("/f/")
        self.page.wait_for_load_state("networkidle")

    def fill(self, name: str = NAME) -> None:
        """Answer everything that must be answered."""
        self.page.get_by_label("Nama lengkap").fill(name)
        self.page.get_by_label("Alamat").fill(ADDRESS)
        self.page.get_by_label("Nomor HP atau email").fill(PHONE)
        self.page.get_by_label("Saya warga negara Indonesia").check()

    def press(self, label: str) -> None:
        """Press a button of the page."""
        self.page.get_by_role("button", name=label, exact=True).click()


def at_identity() -> str:
    """Walk the form to the page; return the session's token."""
    client = Client()
    walk_to(client, "identity", lane={"lane": "sealed"}, story={"story": STORY})
    return client.cookies[settings.REPORTER_COOKIE_NAME].value


def visit_of(
    chromium: Browser, origin: str, script: str = "", *, token: str = "", width: int = 1280
) -> Visit:
    """Return a visit of a browser with a script that runs before the page's own."""
    token = token or at_identity()
    context = chromium.new_context(
        base_url=origin, locale="id-ID", viewport={"width": width, "height": 800}
    )
    context.add_cookies([{"name": settings.REPORTER_COOKIE_NAME, "value": token, "url": origin}])
    context.add_init_script(WATCH + script)
    return Visit(context.new_page(), token)


@pytest.fixture
def visit(chromium: Browser, live_server: Any, vault_keys: VaultWorld) -> Iterator[Visit]:
    """Open the page in a browser that can seal; a violation of the policy fails the test."""
    made = visit_of(chromium, live_server.url)
    errors: list[str] = []
    made.page.on("pageerror", lambda error: errors.append(str(error)))
    made.open()
    expect(made.page.get_by_text(IN_BROWSER)).to_be_visible()
    yield made
    violations = made.page.evaluate("window.violations ?? []")
    made.page.context.close()
    assert (errors, violations) == ([], [])


def look(page: Page, name: str) -> None:
    """Keep a picture of what a person sees; nothing may be wider than the window."""
    keep_picture(page, f"identity-{name}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def opened(blob: SealedIdentityBlob, world: VaultWorld) -> Any:
    """Open with both shares."""
    share_a, share_b = (
        hpke.unseal(world.groups[group].private, wrap, info=blob.context(what))
        for group, wrap, what in (
            (DESK, blob.wrap_a, "share-a"),
            (CUSTODIANS, blob.wrap_b, "share-b"),
        )
    )
    padded = aead.aead_open(xor(share_a, share_b), blob.ciphertext, aad=blob.context("identity"))
    return json.loads(unpad(padded))


def test_v16_only_the_sealed_name_leaves_the_browser(visit: Visit, vault_keys: VaultWorld) -> None:
    page, summary = visit.page, visit.page.locator(".error-summary")
    # Nothing is right yet: said here, in the words of the server, and nothing is sent.
    page.get_by_label("Nomor HP atau email").fill("0812")
    visit.press("Kunci dan lanjut")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_text(
        [
            "Tulis nama lengkap Anda",
            "Tulis alamat Anda, paling sedikit kabupaten atau kota",
            re.compile("^Centang kalau benar"),
            "Nomor HP terlalu pendek atau terlalu panjang. Contoh: 0812 3456 7890",
        ]
    )
    expect(page.locator(".field__error")).to_have_count(4)
    look(page, "errors")
    name = page.get_by_label("Nama lengkap")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_accessible_description("Seperti di KTP Tulis nama lengkap Anda")
    page.get_by_label("Nomor HP atau email").fill("tono@contoh")
    visit.press("Kunci dan lanjut")
    expect(summary.get_by_role("link").last).to_have_text("Tulis email seperti nama@contoh.id")

    # Longer than a vault takes; the page's own limit is lower, so it is lifted here.
    name.evaluate("input => input.removeAttribute('maxlength')")
    visit.fill("😀" * 17_000)
    visit.press("Kunci dan lanjut")
    expect(summary.get_by_role("link")).to_have_text(
        "Nama dan alamat Anda terlalu panjang untuk dikunci. Tulis seperti di KTP."
    )

    # The story holds a word of the name.
    visit.fill()
    visit.press("Kunci dan lanjut")
    expect(page.get_by_role("heading", name="Nama Anda ada di cerita")).to_be_visible()
    expect(page.locator("#own-name-words")).to_have_text("Sekar")
    look(page, "own-name")
    assert visit.sent == []

    # The line is gone: what was typed stays.
    page.route("**/f/", lambda route: route.abort())
    visit.press("Biarkan, kunci nama saya")
    expect(page.locator(".lost")).to_contain_text("Sinyal terputus")
    expect(name).to_have_value(NAME)
    page.unroute("**/f/")

    visit.press("Biarkan, kunci nama saya")
    expect(page.get_by_role("heading", name="Periksa sebelum dikirim")).to_be_visible()
    assert set(PLAIN) & set(visit.fields) == set()
    everything = " ".join(visit.sent)
    assert [word for word in ("Sekar", "Kinasih", "Kalinongko", "7890") if word in everything] == []
    kept = visit.draft["name"]
    assert kept["mode"] == "browser"
    assert opened(SealedIdentityBlob.from_json(kept["blob"]), vault_keys) == {
        "name": NAME,
        "address": ADDRESS,
        "eligible": "yes",
        "contact": PHONE,
        "no_contact": "",
        "nik": "",
    }
    assert "Kinasih" not in json.dumps(visit.draft, ensure_ascii=False)
    blob = SealedIdentityBlob.from_json(kept["blob"])
    dek = hpke.unseal(vault_keys.recovery, blob.wrap_r, info=blob.context("recovery"))
    assert kept["card_key"] == card_public_key(dek, report=blob.report).hex()


def test_no_other_button_takes_what_was_typed_along(visit: Visit) -> None:
    visit.fill()
    visit.press("Kembali")
    expect(visit.page.get_by_role("heading", name="Data diri Anda")).to_have_count(0)

    assert len(visit.sent) == 1
    assert set(PLAIN) & set(visit.fields) == set()


@pytest.mark.parametrize(
    "script",
    [
        WITHOUT["X25519"],
        """const { now } = Date;
        Date = class extends Date {
          constructor(...given) { super(...(given.length ? given : [now() + 9e10])); }
        };""",
    ],
    ids=["no X25519", "clock three years ahead"],
)
def test_v16_a_browser_that_cannot_seal_says_so_and_the_server_seals(
    chromium: Browser, live_server: Any, vault_keys: VaultWorld, script: str
) -> None:
    visit = visit_of(chromium, live_server.url, script)
    visit.open()
    expect(visit.page.get_by_text(ON_SERVER)).to_be_visible()
    visit.fill()
    visit.press("Kunci dan lanjut")
    expect(visit.page.get_by_role("heading", name="Nama Anda ada di cerita")).to_be_visible()
    expect(visit.page.get_by_text(ON_SERVER)).to_be_visible()
    visit.press("Biarkan, kunci nama saya")

    expect(visit.page.get_by_role("heading", name="Periksa sebelum dikirim")).to_be_visible()
    kept = visit.draft["name"]
    assert kept["mode"] == "server"
    assert opened(SealedIdentityBlob.from_json(kept["blob"]), vault_keys)["name"] == NAME
    visit.page.context.close()


def test_v10_a_key_swapped_in_the_page_is_not_sealed_to(
    chromium: Browser, live_server: Any, vault_keys: VaultWorld
) -> None:
    visit = visit_of(chromium, live_server.url)

    def swap(route: Any) -> None:
        answer = route.fetch()
        pk = vault_keys.groups[DESK].certificate["pk"]
        route.fulfill(response=answer, body=answer.text().replace(pk, "99" * 32))

    visit.page.route("**/f/", swap)
    visit.open()

    expect(visit.page.get_by_text(ON_SERVER)).to_be_visible()
    visit.page.context.close()


def test_v16_a_name_given_later_is_sealed_in_the_browser_too(
    chromium: Browser, live_server: Any, vault_keys: VaultWorld
) -> None:
    cache.clear()
    made = submit_complaint(facts=facts(), lane=Lane.TIP, at=timezone.now())
    client = Client()
    client.post("/s/", {"code": " ".join(made.code)})
    client.post("/s/isi", {"do": "go:lane"})
    client.post("/s/isi", {"do": "lane:sealed"})
    token = client.cookies[settings.REPORTER_COOKIE_NAME].value
    visit = visit_of(chromium, live_server.url, token=token, width=320)
    visit.page.goto("/s/isi")
    expect(visit.page.get_by_text(IN_BROWSER)).to_be_visible()
    visit.fill()
    look(visit.page, "later-320")
    visit.press("Kunci dan kirim")

    expect(visit.page.get_by_text("Nama Anda terkunci di laporan ini.")).to_be_visible()
    assert set(PLAIN) & set(visit.fields) == set()
    kept = SealedIdentity.objects.get()
    assert kept.mode == "browser"
    assert opened(stored_blob(kept.complaint), vault_keys)["name"] == NAME
    visit.page.context.close()


OWN_NAMES = [
    ("Saya Sekar", "Sekar Kinasih", ["Sekar"]),
    ("SÉKAR dan kinasih", "Sekar Kinasih", ["Sekar", "Kinasih"]),
    ("berani sekali", "Ani", []),
    ("pak de ada", "De Wo", []),
    ("Ñoño datang", "I Gusti Nono", ["Nono"]),
    ("٣٣٣ 333", "333", []),
    ("ﬁtri", "Fitri", ["Fitri"]),
    ("", "Sekar", []),
]


@pytest.mark.parametrize(("story", "name", "found"), OWN_NAMES)
def test_browser_and_server_find_the_same_names(
    run: Run, story: str, name: str, found: list[str]
) -> None:
    in_browser = run(
        """const { namePartsIn } = await import("/static/js/identity_step.mjs");
        return namePartsIn(given.story, given.name);""",
        story=story,
        name=name,
    )

    assert (in_browser, name_parts_in(story, name)) == (found, found)
