"""The viewer of evidence by keyboard and by hand, in a real browser."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from bawaslu_cases.shared.models import OutboxMessage
from bawaslu_cases.shared.outbox.services import Outcome, deliver
from complaints.models import Complaint, Derivative
from tests.factories import person, tip
from tests.support.axe import violations
from tests.support.browser import keep_picture, press, strike
from tests.support.evidence import cleaned_evidence, pdf, photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = {1280: 900, 320: 720}


@pytest.fixture
def record(live_server: Any) -> Complaint:
    now = timezone.now()
    complaint = tip(now)
    cleaned_evidence(complaint, photo(1200, 900, words="Contoh tangkapan layar"), at=now)
    cleaned_evidence(complaint, pdf(3), at=now, name="surat.pdf")
    cleaned_evidence(complaint, b"Ia menulis di grup: pilih nomor dua.", at=now, name="c.txt")
    return complaint


@pytest.fixture
def desk(page: Page, live_server: Any) -> Page:
    client = Client()
    client.force_login(person("sari"))
    page.context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                "url": live_server.url,
            }
        ]
    )
    return page


def work() -> None:
    """Do what waits for the evidence worker."""
    for message in OutboxMessage.objects.filter(topic="complaints.draw_copy", status="PENDING"):
        assert deliver(message.pk) is Outcome.DONE


def loaded(page: Page) -> None:
    page.wait_for_function("[...document.images].every((image) => image.complete)")
    assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")


def test_a_picture_is_veiled_until_it_is_asked_for(desk: Page, record: Complaint) -> None:
    for width, height in WIDTHS.items():
        desk.set_viewport_size({"width": width, "height": height})
        desk.goto(f"/kerja/laporan/{record.public_id}/bukti/")
        loaded(desk)
        picture = desk.locator(".viewer__figure img")
        expect(picture).to_have_css("filter", "blur(30px)")
        keep_picture(desk, f"evidence-veiled-{width}")
        assert violations(desk) == []

        desk.keyboard.press("v")
        expect(picture).to_have_css("filter", "none")
        keep_picture(desk, f"evidence-{width}")
        assert desk.evaluate("document.documentElement.scrollWidth") <= width


def test_evidence_is_walked_through_by_keyboard(desk: Page, record: Complaint) -> None:
    desk.goto(f"/kerja/laporan/{record.public_id}/bukti/1/")
    expect(desk.get_by_role("button", name="Layar penuh")).to_be_visible()

    strike(desk, "]")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Bukti 2: Dokumen PDF")
    expect(desk.locator(".viewer__figure")).to_have_count(3)
    keep_picture(desk, "evidence-pdf")
    strike(desk, "]")
    expect(desk.locator(".viewer__text")).to_have_text("Ia menulis di grup: pilih nomor dua.")
    strike(desk, "[")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Bukti 2: Dokumen PDF")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_region_is_drawn_and_burnt_out(desk: Page, record: Complaint, width: int) -> None:
    desk.set_viewport_size({"width": width, "height": WIDTHS[width]})
    desk.goto(f"/kerja/laporan/{record.public_id}/bukti/1/")
    strike(desk, "t")
    loaded(desk)
    canvas = desk.locator("[data-canvas]")
    canvas.scroll_into_view_if_needed()
    frame = canvas.locator("img").bounding_box()
    assert frame is not None

    desk.mouse.move(frame["x"] + frame["width"] * 0.1, frame["y"] + frame["height"] * 0.2)
    desk.mouse.down()
    desk.mouse.move(frame["x"] + frame["width"] * 0.3, frame["y"] + frame["height"] * 0.3)
    desk.mouse.move(frame["x"] + frame["width"] * 0.6, frame["y"] + frame["height"] * 0.5)
    desk.mouse.up()

    expect(canvas.locator(".redact__box")).to_have_count(1)
    keep_picture(desk, f"evidence-redact-{width}")
    assert violations(desk) == []
    assert desk.evaluate("document.documentElement.scrollWidth") <= width
    press(desk, "Tutup bagian ini")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Bagian sedang ditutup")
    keep_picture(desk, f"evidence-drawing-{width}")
    assert violations(desk) == []
    assert desk.evaluate("document.documentElement.scrollWidth") <= width
    work()

    # The page looks again by itself.
    expect(desk.get_by_text("Bagian itu ditutup dalam salinan baru.")).to_be_visible()
    ((page, *shares),) = Derivative.objects.get(generation=1).regions
    assert page == 1
    for found, drawn in zip(shares, (1000, 2000, 5000, 3000), strict=True):
        assert abs(found - drawn) < 10_000 * 2 / frame["width"]


def test_a_region_is_typed_without_a_pointer(desk: Page, record: Complaint) -> None:
    desk.goto(f"/kerja/laporan/{record.public_id}/bukti/1/tutup/")
    for name, value in (("x", "10"), ("y", "20"), ("width", "30"), ("height", "40")):
        desk.locator(f"#id_form-0-{name}").fill(value)

    expect(desk.locator(".redact__box")).to_have_count(1)
    press(desk, "Tutup bagian ini")
    work()

    assert Derivative.objects.get(generation=1).regions == [[1, 1000, 2000, 3000, 4000]]


def test_a_marked_copy_is_asked_for_and_taken_without_javascript(
    desk: Page, record: Complaint, chromium: Any, live_server: Any
) -> None:
    with chromium.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        context.add_cookies(desk.context.cookies())  # signed in already
        page = context.new_page()
        page.goto(f"/kerja/laporan/{record.public_id}/bukti/1/")
        page.get_by_role("button", name="Unduh salinan").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Salinan bertanda sedang dibuat")
        work()

        # The page looks again by itself.
        expect(page.get_by_role("heading", level=1)).to_have_text("Salinan bertanda siap")
        with page.expect_download() as download:
            page.get_by_role("button", name="Simpan salinan").click()

        assert download.value.suggested_filename == "bukti-1.jpg"
        assert download.value.path().read_bytes().startswith(b"\xff\xd8\xff")
