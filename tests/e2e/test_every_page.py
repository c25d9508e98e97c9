"""Every page of the product, found through the routes themselves, looked at in a real browser.

A route that stands neither among the pages nor among the exceptions fails the test, so that a new
page cannot be forgotten.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import pyrage  # type: ignore[import-untyped]
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page

from bawaslu_cases.accounts.models import StaffChange
from bawaslu_cases.accounts.roles import Role
from bawaslu_cases.accounts.services import enrol_staff, invite_staff, propose_roles
from bawaslu_cases.accounts.services.invitations import link_of
from bawaslu_cases.accounts.units import Unit, UnitKind
from bawaslu_cases.registry.models import ChangeTable, RegistryChange
from bawaslu_cases.registry.services.changes import propose_change
from bawaslu_cases.shared.models import OutboxMessage
from complaints.models import Case, Complaint, CopyOrder, UnsealRequest
from complaints.services.copy_orders import order_marked_copy
from complaints.services.documents import About
from complaints.services.evidence_copies import draw_copy
from complaints.services.intake import submit_tip
from complaints.services.links import keep_links
from complaints.services.unsealing import create_request, release_share
from referrals.models import Dispatch, Referral
from referrals.services.destinations import propose_destination
from referrals.services.figures import refresh_figures
from referrals.services.ppk_passes import give_pass
from referrals.services.review import accept_referral, return_referral
from referrals.services.review_questions import ask_sender
from referrals.services.signing import draft_recommendation
from referrals.states import Channel
from tests.factories import (
    AT,
    PASSWORD,
    assessed_case,
    case,
    decided_case,
    facts,
    finding,
    in_hand,
    office,
    person,
    proposed_tip,
    report,
    system_proposal,
    tip,
    traced_tip,
)
from tests.referrals import stages
from tests.support.api_clients import api_client
from tests.support.axe import COLOURS, violations
from tests.support.browser import go, next_page, press
from tests.support.case_world import case_world
from tests.support.documents import drafted
from tests.support.evidence import cleaned_evidence, evidence_of, pdf, photo
from tests.support.evidence_files import audio, video
from tests.support.links import capture_with_minutes
from tests.support.vault import VaultWorld, signed_in, vault_world
from tests.support.ways_in_and_out import (
    exports_of_every_stage,
    imports_of_every_stage,
    requests_of_every_state,
)

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]


SECURITY_KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}

NOT_A_PAGE = {
    # actions: they answer a POST with a redirect
    "public:quick_exit",
    "mailbox:close",
    # files in pieces: no page, a protocol
    "intake:files",
    "intake:file",
    "api:answer_referral",
    "desk:tick",
    "desk:undo",
    "desk:presence",
    "desk:wording_decide",
    "desk:wording_end",
    "desk:settle",
    "desk:assess",
    "desk:sent_on",
    "desk:case_note",
    "desk:staff_suspend",
    "desk:staff_reactivate",
    "desk:case_unlink",
    "desk:correction_withdraw",
    "desk:identify",
    "desk:retry",
    "desk:view_change",
    "desk:parcel",
    "desk:queue_export",
    "desk:import_start",
    "desk:import_drop",
    "desk:import_undo",
    "desk:import_problems",
    "referrals:subject_step",
    "referrals:subject_answer",
    "desk:figures_export",
    # only where a provider of single sign-on is set: tests/e2e/test_sign_on.py looks at them
    "account_sso",
    "account_sso_start",
    "account_sso_callback",
    "account_sso_finish",
    # pictures and downloads of the viewer
    "desk:evidence_copy",
    "desk:evidence_download",
    "desk:capture_minutes",
    # papers: files, pictures and prints
    "desk:document_file",
    "desk:document_page",
    "desk:record_print",
    "desk:case_print",
    "copies:copy",
    "vault:original_key",
    "vault:original_object",
    "mfa_login_webauthn",
    *(
        f"vault:{name}"
        for name in ("request_create", "release", "deny", "withdraw", "open", "attest", "hand_over")
    ),
    "vault:summary",
    "vault:bundle",
    # JSON and files for officers' clients
    *(f"vault:{name}" for name in ("keys", "part", "words", "request_file", "card")),
    # downloads
    "figures:slash",
    "figures:csv",
    "figures:json",
    "figures:feed",
    "referrals:letter",
    "review:letter",
    "review:evidence_file",
    "review:evidence_download",
    "review:report_csv",
    "packet_copies:file",
    "followup:proof",
    "followup:letter",
    "followup:csv",
    "mfa_download_recovery_codes",
    # JSON
    "api:figures",
    "api:violation_rules",
    "api:openapi",
    "health_live",
    "health_ready",
    # leads away from whoever has a password, and nobody is without one
    "account_set_password",
}


TOLD = """() => ({
    lang: document.documentElement.lang,
    title: document.title,
    headings: document.querySelectorAll('h1').length,
    beyond: document.querySelector('.desk--triage') !== null
        && innerWidth === 1280 && document.documentElement.scrollHeight > innerHeight,
})"""
"""What a page says of itself, in one question.

A desk of three columns fills the window; what is hidden in a column must not lengthen the page (``beyond``).
"""


GUIDE_CELL = "?tindakan=self_candidacy&objek=self&keadaan=leave&calon=tidak-tahu&dari=f"


@dataclass(frozen=True)
class Stop:
    """One page to look at: who looks, at what; ``press`` sends its form to see the errors."""

    who: str
    name: str
    arguments: tuple[Any, ...] = ()
    query: str = ""
    press: str = ""
    status: int = 200

    @property
    def path(self) -> str:
        if self.name.startswith("/"):
            return self.name
        return reverse(self.name, args=self.arguments) + self.query


def route_names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from route_names(pattern.url_patterns, space + inner)
        else:
            yield f"{space}{pattern.name}"


@dataclass
class Look:
    """One browser, one private context for each person, and all that was found."""

    browser: Browser
    base_url: str
    found: list[str] = field(default_factory=list)
    contexts: dict[str, BrowserContext] = field(default_factory=dict)

    def window(self, who: str) -> Page:
        """Return a page of somebody, signed in by cookie at first use; "" is a visitor."""
        if who not in self.contexts:
            context = self.browser.new_context(
                base_url=self.base_url,
                locale="id-ID",
                timezone_id="Asia/Jakarta",
                reduced_motion="reduce",
            )
            if who:
                client = signed_in(Client(), person(who))
                name = settings.SESSION_COOKIE_NAME
                cookie = client.cookies[name].value
                context.add_cookies([{"name": name, "value": cookie, "url": self.base_url}])
            self.contexts[who] = context
            self._listen(context.new_page())
        return self.contexts[who].pages[0]

    def _listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.tell(page, f"script: {error}"))
        page.on(
            "console",
            lambda message: (
                self.tell(page, f"console: {message.text}")
                if message.type in {"error", "warning"}
                # Chromium notes the answer of the page itself too
                and urlsplit(message.location["url"]).path != urlsplit(page.url).path
                else None
            ),
        )

    def tell(self, page: Page, what: str) -> None:
        self.found.append(f"{urlsplit(page.url).path} {page.title()!r}: {what}")

    def stop(self, stop: Stop) -> None:
        page = self.window(stop.who)
        page.set_viewport_size({"width": 1280, "height": 800})
        page.emulate_media(color_scheme="light")
        answer = page.goto(stop.path)
        assert answer is not None
        wanted = urlsplit(stop.path).path
        if urlsplit(page.url).path != wanted:
            self.tell(page, f"{stop.who or 'a visitor'} was led here from {wanted}")
        elif answer.status != stop.status:
            self.tell(page, f"status {answer.status}")
        if stop.press:
            go(page, page.get_by_role("button", name=stop.press).first)
            if not page.title().startswith("Galat: "):
                self.tell(page, f"no error in the title after pressing {stop.press}")
        self.look(page)

    def look(self, page: Page) -> None:
        """Look at the page as it stands: light, dark, and on a small phone."""
        told = page.evaluate(TOLD)
        if told["lang"] != "id":
            self.tell(page, "language")
        if not told["title"]:
            self.tell(page, "no title")
        if told["headings"] != 1:
            self.tell(page, f"{told['headings']} h1")
        if told["beyond"]:
            self.tell(page, "scrolls on below its columns")
        self._axe(page, "light")
        page.emulate_media(color_scheme="dark")
        self._axe(page, "dark", COLOURS)
        page.set_viewport_size({"width": 320, "height": 640})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > 320:
            self.tell(page, f"scrolls sideways at 320: {wide}")

    def _axe(self, page: Page, scheme: str, only: dict[str, Any] | None = None) -> None:
        for rule, element in violations(page, only):
            self.tell(page, f"{scheme} {rule}: {element}")


@pytest.fixture
def look(chromium: Browser, live_server) -> Iterator[Look]:
    # passkeys want a host name; the live server listens on an address
    looked = Look(chromium, live_server.url.replace("127.0.0.1", "localhost"))
    yield looked
    for context in looked.contexts.values():
        context.close()


def public_stops() -> list[Stop]:
    names = ("landing", "protection", "traces", "help", "privacy", "accessibility")
    return [
        *(Stop("", f"public:{name}") for name in names),
        Stop("", "public:guide"),
        Stop("", "public:guide", query="?situasi=media-sosial"),
        Stop("", "public:guide", query="?q=stikr"),
        Stop("", "public:guide", query="?q=xyzzyq"),
        Stop("", "public:guide_answer", ("menyukai-unggahan-calon",)),
        Stop("", "public:guide_answer", ("memilih-di-tps",)),
        Stop("", "public:guide_check"),
        Stop("", "public:guide_check", query="?lanjut=1", press="Lanjut"),
        Stop("", "public:guide_check", query="?tindakan=like_comment&objek=team&lanjut=1&dari=f"),
        Stop("", "public:guide_check", query=GUIDE_CELL),
        Stop("", "public:guide_poster"),
        Stop("", "public:developers"),
        Stop("", "public:try_out_index"),
        Stop("", "public:try_out", ("create-finding",)),
        Stop("", "public:try_out", ("send-part",)),
        Stop("", "figures:data"),
        Stop("", "figures:past"),
        Stop("", "figures:dictionary"),
        Stop("", "figures:place", ("sulawesi-selatan",)),
        Stop("", "intake:form"),
        Stop("", "mailbox:open"),
        Stop("", "mailbox:open", press="Buka"),
        Stop("", "/tidak-ada", status=404),
        Stop("", "staff_login"),
        Stop("", "staff_login", press="Masuk"),
        Stop("", "account_login"),
        Stop("", "account_inactive"),
        Stop("", "account_signup"),
    ]


def evidence_of_every_kind(complaint: Complaint) -> int:
    """Give a record a file of each kind, one that waits and one that was refused; return how many."""
    now = timezone.now()
    with TemporaryDirectory() as folder:
        place = Path(folder)
        files = {
            "layar.jpg": photo(1200, 900, words="Contoh tangkapan layar"),
            "surat.pdf": pdf(3),
            "rekaman.mp4": video(place),
            "suara.mp3": audio(place, "mp3"),
            "catatan.txt": b"Pak Camat menulis di grup: pilih nomor dua.",
            "arsip.rar": b"Rar!\x1a\x07\x00" + bytes(500),
        }
    for name, content in files.items():
        cleaned_evidence(complaint, content, at=now, name=name)
    evidence_of(complaint, photo(), at=now)
    return len(files) + 1


def order_stops(complaint: Complaint) -> list[Stop]:
    """Return the page of an order that waits, one that is drawn and one that failed."""
    now, sari = timezone.now(), person("sari")
    first = complaint.evidence.get(number=1)
    copy = first.derivatives.get()
    orders = [
        order_marked_copy(copy=copy, words="Salinan kerja", officer=sari, at=now) for _ in range(3)
    ]
    with transaction.atomic():
        draw_copy(subject_id=orders[1].pk.hex, at=now)
    CopyOrder.objects.filter(pk=orders[2].pk).update(status="failed", failure="unavailable")
    return [Stop("sari", "desk:copy_order", (complaint.public_id, order.pk)) for order in orders]


def registry_proposal() -> RegistryChange:
    """Return a change of the registry that waits for a second person."""
    return propose_change(
        table=ChangeTable.HOLIDAY_ADDED,
        row=None,
        fields={"date": "2031-03-19", "category": "NATIONAL", "name": "Libur contoh"},
        reason="SKB diubah",
        source="SKB 3 Menteri",
        proposer=person("agus"),
        at=timezone.now(),
    )


def staff_proposal() -> StaffChange:
    second = enrol_staff(
        email="kedua@contoh.id", name="Kedua", password=None, roles=[Role.ADMINISTRATOR]
    )
    return propose_roles(
        person=person("dewi"),
        roles=[Role.PLENARY_MEMBER, Role.CHAIR],
        proposer=second,
        reason="Keputusan pengangkatan",
        at=timezone.now(),
    )


def ways_in_and_out(decided: Case, now: datetime) -> list[Stop]:
    """Return imports, old cases, requests of data subjects and case files, in every state."""
    files = imports_of_every_stage(now)
    legacy = files[0].cases.order_by("pk")[0]
    asked = requests_of_every_state(now)
    return [
        Stop("sari", "desk:imports"),
        Stop("sari", "desk:imports", press="Unggah berkas"),
        *(Stop("sari", "desk:import", (each.public_id,)) for each in files),
        Stop("sari", "desk:legacy_cases"),
        Stop("dewi", "desk:legacy_cases", query="?q=tidak+ada"),
        Stop("sari", "desk:legacy_case", (legacy.public_id,)),
        Stop("sari", "desk:legacy_adopt", (legacy.public_id,)),
        Stop("sari", "referrals:subjects"),
        Stop("sari", "referrals:subjects", press="Catat permintaan"),
        *(
            Stop(who, "referrals:subject", (each.public_id,))
            for each in asked
            for who in ("sari", "dewi")
        ),
        Stop("sari", "referrals:export_new", (decided.public_id,)),
        Stop("sari", "referrals:export_new", (decided.public_id,), press="Buat berkas"),
        *(
            Stop("sari", "referrals:export", (decided.public_id, each.pk))
            for each in exports_of_every_stage(decided, now)
        ),
    ]


def record_stops() -> list[Stop]:
    """Return the pages of the desk's day: the queue, records and their steps, the unit."""
    now = timezone.now()
    new, proposed, traced, recorded = tip(now), proposed_tip(now), traced_tip(now), finding(now)
    case(now)
    assessed_case(now)
    decided_case(now)
    return [
        *(Stop(who, "desk:today") for who in ("sari", "dewi")),
        Stop("sari", "desk:queue"),
        Stop("sari", "desk:queue", query=f"?c={new.public_id}"),
        Stop("sari", "desk:queue", query="?q=tidak+ada+yang+begini&lane=salah"),
        Stop("sari", "desk:queue_filters", query="?v=all&lane=tip&q=camat"),
        Stop("sari", "desk:views", query="?v=overdue&lane=tip", press="Simpan"),
        Stop("sari", "desk:bulk", query="?do=tag&scope=all", press="Beri label"),
        *(
            Stop(who, "desk:record", (record.public_id,))
            for who in ("sari", "dewi")
            for record in (new, proposed, traced, recorded)
        ),
        Stop("sari", "desk:act", (new.public_id, "propose_archive")),
        Stop(
            "sari", "desk:act", (new.public_id, "propose_archive"), press="Usulkan tidak ditelusuri"
        ),
        *(
            Stop("sari", f"desk:{name}", (new.public_id,))
            for name in ("assign", "snooze", "note", "alike", "recuse")
        ),
        Stop("sari", "desk:note", (new.public_id,), press="Catatan internal"),
        Stop(
            "sari",
            "desk:proposal_dismiss",
            (recorded.public_id, system_proposal(recorded, at=now).public_id),
            press="Jangan pakai usulan ini",
        ),
        Stop("sari", "desk:record", (recorded.public_id,)),
        Stop("sari", "desk:counter"),
        Stop("sari", "desk:counter", press="Lanjut"),
        Stop("sari", "desk:wordings", press="Usulkan kalimat"),
        Stop("sari", "desk:confirm", (traced.public_id,)),
        Stop("sari", "desk:likeness", (new.public_id, proposed.public_id)),
        Stop("sari", "desk:finding_new"),
        Stop("sari", "desk:finding_new", press="Simpan temuan"),
        Stop("sari", "desk:conflicts", press="Nyatakan"),
        Stop("joko", "desk:workload"),
        Stop("sari", "desk:absences"),
        Stop("joko", "desk:absences"),
        Stop("sari", "desk:oversight"),
        Stop("sari", "desk:figures"),
        Stop("ratna", "desk:figures", query="?p=year"),
        Stop("sari", "desk:figures", query="?from=2024-10-08&to=kemarin"),
    ]


def evidence_stops() -> list[Stop]:
    """Return the pages of a record's files, copies and links."""
    now = timezone.now()
    new, proposed = tip(now), proposed_tip(now)
    return [
        Stop("sari", "desk:evidence", (proposed.public_id,)),
        *(
            Stop("sari", "desk:evidence_item", (new.public_id, number))
            for number in range(1, evidence_of_every_kind(new) + 1)
        ),
        Stop("dewi", "desk:evidence_item", (new.public_id, 1)),
        Stop("sari", "desk:record", (new.public_id,)),
        *(Stop("sari", "desk:redact", (new.public_id, number)) for number in (1, 2)),
        Stop("sari", "desk:redact", (new.public_id, 1), press="Tutup bagian ini"),
        *order_stops(new),
        *link_stops(new, now),
    ]


def office_stops() -> list[Stop]:
    """Return the desk's other pages: imports and files, the plenary, cases, the registry, staff, clients."""
    now = timezone.now()
    proposed, open_case = proposed_tip(now), case(now)
    assessed, decided = assessed_case(now), decided_case(now)
    allegation = open_case.allegations.select_related("official").get()
    official = (open_case.public_id, allegation.official.public_id)
    OutboxMessage.objects.create(
        topic="referral.issue", subject_id="1", status=OutboxMessage.Status.PARKED, attempts=8
    )
    return [
        *ways_in_and_out(decided, now),
        Stop("dewi", "desk:plenary"),
        Stop("dewi", "desk:decide_complaint", (proposed.public_id,)),
        Stop("dewi", "desk:decide_complaint", (proposed.public_id,), press="Catat putusan"),
        Stop("dewi", "desk:decide_case", (assessed.public_id,)),
        Stop("sari", "desk:cases"),
        Stop("sari", "desk:case", (open_case.public_id,)),
        Stop("dewi", "desk:case", (assessed.public_id,)),
        Stop("sari", "desk:case", (decided.public_id,)),
        Stop("sari", "desk:official", official),
        Stop("sari", "desk:allegation_new", (open_case.public_id,)),
        Stop("sari", "desk:allegation", (open_case.public_id, allegation.public_id)),
        Stop("sari", "desk:recuse_case", (open_case.public_id,)),
        Stop("sari", "desk:case_statement", (open_case.public_id,)),
        Stop("nur", "desk:trail"),
        Stop("agus", "desk:registry"),
        Stop("agus", "desk:registry_propose", ("holiday_added",), press="Usulkan"),
        Stop("agus", "desk:registry_change", (registry_proposal().public_id,)),
        Stop("agus", "desk:staff"),
        Stop("agus", "desk:staff_new", press="Undang"),
        Stop("agus", "desk:staff_change", (staff_proposal().public_id,)),
        Stop("agus", "desk:staff_person", (person("dewi").public_id,)),
        Stop("agus", "desk:api_client", (api_client(office("33")).client.public_id,)),
        Stop("agus", "desk:api_clients"),
        Stop("agus", "desk:api_client_new", press="Daftarkan"),
        Stop("agus", "desk:parked"),
        Stop("sari", "desk:parked", status=403),
        Stop("sari", "referrals:case", (decided.public_id,)),
    ]


def case_stops() -> list[Stop]:
    """Return the pages of a case: its tabs, its steps, people, corrections, matters from below."""
    world = case_world(timezone.now())
    main, decided = (world.main.public_id,), (world.decided.public_id,)
    return [
        *(
            Stop("sari", "desk:case", main, query=query)
            for query in ("", "?t=bukti", "?t=orang", "?t=dokumen", "?t=kegiatan")
        ),
        Stop("dewi", "desk:case", decided),
        *document_stops(world.decided),
        Stop("sari", "desk:case_assign", main),
        Stop("joko", "desk:case_assign", main, press="Tugaskan"),
        Stop("sari", "desk:extend", main),
        Stop("sari", "desk:extend", main, press="Perpanjang"),
        Stop("sari", "desk:case", (world.sent.public_id,)),
        Stop("sari", "referrals:close", (world.sent.public_id,)),
        Stop("sari", "referrals:close", (world.sent.public_id,), press="Tutup perkara"),
        Stop("sari", "referrals:close", decided),
        Stop("sari", "desk:case_link", main),
        Stop("sari", "desk:case_link", main, press="Kaitkan"),
        Stop("sari", "desk:hearing_new", main),
        Stop("sari", "desk:hearing_new", main, press="Catat undangan"),
        Stop("sari", "desk:hearing", (*main, world.hearing.public_id)),
        Stop("sari", "desk:hearing", (*main, world.hearing.public_id), press="Catat klarifikasi"),
        Stop("dewi", "desk:hearing", (*main, world.hearing.public_id)),
        Stop("sari", "desk:correction_new", decided),
        Stop("sari", "desk:correction_new", decided, press="Catat permintaan"),
        Stop("dewi", "desk:correction", (*decided, world.correction.public_id)),
        Stop("sari", "desk:person", (world.known.public_id,)),
        Stop("dewi", "desk:plenary"),
        Stop("dewi", "desk:decide_takeover", (world.below.public_id,)),
        Stop("dewi", "desk:take_over", (world.free.public_id,)),
        Stop("dewi", "desk:take_over", (world.free.public_id,), press="Catat putusan"),
    ]


def document_stops(found: Case) -> list[Stop]:
    """Return the pages of papers: the lists, a draft for its maker and for the second person."""
    paper = drafted(About(case=found), "B.13").public_id
    record = found.complaints.first()
    assert record is not None
    return [
        Stop("sari", "desk:case_documents", (found.public_id,)),
        Stop("sari", "desk:case_documents", (found.public_id,), press="Buat konsep"),
        Stop("sari", "desk:record_documents", (record.public_id,)),
        Stop("sari", "desk:document", (paper,)),
        Stop("dewi", "desk:document", (paper,)),
    ]


def link_stops(record: Complaint, now: datetime) -> list[Stop]:
    """Return the pages of links: one that nobody can read, one with its capture."""
    (hidden,) = keep_links(
        complaint=record, links=["https://vt.tiktok.com/ZSabcdef1/"], on=now.date()
    )
    capture = capture_with_minutes(record, person("sari"), at=now)
    shut, known = ((record.public_id, row.public_id) for row in (hidden, capture.link))
    return [
        Stop("sari", "desk:links", (record.public_id,)),
        Stop("sari", "desk:links", (record.public_id,), press="Tambah tautan"),
        Stop("dewi", "desk:links", (record.public_id,)),
        Stop("sari", "desk:link", shut),
        Stop("sari", "desk:link", shut, press="Catat alamat panjang"),
        Stop("sari", "desk:link", known),
        Stop("sari", "desk:link", known, press="Simpan tangkapan"),
        Stop("dewi", "desk:link", known),
    ]


def drafted_with_talk() -> Referral:
    """Return a second version with a file, its checklist, a question, and a draft to be signed."""
    first = stages.accepted()
    return_referral(referral=first, reviewer=person("anwar"), at=AT, reason="Pangkat kurang.")
    stages.with_text(stages.fresh(first), "Daftar hadir.")
    second = stages.resubmitted(stages.fresh(first))
    accept_referral(referral=second, reviewer=person("anwar"), at=AT)
    ask_sender(referral=second, reviewer=person("anwar"), at=AT, words="Apa seragamnya?")
    draft_recommendation(referral=second, reviewer=person("anwar"), at=AT, text="Sanksi.")
    return second


def referral_stops() -> list[Stop]:
    proposed, delivered = stages.proposed(), stages.delivered()
    accepted, returned = stages.accepted(), stages.accepted()
    return_referral(referral=returned, reviewer=person("anwar"), at=AT, reason="NIP tidak terbaca.")
    drafted = drafted_with_talk()
    awaiting, answered = stages.recommended(), stages.answered()
    given = give_pass(follow_up=awaiting, officer=person("anwar"), at=timezone.now())
    incomplete = returned.case.allegations.get()
    paper = Dispatch.objects.create(
        referral=delivered,
        version=1,
        destination="loket",
        channel=Channel.PRINT,
        status="to_hand_over",
        status_at=AT,
        created_at=AT,
    )
    place = propose_destination(
        recipient=delivered.recipient,
        name="Folder bersama BKN",
        channel=Channel.FOLDER,
        address={"folder": "bkn"},
        age_key=str(pyrage.x25519.Identity.generate().to_public()),
        administrator=person("agus"),
        at=AT,
    )
    everywhere = [proposed, delivered, accepted, returned, drafted]
    return [
        Stop("sari", "referrals:list"),
        *(Stop("sari", "referrals:detail", (each.public_id,)) for each in everywhere),
        Stop("joko", "referrals:detail", (proposed.public_id,)),
        Stop("sari", "referrals:attachments", (proposed.public_id,)),
        Stop("joko", "referrals:detail", (proposed.public_id,), press="Tolak usulan"),
        Stop("sari", "referrals:case", (returned.case.public_id,)),
        Stop("sari", "referrals:complete", (returned.case.public_id, incomplete.public_id)),
        Stop("sari", "referrals:dispatches"),
        Stop("sari", "referrals:hand_over", (paper.public_id,), press="Catat serah terima"),
        Stop("sari", "referrals:send_again", (paper.public_id,), press="Kirim ulang"),
        Stop("agus", "referrals:destinations"),
        Stop("agus", "referrals:destination_new", ("webhook",), press="Usulkan"),
        Stop("agus", "referrals:destination_new", ("sftp",)),
        Stop("agus", "referrals:destination", (place.public_id,)),
        Stop("anwar", "followup:access", (awaiting.public_id,)),
        Stop("", "ppk_pass:page", (given.ppk_pass.public_id, given.token), press="Buka"),
        Stop("", "fetch:page", (paper.public_id, "habis"), status=410),
        Stop("sari", "followup:list"),
        Stop("sari", "followup:list", query="?lihat=tabel"),
        Stop("sari", "followup:list", query="?lihat=tabel&jenjang=1"),
        *(Stop("sari", "followup:detail", (each.public_id,)) for each in (awaiting, answered)),
        Stop("anwar", "followup:list"),
        Stop("anwar", "followup:detail", (answered.public_id,)),
        Stop("anwar", "review:inbox"),
        Stop("anwar", "review:inbox", query="?lihat=selesai"),
        *(Stop("anwar", "review:detail", (each.public_id,)) for each in (delivered, accepted)),
        Stop("anwar", "review:detail", (accepted.public_id,), press="Susun rekomendasi"),
        Stop("bima", "review:detail", (drafted.public_id,)),
        Stop("anwar", "review:evidence", (drafted.public_id, 1)),
        Stop("anwar", "review:report", query="?tahun=2024"),
        Stop("putu", "ppk:inbox"),
        Stop("putu", "ppk:inbox", query="?lihat=selesai"),
        *(Stop("putu", "ppk:detail", (each.public_id,)) for each in (awaiting, answered)),
        Stop("putu", "ppk:detail", (awaiting.public_id,), press="Kirim jawaban"),
    ]


def vault_stops() -> list[Stop]:
    """Needs the custody's keys; tests/e2e/vault_js opens an identity."""
    now = timezone.now()
    waiting, asked, released = (in_hand(report(now)) for _each in range(3))
    original = evidence_of(waiting, photo(), at=now)
    pending, let_go = (ask_for(found) for found in (asked, released))
    release_share(
        request=let_go,
        custodian=person("kurnia"),
        released={
            "request": let_go.id.hex,
            "custodian": person("kurnia").public_id.hex,
            "sealed": bytes(80).hex(),
        },
        at=now,
    )
    return [
        Stop("vera", "vault:home"),
        Stop("kurnia", "vault:home"),
        Stop("vera", "vault:report", (waiting.public_id,)),
        *(Stop("vera", "vault:request", (row.id,)) for row in (pending, let_go)),
        *(Stop("kurnia", "vault:request", (row.id,)) for row in (pending, let_go)),
        Stop("sari", "vault:home", status=403),
        # The desk's pages of a report, which needs the same keys.
        *(Stop("sari", f"desk:{name}", (waiting.public_id,)) for name in ("letters", "repair")),
        Stop("sari", "desk:record", (waiting.public_id,)),
        Stop("retno", "vault:report", (waiting.public_id,), status=404),
        Stop("vera", "vault:originals"),
        Stop("vera", "vault:original", (original.public_id,)),
        Stop("vera", "vault:original", (original.public_id,), press="Catat dan buka jalan"),
    ]


def ask_for(found: Complaint) -> UnsealRequest:
    """Return a verifier's request to open a report's identity."""
    asked = vault_world().ask("vera", found.public_id, at=timezone.now())
    own = {"request": asked.request.to_json(), "key_sealed": asked.sealed_esk.hex()}
    return create_request(complaint=found, verifier=person("vera"), own=own, at=timezone.now())


def invitation_token() -> str:
    row = invite_staff(
        email="baru@contoh.id",
        name="Baru",
        unit=Unit(UnitKind.OFFICE, office("33")),
        administrator=person("agus"),
        at=timezone.now(),
    )
    return link_of(row).rstrip("/").rpartition("/")[2]


def account_stops() -> list[Stop]:
    """Return the pages of an account: Budi has every second factor, Rudi none."""
    budi = person("budi")
    return [
        Stop("rudi", "account_logout"),
        Stop("rudi", "account_change_password"),
        Stop("rudi", "account_change_password", press="Ganti kata sandi"),
        Stop("rudi", "mfa_index"),
        # a cookie alone does not prove who sits there: the password is asked again first
        Stop("rudi", "account_reauthenticate"),
        Stop("rudi", "account_invitation", (invitation_token(),), press="Simpan kata sandi"),
        Stop("budi", "mfa_index"),
        Stop("budi", "mfa_reauthenticate"),
        Stop("budi", "mfa_reauthenticate_webauthn"),
        Stop("budi", "mfa_deactivate_totp"),
        Stop("budi", "mfa_view_recovery_codes"),
        Stop("budi", "mfa_generate_recovery_codes"),
        Stop("budi", "mfa_list_webauthn"),
        *(
            Stop("budi", f"mfa_{verb}_webauthn", (key.pk,))
            for verb in ("remove", "edit")
            for key in Authenticator.objects.filter(user=budi, type=Authenticator.Type.WEBAUTHN)
        ),
    ]


def give_every_factor(look: Look) -> None:
    """Let Budi sign in and say again who he is, as his pages demand; give him all factors."""
    budi = person("budi")
    page = look.window("")
    _sign_in(page, budi.email)
    page.wait_for_url(lambda url: "/masuk/" not in url)
    look.contexts["budi"] = look.contexts.pop("")
    page.goto(reverse("account_reauthenticate"))
    page.get_by_label("Kata sandi").fill(PASSWORD)
    press(page, "Lanjut")
    page.wait_for_url(lambda url: "/reauthenticate/" not in url)
    look.stop(Stop("budi", "mfa_activate_totp"))
    look.stop(Stop("budi", "mfa_add_webauthn"))
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": SECURITY_KEY})
    page.get_by_label("Nama kunci").fill("Kunci kantor")
    with next_page(page):
        page.get_by_role("button", name="Tambah kunci").click()
    page.wait_for_url(lambda url: "/add/" not in url)
    TOTP.activate(budi, generate_totp_secret())
    RecoveryCodes.activate(budi)


def _sign_in(page: Page, email: str) -> None:
    page.goto("/masuk/")
    page.get_by_label("Surel").fill(email)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    press(page, "Masuk")


def test_every_route_is_a_page_looked_at_or_a_named_exception():
    """Runs without a browser's help: which routes exist, which are visited below."""
    give = {"mfa_activate_totp", "mfa_add_webauthn", "mfa_authenticate", "mailbox:report"}
    keys = {"mfa_remove_webauthn", "mfa_edit_webauthn"}
    vault_world().fill()
    stops = [
        *(*public_stops(), *record_stops(), *evidence_stops(), *office_stops()),
        *(*case_stops(), *referral_stops(), *vault_stops(), *account_stops()),
    ]
    visited = {stop.name for stop in stops if not stop.name.startswith("/")} | give | keys
    # What clients of the API call is no page.
    names = {name for name in route_names(get_resolver().url_patterns) if name[:4] != "api_"}
    assert names - NOT_A_PAGE == visited


@pytest.mark.long(30)
def test_nothing_to_find_on_public_and_reporter_pages(look: Look):
    refresh_figures(at=AT)
    for stop in public_stops():
        look.stop(stop)
    page = look.window("")
    page.goto("/s/")
    page.get_by_label("Masukkan kode Anda").fill("".join(submit_tip(facts=facts(), at=AT).code))
    press(page, "Buka")
    page.wait_for_url("**/s/isi")
    look.look(page)
    assert "\n".join(look.found) == ""


@pytest.mark.long(45)
@pytest.mark.parametrize("stops", [record_stops, evidence_stops, office_stops])
def test_nothing_to_find_at_the_desk(look: Look, stops: Callable[[], list[Stop]]):
    for stop in stops():
        look.stop(stop)
    assert "\n".join(look.found) == ""


@pytest.mark.usefixtures("vault_keys")
def test_nothing_to_find_on_a_case(look: Look):
    for stop in case_stops():
        look.stop(stop)
    assert "\n".join(look.found) == ""


@pytest.mark.long(30)
def test_nothing_to_find_on_the_way_of_a_referral(look: Look):
    for stop in referral_stops():
        look.stop(stop)
    assert "\n".join(look.found) == ""


def test_nothing_to_find_in_the_vault(look: Look, vault_keys: VaultWorld):
    for stop in vault_stops():
        look.stop(stop)
    assert "\n".join(look.found) == ""


def test_nothing_to_find_in_an_account(look: Look):
    give_every_factor(look)
    for stop in account_stops():
        look.stop(stop)
    _sign_in(look.window(""), person("budi").email)
    look.window("").wait_for_url("**/2fa/authenticate/")
    look.look(look.window(""))
    assert "\n".join(look.found) == ""
