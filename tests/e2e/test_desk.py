"""An officer at the desk in a real browser: from a tip to a case by keyboard; every page looked at."""

import re
from datetime import timedelta
from typing import Any, Literal

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from complaints.models import Case, Complaint
from complaints.services.intake import ReportedPerson
from complaints.states import CaseStatus, ComplaintStatus
from tests.factories import (
    assessed_case,
    case,
    decided_case,
    finding,
    person,
    plenary_of,
    proposed_tip,
    tip,
    traced_tip,
)
from tests.support.axe import violations
from tests.support.browser import go, keep_picture, strike

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STORY = (
    "Beliau menulis di grup warga, minta semua RT kompak ke nomor 2, katanya nanti jalan desa "
    "cepat dibangun. Saya anggota grup. Ada 214 orang di grup itu."
)
LINK = "https://contoh.invalid/unggahan/4821"


def signed_in(chromium: Browser, live_server, who: str, **options) -> BrowserContext:
    """Return a window in which somebody is signed in."""
    client = Client()
    client.force_login(person(who))
    context = chromium.new_context(
        base_url=live_server.url, locale="id-ID", timezone_id="Asia/Jakarta", **options
    )
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
    )
    return context


def desk_world() -> dict[str, Any]:
    """Return records in every state, with deadlines around today."""
    now = timezone.now()
    day = timezone.localdate()
    recent: dict[str, Any] = {
        "event_on": day - timedelta(days=2),
        "known_on": day - timedelta(days=2),
    }
    plain: dict[str, Any] = {**recent, "story": STORY, "links": (LINK,)}
    posts = ["Kepala sekolah", "Sekretaris dinas", "Lurah", "Guru SMA", "Kepala bidang"]
    acts = ["POST_SUPPORT", "LIKE_COMMENT", "ATTEND_EVENT", "PHOTO_SYMBOL", "ID_CARD_SUPPORT"]
    for number, (post, act) in enumerate(zip(posts, acts, strict=True)):
        tip(
            now - timedelta(days=5 - number),
            people=[ReportedPerson(name=f"Orang Contoh {number}", position=post)],
            acts=[act],
            **plain | {"event_on": day - timedelta(days=7), "known_on": day - timedelta(days=6)},
        )
    return {
        "tip": tip(now, platform="whatsapp", place="Grup WhatsApp warga kecamatan", **plain),
        "proposed": proposed_tip(now, **plain),
        "traced": traced_tip(now, **plain),
        "finding": finding(now, **plain),
        "case": case(now, **plain),
        "assessed": assessed_case(now, **plain),
        "decided": decided_case(now, **plain),
    }


def look(page: Page, name: str) -> None:
    """Check one page on a desk by day and a phone by night: it reflows, axe finds nothing.

    A picture of each is kept.
    """
    screens: list[tuple[int, Literal["light", "dark"]]] = [(1440, "light"), (320, "dark")]
    for width, scheme in screens:
        page.set_viewport_size({"width": width, "height": 900})
        # colours that fade into each other would be measured half-way
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        keep_picture(page, f"desk-{width}-{scheme}-{name}", full_page=width < 900)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert violations(page) == [], (name, width)


@pytest.mark.long
def test_every_page_reads_on_every_screen(chromium: Browser, live_server):
    world = desk_world()
    ids = {name: row.public_id for name, row in world.items()}
    official = world["case"].allegations.get().official
    pages = {
        "hari-ini": "/kerja/",
        "antrean": "/kerja/antrean/",
        "antrean-laporan": f"/kerja/antrean/?c={ids['tip']}",
        "cari-kosong": "/kerja/antrean/?q=tidakadayangsama",
        "laporan": f"/kerja/laporan/{ids['finding']}/",
        "langkah": f"/kerja/laporan/{ids['tip']}/tindakan/propose_archive/",
        "temuan-baru": "/kerja/temuan/baru/",
        "temuan-dari-informasi": f"/kerja/laporan/{ids['traced']}/temuan/",
        "pleno": "/kerja/pleno/",
        "putusan": f"/kerja/pleno/laporan/{ids['proposed']}/",
        "putusan-perkara": f"/kerja/pleno/perkara/{ids['assessed']}/",
        "perkara-daftar": "/kerja/perkara/",
        "perkara": f"/kerja/perkara/{ids['case']}/",
        "perkara-diputus": f"/kerja/perkara/{ids['decided']}/",
        "orang": f"/kerja/perkara/{ids['case']}/orang/{official.public_id}/",
        "dugaan-baru": f"/kerja/perkara/{ids['case']}/dugaan/baru/",
    }
    context = signed_in(chromium, live_server, "joko")
    page = context.new_page()
    for name, url in pages.items():
        response = page.goto(url)
        assert response is not None
        assert response.status == 200, name
        look(page, name)
    context.close()

    admin = signed_in(chromium, live_server, "agus")
    page = admin.new_page()
    page.goto("/kerja/sistem/")
    look(page, "sistem")
    admin.close()


def decide_by_keyboard(chromium: Browser, live_server, complaint: Complaint) -> None:
    """Let a plenary member approve tracing from the record's page."""
    plenary_of(complaint.office)
    plenary = signed_in(chromium, live_server, "dewi")
    room = plenary.new_page()
    room.goto(f"/kerja/laporan/{complaint.public_id}/")
    strike(room, "s")
    room.wait_for_url("**/pleno/laporan/**")
    expect(room.get_by_label("Setujui penelusuran")).to_be_checked()
    room.get_by_label("Nomor berita acara").fill("21/BA/XI/2026")
    for seat in room.locator("input[name=present]").all():
        seat.check()
    strike(room, "Control+Enter")
    expect(room.get_by_text("Putusan pleno dicatat")).to_be_visible()
    complaint.refresh_from_db()
    assert complaint.status == ComplaintStatus.TRACING
    plenary.close()


def test_officer_walks_from_tip_to_case_by_keyboard(chromium: Browser, live_server):
    now, day = timezone.now(), timezone.localdate()
    complaint = tip(now, event_on=day - timedelta(days=1), known_on=day, story=STORY, links=(LINK,))
    desk = signed_in(chromium, live_server, "sari", viewport={"width": 1440, "height": 900})
    page = desk.new_page()

    page.goto("/kerja/antrean/")
    page.keyboard.press("j")
    strike(page, "Enter")
    page.wait_for_url("**c=**")
    # the directory and the calendar prove 1 and 2: the system ticks those with the proposal
    for key in "345":
        strike(page, key)
        expect(page.locator(f'[data-check-key="{key}"].tick--met')).to_be_visible()
    strike(page, "r")
    page.wait_for_url("**/tindakan/propose_tracing/**")
    strike(page, "Enter")
    expect(page.get_by_text("Penelusuran diusulkan ke pleno.")).to_be_visible()
    complaint.refresh_from_db()
    assert complaint.status == ComplaintStatus.PROPOSED
    assert complaint.checks.filter(is_met=True, checked_by=person("sari")).count() == 3
    assert complaint.checks.filter(is_met=True, checked_by=None).count() == 2

    decide_by_keyboard(chromium, live_server, complaint)

    page.goto(f"/kerja/laporan/{complaint.public_id}/")
    strike(page, "d")
    page.wait_for_url("**/temuan/")
    page.get_by_label("Uraian kejadian").fill(
        "Petugas melihat pesan ajakan memilih salah satu calon di grup warga kecamatan."
    )
    strike(page, "Control+Enter")
    expect(page.get_by_text(re.compile("^Temuan .* dicatat."))).to_be_visible()
    found = Complaint.objects.get(traced_from=complaint)
    assert found.status == ComplaintStatus.RECORDED

    strike(page, "d")
    page.wait_for_url("**/tindakan/register/**")
    strike(page, "Enter")
    page.wait_for_url("**/kerja/perkara/**")
    registered = Case.objects.get(complaints=found)
    expect(page.locator("main")).to_contain_text(registered.reference)

    page.get_by_label("Ringkasan netral").fill("Camat mengajak warga memilih satu pasangan calon.")
    page.get_by_label("Kajian").fill("Unsur keberpihakan terpenuhi.")
    page.keyboard.press("Escape")
    strike(page, "r")
    expect(page.get_by_text("Kajian diajukan ke pleno.")).to_be_visible()
    registered.refresh_from_db()
    assert registered.status == CaseStatus.ASSESSED
    desk.close()


def test_queue_and_checklist_work_without_scripts(chromium: Browser, live_server):
    complaint = tip(timezone.now(), event_on=timezone.localdate(), known_on=timezone.localdate())
    context = signed_in(chromium, live_server, "sari", java_script_enabled=False)
    page = context.new_page()

    page.goto("/kerja/antrean/")
    go(page, page.locator(".queue [data-row]"))
    go(page, page.get_by_role("button", name="Uraian kejadian").first)

    # the one just ticked, and the two that the system proves
    expect(page.locator(".tick--met")).to_have_count(3)
    assert complaint.checks.get().is_met
    context.close()


def test_rows_are_picked_by_key_and_done_with_at_once(chromium, live_server):
    desk_world()
    with signed_in(
        chromium, live_server, "sari", viewport={"width": 1280, "height": 900}
    ) as context:
        page = context.new_page()
        page.goto("/kerja/antrean/?v=review")
        for key in ("j", "x", "j", "x"):
            page.keyboard.press(key)
        expect(page.locator("[data-pick]:checked")).to_have_count(2)
        page.get_by_label("Tindakan untuk yang dicentang").select_option("tag")

        go(page, page.get_by_role("button", name="Yang dicentang"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Beri label: 2 laporan")
        page.get_by_label("atau label baru").fill("Viral")
        page.get_by_label("Alasan").fill("Ramai di media sosial.")
        page.keyboard.press("Control+Enter")

        expect(page.get_by_role("status")).to_contain_text("2 berhasil, 0 dilewati")
        assert violations(page) == []


def test_a_message_is_seen_as_its_reporter_will_while_it_is_typed(chromium: Browser, live_server):
    context = signed_in(chromium, live_server, "sari")
    page = context.new_page()
    page.goto(f"/kerja/laporan/{tip().public_id}/surat/")
    seen, sent = page.locator("[data-preview-pane]"), []
    expect(seen).to_be_hidden()
    page.on("request", lambda request: sent.append(request.url))

    page.fill("textarea[name=text]", "Terima kasih.\n\n<b>Apakah</b> ada foto?")

    expect(seen).to_be_visible()
    assert seen.locator("[data-preview-text]").inner_text() == (
        "Terima kasih.\n\n<b>Apakah</b> ada foto?"
    )
    assert violations(page) == []
    keep_picture(page, "pesan-sambil-diketik")
    page.fill("textarea[name=text]", "  ")
    expect(seen).to_be_hidden()
    assert sent == []  # a draft stays in the page
    context.close()
