"""A card from the counter's phone to the verifier's screen, in browsers; then nothing of it is left (A35)."""

import re
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Error, expect

from bawaslu_cases.shared import object_storage
from complaints.models import Complaint, IdentityCard
from complaints.receipts import format_visit_code, visit_code
from complaints.services.visits import draw_visit_code
from complaints.vault.crypto import hpke
from complaints.vault.crypto.cards import IdentityCard as Card
from complaints.vault.crypto.cards import card_context, card_secret
from tests.e2e.vault_js import test_officer_page as officers
from tests.factories import person
from tests.support.browser import keep_picture, press
from tests.support.vault import VaultWorld, stored_blob

pytestmark = [
    pytest.mark.long(20),
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
KEY = bytes(range(32))
GREEN = (30, 140, 60)
complaint, door = officers.complaint, officers.door


def phone_picture(folder: Path) -> Path:
    """Write a photograph as a phone does: large, and with a place beside the picture."""
    path = folder / "IMG_20241007 Kartinah.jpg"
    picture = Image.new("RGB", (4000, 2500), GREEN)
    exif = picture.getexif()
    exif[0x010F], exif[0x9286] = "Telepon Contoh", "Jalan Merbabu 17"
    picture.save(path, quality=95, exif=exif)
    return path


def code_of(found: Complaint) -> str:
    draw_visit_code(complaint=found, mailbox_key=KEY, at=timezone.now())
    found.refresh_from_db()
    serial = found.visit_code.serial
    return " ".join(format_visit_code(visit_code(KEY, report=found.public_id.hex, serial=serial)))


def opened(found: Complaint, world: VaultWorld) -> Card:
    blob, held = stored_blob(found), IdentityCard.objects.get()
    dek = hpke.unseal(world.recovery, blob.wrap_r, info=blob.context("recovery"))
    secret = card_secret(dek, report=blob.report)
    sealed = b"".join(object_storage.read(held.object_name))
    return Card.unpacked(hpke.unseal(secret, sealed, info=card_context(report=blob.report)))


def test_a35_from_a_phone_at_the_counter_to_the_verifiers_screen(
    door: officers.Door, complaint: Complaint, vault_keys: VaultWorld, tmp_path: Path
) -> None:
    code = code_of(complaint)
    budi = door("budi", viewport={"width": 320, "height": 720})
    budi.goto("/kerja/loket/")
    officers.look(budi, "counter-320")
    budi.get_by_label("Kode temu").fill(code)
    press(budi, "Lanjut")
    budi.locator("#id_card").set_input_files(phone_picture(tmp_path))
    preview = budi.locator("[data-card-preview] canvas")
    expect(preview).to_be_visible()
    assert preview.evaluate("(canvas) => [canvas.width, canvas.height]") == [2000, 1250]
    budi.get_by_label("Ya, orangnya sama").check()
    officers.look(budi, "counter-card-320")
    press(budi, "Kunci dan kirim")
    expect(budi.get_by_text("KTP terkunci dan terkirim")).to_be_visible()
    officers.look(budi, "counter-done-320")

    card = opened(complaint, vault_keys)
    picture = Image.open(BytesIO(card.image))
    assert (card.content_type, picture.size, dict(picture.getexif())) == (
        "image/jpeg",
        (2000, 1250),
        {},
    )
    assert card.is_of_bearer is True

    vera, kurnia = door("vera", viewport={"width": 1280, "height": 900}), door("kurnia")
    vera.clock.install()
    vera.goto(officers.ask_and_release(vera, kurnia, complaint))
    expect(vera.get_by_text(re.compile("KTP pelapor dipindai"))).to_be_visible()
    officers.unlock(vera)
    expect(vera.locator("[data-vault-status]")).to_have_text(re.compile("^Kunci terbuka"))
    vera.get_by_role("button", name="Buka sekarang").click()
    view = vera.locator("[data-vault-view]")
    drawn = view.get_by_role("img", name="Foto KTP pelapor")
    expect(drawn).to_be_visible()
    budis = person("budi").office
    assert budis is not None
    expect(view).to_contain_text(budis.name)
    middle = drawn.evaluate(
        "(canvas) => [...canvas.getContext('2d').getImageData(1000, 600, 1, 1).data]"
    )
    assert all(abs(one - other) <= 3 for one, other in zip(middle, (*GREEN, 255), strict=True))
    officers.look(vera, "card-open")

    vera.clock.fast_forward(officers.TEN_MINUTES_MS + 1000)
    expect(view).to_have_count(0)
    expect(vera.locator("canvas")).to_have_count(0)


def test_back_at_the_counter_shows_no_card(
    door: officers.Door, complaint: Complaint, tmp_path: Path
) -> None:
    budi = door("budi")
    code = code_of(complaint)
    budi.goto("/kerja/loket/")
    budi.get_by_label("Kode temu").fill(code)
    press(budi, "Lanjut")
    budi.locator("#id_card").set_input_files(phone_picture(tmp_path))
    expect(budi.locator("[data-card-preview] canvas")).to_be_visible()
    budi.get_by_label("Tidak, atau saya ragu").check()
    press(budi, "Kunci dan kirim")
    expect(budi.get_by_text("KTP terkunci dan terkirim")).to_be_visible()

    with suppress(Error):  # the browser keeps no answer to a form, and says so
        budi.go_back()

    assert budi.locator("canvas:visible").count() == 0
    assert code not in budi.content()
    budi.goto("/kerja/loket/")
    left = "async () => [(await caches.keys()).length, sessionStorage.length, localStorage.length]"
    assert budi.evaluate(left) == [0, 0, 0]


def test_a_picture_that_is_none_is_told_and_the_answers_stay(
    door: officers.Door, complaint: Complaint, tmp_path: Path
) -> None:
    code = code_of(complaint)
    budi = door("budi")
    budi.goto("/kerja/loket/")
    budi.get_by_label("Kode temu").fill(code)
    press(budi, "Lanjut")
    wrong = tmp_path / "kartu.jpg"
    wrong.write_bytes(b"%PDF-1.7 bukan gambar")
    budi.locator("#id_card").set_input_files(wrong)
    budi.get_by_label("Ya, orangnya sama").check()
    press(budi, "Kunci dan kirim")

    expect(budi.get_by_text("Foto harus JPEG atau PNG").first).to_be_visible()
    expect(budi.get_by_label("Ya, orangnya sama")).to_be_checked()
    keep_picture(budi, "counter-refused")
    budi.locator("#id_card").set_input_files(phone_picture(tmp_path))
    press(budi, "Kunci dan kirim")
    expect(budi.get_by_text("KTP terkunci dan terkirim")).to_be_visible()
